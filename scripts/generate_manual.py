#!/usr/bin/env python3
"""Prints the manual page carillon(1), made from what the program says of itself.

    scripts/generate_manual.py > carillon.1      read it: man -l carillon.1

The program is PROGRAM, else .build-release/release/carillon, else .build/debug/carillon.
"""
import json
import subprocess
import sys

from generate_commands import EXIT_CODE, form, program

COMMON = {"help", "version"}


def roff(text):
    """A text of one paragraph, with what roff would take for its own words made plain."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "").replace("'", "\\(aq")
    return "\\&" + text if text.startswith(".") else text


def paragraphs(text):
    for line in text.splitlines():
        # Examples keep their lines and their columns.
        yield (".PP\n" if not line.startswith(" ") else ".br\n") + roff(line.strip()) if line.strip() else ""


def options(command):
    for argument in command.get("arguments", []):
        if not argument["shouldDisplay"] or argument["valueName"] in COMMON:
            continue
        text = argument.get("abstract", "")
        values = argument.get("allValues")
        if values:
            text += f" One of: {', '.join(values)}."
        default = argument.get("defaultValue")
        if default:
            text += f" Default: {default}."
        yield f".TP\n\\fB{roff(form(argument))}\\fR\n{roff(' '.join(text.split()))}"


def section(command, path):
    children = [child for child in command.get("subcommands", []) if child["commandName"] != "help"]
    if not children or any(True for _ in options(command)):
        yield f".SS {roff(' '.join(path))}\n{roff(' '.join(command['abstract'].split()))}"
        yield from paragraphs(command.get("discussion", ""))
        yield from options(command)
    for child in children:
        yield from section(child, path + [child["commandName"]])


def main():
    name = program()
    dump = subprocess.run([name, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([name, "--version"], check=True, capture_output=True, text=True).stdout.split()
    root = json.loads(dump)["command"]
    codes = EXIT_CODE.findall(root["discussion"])
    if not codes:
        sys.exit("generate_manual: `carillon --help` tells no exit codes")
    lines = [
        f'.TH CARILLON 1 "" "carillon {version[-1]}" "User commands"', ".SH NAME",
        f"carillon \\- {roff(root['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", "\\fBcarillon\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
        ".SH DESCRIPTION", "Start with \\fBcarillon demo\\fR (no keys, no network), then \\fBcarillon init DIR\\fR.",
        ".PP", "Data goes to standard output, talk to standard error.",
        ".SH COMMANDS"]
    for child in root["subcommands"]:
        if child["commandName"] != "help":
            lines += section(child, [child["commandName"]])
    lines.append(".SH EXIT STATUS")
    lines += [f".TP\n\\fB{roff(code)}\\fR\n{roff(' '.join(meaning.split()))}" for code, meaning in codes]
    lines += [
        ".SH ENVIRONMENT", ".TP", "\\fBCARILLON_CONFIG\\fR", "The settings file.",
        ".TP", "\\fBCARILLON_SCHEDULES\\fR", "The schedules file.",
        ".TP", "\\fBCARILLON_HALT\\fR", "Set to 1 or a reason: no order is sent.",
        ".TP", "\\fBNO_COLOR\\fR", "Set: no colours.",
        ".SH FILES", ".TP", "\\fIcarillon.yaml\\fR", "The settings of the present folder.",
        ".TP", "\\fIschedules/carillon.yaml\\fR", "The jobs, beside the settings."]
    print("\n".join(line for line in lines if line))


if __name__ == "__main__":
    main()
