#!/usr/bin/env python3
"""Restores a snapshot where Carillon is gone: with python3, and the program `zstd`.

    scripts/restore_snapshot.py SNAPSHOT.json TARGET.db [--verifying-key ed25519:...]

The description (S0121.json) and the frame (S0121.db.zst) lie beside each other. Of a difference (S0122.delta.zst), so do those of
its chain, back to a whole one. A copy from a remote is opened with age
first, both of its files:

    age -d -i IDENTITY -o S0121.json   S0121.20261129T213000Z.3f2a9c0d1b2c3d4e.json.age
    age -d -i IDENTITY -o S0121.db.zst S0121.20261129T213000Z.3f2a9c0d1b2c3d4e.db.zst.age

It checks the description's own hash and its signature, the frame's hash and size, unpacks the frame beside TARGET, checks
the database's hash and size, asks SQLite whether it is whole, counts each table's rows, and gives the file its name, which
must be free. Exit 0: TARGET is the database of the snapshot's moment. Exit 1: it is not, and nothing was left.
docs/DATA.md describes the format.
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

FORMATS = [f"carillon.snapshot/{number}" for number in (1, 2, 3, 4, 5)]

# Ed25519 as RFC 8032, section 5.1, has it: the field, the curve's constant, the order of the base point, the base point.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
ROOT = pow(2, (P - 1) // 4, P)


class Damaged(Exception):
    """Why the snapshot is not restored."""


def recover(y, sign):
    """The x of a point, or None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    """The sum of two points in extended coordinates."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    """A point so many times."""
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def point(data):
    """A point of its 32 bytes, or None."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x = recover(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def is_valid(key, signature, message):
    """Whether a signature is this key's, of this message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    y = 4 * pow(5, P - 2, P) % P
    base = (recover(y, 0), y, 1, recover(y, 0) * y % P)
    left, right = times(s, base), add(r, times(int.from_bytes(digest, "little") % ORDER, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def line(members):
    """Members of the description as the text on one line that was hashed and signed."""
    return json.dumps(dict(members), separators=(",", ":"), ensure_ascii=False).encode()


def describe(path, key):
    """The description, once it is known to be whole, and whose it is."""
    try:
        members = json.loads(path.read_bytes(), object_pairs_hook=lambda pairs: pairs)
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise Damaged(f"{path} is no description of a snapshot: {error}") from error
    nested = [(name, value[name]) for name, _ in members]
    if value.get("schema") not in FORMATS:
        raise Damaged(f"{path} is of no format that this script knows: {value.get('schema')}")
    if value["schema"] != FORMATS[0]:
        if nested[-1][0] != "manifest_sha256" or hashlib.sha256(line(nested[:-1])).hexdigest() != nested[-1][1]:
            raise Damaged(f"{path} was changed: its own hash differs")
    if value["schema"] in FORMATS[2:]:
        names = [name for name, _ in nested]
        signed = line(nested[: names.index("signature")])
        public = base64.b64decode(value["key"].removeprefix("ed25519:"))
        if not is_valid(public, base64.b64decode(value["signature"]), signed):
            raise Damaged(f"{path} was changed: its signature is not of what it says")
        print(f"signed by {value['key']}")
        if key and key != value["key"]:
            raise Damaged(f"{path} is signed by another key than {key}")
    elif key:
        raise Damaged(f"{path} is not signed")
    return value


def digest_of(path):
    """Size and SHA-256 of a file."""
    total, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
            size += len(piece)
    return size, total.hexdigest()


def told(value):
    """What a description tells its database by: the SHA-256 of the hashes of its pages, or, where that is not told, of the file."""
    return value.get("pages_sha256") or value["raw_sha256"]


def is_described(path, value):
    """Whether a database is the one that was described: by size, by hash, by the hashes of its pages; each as far as it is told."""
    total, pages, size = hashlib.sha256(), hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(value.get("page_bytes") or 1 << 16):
            total.update(piece)
            pages.update(hashlib.sha256(piece).digest())
            size += len(piece)
    raw, by_pages = value["raw_sha256"], value.get("pages_sha256")
    return size == value["raw_size"] and (raw or by_pages) and raw in (None, total.hexdigest()) and by_pages in (None, pages.hexdigest())


def prove(path, value):
    """Asks SQLite, and counts."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    found = [row[0] for row in database.execute("PRAGMA integrity_check(5)")]
    if found != ["ok"]:
        raise Damaged(f"the database is damaged: {'; '.join(found)}")
    if database.execute("PRAGMA foreign_key_check").fetchone():
        raise Damaged("the database has rows that refer to rows that are not there")
    for table, rows in value["rows"].items():
        count = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        if count != rows:
            raise Damaged(f"table {table} has {count} rows, and {rows} were described")
    if value["schema"] in FORMATS[3:]:
        head = database.execute("SELECT hash FROM audit WHERE hash IS NOT NULL ORDER BY id DESC LIMIT 1").fetchone()
        if (head[0] if head else None) != value["audit_head"]:
            raise Damaged("the audit does not end with the link that was described")
    database.close()


def chain_of(description, key):
    """The descriptions of all that a snapshot is restored with, the whole one first."""
    chain = [describe(description, key)]
    while parent := chain[0].get("parent"):
        path = description.with_name(f"{parent}.json")
        if not path.exists():
            raise Damaged(f"{parent}, which {chain[0]['id']} is a difference to, is missing")
        link = describe(path, key)
        if link["id"] != parent or told(link) != chain[0]["parent_sha256"] or len(chain) > 1000:
            raise Damaged(f"{parent} is not the snapshot that {chain[0]['id']} is a difference to")
        chain.insert(0, link)
    return chain


def frame_of(description, value):
    """The file of a snapshot, once it is known to be the one that was described."""
    frame = description.with_name(value["id"] + (".delta.zst" if value.get("parent") else ".db.zst"))
    if digest_of(frame) != (value["size"], value["sha256"]):
        raise Damaged(f"{frame} is not the file that was described")
    return frame


def apply(frame, value, file):
    """Writes the pages of a difference over the database that it is a difference to."""
    with subprocess.Popen(["zstd", "-dcq", "--", frame], stdout=subprocess.PIPE) as source:
        header = json.loads(source.stdout.readline(1024))
        size = header["page_bytes"]
        if header["schema"] != "carillon.delta/1" or header["parent_sha256"] != value["parent_sha256"]:
            raise Damaged(f"{frame} is a difference to another database")
        while entry := source.stdout.read(4 + size):
            number = int.from_bytes(entry[:4], "big")
            if len(entry) != 4 + size or not 0 < number <= header["pages"]:
                raise Damaged(f"{frame} ends in the middle of a page")
            file.seek((number - 1) * size)
            file.write(entry[4:])
    if source.returncode:
        raise Damaged(f"{frame} is damaged")
    file.truncate(header["pages"] * size)


def restore(description, target, key):
    """All of it."""
    chain = chain_of(description, key)
    value = chain[-1]
    draft = target.with_name(f".{target.name}.tmp")
    try:
        with open(draft, "w+b") as file:
            frame = frame_of(description, chain[0])
            done = subprocess.run(["zstd", "-dcq", "--", frame], stdout=file, check=False)
            if done.returncode:
                raise Damaged(f"{frame} is damaged")
            for link in chain[1:]:
                apply(frame_of(description, link), link, file)
            file.flush()
            os.fsync(file.fileno())
        if not is_described(draft, value):
            raise Damaged(f"{frame} does not hold the database that was described")
        prove(draft, value)
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    print(f"{target}: {value['id']}, taken {value['taken']}, {sum(value['rows'].values())} rows")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--verifying-key", help="the only key whose signature is believed")
    arguments = parser.parse_args()
    try:
        restore(arguments.description, arguments.target, arguments.verifying_key)
    except (Damaged, OSError, sqlite3.DatabaseError) as error:
        sys.exit(f"not restored: {error}")


if __name__ == "__main__":
    main()
