#!/usr/bin/env python3
"""Carillon as it is deployed: the image, Compose, and what an operator may do to them.

    scripts/container_suite.py            all of it
    scripts/container_suite.py --no-build with the image of the last time
    scripts/container_suite.py --all      and what takes longer: make prove-deploy
    scripts/container_suite.py STEP...    some of it

With DOCKER_ENGINE_TOOL it starts an engine of its own by that tool, builds with the host's network and runs in a network
namespace without one; otherwise it takes the Docker that answers. It leaves no container, volume or engine behind.

With PROGRAM, a static release program made on Debian 12 (`make release`), the images hold that one, and only what comes
after its compilation is built; without it, and with --all, they are built out of the sources.

Each step waits by looking, never longer than its bound, and says what it saw.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Benchmarks/peers"))
import container_letters as letters  # noqa: E402
import web  # noqa: E402 - how the peer is set up is said there

TOOL = os.environ.get("DOCKER_ENGINE_TOOL")
IMAGE = "carillon:suite"
# The same program with Debian around it, for jobs that call programs.
FULL = "carillon:suite-full"
# The program takes about 53 of it and libraries 25; where ICU's 34 come back (Sources/CNoLocales), this tells.
LARGEST_IMAGE_BYTES = 100_000_000
PROJECT = "carillon-suite"
PORT = 18787
POLL_SECONDS = 0.25
IDLE_SECONDS = 30
# A first word that is lost while names are not known yet is said again after a minute.
ALERT_SECONDS = 150
# From a cause to a letter of Alertmanager as it is shipped: a scrape, a rule and a group's wait of 10 s each, and for an end a minute.
LETTER_SECONDS = 180
BUILD_LIMIT_SECONDS = 2400
COMMAND_LIMIT_SECONDS = 120

scratch = pathlib.Path(tempfile.mkdtemp(prefix="carillon-suite-"))
schedules = scratch / "schedules"


class Failed(Exception):
    """A step did not see what it must. `scene` is how the containers were when it was given up, before they were taken
    down."""
    scene = None


# What a step may end with where it did not see what it must.
FAILURES = (Failed, sqlite3.Error, OSError, subprocess.TimeoutExpired, StopIteration, json.JSONDecodeError)


# --- the schedules that the steps mount ---------------------------------------------------------------------------

CHAIN = """
  compute:   { after: fetch, timeout: 30s, deadline: 60s }
  infer:     { after: compute, timeout: 30s, deadline: 60s }
  rebalance: { after: infer, timeout: 30s, deadline: 60s }
"""
# A busy chain: every slot falls due every few seconds.
BUSY = "version: 1\njobs:\n  fetch: { every: 3s, timeout: 30s }" + CHAIN + "  snapshot: { every: 20s, timeout: 30s }\n"
# A chain whose first job asks a slow source, so that it can be met in the middle.
SLOW = "version: 1\njobs:\n  fetch: { every: 15s, timeout: 60s, with: { venue: slow } }" + CHAIN
# Nothing for a day, so that a change of cadence shows.
DAILY = "version: 1\njobs:\n  fetch: { cron: \"0 0 * * *\" }\n"
FAST = "version: 1\njobs:\n  fetch: { every: 2s }\n"
# A job that can never end in time, and so goes stale.
HOPELESS = ("version: 1\njobs:\n  fetch: { every: 2s, timeout: 1s, grace: 1s, retry: { max: 1 }, "
            "with: { venue: slow } }\n")
# Programs: one that leaves an orphan behind, and one that would not end by itself.
PROGRAMS = ("version: 1\njobs:\n"
            "  orphans: { job: command, every: 3s, with: { run: \"sleep 60 & echo from uid $(id -u)\", shell: true } }\n"
            "  long: { job: command, every: 5s, timeout: 30m, with: { run: [sleep, \"1800\"] } }\n")
BROKEN = "version: 1\njobs:\n  fetch: { evry: 2s }\n"

ENVIRONMENT = {
    "IMAGE": IMAGE, "PORT": str(PORT), "SCHEDULES_DIR": str(schedules), "CARILLON_STOP_GRACE": "90s",
    "COMPOSE_PROJECT_NAME": PROJECT,
}
# Letters to a webhook and by mail, to a server whose authority is a test's own.
NOTIFY = """version: 1
accounts:
  main: { quote: USDT, cash: "10000" }
venues:
  simulated: { kind: simulated }
market: { venue: simulated, symbols: [BTC-USDT], timeframe: 1h }
network: { ca-file: ca.pem }
notify:
  channels:
    hook: { kind: webhook }
    letters: { kind: email, host: letters.test, port: 2525, from: carillon@letters.test, to: [kim@letters.test] }
"""
RECEIVER = """
import http.server, ssl, threading
from aiosmtpd.controller import Controller
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain('/trial/server.pem', '/trial/server.key')
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        print('hook over TLS', flush=True)
        self.send_response(204)
        self.end_headers()
class Letter:
    async def handle_DATA(self, server, session, envelope):
        print('letter over', 'TLS' if session.ssl else 'nothing', flush=True)
        return '250 taken'
Controller(Letter(), hostname='', port=2525, tls_context=context, require_starttls=True).start()
server = http.server.ThreadingHTTPServer(('', 8443), Hook)
server.socket = context.wrap_socket(server.socket, server_side=True)
print('ready', flush=True)
server.serve_forever()
"""
# An account for real money, which nothing arms.
LIVE = """version: 1
venues: { box: { kind: binance } }
accounts:
  main:
    { venue: box, mode: live, quote: USDT, key-file: key, secret-file: secret, max-order: 10, max-day: 20, max-orders-per-day: 5,
      max-live-equity: 100 }
market: { venue: box, symbols: [BTC-USDT], timeframe: 1h }
"""
# A second simulated market whose every answer takes five seconds.
OVERRIDE = """
services:
  carillon:
    environment:
      CARILLON_VENUES__SLOW__KIND: simulated
      CARILLON_VENUES__SLOW__DELAY: 5s
"""


# --- tools --------------------------------------------------------------------------------------------------------

def run(*words, check=True, limit=COMMAND_LIMIT_SECONDS, quiet=True, **options):
    result = subprocess.run(
        [str(word) for word in words], stdin=subprocess.DEVNULL, text=True, timeout=limit,
        stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None, **options)
    if check and result.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))}: exit {result.returncode}\n{(result.stdout or '')[-4000:]}")
    return result


def engine(*words, **options):
    return run(TOOL, *words, **options)


def compose_words(*overlays):
    """`docker compose` with the service's own file and overlays of deploy/; what is mounted is found from there."""
    files = ["compose.yml", *(f"compose.{name}.yml" for name in overlays)]
    return ["docker", "compose", *(word for file in files for word in ("-f", ROOT / "deploy" / file)),
            "-f", scratch / "override.yml"]


def compose(*words, **options):
    return run(*compose_words(), *words, cwd=ROOT, **options)


def carillon(*words, **options):
    return compose("exec", "-T", "carillon", "carillon", *words, **options)


def inspect(field):
    found = compose("ps", "--all", "--quiet", "carillon").stdout.strip()
    if not found:
        raise Failed("there is no container")
    return run("docker", "inspect", "--format", field, found).stdout.strip()


def scene():
    """How every container of ours is; of those that are not well, what their health checks said, and their log's end."""
    told = []
    for container in run("docker", "ps", "--all", "--quiet", "--filter", f"name={PROJECT}", check=False).stdout.split():
        asked = run("docker", "inspect", container, check=False)
        if asked.returncode != 0:
            continue
        found = json.loads(asked.stdout)[0]
        state, health = found["State"], found["State"].get("Health") or {}
        told.append(f"{found['Name'].lstrip('/')}: {state['Status']} {health.get('Status', '')}, exit {state['ExitCode']}, "
                    f"{found['RestartCount']} restarts, since {state['StartedAt'][:19]}"
                    + (", killed for its memory" if state["OOMKilled"] else "")
                    + (f", {state['Error']}" if state["Error"] else ""))
        if state["Status"] == "running" and health.get("Status", "healthy") == "healthy" and not found["RestartCount"]:
            continue
        for look in (health.get("Log") or [])[-3:]:
            told.append(f"  its health check, {look['Start'][:19]} to {look['End'][:19]}: exit {look['ExitCode']} "
                        f"{look['Output'].strip()[-300:]}")
        log = run("docker", "logs", "--tail", "40", container, check=False).stdout.splitlines()
        told += [f"  | {line[:400]}" for line in log]
    return "\n".join(told) or "there is no container"


@contextlib.contextmanager
def taken_down(compose_words, env=None):
    """What is up in here is taken down after it; where a step fails, first it is told how it was."""
    try:
        yield
    except FAILURES as error:
        error.scene = scene()
        raise
    finally:
        run(*compose_words, "down", "--volumes", "--timeout", "20", check=False, env=env)


def until(what, limit, look):
    """Looks until something true is seen, and returns it; fails after `limit` seconds."""
    began = time.monotonic()
    last = None
    while time.monotonic() - began < limit:
        try:
            last = look()
            if last:
                return last
        except FAILURES as error:
            last = error
        time.sleep(POLL_SECONDS)
    raise Failed(f"not seen within {limit} s: {what} (last: {last})")


def folder():
    """The volume as the host sees it."""
    return pathlib.Path(run("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", f"{PROJECT}_data")
                        .stdout.strip())


@contextlib.contextmanager
def ledger():
    """The database, read beside its owner. A copy where nobody has it open: a reader of a write-ahead log may create
    files, and they would be root's."""
    source = folder() / "carillon.db"
    if inspect("{{.State.Running}}") == "true":
        connection = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=10)
    else:
        copy = scratch / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in source.parent.glob("carillon.db*"):
            if path.is_file():
                shutil.copy2(path, copy)
        connection = sqlite3.connect(copy / "carillon.db")
    try:
        yield connection
    finally:
        connection.close()


def rows(sql, *values):
    with ledger() as database:
        return database.execute(sql, values).fetchall()


def one(sql, *values):
    found = rows(sql, *values)
    return found[0] if found else None


def set_schedule(text):
    """Writes the schedules file as an editor does: a new file that takes the old one's place."""
    fresh = schedules / ".carillon.yaml.new"
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(schedules / "carillon.yaml")


def get(path, port=PORT):
    """The status and text of a page, from where published ports are reachable."""
    program = ("import sys, urllib.request, urllib.error\n"
               "try: r = urllib.request.urlopen(sys.argv[1], timeout=5)\n"
               "except urllib.error.HTTPError as e: r = e\n"
               "except OSError as e: sys.exit(str(e))\n"
               "print(r.status); print(r.read().decode())")
    prefix = [TOOL, "inside"] if TOOL else []
    lines = run(*prefix, sys.executable, "-c", program, f"http://127.0.0.1:{port}{path}").stdout.split("\n", 1)
    return int(lines[0]), lines[1]


def health():
    return inspect("{{.State.Health.Status}}")


def fresh(schedule):
    """Down with everything, and up again with a schedule and an empty volume."""
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(schedule)
    compose("up", "--detach", "--pull", "never", "--no-build")


@contextlib.contextmanager
def image(name):
    """Another image for what follows."""
    os.environ["IMAGE"] = name
    try:
        with taken_down(compose_words()):
            yield
    finally:
        os.environ["IMAGE"] = IMAGE


def runs_of(job, state):
    return lambda: one("SELECT count(*) FROM run WHERE job = ? AND state = ?", job, state)[0]


def check_whole():
    """The database is whole, and no slot ran twice."""
    with ledger() as database:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise Failed(f"integrity_check: {verdict}")
        if database.execute("PRAGMA foreign_key_check").fetchall():
            raise Failed("foreign_key_check finds rows without their parents")
        doubles = database.execute(
            "SELECT job, slot, count(*) FROM run GROUP BY job, slot HAVING count(*) > 1").fetchall()
        again = database.execute(
            "SELECT run, count(*) FROM attempt WHERE outcome = 'succeeded' GROUP BY run HAVING count(*) > 1"
        ).fetchall()
        runs, attempts = (database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                          for table in ("run", "attempt"))
    if doubles or again:
        raise Failed(f"slots that ran twice: {doubles} {again}")
    return f"database whole, {runs} runs, {attempts} attempts, no slot twice"


# --- the steps ----------------------------------------------------------------------------------------------------

def files_of(image):
    """What an image holds, as its engine hands it out: each file's entry of a tar archive, and the texts of some."""
    archive = scratch / "image.tar"
    container = run("docker", "create", image, "version").stdout.strip()
    try:
        run("docker", "export", "--output", archive, container)
    finally:
        run("docker", "rm", container)
    with tarfile.open(archive) as tar:
        members = {f"/{member.name}": member for member in tar.getmembers()}
        texts = {path: tar.extractfile(member).read().decode()
                 for path, member in members.items()
                 if member.isfile() and path.startswith(("/var/lib/dpkg/status.d/", "/etc/"))
                 and not path.endswith(".crt")}
    archive.unlink()
    return members, texts


def image_is_small_and_plain():
    size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", IMAGE).stdout)
    shape = json.loads(run("docker", "image", "inspect", IMAGE).stdout)[0]["Config"]
    if shape["User"] != "1000:1000" or shape["StopSignal"] != "SIGTERM" or "Healthcheck" not in shape:
        raise Failed(f"the image's configuration: {shape}")
    members, texts = files_of(IMAGE)
    # What the engine itself lays into every container.
    own = ("/dev", "/proc", "/sys", "/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab")
    held = {path: member for path, member in members.items() if not path.startswith(own)}
    programs = [path for path, member in held.items()
                if member.isfile() and member.mode & 0o111 and ".so" not in path]
    if programs != ["/usr/local/bin/carillon"]:
        raise Failed(f"programs in the image: {programs}")
    loose = [path for path, member in held.items()
             if not member.issym() and (member.mode & 0o6000 or member.mode & 0o002) and path != "/tmp"]
    if loose:
        raise Failed(f"setuid, setgid or writable by all: {loose}")
    if (held["/data"].uid, held["/data"].gid) != (1000, 1000) or held["/tmp"].mode & 0o7777 != 0o1777:
        raise Failed("/data or /tmp: a wrong owner or mode")
    packages = {path.rsplit("/", 1)[1]: text for path, text in texts.items() if "/status.d/" in path}
    for name in ("libc6", "libsqlite3-0", "libcurl4", "libssl3", "libcrypt1", "tzdata", "ca-certificates"):
        if "\nVersion: " not in packages.get(name, ""):
            raise Failed(f"no record of the package {name} for scanners")
    if size > LARGEST_IMAGE_BYTES:
        raise Failed(f"the image has {size / 1e6:.1f} MB, more than {LARGEST_IMAGE_BYTES / 1e6:.0f}: "
                     + ", ".join(f"{path} {member.size / 1e6:.1f}" for path, member in sorted(
                         held.items(), key=lambda item: -item[1].size)[:12]))
    # Outdated packages, rights of files, secrets: as an operator and the weekly job look for them.
    scan = run(ROOT / "scripts/deploy/scan", IMAGE).stdout.strip().splitlines()[-1]
    bill = json.loads(run(ROOT / "scripts/deploy/sbom", IMAGE).stdout.split("\nwrote ")[0])
    named = {package["name"] for package in bill["packages"]}
    if not {*packages, "carillon", "hummingbird", "grdb.swift"} <= named:
        raise Failed(f"the bill of materials lacks {sorted({*packages, 'hummingbird', 'grdb.swift'} - named)}")
    program = held["/usr/local/bin/carillon"].size
    version = run("docker", "run", "--rm", IMAGE, "version").stdout.strip()
    return (f"{version}; {size / 1e6:.1f} MB: the program {program / 1e6:.1f}, "
            f"{len(packages)} packages of Debian {(size - program) / 1e6:.1f}; no shell, nothing setuid; a bill of {len(named)}; {scan}")


def image_has_what_a_c_library_asks_for():
    """Names, certificates, time zones and passwords: each as the program uses it, inside the image."""
    # Every time zone of Debian's list, each in a job of its own.
    zones = [line.split("\t")[2].strip() for line in pathlib.Path("/usr/share/zoneinfo/zone1970.tab").read_text()
             .splitlines() if not line.startswith("#")]
    trial = scratch / "trial"
    trial.mkdir(exist_ok=True)
    trial.chmod(0o777)
    (trial / "zones.yaml").write_text("version: 1\njobs:\n" + "".join(
        f"  z{n}: {{ job: fetch, cron: \"0 12 * * *\", timezone: {zone} }}\n" for n, zone in enumerate(zones)))
    told = run("docker", "run", "--rm", "--network=none", "-v", f"{trial}:/trial:ro", IMAGE,
               "schedule", "check", "/trial/zones.yaml").stdout
    # A server that only a name leads to, with a certificate of an authority that only we know.
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run(*certificate, "-subj", "/CN=test authority", "-keyout", trial / "ca.key", "-out", trial / "ca.pem")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=letters.test", "-keyout", trial / "server.key",
        "-out", trial / "server.csr")
    (trial / "names").write_text("subjectAltName=DNS:letters.test\n")
    run("openssl", "x509", "-req", "-in", trial / "server.csr", "-CA", trial / "ca.pem", "-CAkey", trial / "ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", trial / "names", "-out", trial / "server.pem")
    (trial / "server.py").write_text(RECEIVER)
    for path in trial.iterdir():
        path.chmod(0o644)
    (trial / "settings.yaml").write_text(NOTIFY)
    network = f"{PROJECT}-trial"
    run("docker", "network", "create", "--internal", network)
    try:
        run("docker", "run", "--detach", "--name", f"{PROJECT}-receiver", "--network", network, "--network-alias",
            "letters.test", "-v", f"{trial}:/trial:ro", "mail-receiver", "python3", "-u", "/trial/server.py")
        until("the receiver listens", 20, lambda: "ready" in run("docker", "logs", f"{PROJECT}-receiver").stdout)
        run("docker", "run", "--rm", "--network", network, "-v", f"{trial}:/trial:ro", "-e", "CARILLON_DATABASE__PATH=/tmp/c.db",
            "-e", "CARILLON_NOTIFY__CHANNELS__HOOK__URL=https://letters.test:8443/hook", IMAGE,
            "notify", "test", "-c", "/trial/settings.yaml")
        seen = run("docker", "logs", f"{PROJECT}-receiver").stdout
        if "hook over TLS" not in seen or "letter over TLS" not in seen:
            raise Failed(f"what arrived: {seen}")
        # The same without the authority must fail: else nothing was proven.
        wrong = (trial / "settings.yaml").read_text().replace("network: { ca-file: ca.pem }\n", "")
        (trial / "settings.yaml").write_text(wrong)
        refused = run("docker", "run", "--rm", "--network", network, "-v", f"{trial}:/trial:ro",
                      "-e", "CARILLON_NOTIFY__CHANNELS__HOOK__URL=https://letters.test:8443/hook", IMAGE,
                      "notify", "test", "-c", "/trial/settings.yaml", check=False)
        if refused.returncode == 0 or "certificate" not in refused.stdout:
            raise Failed(f"a server of an unknown authority: exit {refused.returncode}\n{refused.stdout}")
    finally:
        run("docker", "rm", "--force", f"{PROJECT}-receiver", check=False)
        run("docker", "network", "rm", network, check=False)
    return f"{len(zones)} time zones, a name found, TLS and STARTTLS to a test authority and to no other"


def comes_up_healthy():
    fresh(BUSY)
    until("healthy", 60, lambda: health() == "healthy")
    until("a whole chain", 60, runs_of("rebalance", "succeeded"))
    for path in ("/livez", "/readyz", "/health", "/metrics"):
        status, text = until(f"{path} answers", 20, lambda path=path: get(path))
        if status != 200:
            raise Failed(f"{path}: {status}\n{text}")
    if "carillon_job_last_success_timestamp_seconds" not in text:
        raise Failed("/metrics lacks carillon_job_last_success_timestamp_seconds")
    process = pathlib.Path("/proc") / inspect("{{.State.Pid}}")
    status = (process / "status").read_text()
    if "CapEff:\t0000000000000000" not in status or "NoNewPrivs:\t1" not in status:
        raise Failed(f"it runs with more than it needs: {status}")
    root = next(line.split() for line in (process / "mountinfo").read_text().splitlines() if line.split()[4] == "/")
    if not root[5].startswith("ro"):
        raise Failed(f"its root can be written to: {root}")
    return "healthy, chain run, four pages answer 200, read-only root, no capabilities"


def comes_back_after_kill():
    if not compose("ps", "--all", "--quiet", "carillon").stdout.strip():
        fresh(BUSY)
    until("a run under way or done", 30, runs_of("fetch", "succeeded"))
    kills = 3
    for _ in range(kills):
        before = int(inspect("{{.RestartCount}}"))
        done = one("SELECT count(*) FROM run WHERE state = 'succeeded'")[0]
        os.kill(int(inspect("{{.State.Pid}}")), signal.SIGKILL)
        until("a restart", 30, lambda before=before: int(inspect("{{.RestartCount}}")) > before
              and inspect("{{.State.Running}}") == "true")
        until("work goes on", 60, lambda done=done: one(
            "SELECT count(*) FROM run WHERE state = 'succeeded'")[0] > done)
    until("healthy again", 60, lambda: health() == "healthy")
    left = rows("SELECT job, slot, state FROM run WHERE state = 'interrupted'")
    return f"{kills} times killed -9, back each time, healthy; {check_whole()}; debts left: {len(left)}"


def finishes_the_job_in_flight():
    fresh(SLOW)
    slot = until("a slow job under way", 60, lambda: one("SELECT slot FROM run WHERE job = 'fetch' AND state = 'running'"))[0]
    began = time.monotonic()
    compose("stop", limit=120)
    took = time.monotonic() - began
    code = int(inspect("{{.State.ExitCode}}"))
    if code != 0:
        raise Failed(f"exit {code}\n{compose('logs', '--tail', '40', check=False).stdout}")
    states = dict(rows("SELECT job, state FROM run WHERE slot = ?", slot))
    if states.get("fetch") != "succeeded" or states.get("compute") != "deferred":
        raise Failed(f"after the stop: {states}")
    if took < 0.5:
        raise Failed(f"the stop took {took:.1f} s: there was no job to wait for")
    whole = check_whole()
    compose("start")
    until("the rest of the chain", 60, lambda: dict(rows("SELECT job, state FROM run WHERE slot = ?", slot))
          .get("rebalance") == "succeeded")
    return f"exit 0 after {took:.1f} s, job finished, its chain deferred and resumed at the next start; {whole}"


def follows_an_edited_schedule():
    fresh(DAILY)
    until("healthy", 60, lambda: health() == "healthy")
    set_schedule(FAST)
    edited = time.time() * 1000
    slots = until("the new cadence", 75, lambda: (lambda found: found if len(found) >= 3 else None)(
        [slot for slot, in rows("SELECT slot FROM run WHERE job = 'fetch' AND state = 'succeeded' ORDER BY slot")]))
    if any(slot % 2000 for slot in slots):
        raise Failed(f"slots off the new cadence: {slots}")
    first = (slots[0] - edited) / 1000
    set_schedule(BROKEN)
    after = time.time() * 1000
    until("the old schedule goes on", 60, lambda: one("SELECT count(*) FROM run WHERE job = 'fetch' AND slot > ?",
                                                      after + 4000)[0] >= 2)
    if health() != "healthy":
        raise Failed(f"a broken file made it {health()}")
    warning = until("health warns of the broken file", 60, lambda: '"warn"' in get("/health")[1])
    set_schedule(FAST)
    until("the warning goes", 60, lambda: '"warn"' not in get("/health")[1])
    return f"first slot {first:.1f} s after the edit; a broken file is survived with a warning ({bool(warning)}), and mended"


def runs_programs_as_process_one():
    with image(FULL):
        return runs_programs()


def runs_programs():
    fresh(PROGRAMS)
    until("three runs", 60, lambda: runs_of("orphans", "succeeded")() >= 3)
    until("a long program under way", 60, lambda: one("SELECT slot FROM run WHERE job = 'long' AND state = 'running'"))
    container = compose("ps", "-q", "carillon").stdout.strip()
    stats = "for p in /proc/[0-9]*; do cat $p/stat 2>/dev/null; done; true"
    # What a program left behind is ended and reaped; one look may meet a process on its way out.
    until("nobody is a zombie", 20, lambda: not [
        line for line in run("docker", "exec", container, "sh", "-c", stats).stdout.splitlines()
        if line.rsplit(")", 1)[-1].split()[:1] == ["Z"]])
    log = carillon("job", "log", str(one("SELECT id FROM run WHERE job = 'orphans' AND state = 'succeeded'")[0])).stdout
    if "from uid 1000" not in log:
        raise Failed(f"job log: {log}")
    running = one("SELECT id FROM run WHERE job = 'long' AND state = 'running'")[0]
    carillon("job", "cancel", str(running), "--reason", "enough")
    reason = until("the long program cancelled", 30, lambda: one(
        "SELECT reason FROM run WHERE id = ? AND state = 'failed'", running))[0]
    carillon("job", "pause", "orphans")
    paused = until("a slot skipped by the pause", 30, lambda: one(
        "SELECT reason FROM run WHERE job = 'orphans' AND state = 'skipped' AND reason LIKE '%pause%'"))[0]
    return f"no zombies, output kept, a run {reason!r}, a slot skipped: {paused!r}; {check_whole()}"


def tells_of_a_stale_job():
    fresh(FAST)
    until("healthy", 60, lambda: health() == "healthy")
    set_schedule(HOPELESS)
    until("a failed run", 60, lambda: one("SELECT count(*) FROM run WHERE job = 'fetch' AND state IN "
                                          "('timed-out', 'failed')")[0])
    began = time.monotonic()
    until("unhealthy", 90, lambda: health() == "unhealthy")
    took = time.monotonic() - began
    result = carillon("health", check=False)
    if result.returncode != 1 or "fetch" not in result.stdout:
        raise Failed(f"carillon health: exit {result.returncode}\n{result.stdout}")
    status, _ = get("/health")
    if status != 503:
        raise Failed(f"/health answers {status}")
    if get("/livez")[0] != 200:
        raise Failed("/livez fails, though the process lives")
    line = next(line for line in result.stdout.splitlines() if "fetch" in line)
    return f"unhealthy {took:.0f} s after the first failure; it says: {line.strip()}"


def names_the_mend_of_a_wrong_owner():
    wrong = scratch / "root-owned"
    wrong.mkdir(mode=0o755)
    result = run("docker", "run", "--rm", "--network=none", "-v", f"{wrong}:/data", IMAGE, "run", check=False, limit=30)
    if result.returncode not in (73, 74):
        raise Failed(f"exit {result.returncode} over a folder of another owner\n{result.stdout}")
    if "chown" not in result.stdout or "1000" not in result.stdout:
        raise Failed(f"the message names no command that mends it:\n{result.stdout}")
    readonly = run("docker", "run", "--rm", "--network=none", "-v", f"{scratch}:/data:ro", IMAGE, "run", check=False,
                   limit=30)
    if readonly.returncode not in (73, 74):
        raise Failed(f"exit {readonly.returncode} over a read-only volume\n{readonly.stdout}")
    return next(line for line in result.stdout.splitlines() if "chown" in line).strip()


BROWSER = """
import http.client, json, socket, ssl, sys, time, urllib.parse
http_port, https_port, name, authority, user, password = sys.argv[1:]
seen = {}
plain = http.client.HTTPConnection('127.0.0.1', int(http_port), timeout=10)
plain.request('GET', '/jobs?x=1', headers={'Host': name})
answer = plain.getresponse()
seen['plain'] = [answer.status, answer.getheader('Location')]
context = ssl.create_default_context(cafile=authority)
class Connection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = context.wrap_socket(socket.create_connection(('127.0.0.1', int(https_port)), 10), server_hostname=name)
def ask(method, path, headers={}, body=None, host=name):
    connection = Connection(name, timeout=30)
    connection.request(method, path, body, {'Host': host, **headers})
    return connection.getresponse()
two = ssl.create_default_context(cafile=authority)
two.set_alpn_protocols(['h2'])
with two.wrap_socket(socket.create_connection(('127.0.0.1', int(https_port)), 10), server_hostname=name) as s:
    seen['tls'] = [s.version(), s.selected_alpn_protocol()]
first = ask('GET', '/')
seen['first'] = [first.status, first.getheader('Location'), first.getheader('Strict-Transport-Security')]
for path in ('/metrics', '/livez', '/login'):
    seen[path] = ask('GET', path).status
seen['other'] = ask('GET', '/', host='other.example.org').status
form = urllib.parse.urlencode({'name': user, 'password': password})
origin = {'Origin': 'https://' + name, 'Content-Type': 'application/x-www-form-urlencoded'}
login = ask('POST', '/login', origin, form)
cookie = login.getheader('Set-Cookie') or ''
seen['login'] = [login.status, 'Secure' in cookie, 'HttpOnly' in cookie]
session = {'Cookie': cookie.split(';')[0], 'Accept-Encoding': 'gzip'}
page = ask('GET', '/', session)
seen['page'] = [page.status, page.getheader('Content-Encoding'), len(page.read()) > 1000]
stream = ask('GET', '/events', {**session, 'Accept': 'text/event-stream'})
ids, began = set(), time.monotonic()
while len(ids) < 2 and time.monotonic() - began < 40:
    line = stream.readline().decode()
    if line.startswith('id:'): ids.add(line.strip())
seen['events'] = [stream.status, len(ids), stream.getheader('Content-Encoding')]
seen['limited'] = 429 in [ask('POST', '/login', origin, 'name=x&password=y').status for _ in range(20)]
print(json.dumps(seen))
"""
NAME = "trader.example.org"
HTTP_PORT, HTTPS_PORT = 18080, 18443
# What a browser must see through the proxy, whoever shows the pages.
SEEN = {
    "plain": [301, f"https://{NAME}/jobs?x=1"], "tls": ["TLSv1.3", "h2"],
    "first": [303, "/login", "max-age=31536000"], "/metrics": 403, "/livez": 200, "/login": 200, "other": 421,
    "login": [303, True, True], "page": [200, "gzip", True], "events": [200, 2, None], "limited": True}


def shows_itself_through_the_proxy():
    """nginx as shipped, before the service: what a browser sees, and what it does not."""
    secrets, certificates = scratch / "secrets", scratch / "certificates"
    os.environ.update({"SECRETS_DIR": str(secrets), "CERTIFICATES_DIR": str(certificates), "SERVER_NAME": NAME,
                       "HTTP_PORT": str(HTTP_PORT), "HTTPS_PORT": str(HTTPS_PORT)})
    proxied = compose_words("proxy")
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    missing = run(*proxied, "up", "--detach", "--pull", "never", "--no-build", check=False)
    if missing.returncode == 0 or "web_users" not in missing.stdout:
        raise Failed(f"without a file of users: exit {missing.returncode}\n{missing.stdout}")
    run(*proxied, "down", "--volumes", check=False)
    shutil.rmtree(secrets, ignore_errors=True)
    run(ROOT / "scripts/deploy/make-secrets", "--dir", secrets, "--name", NAME)
    with taken_down(proxied):
        run(*proxied, "up", "--detach", "--pull", "never", "--no-build")
        until("a run", 60, runs_of("fetch", "succeeded"))
        prefix = [TOOL, "inside"] if TOOL else []
        browser = [*prefix, sys.executable, "-c", BROWSER, HTTP_PORT, HTTPS_PORT, NAME, certificates / "fullchain.pem",
                   "operator", (secrets / "operator.password").read_text()]
        look = lambda: json.loads(run(*browser).stdout.splitlines()[-1])
        proxy = until("the proxy runs", 30, lambda: run(*proxied, "ps", "--quiet", "proxy").stdout.strip())
        until("the proxy is healthy", 60, lambda: run(
            "docker", "inspect", "--format", "{{.State.Health.Status}}", proxy).stdout.strip() == "healthy")
        seen = look()
        if seen != SEEN:
            raise Failed(f"a browser saw {seen}\nwanted {SEEN}")
        try:
            get("/livez")
            raise Failed("the service can be reached beside the proxy")
        except Failed as error:
            if "refused" not in str(error):
                raise
        # A neighbour that dies comes back, and takes nobody along.
        before = inspect("{{.State.StartedAt}}")
        os.kill(int(run("docker", "inspect", "--format", "{{.State.Pid}}", proxy).stdout), signal.SIGKILL)
        until("the proxy is back", 60, lambda: run(
            "docker", "inspect", "--format", "{{.State.Health.Status}} {{.RestartCount}}", proxy).stdout.strip() == "healthy 1")
        if inspect("{{.State.StartedAt}}") != before:
            raise Failed("the service was restarted with its neighbour")
        away = ("import socket, ssl, sys; c = ssl.create_default_context(cafile=sys.argv[1]); "
                f"s = c.wrap_socket(socket.create_connection(('127.0.0.1', {HTTPS_PORT})), server_hostname='{NAME}'); "
                f"s.send(b'GET /livez HTTP/1.0\\r\\nHost: {NAME}\\r\\n\\r\\n'); print(b''.join(iter(lambda: s.recv(4096), b'')).decode())")
        answer = lambda: run(*prefix, sys.executable, "-c", away, certificates / "fullchain.pem").stdout
        run(*proxied, "stop", "carillon")
        until("the proxy says who is away", 30, lambda: " 503 " in answer() and "docker compose ps" in answer())
        run(*proxied, "start", "carillon")
        until("the proxy finds it again", 60, lambda: " 200 " in answer())
    return "TLS 1.3, HTTP/2, HSTS, login, live updates, limits; metrics and other names refused; killed, it came back; 503 and back"


def shows_itself_from_a_second_process():
    """The pages with the database read-only: while the service runs, and after it has stopped."""
    os.environ.update({"DASHBOARD_PORT": str(PORT + 1), "ACT_AT": f"http://127.0.0.1:{PORT}"})
    both = compose_words("dashboard")
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    with taken_down(both):
        run(*both, "up", "--detach", "--pull", "never", "--no-build")
        status, text = until("the second process answers", 60, lambda: get("/jobs", PORT + 1))
        if status != 200 or f'href="http://127.0.0.1:{PORT}/' not in text:
            raise Failed(f"its pages: {status}, and no way to the service's own")
        container = run(*both, "ps", "--quiet", "dashboard").stdout.strip()
        until("it is healthy", 60, lambda: run(
            "docker", "inspect", "--format", "{{.State.Health.Status}}", container).stdout.strip() == "healthy")
        mounts = json.loads(run("docker", "inspect", "--format", "{{json .Mounts}}", container).stdout)
        if any(mount["RW"] for mount in mounts):
            raise Failed(f"it may write: {mounts}")
        run(*both, "stop", "carillon")
        until("it says that the service does not run", 30, lambda: "not running" in get("/", PORT + 1)[1])
    return "pages from a read-only volume, leading to the service for what acts; it says when the service has stopped"


def shares_one_login():
    """The second process behind the proxy, under the service's name: a browser sees what it sees without, and pages outlive a stop."""
    secrets, certificates = scratch / "shared-secrets", scratch / "shared-certificates"
    os.environ.update({"SECRETS_DIR": str(secrets), "CERTIFICATES_DIR": str(certificates), "SERVER_NAME": NAME,
                       "HTTP_PORT": str(HTTP_PORT), "HTTPS_PORT": str(HTTPS_PORT), "DASHBOARD_PORT": str(PORT + 1)})
    shared = compose_words("dashboard", "proxy", "shared-login")
    services = ("carillon", "dashboard", "proxy")
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    run(ROOT / "scripts/deploy/make-secrets", "--dir", secrets, "--name", NAME)
    with taken_down(shared):
        run(*shared, "up", "--detach", "--pull", "never", "--no-build")
        until("all are healthy", 120, lambda: all("healthy" == run(
            "docker", "inspect", "--format", "{{.State.Health.Status}}", run(*shared, "ps", "--quiet", name).stdout.strip()).stdout.strip()
            for name in services))
        until("a run", 60, runs_of("fetch", "succeeded"))
        prefix = [TOOL, "inside"] if TOOL else []
        seen = json.loads(run(*prefix, sys.executable, "-c", BROWSER, HTTP_PORT, HTTPS_PORT, NAME, certificates / "fullchain.pem",
                              "operator", (secrets / "operator.password").read_text()).stdout.splitlines()[-1])
        if seen != SEEN:
            raise Failed(f"a browser saw {seen}\nwanted {SEEN}")
        for port in (PORT, PORT + 1):
            try:
                get("/livez", port)
                raise Failed(f"the port {port} can be reached beside the proxy")
            except Failed as error:
                if "refused" not in str(error):
                    raise
        ask = [*prefix, "curl", "--silent", "--cacert", certificates / "fullchain.pem", "--resolve", f"{NAME}:{HTTPS_PORT}:127.0.0.1",
               "--output", "/dev/null", "--write-out", "%{http_code}"]
        run(*shared, "stop", "carillon")
        until("what acts is away, and pages are not", 30, lambda: [run(*ask, f"https://{NAME}:{HTTPS_PORT}{path}").stdout
                                                                  for path in ("/halt", "/livez")] == ["503", "200"])
    return "one name and one login for both; only the proxy can be reached; pages stay when the service has stopped"


def runs_with_all_its_overlays():
    """Proxy and monitoring together: everybody healthy, targets up, rules read, the watchdog's alert at Alertmanager; trading is halted,
    and goes on, and both times Alertmanager and Carillon's own channel write to a mail server.

    Grafana is left out: there is no package of Debian to stand in for its image."""
    secrets, certificates = scratch / "all-secrets", scratch / "all-certificates"
    os.environ.update({"SECRETS_DIR": str(secrets), "CERTIFICATES_DIR": str(certificates), "SERVER_NAME": NAME,
                       "HTTP_PORT": str(HTTP_PORT), "HTTPS_PORT": str(HTTPS_PORT)})
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    run(*compose_words("proxy", "monitoring"), "config", "--quiet")
    run(ROOT / "scripts/deploy/make-secrets", "--dir", secrets, "--name", NAME)
    whole = [*compose_words("proxy", "monitoring"), "-f", letters.make(scratch / "letters", secrets, run)]
    services = ["carillon", "proxy", "prometheus", "alertmanager", "node-exporter", "letters"]

    def ask(port, path):
        program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
        return json.loads(run(*([TOOL, "inside"] if TOOL else []), sys.executable, "-c", program,
                              f"http://127.0.0.1:{port}{path}").stdout)

    def states():
        listing = run(*whole, "ps", "--format", "json").stdout.split("\n")
        return {one["Service"]: one["Health"] for one in map(json.loads, filter(None, listing))}

    with taken_down(whole):
        run(*whole, "up", "--detach", "--pull", "never", "--no-build", *services)
        until("all are healthy", 180, lambda: states() == dict.fromkeys(services, "healthy"))

        def targets():
            """What is not up, with why; the failure tells of it."""
            down = [target for target in ask(9090, "/api/v1/targets")["data"]["activeTargets"] if target["health"] != "up"]
            if down:
                raise Failed("; ".join(f"{one['scrapePool']} is {one['health']}: {one['lastError']}" for one in down))
            return True

        until("every target is up", 90, targets)
        rules = [rule["name"] for group in ask(9090, "/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
        if not rules:
            raise Failed("Prometheus has read no rule")
        until("an alert reaches Alertmanager", ALERT_SECONDS, lambda: "Watchdog" in [
            alert["labels"]["alertname"] for alert in ask(9093, "/api/v2/alerts")])
        written = tells_of_a_halt_by_mail(whole)
    return f"{len(services)} services healthy, target up, {len(rules)} rules, the watchdog's alert at Alertmanager; {written}"


def tells_of_a_halt_by_mail(words):
    """Fired and over, by Alertmanager and by Carillon itself, each in a letter of its own."""
    def subjects(who, what):
        def look():
            found = letters.read(run(*words, "logs", "--no-log-prefix", "letters").stdout)
            return [subject for subject in found[who] if what in subject]
        return look

    told, began = [], time.monotonic()
    for command, ours, theirs in ((["halt", "--reason", "a test of mail"], "Carillon: [warning] Trading is halted", "[FIRING:1] Halted"),
                                  (["resume", "--reason", "mail came"], "Carillon: [over] Trading is halted", "[RESOLVED] Halted")):
        run(*words, "exec", "-T", "carillon", "carillon", *command)
        told += until(f"Carillon's letter after {command[0]}", LETTER_SECONDS, subjects(letters.CARILLON, ours))[:1]
        told += until(f"Alertmanager's letter after {command[0]}", LETTER_SECONDS, subjects(letters.ALERTMANAGER, theirs))[:1]
    return f"within {time.monotonic() - began:.0f} s these letters: {'; '.join(told)}"


SICK = """FROM debian:bookworm-slim
VOLUME /data
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=1s --timeout=2s --retries=2 CMD ["false"]
USER 1000
ENTRYPOINT ["sleep", "3600"]
CMD ["run"]
"""
# A newer version, so to speak: it changes the schema, answers what a way back asks, and does not get well.
MIGRATING = """#!/usr/bin/python3
import json, os, sqlite3, sys, time
database = sqlite3.connect('/data/carillon.db')
if sys.argv[1:2] == ['run']:
    database.execute('PRAGMA user_version = 999')
    database.commit()
    time.sleep(3600)
elif sys.argv[1:2] == ['orders']:
    since = os.path.exists('/data/an-order') and ['2099-01-01T00:00:00Z'] or []
    print(json.dumps({'orders': [{'created': time} for time in since]}, separators=(',', ':')))
elif sys.argv[1:2] == ['halt']:
    open('/data/carillon.db.halt', 'w').write('rolled back')
else:
    sys.exit(64)
"""


class Clone:
    """A clone that somebody deploys from, by its scripts, in a project of its own."""

    def __init__(self, name):
        self.folder, self.project = scratch / name, f"{PROJECT}-{name}"
        run("git", "clone", "--quiet", ROOT, self.folder)
        self.variables = self.folder / "deploy/.env"
        self.variables.write_text(f"IMAGE=carillon-trial:latest\nPORT=0\nCOMPOSE_PROJECT_NAME={self.project}\n")
        self.variables.chmod(0o600)
        # Nothing of the suite's own variables.
        others = ("SECRETS_DIR", "SERVER_NAME", "CERTIFICATES_DIR", "HTTP_PORT", "HTTPS_PORT", "DASHBOARD_PORT", "ACT_AT")
        self.environment = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT and key not in others}
        self.compose = ["docker", "compose", "-f", self.folder / "deploy/compose.yml"]

    def taken_down(self):
        return taken_down(self.compose, env=self.environment)

    def script(self, name, *words, code=0):
        done = run(self.folder / "scripts/deploy" / name, *words, check=False, limit=300, env=self.environment)
        if done.returncode != code:
            raise Failed(f"{name} {' '.join(words)}: exit {done.returncode}, not {code}\n{done.stdout[-3000:]}")
        return done.stdout

    def state(self):
        """The image that runs, and its health."""
        found = run(*self.compose, "ps", "--quiet", "carillon", env=self.environment).stdout.strip()
        return run("docker", "inspect", "--format", "{{.Image}} {{.State.Health.Status}}", found).stdout.split()

    def carillon(self, *words, check=True):
        return run(*self.compose, "exec", "-T", "carillon", "carillon", *words, check=check, env=self.environment)

    def volume(self):
        return pathlib.Path(run("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", f"{self.project}_data").stdout.strip())


def image_id(name):
    return run("docker", "image", "inspect", "--format", "{{.Id}}", name).stdout.strip()


def deploys_and_takes_it_back():
    """scripts/deploy in a clone: a deployment, one that fails, one that migrated, and the question when it is live."""
    ours = Clone("deploy")
    clone, environment, script, state = ours.folder, ours.variables, ours.script, ours.state
    sick, migrating = scratch / "sick", scratch / "migrating"
    for folder in (sick, migrating):
        folder.mkdir()
    (sick / "Dockerfile").write_text(SICK)
    (migrating / "carillon").write_text(MIGRATING)
    (migrating / "carillon").chmod(0o755)
    (migrating / "Dockerfile").write_text(
        SICK.replace("debian:bookworm-slim", "mail-receiver").replace('["sleep", "3600"]', '["carillon"]')
        .replace("VOLUME", "COPY carillon /usr/local/bin/carillon\nVOLUME"))
    for name, folder in (("sick", sick), ("migrating", migrating)):
        run("docker", "build", "--quiet", "--tag", f"carillon-trial:{name}", folder)
    run("docker", "tag", IMAGE, "carillon-trial:latest")
    good = image_id(IMAGE)
    with ours.taken_down():
        environment.chmod(0o644)
        if "chmod 600" not in script("deploy-production", "--image", IMAGE, code=78):
            raise Failed("a .env that others can read is not told of")
        environment.chmod(0o600)
        (clone / "stray").write_text("")
        script("deploy-production", "--image", IMAGE, code=65)
        (clone / "stray").unlink()
        script("deploy-production", "--image", IMAGE)
        script("deploy-production", "--image", "carillon-trial:sick", "--limit", "8", code=1)
        if state() != [good, "healthy"]:
            raise Failed(f"after a deployment that failed: {state()}")
        # Migrated, and no order sent: the snapshot of before, with trading halted.
        told = script("deploy-production", "--image", "carillon-trial:migrating", "--limit", "8", code=1)
        if state() != [good, "healthy"] or "trading is halted" not in told:
            raise Failed(f"after one that migrated: {state()}\n{told}")
        if ours.carillon("halt", "status", check=False).returncode != 1:
            raise Failed("trading is not halted after a restore")
        ours.carillon("resume", "--reason", "a trial")
        # Migrated, and an order was sent since: a person's to choose.
        (ours.volume() / "an-order").write_text("")
        told = script("deploy-production", "--image", "carillon-trial:migrating", "--limit", "8", code=2)
        if "--accept-orders" not in told or state()[0] == good:
            raise Failed(f"an order was sent, and it went back by itself: {state()}\n{told}")
        script("rollback", "--accept-orders")
        if state() != [good, "healthy"]:
            raise Failed(f"after a way back by hand: {state()}")
        deployments = [row["text"] for row in json.loads(ours.carillon("audit", "list", "--kind", "deploy", "--json").stdout)["rows"]]
        if not deployments or not deployments[0].startswith("rolled back to "):
            raise Failed(f"in the audit: {deployments}")
        # It asks exactly when an account is live by the settings: armed or not, and not for what is armed alone.
        paper = environment.read_text()
        environment.write_text(paper + "CARILLON_LIVE_ARMED=main\n")
        if "would: ask" in script("deploy-production", "--dry-run", "--image", IMAGE):
            raise Failed("it asks for an account that is not live")
        live = scratch / "live"
        live.mkdir()
        for file, text in (("carillon.yaml", DAILY), ("settings.yaml", LIVE), ("key", "a key\n"), ("secret", "a secret\n")):
            (live / file).write_text(text)
        environment.write_text(paper + f"SCHEDULES_DIR={live}\nCARILLON_CONFIG=/etc/carillon/schedules/settings.yaml\n")
        if "main" not in script("deploy-production", "--image", IMAGE, code=77):
            raise Failed("it does not say which account is live")
        script("deploy-production", "--image", IMAGE, "--confirm", "mian", code=77)
        if "would: ask" not in script("deploy-production", "--dry-run", "--image", IMAGE):
            raise Failed("--dry-run does not tell of the question")
        if state() != [good, "healthy"]:
            raise Failed(f"after what was refused: {state()}")
        environment.write_text(paper)
        script("backup", "--to", str(scratch / "backups"))
        backup = next((scratch / "backups").glob("*.db.zst"))
        drill = script("restore-drill", "--from", str(backup))
    return ("deployed; one that failed taken back; one that migrated taken back with its snapshot, halted; not by itself after an "
            f"order; asks for the account's name when it is live, and not else; {drill.strip().splitlines()[-1]}")


# The image of the commit before the newest migration.
OLDER = "carillon:suite-older"


def build_older():
    """Out of its own sources, by its own Dockerfile: a newer program has no older schema."""
    newest = max((ROOT / "Sources/Store/Schema").glob("Migration[0-9][0-9][0-9].swift"))
    added = run("git", "log", "--diff-filter=A", "--format=%H", "--", newest, cwd=ROOT).stdout.split()
    if not added:
        raise Failed(f"no commit added {newest.name}: is the clone shallow? git fetch --unshallow")
    context = scratch / "older"
    context.mkdir()
    run("sh", "-c", f"git archive {added[-1]}^ | tar -x -C {context}", cwd=ROOT)
    began = time.monotonic()
    words = ["--tag", OLDER, "--file", context / "deploy/Dockerfile", context]
    if TOOL:
        engine("build", "--progress=plain", *words, limit=BUILD_LIMIT_SECONDS)
    else:
        run("docker", "build", *words, limit=BUILD_LIMIT_SECONDS)
    print(f"image of {added[-1][:12]}^ built in {time.monotonic() - began:.0f} s", flush=True)


# The program of the same commit once more, nothing of the first build taken over.
AGAIN = "carillon:suite-again"


def build_again():
    words = ["--no-cache", "--target", "build", "--tag", AGAIN, "--file", ROOT / "deploy/Dockerfile", ROOT]
    if TOOL:
        engine("build", "--progress=plain", *words, limit=BUILD_LIMIT_SECONDS)
    else:
        run("docker", "build", *words, limit=BUILD_LIMIT_SECONDS)


def is_the_same_when_built_again():
    def digest(image, path):
        container = run("docker", "create", image, "version").stdout.strip()
        try:
            run("docker", "cp", f"{container}:{path}", scratch / "program-again")
        finally:
            run("docker", "rm", container)
        return run("sha256sum", scratch / "program-again").stdout.split()[0]

    first, second = digest(IMAGE, "/usr/local/bin/carillon"), digest(AGAIN, "/carillon")
    if first != second:
        raise Failed(f"two builds of one commit: {first} and {second}")
    return f"two builds of one commit, sha256 {first[:16]}... both"


def upgrades_from_an_older_schema():
    """The program of before the newest migration, then this one on its database, then the way back to both."""
    ours = Clone("upgrade")
    still = scratch / "still"
    still.mkdir()
    (still / "carillon.yaml").write_text("version: 1\njobs:\n  fetch: { cron: \"0 0 1 1 *\" }" + CHAIN)
    with ours.variables.open("a") as file:
        file.write(f"SCHEDULES_DIR={still}\n")

    def schema():
        database = sqlite3.connect(f"file:{ours.volume() / 'carillon.db'}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute("PRAGMA user_version").fetchone()[0]
        finally:
            database.close()

    def orders():
        return sorted(order["id"] for order in json.loads(ours.carillon("orders", "--json").stdout)["orders"])

    with ours.taken_down():
        run("docker", "tag", OLDER, "carillon-trial:latest")
        ours.script("deploy-production", "--image", OLDER)
        ours.carillon("job", "run", "fetch", "--chain")
        before = orders()
        if not before:
            raise Failed("the older version has sent no order")
        old = schema()
        ours.script("deploy-production", "--image", IMAGE)
        if ours.state() != [image_id(IMAGE), "healthy"] or orders() != before:
            raise Failed(f"after the upgrade: {ours.state()}, orders {orders()}, before {before}")
        new = schema()
        if new <= old:
            raise Failed(f"the schema was {old} and is {new}: nothing migrated")
        told = ours.script("rollback")
        if ours.state() != [image_id(OLDER), "healthy"] or "trading is halted" not in told or orders() != before:
            raise Failed(f"after the way back: {ours.state()}, orders {orders()}\n{told}")
        kept = [path.name for path in ours.volume().glob("carillon.db.before-*")]
        if not kept:
            raise Failed("the newer file was not kept")
    return f"schema {old} to {new} with {len(before)} orders, healthy; and back by the snapshot, halted, the newer file kept"


CERTBOT = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends certbot && rm -rf /var/lib/apt/lists/*
"""
# The ACME server, and the proxy under the name that its certificate is for.
ACME = """
services:
  proxy:
    networks:
      edge: { aliases: [%(name)s] }
  pebble:
    image: pebble
    command: [pebble, -config, /trial/pebble.json]
    environment: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" }
    volumes: ["%(trial)s:/trial:ro"]
    networks: [edge]
"""


def takes_certificates_of_an_authority():
    """certbot against pebble: a certificate, and its renewal, both answered and then served by the running nginx."""
    if not TOOL:
        return "left out: an ACME server is packed by the tool alone"
    trial, secrets, certificates = scratch / "acme", scratch / "acme-secrets", scratch / "acme-certificates"
    trial.mkdir()
    os.environ.update({"SECRETS_DIR": str(secrets), "CERTIFICATES_DIR": str(certificates), "SERVER_NAME": NAME,
                       "HTTP_PORT": str(HTTP_PORT), "HTTPS_PORT": str(HTTPS_PORT)})
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pebble", "-addext",
        "subjectAltName=DNS:pebble", "-keyout", trial / "key.pem", "-out", trial / "cert.pem")
    (trial / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "certificate": "/trial/cert.pem",
        "privateKey": "/trial/key.pem", "httpPort": 8080, "tlsPort": 8443}}))
    for path in trial.iterdir():
        path.chmod(0o644)
    (scratch / "acme.yml").write_text(ACME % {"name": NAME, "trial": trial})
    words = [*compose_words("proxy"), "-f", scratch / "acme.yml"]
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(DAILY)
    run(ROOT / "scripts/deploy/make-secrets", "--dir", secrets, "--name", NAME)
    files = os.pathsep.join(str(word) for word in words if str(word).endswith(".yml"))

    def served():
        """The serial and issuer of the certificate that a browser is shown."""
        text = run("sh", "-c", f"{TOOL} inside openssl s_client -connect 127.0.0.1:{HTTPS_PORT} -servername {NAME} </dev/null "
                   "2>/dev/null | openssl x509 -noout -serial -issuer").stdout.split("\n")
        return text[0], text[1]

    def certbot(*arguments):
        run("docker", "run", "--rm", "--network", f"{PROJECT}_edge", "-v", f"{trial}:/trial:ro", "-v",
            f"{scratch / 'letsencrypt'}:/etc/letsencrypt", "-v", f"{PROJECT}_acme:/var/www/acme", "-e",
            "REQUESTS_CA_BUNDLE=/trial/cert.pem", "certbot-trial", "certbot", "--non-interactive", "--server",
            "https://pebble:14000/dir", *arguments)
        # What certbot runs as its hook, on the host.
        run(ROOT / "scripts/deploy/take-certificate",
            env=os.environ | {"COMPOSE_FILE": files, "RENEWED_LINEAGE": str(scratch / "letsencrypt/live" / NAME)})

    with taken_down(words):
        run(*words, "up", "--detach", "--pull", "never", "--no-build")
        own = until("the self-signed certificate is served", 60, served)
        proxy = run(*words, "ps", "--quiet", "proxy").stdout.strip()
        began = run("docker", "inspect", "--format", "{{.State.StartedAt}}", proxy).stdout
        certbot("certonly", "--webroot", "--webroot-path", "/var/www/acme", "--domain", NAME, "--agree-tos",
                "--register-unsafely-without-email")
        first = until("the authority's certificate is served", 20, lambda: (lambda seen: seen if "Pebble" in seen[1] else None)(served()))
        certbot("renew", "--force-renewal", "--no-random-sleep-on-renew")
        second = until("the renewed one is served", 20, lambda: (lambda seen: seen if seen[0] != first[0] else None)(served()))
        if "Pebble" not in second[1] or own[0] in (first[0], second[0]):
            raise Failed(f"served: {own}, {first}, {second}")
        if run("docker", "inspect", "--format", "{{.State.StartedAt}}", proxy).stdout != began:
            raise Failed("nginx was started anew")
        # A key of somebody else is refused, and what is served stays.
        wrong = scratch / "wrong"
        wrong.mkdir()
        shutil.copy(trial / "key.pem", wrong / "privkey.pem")
        shutil.copy(certificates / "fullchain.pem", wrong / "fullchain.pem")
        refused = run(ROOT / "scripts/deploy/take-certificate", "--lineage", wrong, check=False)
        if refused.returncode != 65 or served() != second:
            raise Failed(f"a pair that is none: exit {refused.returncode}\n{refused.stdout}")
    return "self-signed, then certbot's by an ACME server, then renewed; nginx served each, and ran on"


def costs_so_much_when_idle():
    """Time to healthy, memory and processor of each service, with nothing due for a day: for docs/BENCHMARKS.md."""
    secrets = scratch / "idle-secrets"
    os.environ.update({"SECRETS_DIR": str(secrets), "CERTIFICATES_DIR": str(scratch / "idle-certificates"), "SERVER_NAME": NAME,
                       "HTTP_PORT": str(HTTP_PORT), "HTTPS_PORT": str(HTTPS_PORT), "DASHBOARD_PORT": str(PORT + 1)})
    run(ROOT / "scripts/deploy/make-secrets", "--dir", secrets, "--name", NAME)
    told = []
    for overlays, services in (((), ["carillon"]), (("dashboard",), ["carillon", "dashboard"]), (("proxy",), ["carillon", "proxy"]),
                               (("monitoring",), ["carillon", "prometheus", "alertmanager", "node-exporter"])):
        words = compose_words(*overlays)
        compose("down", "--volumes", "--timeout", "20", check=False)
        set_schedule(DAILY)
        with taken_down(words):
            began = time.monotonic()
            run(*words, "up", "--detach", "--pull", "never", "--no-build", *services)
            found = {name: run(*words, "ps", "--quiet", name).stdout.strip() for name in services}
            until("all are healthy", 120, lambda found=found: all("healthy" == run(
                "docker", "inspect", "--format", "{{.State.Health.Status}}", one).stdout.strip() for one in found.values()))
            healthy = time.monotonic() - began
            time.sleep(IDLE_SECONDS / 3)
            before, since = used(found), time.monotonic()
            time.sleep(IDLE_SECONDS)
            after, span = used(found), time.monotonic() - since
            told.append(f"{'+'.join(overlays) or 'alone'}: healthy after {healthy:.0f} s; " + ", ".join(
                f"{name} {after[name][1] / 1e6:.0f} MB {100 * (after[name][0] - before[name][0]) / span:.2f} %" for name in services))
    if run("docker", "image", "inspect", PEER_IMAGE, check=False).returncode == 0:
        told.append(idle_peer())
    return "\n      ".join(told)


def used(containers):
    """By name, the processor seconds and resident bytes of what containers hold, without what looks at their health."""
    figures = {}
    for name, container in containers.items():
        path = pathlib.Path("/proc") / run("docker", "inspect", "--format", "{{.State.Pid}}", container).stdout.strip() / "stat"
        fields = path.read_text().rsplit(")", 1)[1].split()
        children = list(path.parent.glob("task/*/children"))
        memory = int(fields[21])
        for child in " ".join(file.read_text() for file in children).split():
            with contextlib.suppress(OSError):
                memory += int(pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[21])
        # Its own time, and that of children that it waited for.
        figures[name] = (sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK"), memory * os.sysconf("SC_PAGE_SIZE"))
    return figures


FREQTRADE = "freqtrade==2026.9"
PEER_IMAGE = "freqtrade-on-debian"
PEER = f"""FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv
COPY wheels /wheels
RUN python3 -m venv /peer && /peer/bin/pip install --quiet --no-index --find-links /wheels {FREQTRADE}
COPY config.json /home/config.json
COPY hold.py /home/user_data/strategies/hold.py
WORKDIR /home
ENTRYPOINT ["/peer/bin/freqtrade", "trade", "-c", "config.json", "--userdir", "user_data", "--strategy", "Hold"]
"""


def idle_peer():
    """freqtrade, which trades on paper at an exchange of ours in the same network."""
    box, peer = PROJECT + "-box", PROJECT + "-peer"
    try:
        run("docker", "run", "--detach", "--name", box, "--pull", "never", IMAGE, "exchange", "--venue", "binance", "--port", "9050")
        began = time.monotonic()
        run("docker", "run", "--detach", "--name", peer, "--pull", "never", "--network", f"container:{box}", PEER_IMAGE)
        until("freqtrade trades", 120, lambda: "state='RUNNING'" in run("docker", "logs", peer).stdout)
        healthy = time.monotonic() - began
        time.sleep(IDLE_SECONDS / 3)
        before, since = used({"freqtrade": peer}), time.monotonic()
        time.sleep(IDLE_SECONDS)
        after, span = used({"freqtrade": peer})["freqtrade"], time.monotonic() - since
        return (f"peer, not in its own image: runs after {healthy:.0f} s; freqtrade {after[1] / 1e6:.0f} MB "
                f"{100 * (after[0] - before['freqtrade'][0]) / span:.2f} %")
    finally:
        run("docker", "rm", "--force", peer, box, check=False)


# Health wants 64 MiB free.
SMALL = """
volumes:
  data:
    driver: local
    driver_opts: { type: tmpfs, device: tmpfs, o: "size=192m,uid=1000,gid=1000,mode=755" }
"""


def shows_developers_the_database():
    """compose.dev.yml: datasette beside the service, from a mount that nobody can write to."""
    os.environ.update({"DEV_IMAGE": FULL, "DATASETTE_PORT": str(PORT + 2), "CONFIG_DIR": str(scratch / "config")})
    (scratch / "config").mkdir(exist_ok=True)
    words = compose_words("dev")
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    with taken_down(words):
        run(*words, "up", "--detach", "--pull", "never", "--no-build")
        until("a whole chain", 60, runs_of("rebalance", "succeeded"))
        browser = run(*words, "ps", "--quiet", "datasette").stdout.strip()
        until("the browser is healthy", 60, lambda: run(
            "docker", "inspect", "--format", "{{.State.Health.Status}}", browser).stdout.strip() == "healthy")
        status, text = get("/carillon.json?sql=select+count(*)+as+n+from+run&_shape=array", PORT + 2)
        counted = json.loads(text)[0]["n"] if status == 200 else 0
        if counted < 1:
            raise Failed(f"the browser: {status} {text[:500]}")
        # What it shows is what is there now, not when it was started.
        until("it shows what came after", 60, lambda: json.loads(
            get("/carillon.json?sql=select+count(*)+as+n+from+run&_shape=array", PORT + 2)[1])[0]["n"] > counted)
        if any(mount["RW"] for mount in json.loads(run("docker", "inspect", "--format", "{{json .Mounts}}", browser).stdout)):
            raise Failed("it may write")
        whole = check_whole()
    return f"datasette counts runs as they come, and may not write; {whole}"


def outlives_a_full_disk():
    """The volume has no room left, and then has again: told, nothing lost, no restart."""
    (scratch / "small.yml").write_text(SMALL)
    words = [*compose_words(), "-f", scratch / "small.yml"]
    compose("down", "--volumes", "--timeout", "20", check=False)
    set_schedule(BUSY)
    with taken_down(words):
        run(*words, "up", "--detach", "--pull", "never", "--no-build")
        until("a whole chain", 60, runs_of("rebalance", "succeeded"))
        until("healthy", 60, lambda: health() == "healthy")
        done = one("SELECT count(*) FROM run WHERE state = 'succeeded'")[0]
        filler = folder() / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(65536))
                file.flush()
        until("unhealthy", 90, lambda: health() == "unhealthy")
        told = carillon("health", check=False)
        if told.returncode != 1 or "disk" not in told.stdout.lower():
            raise Failed(f"health of a full disk: exit {told.returncode}\n{told.stdout}")
        line = next(line for line in told.stdout.splitlines() if "disk" in line.lower()).strip()
        filler.unlink()
        until("healthy again", 90, lambda: health() == "healthy")
        until("work goes on", 60, lambda: one("SELECT count(*) FROM run WHERE state = 'succeeded'")[0] > done)
        if inspect("{{.RestartCount}}") != "0":
            raise Failed(f"it was started anew {inspect('{{.RestartCount}}')} times")
        whole = check_whole()
    return f"told ({line}), then healthy and at work again without a restart; {whole}"


# What somebody who follows the document writes into deploy/.env with the editor.
STRANGERS_SETTINGS = f"""COMPOSE_FILE=compose.yml:compose.proxy.yml:compose.monitoring.yml
SERVER_NAME={NAME}
HTTP_PORT={HTTP_PORT}
HTTPS_PORT={HTTPS_PORT}
GRAFANA_IMAGE=grafana-stand-in
COMPOSE_PROJECT_NAME={PROJECT}-stranger
"""
# There is no package of Grafana to try: something that answers where it does, for what waits for it.
GRAFANA = """FROM mail-receiver
RUN ln -s /bin/true /usr/bin/wget
ENTRYPOINT ["python3", "-m", "http.server", "3000", "--directory", "/tmp"]
"""
# Lines of the checklist that this machine cannot hold: there is no time server, no channel of a person, no thirty days, and the
# alerts are those of a service that has just been started.
NOT_HERE = ("NTP", "Doctor finds nothing", "Nothing waits", "it arrives", "Thirty days")


def a_stranger_follows_the_document():
    """The blocks of docs/DEPLOYMENT.md, On a server, typed as they stand: to a paper trader with proxy, monitoring and alerts."""
    home = scratch / "stranger"
    (home / "bin").mkdir(parents=True)
    (home / "bin/editor").write_text(f"#!/bin/sh\ncat >>\"$1\" <<'END'\n{STRANGERS_SETTINGS}END\n")
    (home / "bin/editor").chmod(0o755)
    context = home / "grafana"
    context.mkdir()
    (context / "Dockerfile").write_text(GRAFANA)
    run("docker", "build", "--quiet", "--tag", "grafana-stand-in", context)
    text = (ROOT / "docs/DEPLOYMENT.md").read_text().split("\n## On a server\n")[1].split("```sh\n")[1].split("```")[0]
    lines = [line.split("   #")[0].strip().replace("REPOSITORY", str(ROOT)).replace("trader.example.org", NAME)
             for line in text.splitlines()]
    others = ("SECRETS_DIR", "SERVER_NAME", "CERTIFICATES_DIR", "HTTP_PORT", "HTTPS_PORT", "DASHBOARD_PORT", "ACT_AT")
    environment = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT and key not in others}
    environment |= {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "HOME": str(home)}
    if run("docker", "image", "inspect", "carillon:program", check=False).returncode == 0:
        environment["PROGRAM_FROM"] = "carillon:program"
    if TOOL:
        # As the suite built: else no layer is taken from then, and here is no archive to install from.
        environment["DOCKER_BUILD_NETWORK"] = "host"
    folder, told = home, []
    began = time.monotonic()

    def ask(port, path):
        program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
        return json.loads(run(*([TOOL, "inside"] if TOOL else []), sys.executable, "-c", program,
                              f"http://127.0.0.1:{port}{path}").stdout)

    # Compose finds deploy/.env, and in it the files, from that folder.
    down = ["sh", "-c", f"cd {home / 'carillon/deploy'} && exec docker compose \"$@\"", "compose"]
    with taken_down(down, env=environment):
        for line in lines:
            since = time.monotonic()
            done = run("bash", "-c", line, check=False, limit=BUILD_LIMIT_SECONDS, cwd=folder, env=environment)
            told.append(f"{time.monotonic() - since:.0f} s {line[:60]}")
            if "checklist" in line:
                missed = [row for row in done.stdout.splitlines() if row.startswith("✗") and not any(word in row for word in NOT_HERE)]
                if missed or " hold, " not in done.stdout:
                    raise Failed(f"the checklist: {missed}\n{done.stdout[-3000:]}")
                told.append(done.stdout.splitlines()[-1])
            elif done.returncode != 0:
                raise Failed(f"{line}: exit {done.returncode}\n{done.stdout[-3000:]}")
            if line.startswith("git clone"):
                folder = home / "carillon"
        # Proxied, monitored, alerting.
        answer = run(*([TOOL, "inside"] if TOOL else []), "curl", "--silent", "--show-error", "--cacert",
                     folder / "deploy/certificates/fullchain.pem", "--resolve", f"{NAME}:{HTTPS_PORT}:127.0.0.1", "--write-out",
                     "%{http_code} %{redirect_url}", "--output", "/dev/null", f"https://{NAME}:{HTTPS_PORT}/").stdout
        if not answer.startswith("303 ") or "/login" not in answer:
            raise Failed(f"the pages behind the proxy: {answer}")
        until("every target is up", 90, lambda: {"up"} == {
            target["health"] for target in ask(9090, "/api/v1/targets")["data"]["activeTargets"]})
        until("an alert reaches Alertmanager", ALERT_SECONDS, lambda: "Watchdog" in [
            alert["labels"]["alertname"] for alert in ask(9093, "/api/v2/alerts")])
    return f"in {(time.monotonic() - began) / 60:.0f} min, proxied, monitored, alerting: " + "; ".join(told)


def outlives_its_engine():
    """A reboot of the host, as far as an engine of our own can show it: stopped with all in it, and started again."""
    if not TOOL:
        return "left out: the engine is not ours to stop"
    fresh(BUSY)
    until("a whole chain", 60, runs_of("rebalance", "succeeded"))
    done = one("SELECT count(*) FROM run WHERE state = 'succeeded'")[0]
    engine("isolate", quiet=False)
    until("it is back", 90, lambda: health() == "healthy")
    until("work goes on", 60, lambda: one("SELECT count(*) FROM run WHERE state = 'succeeded'")[0] > done)
    return f"back and healthy; {check_whole()}"


# What `make prove-deploy` adds to the gate's.
LONG_STEPS = [
    is_the_same_when_built_again,
    deploys_and_takes_it_back, upgrades_from_an_older_schema, takes_certificates_of_an_authority, outlives_a_full_disk,
    shows_developers_the_database, shares_one_login,
    costs_so_much_when_idle, a_stranger_follows_the_document, outlives_its_engine,
]


def waits_and_tells_every_mistake():
    def start(*words):
        done = run("docker", "run", "--rm", "--network=none", *words, IMAGE, "run", check=False, limit=60)
        return done.returncode, done.stdout

    code, told = start("-e", "CARILLON_WAIT_FOR=tcp://127.0.0.1:9", "-e", "CARILLON_WAIT_LIMIT=2s")
    if code != 69 or "tcp://127.0.0.1:9" not in told or "CARILLON_WAIT_LIMIT" not in told:
        raise Failed(f"waiting for what is not there: exit {code}\n{told}")
    code, told = start("-e", "CARILLON_LOG__LEVEL=loud", "-e", "CARILLON_WEB__PROT=1", "-e", "CARILLON_WORKERS=none")
    if code != 78 or not all(name in told for name in ("CARILLON_LOG__LEVEL", "CARILLON_WEB__PROT", "CARILLON_WORKERS")):
        raise Failed(f"three mistakes: exit {code}\n{told}")
    return "69 after its limit, naming what does not answer; 78 naming three mistakes at once"


STEPS = [
    image_is_small_and_plain, image_has_what_a_c_library_asks_for, comes_up_healthy, comes_back_after_kill, finishes_the_job_in_flight,
    follows_an_edited_schedule, runs_programs_as_process_one,
    tells_of_a_stale_job, names_the_mend_of_a_wrong_owner, waits_and_tells_every_mistake, shows_itself_through_the_proxy,
    shows_itself_from_a_second_process, runs_with_all_its_overlays,
]


# --- the suite ----------------------------------------------------------------------------------------------------

MAIL_RECEIVER = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3-aiosmtpd && rm -rf /var/lib/apt/lists/*
"""
NEIGHBOURS = ("nginx:1.22", "prom/prometheus:v2.42.0", "prom/alertmanager:v0.25.0", "prom/node-exporter:v1.5.0")


TOOLCHAIN = "swift:6.3-bookworm"


def prepare(toolchain):
    """The engine, on the host's network, with its base images. The tool packs the toolchain into an image as well, which takes
    longest: where nothing is compiled, a name that stands for nothing keeps it from that."""
    nothing = None
    if not toolchain:
        engine("isolate")
        if run("docker", "image", "inspect", TOOLCHAIN, check=False).returncode != 0:
            with tempfile.NamedTemporaryFile(suffix=".tar") as file:
                tarfile.open(file.name, "w").close()
                nothing = run("docker", "import", file.name, TOOLCHAIN).stdout.strip()
    engine("prepare", limit=1200, quiet=False)
    if nothing:
        run("docker", "image", "rm", TOOLCHAIN)
    with_updates()


BASE = "debian:bookworm-slim"
# Debian's archive as the base image of upstream names it.
SOURCES = """Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
UPDATED = f"""FROM {BASE}
COPY debian.sources /etc/apt/sources.list.d/debian.sources
RUN rm -f /etc/apt/sources.list && apt-get update && apt-get upgrade --yes && rm -rf /var/lib/apt/lists/*
LABEL updates=yes
"""


def with_updates():
    """The tool's base image knows the release alone; upstream's also Debian's updates and security, which the scan asks for."""
    if run("docker", "image", "inspect", "--format", "{{.Config.Labels.updates}}", BASE, check=False).stdout.strip() == "yes":
        return
    context = scratch / "base"
    context.mkdir()
    # This machine's own sources where it is Debian 12: they are what can be reached.
    mine = pathlib.Path("/etc/apt/sources.list.d/debian.sources")
    text = mine.read_text() if mine.exists() else ""
    (context / "debian.sources").write_text(text if "bookworm-security" in text else SOURCES)
    (context / "Dockerfile").write_text(UPDATED)
    engine("build", "--quiet", "--tag", BASE, context, limit=600)


def neighbours(everything):
    """The images beside ours: upstream's own where a registry answers, else the tool's stand-ins."""
    if TOOL:
        engine("services", "mail", "nginx", "prometheus", "alertmanager", "node-exporter", limit=900)
        if everything:
            engine("services", "pebble", limit=600)
            context = scratch / "certbot"
            context.mkdir()
            (context / "Dockerfile").write_text(CERTBOT)
            engine("build", "--quiet", "--tag", "certbot-trial", context, limit=600)
            datasette()
            freqtrade()
        return
    for name in NEIGHBOURS:
        if run("docker", "image", "inspect", name, check=False).returncode != 0:
            run("docker", "pull", "--quiet", name, limit=600)
    receiver = scratch / "receiver"
    receiver.mkdir()
    (receiver / "Dockerfile").write_text(MAIL_RECEIVER)
    return run("docker", "build", "--quiet", "--tag", "mail-receiver", receiver, limit=600)


def datasette():
    """The browser of compose.dev.yml; its packages are fetched by this machine's pip, which knows where they are."""
    context = scratch / "datasette"
    shutil.copytree(ROOT / "deploy/datasette", context)
    run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--python-version",
        "3.11", "--dest", context / "wheels", "--requirement", context / "requirements.txt", limit=600)
    words = ["--quiet", "--tag", "carillon-datasette:latest", "--build-arg", "PIP_OPTIONS=--no-index --find-links wheels", context]
    if TOOL:
        engine("build", *words, limit=600)
    else:
        run("docker", "build", *words, limit=600)


def freqtrade():
    """The peer of BENCHMARKS.md, out of PyPI on Debian: this is not its own image, and its size says nothing."""
    context = scratch / "freqtrade"
    context.mkdir()
    # Some of its packages are to be had as sources alone.
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--wheel-dir", context / "wheels", FREQTRADE, limit=900)
    (context / "hold.py").write_text(web.STRATEGY)
    (context / "config.json").write_text(json.dumps(web.freqtrade_settings("http://127.0.0.1:9050", 8080)))
    (context / "Dockerfile").write_text(PEER)
    engine("build", "--quiet", "--tag", PEER_IMAGE, context, limit=900)


def build_for_developers():
    """The debug build of compose.dev.yml, and again after one file has changed: how long whoever changes the program waits."""
    context = scratch / "develop"
    shutil.copytree(ROOT / "Sources", context / "Sources")
    for name in ("Package.swift", "deploy", "schedules", "models", ".dockerignore"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, context / name)
    words = ["--tag", "carillon:suite-develop", "--target", "develop", "--file", context / "deploy/Dockerfile", context]
    times = []
    for change in ("", "// a change\n"):
        with (context / "Sources/Domain/Version.swift").open("a") as file:
            file.write(change)
        began = time.monotonic()
        if TOOL:
            engine("build", "--progress=plain", *words, limit=BUILD_LIMIT_SECONDS)
        else:
            run("docker", "build", *words, limit=BUILD_LIMIT_SECONDS)
        times.append(time.monotonic() - began)
    print(f"for developers: built in {times[0]:.0f} s, after a change of one file in {times[1]:.0f} s", flush=True)


def program_image(program):
    """An image that has a program as the first stage of deploy/Dockerfile leaves it."""
    context = scratch / "program"
    context.mkdir()
    shutil.copy2(program, context / "carillon")
    shutil.copy2(ROOT / "Package.resolved", context / "carillon.resolved")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY carillon carillon.resolved /\n")
    run("docker", "build", "--quiet", "--tag", "carillon:program", context, limit=600)
    shutil.rmtree(context)
    return "carillon:program"


def build(program):
    began = time.monotonic()
    source = program_image(program) if program else os.environ.get("PROGRAM_FROM")
    if not source:
        # One of an earlier time would be taken by whoever deploys in a step.
        run("docker", "image", "rm", "--force", "carillon:program", check=False)
    for tag, target in ((IMAGE, "slim"), (FULL, "full")):
        words = ["--tag", tag, "--target", target, "--file", ROOT / "deploy/Dockerfile", ROOT]
        if source:
            words = ["--build-arg", f"PROGRAM_FROM={source}", *words]
        if TOOL:
            engine("build", "--progress=plain", *words, limit=BUILD_LIMIT_SECONDS)
        else:
            run("docker", "build", *words, limit=BUILD_LIMIT_SECONDS)
    print(f"images built in {time.monotonic() - began:.0f} s, {f'around {program}' if program else 'out of the sources'}", flush=True)


def main():
    options = set(sys.argv[1:])
    everything = "--all" in options
    program = pathlib.Path(os.environ["PROGRAM"]).resolve() if "PROGRAM" in os.environ and not everything else None
    wanted = {word for word in options if not word.startswith("-")}
    schedules.mkdir()
    scratch.chmod(0o755)
    (scratch / "override.yml").write_text(OVERRIDE)
    os.environ.update(ENVIRONMENT)
    failed = []
    try:
        if TOOL:
            began = time.monotonic()
            engine("install", limit=600)
            lines = engine("env").stdout.replace("export ", "").split()
            os.environ.update(dict(line.split("=", 1) for line in lines))
            if "--no-build" not in options:
                prepare(toolchain=program is None)
                print(f"engine ready in {time.monotonic() - began:.0f} s", flush=True)
        if "--no-build" not in options:
            neighbours(everything)
            build(program)
            if everything:
                build_older()
                build_again()
                build_for_developers()
        if TOOL:
            engine("isolate", quiet=False)
        for step in STEPS + (LONG_STEPS if everything or wanted else []):
            if wanted and step.__name__ not in wanted:
                continue
            began = time.monotonic()
            name = step.__name__.replace("_", " ")
            try:
                print(f"ok    {name} ({{:.0f}} s): {{}}".format(*(lambda seen: (time.monotonic() - began, seen))(step())),
                      flush=True)
            except FAILURES as error:
                failed.append(name)
                print(f"FAIL  {name} ({time.monotonic() - began:.0f} s): {error}\n{getattr(error, 'scene', None) or scene()}",
                      flush=True)
    except (Failed, OSError, subprocess.TimeoutExpired) as error:
        failed.append("setting up")
        print(f"FAIL  {error}", flush=True)
    finally:
        if "--keep" not in options:
            compose("down", "--volumes", "--timeout", "20", check=False)
            if TOOL:
                engine("stop", check=False, quiet=False)
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"container suite: {'FAILED: ' + ', '.join(failed) if failed else 'passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
