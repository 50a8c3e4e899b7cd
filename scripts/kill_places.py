"""Kills in what changes a whole database: a restore, a migration, a pruning, each on copies of a place of its own."""
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from kill_operations import LIMIT_SECONDS, Stuck, hours_away, until

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The schema that the migrations begin at, held equal to the migrations by SchemaTests.
OLDER_SCHEMA = ROOT / "Tests/StoreTests/Golden/schema-005.sql"
OLDER_VERSION = 5
# What a demo of so many days leaves: runs, scores, orders, fills, postings, candles, two snapshots and more.
DEMO_DAYS = 2
# Runs that nothing names, so that pruning drops them: several steps of it.
OLD_RUNS = 6000
OLD_RUN_MS = 60_000
EPOCH_MS = 1_700_000_000_000

SETTINGS = """\
version: 1
database: { path: carillon.db }
venues: { demo: { kind: simulated, seed: 1 } }
accounts: { usdt-1h: { quote: USDT, cash: "10000", fee-bps: 10, slippage-bps: 5 } }
market: { venue: demo, symbols: [BTC-USDT], timeframe: 1h, features: { roc5: roc(5) } }
web: { port: 0 }
log: { format: json }
"""
PRUNING = "version: 1\njobs:\n  prune: {{ {due}, catchup: latest, with: {{ runs: 1d, scores: 1d }} }}\n"
# What the service notes of itself and of its jobs; of the audit what was there stays.
OWN_TABLES = {"audit", "service", "job_mark", "risk", "alert", "alert_event", "delivery", "delivery_total"}
# Of these pruning takes rows; all others it leaves as they are.
PRUNED_TABLES = {"run", "attempt", "run_output", "run_printed", "prediction", "run_total"}


class Contents:
    """All rows of a database, read from a copy: who closes the last connection would fold its log."""

    def __init__(self, path):
        with tempfile.TemporaryDirectory(prefix="carillon-kill-") as folder:
            copy = pathlib.Path(folder) / "copy.db"
            if not path.exists():
                raise Stuck(f"there is no {path.name} any more")
            shutil.copy(path, copy)
            log = path.with_name(path.name + "-wal")
            if log.exists():
                shutil.copy(log, copy.with_name("copy.db-wal"))
            database = sqlite3.connect(copy)
            self.integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
            self.version = database.execute("PRAGMA user_version").fetchone()[0]
            self.orphans = database.execute("PRAGMA foreign_key_check").fetchall()
            self.columns, self.rows = {}, {}
            for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
                cursor = database.execute(f'SELECT * FROM "{table}"')
                self.columns[table] = [column[0] for column in cursor.description]
                self.rows[table] = cursor.fetchall()
            database.close()

    def of(self, table, columns=None):
        """The rows of a table, sorted, with those columns alone."""
        columns = columns or self.columns[table]
        places = [self.columns[table].index(column) for column in columns]
        # A count that went up and down again, and one that never was, are the same.
        rows = (row for row in self.rows[table] if table != "order_total" or row[-1])
        return sorted((tuple(row[place] for place in places) for row in rows), key=repr)

    def differences(self, other, tables, columns=None):
        """The tables among those named whose rows are not the same."""
        return [table for table in sorted(tables) if table not in self.rows or table not in other.rows
                or self.of(table, columns and columns[table]) != other.of(table, columns and columns[table])]


class Places:
    KINDS = ["a restore", "a migration", "a pruning"]

    def __init__(self, loop):
        self.loop = loop
        self.random = random.Random(f"{loop.options.seed} places")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-places-"))
        self.here = self.folder / "here"
        self.process = None
        self.spans, self.references = {}, {}

    def __enter__(self):
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.loop.options.keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- the places ---

    def prepare(self):
        demo = self.folder / "demo"
        self.must(self.run("demo", "--out", str(demo), "--days", str(DEMO_DAYS), where=self.folder))
        database = self.folder / "demo.db"
        shutil.copy(demo / "carillon.db", database)
        self.demo = Contents(database)
        template = self.folder / "template"
        template.mkdir()
        (template / "carillon.yaml").write_text(SETTINGS)
        for name in ("snapshots", "models"):
            shutil.copytree(demo / name, template / name)
        shutil.copy(demo / "snapshot-signing.key", template)
        shutil.copytree(template, self.folder / "older")
        shutil.copy(database, template / "carillon.db")
        self.fill(template)
        self.make_older(database, self.folder / "older/carillon.db")

    def fill(self, template):
        """Old runs, committed and still in the log of the database, as a kill leaves it."""
        live = template / "live.db"
        (template / "carillon.db").rename(live)
        database = sqlite3.connect(live)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        first = database.execute("SELECT max(id) FROM run").fetchone()[0] + 1
        runs = [(first + n, EPOCH_MS + n * OLD_RUN_MS) for n in range(OLD_RUNS)]
        database.executemany(
            "INSERT INTO run (id, job, slot, state, result, \"trigger\", created, started, ended) "
            "VALUES (?, 'tick', ?, 'succeeded', 'done', 'cron', ?, ?, ?)", [(r, t, t, t, t + 5) for r, t in runs])
        database.executemany(
            "INSERT INTO attempt (run, n, holder, started, ended, outcome) VALUES (?, 1, 'old', ?, ?, 'succeeded')",
            [(r, t, t + 5) for r, t in runs])
        database.executemany(
            "INSERT INTO run_output (run, n, attempt, stream, written, bytes) VALUES (?, 1, 1, 'out', ?, ?)",
            [(r, t, f"tick {t}\n".encode()) for r, t in runs])
        database.executemany("INSERT INTO run_printed (job, slot, run) VALUES ('tick', ?, ?)", [(t, r) for r, t in runs])
        database.execute("INSERT INTO job_mark (job, slot, since, timing, success_slot, success_ended) "
                         "VALUES ('tick', ?, ?, 'every: 1m', ?, ?)", (runs[-1][1], EPOCH_MS, runs[-1][1], runs[-1][1] + 5))
        database.commit()
        # A copy of both while it is open: closing folds the log.
        shutil.copy(live, template / "carillon.db")
        shutil.copy(template / "live.db-wal", template / "carillon.db-wal")
        database.close()
        for file in template.glob("live.db*"):
            file.unlink()
        self.filled = Contents(template / "carillon.db")

    def make_older(self, database, path):
        """The rows of the demo in the older schema: what was added since is not there."""
        older = sqlite3.connect(path)
        older.executescript(OLDER_SCHEMA.read_text())
        older.execute("PRAGMA journal_mode = WAL")
        older.execute("ATTACH ? AS now", (str(database),))
        for (table,) in older.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            columns = [row[1] for row in older.execute(f"PRAGMA main.table_info({table})")]
            names = ", ".join(f'"{column}"' for column in columns)
            older.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM now.{table}")
        older.commit()
        older.close()
        self.older = Contents(path)

    def reset(self, template, schedules):
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(self.folder / template, self.here)
        (self.here / "schedules").mkdir()
        (self.here / "schedules/carillon.yaml").write_text(schedules)

    @staticmethod
    def at_rest():
        return PRUNING.format(due=hours_away())

    @property
    def path(self):
        return self.here / "carillon.db"

    # --- what runs there ---

    def start(self, *words):
        self.log = self.folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([str(self.loop.options.program), *words], cwd=self.here,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self.process

    def run(self, *words, where=None):
        return subprocess.run([str(self.loop.options.program), *words], cwd=where or self.here, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def must(self, done):
        if done.returncode:
            raise Stuck(f"{' '.join(map(str, done.args))}: exit {done.returncode}\n{done.stdout[-2000:]}")

    def serve(self, what):
        """Starts the service as it is after a kill, and stops it."""
        process = self.start("run", "--no-web")
        until(lambda: '"running"' in self.log.read_text(errors="replace") or process.poll() is not None, "a start")
        process.send_signal(signal.SIGTERM)
        code = process.wait(LIMIT_SECONDS)
        self.expect(code == 0, f"{what}: the service ends with {code}: {self.log.read_text(errors='replace')[-2000:]}")

    def rows(self, statement):
        """Rows of the database as it is; none where it is not there, or busy with its schema."""
        try:
            database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=0)
            try:
                return database.execute(statement).fetchall()
            finally:
                database.close()
        except sqlite3.Error:
            return []

    def expect(self, holds, what):
        self.loop.expect(holds, what)

    def expect_whole(self, what):
        found = Contents(self.path)
        self.expect(found.integrity == ["ok"], f"{what}: integrity_check: {found.integrity}")
        self.expect(not found.orphans, f"{what}: rows without their parents: {found.orphans[:5]}")
        return found

    def expect_same(self, what, found, wanted, tables, columns=None):
        different = found.differences(wanted, tables, columns)
        self.expect(not different, f"{what}: other rows than expected in {different}")

    def expect_clean(self, what):
        left = [str(path.relative_to(self.here)) for path in self.here.rglob("*")
                if path.name.endswith((".tmp", ".draft", "-journal")) or path.name.startswith(".carillon.db")]
        self.expect(not left, f"{what}: left behind: {left}")

    def kill_inside(self, kind, has_begun, is_done):
        """Kills what was started at a random moment between a beginning and an end that show from outside."""
        process = self.process
        until(lambda: has_begun() or process.poll() is not None, f"the beginning of {kind}")
        began = time.monotonic()
        if kind not in self.spans:
            until(lambda: is_done() or process.poll() is not None, f"the end of {kind}")
            self.spans[kind] = max(0.01, time.monotonic() - began)
        else:
            time.sleep(self.random.uniform(0, self.spans[kind]))
        is_inside = process.poll() is None
        if is_inside:
            process.kill()
        process.wait()
        is_inside = is_inside and not is_done()
        self.loop.counts[f"killed: {kind}"] += is_inside
        return is_inside

    # --- the kinds ---

    def aim(self, kind):
        aim = {self.KINDS[0]: self.restore, self.KINDS[1]: self.migration, self.KINDS[2]: self.pruning}[kind]
        if kind not in self.references:
            self.references[kind] = None
            aim(kind)  # lets it be, and measures how long it takes
        return aim(kind)

    def restore(self, kind):
        """The database is the old one or the restored one, and the restore can be done again."""
        self.reset("template", self.at_rest())
        command = ("snapshot", "restore", "S0001", "--force")
        self.start(*command)
        is_inside = self.kill_inside(
            kind, lambda: list(self.here.glob(".carillon.db.before-*")), lambda: "restored to" in self.log.read_text())
        found = self.expect_whole(kind)
        if self.references[kind] is None:
            self.references[kind] = found
        wanted, tables = self.references[kind], set(self.filled.columns) - OWN_TABLES
        if found.differences(self.filled, tables):
            self.expect_same(kind, found, wanted, tables)
        self.serve(kind)
        self.must(self.run(*command))
        self.expect_same(f"{kind}, done again", self.expect_whole(kind), wanted, tables)
        self.serve(f"{kind}, done again")
        self.expect_clean(kind)
        return is_inside

    def migration(self, kind):
        """All rows are there whenever it dies, and in the end what the migrations add is what the program had written."""
        self.reset("older", self.at_rest())
        command = self.random.choice([("run", "--no-web"), ("halt",)])
        # What the command itself notes is there where it was not killed before that.
        own = OWN_TABLES | ({"halt"} if command == ("halt",) else set())
        self.start(*command)
        log = self.path.with_name("carillon.db-wal")
        newest = self.demo.version
        is_inside = self.kill_inside(
            kind, lambda: log.exists() and log.stat().st_size,
            lambda: self.rows("PRAGMA user_version") == [(newest,)])
        found = self.expect_whole(kind)
        self.loop.counts[f"migrations cut at schema {found.version:02}"] += found.version < newest
        self.expect(OLDER_VERSION <= found.version <= newest, f"{kind}: schema {found.version}")
        self.expect_same(kind, found, self.older, set(self.older.columns) - own, self.older.columns)
        self.serve(kind)
        found = self.expect_whole(kind)
        self.expect(found.version == newest, f"{kind}: the next start leaves schema {found.version}")
        self.expect_same(f"{kind}, started again", found, self.demo, set(self.demo.columns) - own)
        audit = found.of("audit", ["id", "time", "kind", "text"])
        self.expect(set(self.older.of("audit", ["id", "time", "kind", "text"])) <= set(audit), f"{kind}: rows of the audit are gone")
        self.expect(self.run("db", "check").returncode == 0, f"{kind}: db check")
        self.expect_clean(kind)
        return is_inside

    def pruning(self, kind):
        """Steps are whole, the oldest go first, and of orders, fills, postings and all else nothing ever goes."""
        by_service = self.random.random() < 0.5
        self.reset("template", PRUNING.format(due="every: 1s") if by_service else self.at_rest())
        self.start(*(("run", "--no-web") if by_service else ("job", "run", "prune")))
        own = "FROM run WHERE job = 'prune'"
        is_inside = self.kill_inside(
            kind, lambda: self.rows(f"SELECT 1 {own} AND started IS NOT NULL"), lambda: self.rows(f"SELECT 1 {own} AND ended IS NOT NULL"))
        self.judge_pruning(kind, self.expect_whole(kind))
        (self.here / "schedules/carillon.yaml").write_text(self.at_rest())
        # The one that was killed is owed; whether it was or not, what is left goes with one more.
        self.serve(kind)
        self.must(self.run("job", "run", "prune"))
        found = self.expect_whole(kind)
        self.judge_pruning(f"{kind}, done again", found)
        kept = {(row[1], row[2]) for row in found.rows["run"] if row[1] != "prune"}, found.of("prediction")
        if self.references[kind] is None:
            self.references[kind] = kept
            ticks = [slot for job, slot in kept[0] if job == "tick"]
            self.expect(ticks == [EPOCH_MS + (OLD_RUNS - 1) * OLD_RUN_MS], f"{kind}: of old runs the newest success stays: {ticks}")
            self.expect(len(kept[1]) < len(self.filled.rows["prediction"]), f"{kind}: no scores were dropped")
        self.expect(kept == self.references[kind], f"{kind}: cut and done again, it keeps other rows than in one go")
        self.expect(self.run("db", "check").returncode == 0, f"{kind}: db check")
        return is_inside

    def judge_pruning(self, what, found):
        self.expect_same(what, found, self.filled, set(self.filled.columns) - OWN_TABLES - PRUNED_TABLES)
        place = {table: found.columns[table].index for table in PRUNED_TABLES}
        runs = {row[place["run"]("id")] for row in found.rows["run"] if row[place["run"]("job")] == "tick"}
        first = min(row[0] for row in self.filled.rows["run"] if row[1] == "tick")
        for table in ("attempt", "run_output", "run_printed"):
            of_runs = {row[place[table]("run")] for row in found.rows[table]}
            of_ticks = {run for run in of_runs if first <= run < first + OLD_RUNS}
            self.expect(of_ticks == runs, f"{what}: {len(runs)} old runs, and rows in {table} of {len(of_ticks)}")
        self.expect(runs == set(range(first + OLD_RUNS - len(runs), first + OLD_RUNS)),
                    f"{what}: what is left of the old runs is not their newest")
