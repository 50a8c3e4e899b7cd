"""What must be true of the ledger, the snapshots and the folder after any number of kills."""
import collections
import decimal
import subprocess
from decimal import Decimal

FINAL = {"succeeded", "failed", "timed-out", "skipped", "coalesced", "missed"}
CHAIN = ["fetch", "compute", "infer", "rebalance"]
# Jobs at the head of a chain and the spans at which they fall due, aligned to the epoch.
HEADS_MS = {"fetch": 1000, "snapshot": 3000, "slow": 5000}
# What lies about in the folder when all is well, beside snapshots, models and the key.
EXPECTED_FILES = {
    "carillon.yaml", "schedules.yaml", "model.json", "journal", "kill.db", "kill.db.daemon.lock", "kill.db.heartbeat",
    "kill.db.request", "gate", "made", ".lock", "command-slow", "command-mark", "edited"}


def missing_followers(database):
    """How many slots of the chain succeeded without a run of the next job."""
    return sum(database.execute(
        "SELECT count(*) FROM run p WHERE p.job = ? AND p.state = 'succeeded' AND p.\"trigger\" <> 'manual' "
        "AND NOT EXISTS (SELECT 1 FROM run c WHERE c.job = ? AND c.slot = p.slot)", pair).fetchone()[0]
        for pair in zip(CHAIN, CHAIN[1:]))


class Ledger:
    """Reads what a loop of kills has left; what does not hold is a complaint of the loop.

    `began`, `ended`: the marks between which slots fell due, in milliseconds since 1970.
    """

    def __init__(self, loop, began, ended):
        self.folder, self.command, self.connect = loop.folder, loop.command, loop.connect
        self.complaints, self.counts = loop.complaints, loop.counts
        self.began, self.ended = began, ended

    def expect(self, holds, what):
        if not holds:
            self.complaints.append(what)

    def verify(self):
        decimal.getcontext().prec = 60
        self.verify_leftovers()  # first: reading a write-ahead log leaves files of its own
        database = self.connect()
        verdict = [row[0] for row in database.execute("PRAGMA integrity_check")]
        self.expect(verdict == ["ok"], f"integrity_check: {verdict}")
        self.expect(not database.execute("PRAGMA foreign_key_check").fetchall(), "rows without their parents")
        self.verify_runs(database)
        self.verify_chain(database)
        self.verify_money(database)
        self.verify_journal(database)
        self.verify_snapshots(database)
        database.close()

    def verify_runs(self, database):
        runs = database.execute('SELECT id, job, slot, state, "trigger" FROM run').fetchall()
        twice = [key for key, n in collections.Counter((r[1], r[2]) for r in runs).items() if n > 1]
        self.expect(not twice, f"(job, slot) twice: {twice}")
        open_runs = [r for r in runs if r[3] not in FINAL]
        self.expect(not open_runs, f"runs that never ended: {open_runs}")
        succeeded = dict(database.execute(
            "SELECT run, count(*) FROM attempt WHERE outcome = 'succeeded' GROUP BY run"))
        self.expect(all(n == 1 for n in succeeded.values()), f"runs that succeeded twice: {succeeded}")
        for run, job, slot, state, _ in runs:
            if (state == "succeeded") != (run in succeeded):
                self.complaints.append(f"{job} {slot} is {state}, its successful attempts: {succeeded.get(run, 0)}")
        unended = database.execute("SELECT count(*) FROM attempt WHERE ended IS NULL").fetchone()[0]
        self.expect(unended == 0, f"{unended} attempts never ended")
        self.counts["runs"] = len(runs)
        for _, _, _, state, trigger in runs:
            self.counts[f"runs {state}"] += 1
            self.counts[f"trigger {trigger}"] += 1
        for outcome, n in database.execute("SELECT outcome, count(*) FROM attempt GROUP BY outcome"):
            self.counts[f"attempts {outcome}"] = n
        for job, head in HEADS_MS.items():
            have = {slot for _, name, slot, _, trigger in runs if name == job and trigger != "manual"}
            due = set(range((self.began // head + 1) * head, self.ended + 1, head))
            # A run by hand may have met a slot to the millisecond; what fell due as the schedule changed may be
            # either schedule's.
            by_hand = {slot for _, name, slot, _, trigger in runs if name == job and trigger == "manual"}
            missing = sorted(slot for slot in due - have - by_hand if slot < self.ended - 50)
            self.expect(not missing, f"{job}: {len(missing)} of {len(due)} due slots have no run: {missing[:5]}")
            self.expect(not have - due, f"{job}: runs of slots that were not due: {sorted(have - due)[:5]}")
            self.counts[f"due slots of {job}"] = len(due)

    def verify_journal(self, database):
        """What `slow` noted itself: it ran at no two slots at a time, and at each as often as is on record."""
        path = self.folder / "journal"
        began, died, running = collections.Counter(), collections.Counter(), None
        outcomes = {}
        for slot, outcome in database.execute(
                "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', slot / 1000, 'unixepoch'), outcome FROM run "
                "JOIN attempt ON attempt.run = run.id WHERE job = 'slow'"):
            outcomes.setdefault(slot, collections.Counter())[outcome] += 1
        for line in path.read_text().splitlines() if path.exists() else []:
            word, slot = line.split()
            if word == "begin":
                if running is not None:
                    died[running] += 1
                running = slot
                began[slot] += 1
            else:
                self.expect(running == slot, f"slow@{slot} ended while {running or 'nothing'} ran")
                running = None
        self.expect(running is None, f"slow@{running} began, and never ended")
        for slot, count in died.items():
            crashed = outcomes.get(slot, {}).get("crashed", 0)
            self.expect(count <= crashed, f"slow@{slot} was cut {count} times, or ran beside another; {crashed} attempts died")
        for slot in began.keys() | outcomes.keys():
            tries = sum(outcomes.get(slot, {}).values())
            self.expect(began[slot] <= tries, f"slow@{slot} ran {began[slot]} times; {tries} attempts are on record")
            succeeded = outcomes.get(slot, {}).get("succeeded", 0)
            self.expect(began[slot] >= succeeded, f"slow@{slot} succeeded, and never ran")
        self.counts["programs begun"] = sum(began.values())

    def verify_chain(self, database):
        for parent, child in zip(CHAIN, CHAIN[1:]):
            orphans = database.execute(
                "SELECT c.slot, c.state FROM run c LEFT JOIN run p ON p.job = ? AND p.slot = c.slot "
                "WHERE c.job = ? AND c.\"trigger\" = 'after' AND (p.state IS NULL OR p.state <> 'succeeded')",
                (parent, child)).fetchall()
            self.expect(not orphans, f"{child} ran at slots where {parent} did not succeed: {orphans[:5]}")
        missing = missing_followers(database)
        self.expect(missing == 0, f"{missing} slots of the chain ended without the next job's run")

    def verify_money(self, database):
        orders = database.execute(
            "SELECT client_id, account, symbol, side, quantity, state, filled, value, job, slot, leg FROM orders").fetchall()
        ids = collections.Counter(order[0] for order in orders)
        self.expect(all(n == 1 for n in ids.values()), "a client order id is there twice")
        keys = collections.Counter((o[1], o[8], o[9], o[2], o[10]) for o in orders)
        self.expect(all(n == 1 for n in keys.values()), "an order of the same slot, symbol and leg is there twice")
        undone = [o[:6] for o in orders if o[5] in ("planned", "intent", "sent", "unknown")]
        self.expect(not undone, f"orders half done: {undone[:5]}")
        plans = database.execute("SELECT count(*) FROM plan WHERE state = 'open'").fetchone()[0]
        self.expect(plans == 0, f"{plans} plans are still open")
        cash = collections.defaultdict(Decimal)
        held = collections.defaultdict(Decimal)
        for name, quote, initial in database.execute("SELECT name, quote, initial FROM account"):
            cash[name, quote] = Decimal(initial)
        by_id = {order[0]: order for order in orders}
        filled = collections.defaultdict(lambda: [Decimal(0), Decimal(0)])
        for client, quantity, price, value, fee, asset in database.execute(
                "SELECT client_id, quantity, price, value, fee, fee_asset FROM fill"):
            _, account, symbol, side, *_ = by_id[client]
            sign = 1 if side == "buy" else -1
            quote = symbol.split("-")[1]
            held[account, symbol] += sign * Decimal(quantity)
            cash[account, quote] -= sign * Decimal(value)
            cash[account, asset] -= Decimal(fee)
            filled[client][0] += Decimal(quantity)
            filled[client][1] += Decimal(value)
            error = abs(Decimal(quantity) * Decimal(price) - Decimal(value))
            self.expect(error <= Decimal("1e-8"), f"{client}: {quantity} x {price} is not {value}")
            self.counts["fills"] += 1
        for order in orders:
            quantity, value = filled[order[0]]
            self.expect(quantity == Decimal(order[6]) and value == Decimal(order[7]),
                        f"{order[0]}: its fills add up to {quantity} for {value}, the order says {order[6]} for {order[7]}")
            if order[5] == "filled":
                self.expect(quantity == Decimal(order[4]), f"{order[0]}: filled {quantity} of {order[4]}")
        stored = {(a, b): Decimal(c) for a, b, c in database.execute("SELECT account, asset, amount FROM cash")}
        for key in {*cash, *stored}:
            self.expect(cash[key] == stored.get(key, cash[key] if not orders else Decimal(0)),
                        f"cash of {key}: {stored.get(key)}, by the fills {cash[key]}")
        stored = {(a, b): Decimal(c) for a, b, c in database.execute("SELECT account, symbol, quantity FROM position")}
        for key in {*held, *stored}:
            self.expect(held[key] == stored.get(key, Decimal(0)),
                        f"position {key}: {stored.get(key)}, by the fills {held[key]}")
        self.counts["orders"] = len(orders)
        for order in orders:
            self.counts[f"orders {order[5]}"] += 1
        self.counts["plans"] = database.execute("SELECT count(*) FROM plan").fetchone()[0]

    def verify_snapshots(self, database):
        result = subprocess.run(self.command("snapshot", "verify", "--all"), cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.expect(result.returncode == 0, f"snapshot verify --all: exit {result.returncode}\n{result.stdout[-2000:]}")
        self.counts["snapshots kept"] = len(list((self.folder / "snapshots").glob("*.zst")))

    def verify_leftovers(self):
        for path in sorted(self.folder.rglob("*")):
            name = path.name
            if path.is_dir() or name.startswith("run-") or name in EXPECTED_FILES:
                continue
            parent = path.parent.name
            if parent == "snapshots" and name.endswith((".zst", ".json")):
                continue
            # A model that was being kept: its draft goes an hour later.
            if path.parent.parent.name == "kill.db.models" and parent.startswith("."):
                continue
            # The key that snapshots are signed with, or the draft of one that was being made.
            if name.startswith("snapshot-signing.key"):
                continue
            self.complaints.append(f"left behind: {path.relative_to(self.folder)} ({path.stat().st_size} bytes)")
