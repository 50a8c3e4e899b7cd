#!/usr/bin/env python3
"""Writes the days of the exchanges from the PyPI package exchange-calendars.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install exchange-calendars==4.13.2
    /tmp/venv/bin/python scripts/generate_calendars.py           # writes both files
    /tmp/venv/bin/python scripts/generate_calendars.py --check   # compares only; exit 1 if they differ

Sources/Calendars/ExchangeDays.swift holds the rules of each exchange, on its own clocks,
in the format of a user's calendar file. Tests/Goldens/calendars.tsv holds what must come out of
them: each session with its open and close in UTC. The two are made from different data of the
package (its local schedule and its UTC schedule), so that the test checks the zones as well.
"""
import collections
import pathlib
import sys
from importlib import metadata

import exchange_calendars

ROOT = pathlib.Path(__file__).resolve().parent.parent
SWIFT = ROOT / "Sources/Calendars/ExchangeDays.swift"
GOLDEN = ROOT / "Tests/Goldens/calendars.tsv"
EXCHANGES = ["XNYS", "XNAS", "XLON"]
FROM, TO = "1990-01-01", "2030-12-31"
SOURCE = f"exchange-calendars {metadata.version('exchange_calendars')}"


def clock(time):
    return time.strftime("%H:%M")


def rules(code):
    """An exchange in the format of a calendar file."""
    calendar = exchange_calendars.get_calendar(code, start=FROM, end=TO)
    assert len(calendar.open_times) == len(calendar.close_times) == 1, "regular hours changed"
    assert calendar.weekmask == "1111100" and calendar.open_offset == calendar.close_offset == 0
    regular = f"{clock(calendar.open_times[0][1])}-{clock(calendar.close_times[0][1])}"
    lines = [
        f"calendar {code}", f"timezone {calendar.tz}", f"source {SOURCE}",
        f"from {FROM}", f"to {TO}", f"week mon-fri {regular}"]
    closed = collections.defaultdict(list)
    special = collections.defaultdict(list)
    import pandas
    sessions = set(calendar.sessions)
    for day in pandas.date_range(FROM, TO):
        if day in sessions:
            opens = calendar.session_open(day).tz_convert(calendar.tz)
            closes = calendar.session_close(day).tz_convert(calendar.tz)
            assert opens.date() == closes.date() == day.date() and not opens.second
            hours = f"{clock(opens)}-{clock(closes)}"
            if hours != regular or day.weekday() >= 5:
                special[day.year, hours].append(day.strftime("%m-%d"))
        elif day.weekday() < 5:
            closed[day.year].append(day.strftime("%m-%d"))
    lines += [f"closed {year}: {' '.join(days)}" for year, days in sorted(closed.items())]
    lines += [f"open {year}: {' '.join(d)} {hours}" for (year, hours), d in sorted(special.items())]
    return "\n".join(lines)


def swift():
    texts = {code: rules(code) for code in EXCHANGES}
    body = "\n\n".join(
        f'  static let {code.lower()} = """\n'
        + "\n".join("    " + line for line in text.splitlines()) + '\n    """'
        for code, text in texts.items())
    names = ", ".join(f'"{code}": {code.lower()}' for code in EXCHANGES)
    return f"""// Written by scripts/generate_calendars.py from {SOURCE}; not to be edited.

/// The exchanges whose days Carillon knows, as the texts of calendar files.
enum ExchangeDays {{
  static let texts = [{names}, "24/7": alwaysOpen]

  static let alwaysOpen = \"\"\"
    calendar 24/7
    timezone UTC
    source the clock
    from 1970-01-01
    to 2199-12-31
    week sun-sat 00:00-24:00
    \"\"\"

{body}
}}
"""


def golden():
    """A row for each month: days, open and close in UTC, `!` after an early close."""
    rows = [
        f"# Sessions in UTC, from {SOURCE}; written by scripts/generate_calendars.py.",
        "# calendar, month, groups of days @ open - close; ! marks early closes"]
    for code in EXCHANGES + ["24/7"]:
        calendar = exchange_calendars.get_calendar(code, start=FROM, end=TO)
        early = set(calendar.early_closes)
        months = collections.defaultdict(lambda: collections.defaultdict(list))
        for day, row in calendar.schedule.iterrows():
            after_midnight = "+" if row["close"].date() > row["open"].date() else ""
            hours = f"{clock(row['open'])}-{clock(row['close'])}{after_midnight}"
            months[day.strftime("%Y-%m")][hours + ("!" if day in early else "")].append(day.day)
        for month, groups in sorted(months.items()):
            shown = " ".join(f"{ranges(days)}@{hours}" for hours, days in sorted(groups.items()))
            rows.append(f"{code}\t{month}\t{shown}")
    return "\n".join(rows) + "\n"


def ranges(days):
    """1,4-8: runs of days."""
    parts, start = [], None
    for day, following in zip(days, days[1:] + [None]):
        start = day if start is None else start
        if following != day + 1:
            parts.append(str(start) if start == day else f"{start}-{day}")
            start = None
    return ",".join(parts)


def main():
    wrong = []
    for path, text in ((SWIFT, swift()), (GOLDEN, golden())):
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != text:
                wrong.append(path.relative_to(ROOT))
        else:
            path.write_text(text)
    if wrong:
        sys.exit(f"differs from {SOURCE}: {', '.join(map(str, wrong))}")


main()
