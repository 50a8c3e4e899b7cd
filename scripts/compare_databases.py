#!/usr/bin/env python3
"""Compares two SQLite databases row for row: scripts/compare_databases.py SOURCE RESTORED

What the source wrote after the snapshot was taken, the record of the snapshot itself, may be missing in the restored one:
the tables `snapshot`, `run`, `attempt`, `run_total`, `job_mark` and `audit` may have more or newer rows in the source.
"""
import sqlite3
import sys

WRITTEN_AFTERWARDS = {"snapshot", "run", "attempt", "run_total", "job_mark", "audit", "service"}


def main():
    source, restored = (sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in sys.argv[1:3])
    schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
    if source.execute(schema).fetchall() != restored.execute(schema).fetchall():
        sys.exit("compare_databases: the schemas differ")
    verdict = restored.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        sys.exit(f"compare_databases: the restored database: {verdict}")
    tables = [row[0] for row in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    compared, differing = 0, []
    for table in tables:
        query = f'SELECT * FROM "{table}"'
        ours, theirs = set(source.execute(query)), set(restored.execute(query))
        compared += len(theirs)
        if ours == theirs:
            continue
        detail = f"{table}: {len(ours - theirs)} rows only in the source, {len(theirs - ours)} only in the restored"
        if table in WRITTEN_AFTERWARDS:
            print(f"compare_databases: {detail} (written since)")
        else:
            differing.append(detail)
    print(f"compare_databases: {compared} rows in {len(tables)} tables, {len(differing)} tables differ")
    sys.exit("\n".join(differing) if differing else 0)


if __name__ == "__main__":
    main()
