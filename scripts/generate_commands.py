#!/usr/bin/env python3
"""Writes docs/reference/commands.md from what the program says of itself.

    scripts/generate_commands.py           write the page
    scripts/generate_commands.py --check   exit 1 when the page is not what would be written

The program is PROGRAM, else .build-release/release/carillon, else .build/debug/carillon.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/commands.md"
HEAD = """# Commands

Written by `scripts/generate_commands.py` from the program's own help: do not edit.

Data goes to standard output, talk to standard error. `--json` prints one object with a versioned `schema`, times in
UTC, money as text. `NO_COLOR` is honoured. Output that cannot be written ends a command with 74; a reader that goes away
(`| head`) ends one that only reads, quietly.

{exit_codes}
Every command also takes `--help` and `--version`.
"""
COMMON = {"help", "version"}
EXIT_CODE = re.compile(r"^ *(\d+(?:, \d+)*)  (.+)$", re.M)


def program():
    if "PROGRAM" in os.environ:
        return os.environ["PROGRAM"]
    for name in (".build-release/release/carillon", ".build/debug/carillon"):
        if (ROOT / name).exists():
            return str(ROOT / name)
    sys.exit("generate_commands: carillon is not built: run `make release`")


def spelled(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def form(argument):
    """How an argument is written: `--at <at>`, `[<name> ...]`."""
    if argument["kind"] == "positional":
        text = f"<{argument['valueName']}>" + (" ..." if argument["isRepeating"] else "")
        return f"[{text}]" if argument["isOptional"] else text
    names = ", ".join(spelled(name) for name in sorted(argument["names"], key=lambda name: name["kind"], reverse=True))
    return names if argument["kind"] == "flag" else f"{names} <{argument['valueName']}>"


def cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def meaning(argument):
    text = argument.get("abstract", "")
    values = argument.get("allValues")
    if values:
        text += f" One of {', '.join(values)}."
    if argument.get("defaultValue") and "default" not in text:
        text += f" (default: {argument['defaultValue']})"
    return cell(text)


def section(command, path):
    arguments = [a for a in command.get("arguments", []) if a["shouldDisplay"] and a["valueName"] not in COMMON]
    children = [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]
    if not children or arguments:
        yield f"\n## `{' '.join(path)}`\n\n{command.get('abstract', '')}\n"
        if command.get("discussion"):
            yield "\n" + " ".join(command["discussion"].split()) + "\n"
        if arguments:
            yield "\n| | |\n|---|---|\n"
            for argument in arguments:
                yield f"| `{cell(form(argument))}` | {meaning(argument)} |\n"
    for child in children:
        yield from section(child, path + [child["commandName"]])


def main():
    dump = subprocess.run([program(), "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    root = json.loads(dump)["command"]
    codes = EXIT_CODE.findall(root["discussion"])
    if not codes:
        sys.exit("generate_commands: `carillon --help` tells no exit codes")
    table = "".join(f"| {code} | {cell(meaning)} |\n" for code, meaning in codes)
    text = HEAD.replace("{exit_codes}\n", "| exit code | meaning |\n|---|---|\n" + table + "\n", 1)
    text += "".join(section(root, [root["commandName"]]))
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit(f"{PAGE.relative_to(ROOT)} is not what the program says: run scripts/generate_commands.py")
        print(f"{PAGE.relative_to(ROOT)}: as the program says, {text.count(chr(10) + '## ')} commands")
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
