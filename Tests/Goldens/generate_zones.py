#!/usr/bin/env python3
"""Writes zones.tsv: what Python's zoneinfo says of every zone of the system's database.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install tzdata==2026.6
    /tmp/venv/bin/python Tests/Goldens/generate_zones.py > Tests/Goldens/zones.tsv

Two kinds of rows. A sample is an instant with its offset and letters, written only if the release
of PyPI's tzdata agrees with the system's, so that it holds for years. A digest is a hash over
thousands of instants of one zone; it holds only for the release in the header.
"""
import datetime as dt
import random
import sys
import zoneinfo
from importlib import metadata, resources

SEED = 20261121
SAMPLES = 8
UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
# Instants of a digest: from 1890 to 2199, a prime number of seconds apart.
DIGEST_FROM, DIGEST_TO, DIGEST_STEP = -2_524_521_600, 7_258_118_400, 7_318_699


def at(zone, second):
    """Offset in seconds and letters."""
    local = (EPOCH + dt.timedelta(seconds=second)).astimezone(zone)
    return int(local.utcoffset().total_seconds()), local.tzname()


def newer(name):
    try:
        path = resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
        with path.open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, key=name)
    except FileNotFoundError:
        return None


def changes(zone, years):
    """The first seconds of a zone's offsets in some years."""
    found = []
    for year in years:
        start = int((dt.datetime(year, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
        for low in range(start, start + 366 * 86400, 86400 * 6):
            high = low + 86400 * 6
            if at(zone, low) != at(zone, high):
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if at(zone, middle) == at(zone, low) else (low, middle)
                found.append(high)
    return found


def main():
    rng = random.Random(SEED)
    with open("/usr/share/zoneinfo/tzdata.zi") as file:
        version = file.readline().split()[-1]
    names = sorted(
        n for n in zoneinfo.available_timezones()
        if n[0].isupper() and not n.startswith("SystemV") and n != "Factory")
    print("# Offsets and letters of all zones; written by generate_zones.py, which says how.")
    print(f"# Python {sys.version.split()[0]} zoneinfo, tzdata {version} of the system and PyPI's"
          f" tzdata {metadata.version('tzdata')}; seed {SEED}.")
    print(f"version\t{version}\t{DIGEST_FROM}\t{DIGEST_TO}\t{DIGEST_STEP}")
    for name in names:
        zone, other = zoneinfo.ZoneInfo(name), newer(name)
        digest = 0xCBF29CE484222325
        for second in range(DIGEST_FROM, DIGEST_TO, DIGEST_STEP):
            offset, letters = at(zone, second)
            for byte in f"{offset}{letters}".encode():
                digest = (digest ^ byte) * 0x100000001B3 % 2**64
        print(f"digest\t{name}\t{digest:016x}")
        if other is None:
            continue
        edges = changes(zone, rng.sample(range(1970, 2100), 4))
        seconds = [s for e in edges[:4] for s in (e - 1, e)]
        seconds += [rng.randrange(-2_000_000_000, 8_000_000_000) for _ in range(SAMPLES - len(seconds))]
        samples = []
        for second in sorted(seconds):
            here = at(zone, second)
            if here == at(other, second):
                samples.append(f"{second} {here[0]} {here[1]}")
        print(f"samples\t{name}\t{';'.join(samples)}")


main()
