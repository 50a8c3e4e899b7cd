#!/usr/bin/env python3
"""Writes cron.tsv: fires of cron expressions, from a second and a third implementation.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install croniter==7.0.0 cronsim==2.8 tzdata==2026.6
    /tmp/venv/bin/python Tests/Goldens/generate_cron.py > Tests/Goldens/cron.tsv

Each row holds a zone, an expression, an instant, and the fires after it. The reference is the scan
of every minute below, which states the rules of Carillon's scheduler (those of Debian's cron) in
the most direct way. A row is written only if cronsim or croniter says the same, and only if two
releases of the time-zone database do: the system's and PyPI's. What the two packages say
differently is counted, sorted by cause, in the header of the file.
"""
import collections
import datetime as dt
import random
import sys
import zoneinfo
from importlib import metadata, resources

import croniter
import cronsim

UTC = dt.timezone.utc
SEED = 20261121
FIRES = 6

ZONES = """America/New_York Europe/London Australia/Lord_Howe America/Sao_Paulo Asia/Kathmandu
America/Los_Angeles America/Chicago America/Denver America/St_Johns America/Halifax America/Havana
America/Santiago America/Mexico_City America/Bogota America/Caracas America/Asuncion
Europe/Paris Europe/Dublin Europe/Berlin Europe/Moscow Europe/Istanbul Europe/Lisbon Europe/Chisinau
Asia/Tokyo Asia/Kolkata Asia/Tehran Asia/Jerusalem Asia/Beirut Asia/Amman Asia/Shanghai Asia/Dhaka
Asia/Pyongyang Asia/Gaza Australia/Sydney Australia/Adelaide Australia/Eucla Australia/Perth
Pacific/Auckland Pacific/Chatham Pacific/Apia Pacific/Fiji Pacific/Easter Pacific/Tongatapu
Africa/Cairo Africa/Casablanca Africa/Windhoek Africa/Johannesburg Antarctica/Troll UTC""".split()
SHIFTING = ZONES[:4] + [
    "America/St_Johns", "Europe/Paris", "Europe/Dublin", "Australia/Sydney", "Pacific/Chatham",
    "America/Havana", "Asia/Beirut", "Asia/Tehran", "America/Santiago", "Antarctica/Troll",
    "Africa/Cairo", "Pacific/Auckland", "Asia/Amman", "Europe/Lisbon"]

# ---- The rules, as a scan of every minute ----

RANGES = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def field(text, low, high):
    values = set()
    for item in text.split(","):
        base, _, step = item.partition("/")
        if base == "*":
            a, b = low, high
        elif "-" in base:
            a, b = map(int, base.split("-"))
        else:
            a = int(base)
            b = high if step else a
        values |= set(range(a, b + 1, int(step or 1)))
    return values


class Reference:
    def __init__(self, expression):
        texts = expression.split()
        sets = [field(t, *r) for t, r in zip(texts, RANGES)]
        self.minutes, self.hours, self.days, self.months, self.weekdays = sets
        self.both = texts[2].startswith("*") or texts[4].startswith("*")
        self.wildcard = texts[0].startswith("*") or texts[1].startswith("*")

    def day(self, d):
        in_week = (d.weekday() + 1) % 7 in {w % 7 for w in self.weekdays}
        in_month = d.day in self.days
        matches = in_month and in_week if self.both else in_month or in_week
        return d.month in self.months and matches

    def matches(self, local):
        return local.minute in self.minutes and local.hour in self.hours and self.day(local)

    def fires(self, start, zone, days):
        """Fires strictly after a minute, over so many days."""
        minute = dt.timedelta(minutes=1)
        fires = []
        now = start - dt.timedelta(days=1)  # how far the clock had got, before the start
        reached = None
        while now <= start + dt.timedelta(days=days) and len(fires) < FIRES:
            local = now.astimezone(zone).replace(tzinfo=None)
            if self.wildcard or reached is None:
                fire = self.matches(local)
            elif local < reached:
                fire = False
            else:
                fire = self.matches(local)
                if local - reached <= dt.timedelta(hours=3):
                    while reached < local:
                        fire = fire or self.matches(reached)
                        reached += minute
            reached = local + minute if reached is None else max(reached, local + minute)
            if fire and now > start:
                fires.append(now)
            now += minute
        return fires


# ---- The packages ----

def by_cronsim(expression, start, zone):
    it = cronsim.CronSim(expression, start.astimezone(zone) if zone.key != "UTC" else start)
    return [next(it).astimezone(UTC) for _ in range(FIRES)]


def by_croniter(expression, start, zone):
    it = croniter.croniter(expression, start.astimezone(zone))
    return [it.get_next(dt.datetime).astimezone(UTC) for _ in range(FIRES)]


def attempt(package, *arguments):
    try:
        return package(*arguments)
    except Exception as error:  # what a package refuses or trips over is a difference
        return type(error).__name__


# ---- Cases ----

def release(name):
    """The same zone from PyPI's tzdata, whatever the system has."""
    path = resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with path.open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=name)


def transition(rng, zone):
    """A change of a zone's offset between 1990 and 2037, to the minute; None without one."""
    years = list(range(1990, 2038))
    rng.shuffle(years)
    for year in years[:12]:
        days = [dt.datetime(year, 1, 1, tzinfo=UTC) + dt.timedelta(days=i) for i in range(366)]
        changes = [
            (a, b) for a, b in zip(days, days[1:])
            if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
        if changes:
            low, high = rng.choice(changes)
            while high - low > dt.timedelta(minutes=1):
                middle = low + (high - low) // 2
                middle = middle.replace(second=0, microsecond=0)
                if middle == low:
                    break
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            return high
    return None


def expression(rng, local_hour):
    minute = rng.choice(
        ["*", "0", "30", "*/15", "*/10", "*/7", "15,45", "10-50/20", "5/25", "0-59", "*/20",
         str(rng.randrange(60)), "0,1"])
    near = (local_hour + rng.choice([-1, 0, 0, 0, 1])) % 24
    hour = rng.choice(
        ["*", "*/2", "*/4", "9-17", "0", str(near), str(near), f"{near},{(near + 1) % 24}",
         f"{min(near, 20)}-{min(near, 20) + 3}", "0-23", "0-23/3", "9-17/2"])
    days = rng.choice(["*"] * 8 + ["1", "15", "13", "*/2", "1-7", "28-31"])
    month = rng.choice(["*"] * 6 + ["3", "10,11", "1-6", "*/2"])
    weekday = rng.choice(["*"] * 6 + ["1-5", "0", "7", "5-7", "6", "*/2", "sun", "mon-fri"])
    return " ".join([minute, hour, days, month, weekday])


def numeric(text):
    for i, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"]):
        text = text.replace(name, str(i))
    return text


def cause(text, package, zone, start, want, got):
    """Why a package differs, in words; the order of the tests is from the plainest on."""
    texts = numeric(text).split()
    if isinstance(got, str):
        return f"refused or failed ({got})"
    shifts = {t.astimezone(zone).utcoffset() for t in [start - dt.timedelta(days=1)] + want + got}
    if "*/" in texts[2] + texts[4] and texts[2] != "*" and texts[4] != "*":
        return "a step such as */2 in a field of days counts as no star, so either field is enough"
    if len(shifts) == 1:
        return "other"
    kind = "wildcard" if texts[0].startswith("*") or texts[1].startswith("*") else "fixed"
    until = min(want[-1], got[-1])
    missing = {t for t in want if t <= until} - set(got)
    extra = {t for t in got if t <= until} - set(want)
    what = {
        (True, False): "leaves out fires", (False, True): "adds fires",
        (True, True): "moves fires", (False, False): "other"}[bool(missing), bool(extra)]
    return f"at a change of the clock, a {kind} expression: {what}"


def main():
    rng = random.Random(SEED)
    rows, differences = [], collections.defaultdict(list)
    tried = skipped = 0
    while len(rows) < 420:
        name = rng.choice(SHIFTING if rng.random() < 0.5 else ZONES)
        zone, newer = zoneinfo.ZoneInfo(name), release(name)
        change = transition(rng, zone) if rng.random() < 0.7 else None
        if change:
            start = change - dt.timedelta(minutes=rng.randrange(1, 2000))
            local_hour = (change - dt.timedelta(minutes=1)).astimezone(zone).hour
        else:
            start = dt.datetime(1990, 1, 1, tzinfo=UTC) + dt.timedelta(
                minutes=rng.randrange(48 * 365 * 1440))
            local_hour = start.astimezone(zone).hour
        text = expression(rng, local_hour)
        tried += 1
        rare = rng.random() < 0.08
        reference = Reference(numeric(text))
        want = reference.fires(start, zone, 700 if rare else 30)
        if len(want) < FIRES or want != reference.fires(start, newer, 700 if rare else 30):
            skipped += 1
            continue
        by = []
        for package, version in ((by_cronsim, "cronsim"), (by_croniter, "croniter")):
            got = attempt(package, text, start, zone)
            if got == want:
                by.append(version)
            else:
                differences[version, cause(text, package, zone, start, want, got)].append(
                    (name, text, start, want, got))
        if by:
            rows.append((name, text, start, want, "+".join(by)))

    stamp = lambda t: t.strftime("%Y-%m-%dT%H:%MZ")
    print("# Fires of cron expressions; written by generate_cron.py, which says how.")
    versions = [f"{p} {metadata.version(p)}" for p in ("cronsim", "croniter", "tzdata")]
    print(f"# {', '.join(versions)}; seed {SEED}; {tried} tried, {skipped} with too few fires or"
          " on which the releases of tzdata differ.")
    print("#\n# Where the packages differ from the reference (count, an example):")
    for (package, why), cases in sorted(differences.items(), key=lambda d: (d[0][0], -len(d[1]))):
        name, text, start, want, got = min(cases, key=lambda c: (len(c[1]), c[0]))
        print(f"# {package}: {why}: {len(cases)}")
        print(f"#   {text} {name} after {stamp(start)}")
        at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), 0)
        shown = got if isinstance(got, str) else " ".join(map(stamp, got[at:at + 3]))
        print(f"#   reference {' '.join(map(stamp, want[at:at + 3]))}, {package} {shown}")
    print("#\n# zone, expression, after, fires, agreed with by")
    for name, text, start, want, by in rows:
        print("\t".join([name, text, stamp(start), " ".join(map(stamp, want)), by]))
    print(f"{len(rows)} rows", file=sys.stderr)


main()
