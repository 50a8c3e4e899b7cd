"""Kills in what the service and commands do beside the chain: a run by hand that a slot waits for, snapshots, edits."""
import json
import random
import re
import time

from kill_ledger import FINAL, HEADS_MS

# What is waited for at most, on a machine with other work.
LIMIT_SECONDS = 60
POLL_SECONDS = 0.001


def hours_away():
    """When a job is due of which nothing new may fall due meanwhile."""
    return f'cron: "0 {(time.gmtime().tm_hour + 12) % 24} * * *"'


class Stuck(Exception):
    """What must come about, and did not."""


def until(holds, what, limit=LIMIT_SECONDS):
    """Waits until something holds, and returns it."""
    end = time.monotonic() + limit
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise Stuck(f"{what} did not come about within {limit} s")
        time.sleep(POLL_SECONDS)


class Operations:
    """Each method aims one kill, holds what must be true right after it, and returns whether it fell inside.

    A kill comes at a random part of the time that the operation took when it was let be.
    """

    def __init__(self, loop):
        self.loop = loop
        self.random = random.Random(f"{loop.options.seed} operations")
        self.spans = {}
        self.version = 0

    KINDS = ["a run by hand that a slot waits for", "a snapshot", "an edit of the schedule"]

    def aim(self, kind):
        self.loop.ready()
        return {
            self.KINDS[0]: self.slot_waits, self.KINDS[1]: self.snapshot, self.KINDS[2]: self.edit,
        }[kind]()

    def pause(self, kind):
        time.sleep(self.random.uniform(0, self.spans[kind]))

    def rows(self, statement, *arguments):
        database = self.loop.connect()
        try:
            return database.execute(statement, arguments).fetchall()
        finally:
            database.close()

    # --- a run by hand, killed while a slot of its job waits ---

    def slot_waits(self):
        loop, span = self.loop, HEADS_MS["slow"] // 1000
        # The run by hand begins a second before a slot, and has a second of its own that is no slot's.
        time.sleep((span - 1 - time.time() % span) % span)
        second = int(time.time())
        second -= second % span == 0
        waiting = (int(time.time()) // span + 1) * span
        slot, next_slot = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (second, waiting))
        hold = loop.folder / f"hold-{slot}"
        hold.touch()
        manual = loop.popen("job", "run", "slow", "--at", slot, "--wait", "30s")
        try:
            until(lambda: f"begin {slot}" in self.journal() or manual.poll() is not None, "a run of `slow` by hand")
            time.sleep(max(0, waiting - time.time()) + self.random.uniform(0.05, 1.5))
            loop.check_alive()
            has_waited = manual.poll() is None and not self.rows(
                "SELECT 1 FROM run WHERE job = 'slow' AND slot = ? AND started IS NOT NULL", waiting * 1000)
            killed = time.time() * 1000
            loop.kill(manual, "a run by hand that a slot waits for")
            has_daemon = self.random.random() < 0.7
            if not has_daemon:
                time.sleep(self.random.uniform(0, 0.5))
                loop.kill_daemon()
                loop.ready()
            until(lambda: self.rows("SELECT 1 FROM attempt JOIN run ON run.id = run WHERE job = 'slow' AND slot = ? "
                                    "AND attempt.ended IS NOT NULL", second * 1000), "the end of a killed attempt")
        finally:
            hold.unlink()
        if not has_waited:
            return False
        until(lambda: len(self.rows("SELECT 1 FROM run WHERE job = 'slow' AND slot IN (?, ?) AND state IN "
                                    f"({','.join(repr(state) for state in sorted(FINAL))})",
                                    second * 1000, waiting * 1000)) == 2, f"the ends of {slot} and {next_slot}")
        ends = dict(self.rows("SELECT slot, state FROM run WHERE job = 'slow' AND slot IN (?, ?)",
                              second * 1000, waiting * 1000))
        tries = {at * 1000: self.rows("SELECT attempt.outcome, attempt.started FROM attempt JOIN run ON run.id = run "
                                      "WHERE job = 'slow' AND slot = ? ORDER BY n", at * 1000)
                 for at in (second, waiting)}
        by_hand, due = tries[second * 1000], tries[waiting * 1000]
        # The service that took it over may have been killed in turn.
        deaths = 1 if has_daemon else max(1, len(by_hand) - 1)
        loop.expect(ends[second * 1000] == "succeeded" and deaths <= 2
                    and [t[0] for t in by_hand] == ["crashed"] * deaths + ["succeeded"],
                    f"slow@{slot}, run by hand and killed: {ends[second * 1000]}, attempts {by_hand}")
        loop.expect("a run by hand was interrupted" in loop.log.read_text(errors="replace") or not has_daemon,
                    f"the service that took slow@{slot} over does not tell so")
        allowed = [["succeeded"]] + ([] if has_daemon else [["crashed", "succeeded"]])
        loop.expect(ends[waiting * 1000] == "succeeded" and [t[0] for t in due] in allowed and due[0][1] >= killed - 50,
                    f"slow@{next_slot}, which waited for a run that was killed at {killed:.0f}: "
                    f"{ends[waiting * 1000]}, attempts {due}")
        return True

    def journal(self):
        path = self.loop.folder / "journal"
        return path.read_text() if path.exists() else ""

    # --- a snapshot, by command or by the service ---

    def snapshot(self):
        kind, loop = "a snapshot", self.loop
        if kind not in self.spans:
            self.spans[kind] = self.measure_snapshot()
        before = self.newest_proven()
        if self.random.random() < 0.5:
            # Between two slots of the job, whose drafts would be taken for the command's.
            until(lambda: 0.5 < time.time() % 3 < 1.5 and not self.drafts(), "an end of snapshots")
            victim = loop.popen("snapshot", "create")
            until(lambda: self.drafts() or victim.poll() is not None, "a snapshot's draft")
        else:
            victim = loop.daemon
            until(self.drafts, "a snapshot's draft")
        self.pause(kind)
        is_inside = victim.poll() is None
        loop.check_alive()
        if victim is loop.daemon:
            loop.kill_daemon()
            is_inside = bool(self.drafts() or self.rows("SELECT 1 FROM run WHERE job = 'snapshot' AND state = 'running'"))
        else:
            loop.kill(victim, "snapshot create")
        # It goes only when a newer one is proven: those that a kill has left unproven do not count.
        newest = self.newest_proven()
        loop.expect(newest >= before, f"the newest proven snapshot was {before}, and is {newest or 'gone'} after a kill")
        if newest:
            done = loop.run_command("snapshot", "verify", newest)
            loop.expect(done.returncode == 0, f"snapshot verify {newest}: exit {done.returncode}: {done.stdout[-2000:]}")
        return is_inside

    def measure_snapshot(self):
        until(lambda: 0.5 < time.time() % 3 < 1.5 and not self.drafts(), "an end of snapshots")
        process = self.loop.popen("snapshot", "create")
        until(lambda: self.drafts() or process.poll() is not None, "a snapshot's draft")
        began = time.monotonic()
        process.communicate(timeout=LIMIT_SECONDS)
        return max(0.02, time.monotonic() - began)

    def drafts(self):
        folder = self.loop.folder / "snapshots"
        return [*folder.glob(".S*"), *folder.glob("*.draft")]

    def newest_proven(self):
        done = self.loop.run_command("snapshot", "list", "--json")
        self.loop.expect(done.returncode == 0, f"snapshot list: exit {done.returncode}: {done.stdout[-2000:]}")
        snapshots = json.loads(done.stdout)["snapshots"] if done.returncode == 0 else []
        return max((s["id"] for s in snapshots if s["verified"]), default="")

    # --- an edit of the schedules file, and what takes it up ---

    def edit(self):
        """The service in the middle of a reload, the command that asks for one, or the one that edits."""
        loop = self.loop
        victim = self.random.choice(["the service", "schedule reload", "schedule edit"])
        old = loop.schedules()
        self.version += 1
        new = re.sub(r'version [0-9]+"', f'version {self.version}"', old)
        starts = loop.starts
        is_inside = self.edit_by_command(new) if victim == "schedule edit" else self.edit_by_file(new, victim)
        found = loop.schedules()
        if found not in (old, new):
            raise Stuck(f"killed: {victim}: the schedules file is neither the old nor the new one:\n{found}")
        loop.ready()
        wanted = re.search("version [0-9]+", found).group()
        since = time.time() * 1000
        until(lambda: wanted in self.said_since(since), f"killed: {victim}: a run of the schedule in the file, {wanted}")
        # Who starts reads the file; who lives on may look at it up to 30 s later.
        if loop.starts > starts:
            said = self.said_since(since)
            loop.expect(said == {wanted}, f"killed: {victim}: the file says {wanted}, and `mark` {sorted(said)}")
        # What a killed editor has left does not hinder the next one, and goes with it.
        other = loop.folder / "edited"
        kept = [line for line in found.splitlines() if not line.startswith("# edited")]
        other.write_text("\n".join([*kept, f"# edited {self.version}", ""]))
        editor = f"cp {other}"
        done = loop.run_command("schedule", "edit", environment={"EDITOR": editor, "VISUAL": editor})
        loop.expect(done.returncode == 0 and loop.schedules() == other.read_text(),
                    f"schedule edit after a kill: exit {done.returncode}: {done.stdout[-2000:]}")
        left = [path.name for path in loop.folder.iterdir() if "schedules.yaml" in path.name[:15] and path.name != "schedules.yaml"]
        loop.expect(not left, f"an edit has left {left}")
        return is_inside

    def edit_by_command(self, new):
        kind, loop = "schedule edit", self.loop
        copy, other = loop.folder / "schedules.yaml.edit", loop.folder / "edited"

        def begin(text):
            other.write_text(text)
            editor = f"cp {other}"
            process = loop.popen("schedule", "edit", environment={"EDITOR": editor, "VISUAL": editor})
            until(lambda: copy.exists() or process.poll() is not None, "the copy that is edited")
            return process

        if kind not in self.spans:
            process, began = begin(loop.schedules()), time.monotonic()
            process.communicate(timeout=LIMIT_SECONDS)
            self.spans[kind] = max(0.01, time.monotonic() - began)
        process = begin(new)
        self.pause(kind)
        is_inside = process.poll() is None
        loop.kill(process, kind)
        # The editor of a killed command lives on until it has written.
        time.sleep(0.05)
        return is_inside

    def edit_by_file(self, new, victim):
        kind, loop = "a reload", self.loop
        if kind not in self.spans:
            began = time.monotonic()
            loop.write("schedules.yaml", loop.schedules() + "# looked at\n")
            loop.run_command("schedule", "reload")
            self.spans[kind] = max(0.02, time.monotonic() - began)
            loop.write("schedules.yaml", loop.schedules().replace("# looked at\n", ""))
            loop.run_command("schedule", "reload")
        before = self.reloads()
        loop.write("schedules.yaml", new)
        command = loop.popen("schedule", "reload")
        self.pause(kind)
        loop.check_alive()
        if victim == "the service":
            loop.kill_daemon()
            command.kill()
            command.communicate()
            # It tells when it is done.
            return self.reloads() == before
        is_inside = command.poll() is None
        loop.kill(command, victim)
        return is_inside

    def reloads(self):
        return self.loop.log.read_text(errors="replace").count("schedule reloaded")

    def said_since(self, moment):
        """What runs of `mark` at slots after a moment have printed."""
        return {line for (content,) in self.rows(
            "SELECT o.bytes FROM run_output o JOIN run ON run.id = o.run WHERE run.job = 'mark' AND run.slot > ? "
            "AND run.state = 'succeeded' AND o.stream = 'out'", int(moment)) for line in content.decode().splitlines()}
