#!/usr/bin/env python3
"""Executes what README and docs show, so that they cannot go stale unseen.

    scripts/check_docs.py [FILE...]        all Markdown files, or some

- A `sh` block is run, after one of these marks on a line of its own before it:
    <!-- run -->             in the root of the repository, with `carillon` on the PATH
    <!-- run: elsewhere -->  the same, in a folder of its own that holds only copies of schedules/ and models/
    <!-- not run: REASON --> not at all
  A block without a mark is a mistake of the document.
- A `yaml` block with `jobs:` is a schedules file and must pass `carillon schedule check`; with `<!-- wrong -->` before it,
  it must fail. Files in schedules/ must pass too.
- A `yaml` block with `accounts:` is a settings file and must be understood.
- Every key that settings and jobs read must stand in the reference pages.
- A link to a file of the repository must lead somewhere.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK_TIMEOUT_SECONDS = 600
FENCE = re.compile(r"^( *)```(\w*)\s*$")
MARK = re.compile(r"^\s*<!-- *(run|run: elsewhere|not run: .+|wrong) *-->\s*$")
READ_KEY = re.compile(
    r'(?:\.(?:value|name|span|integer|number|amount|choice|flag|mapping|list|symbols|timeframe|features|jobName|contains)'
    r'\(|part\(|positive\(reader, |basisPoints\(reader, |count\()"([a-z][a-z-]*)"')
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def blocks(text):
    """Each fenced block: its line, language, text, and the mark before it."""
    mark, opened, lines = None, None, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if opened is None:
            if fence:
                opened, lines = (number, fence[2], mark, len(fence[1])), []
            elif MARK.match(line):
                mark = MARK.match(line)[1]
            elif line.strip():
                mark = None
        elif line.strip() == "```":
            number, language, itsMark, indent = opened
            yield number, language, "\n".join(l[indent:] for l in lines) + "\n", itsMark
            opened, mark = None, None
        else:
            lines.append(line)


def program():
    """The folder of the program: that of PROGRAM, else of what was built last."""
    if "PROGRAM" in os.environ:
        return pathlib.Path(os.environ["PROGRAM"]).resolve().parent
    for folder in (".build-release/release", ".build/debug"):
        if (ROOT / folder / "carillon").exists():
            return ROOT / folder
    sys.exit("check_docs: carillon is not built: run `make release`")


def execute(text, folder, environment):
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=BLOCK_TIMEOUT_SECONDS)


def check_schedule(path, environment, mustFail=False):
    result = execute(f'carillon schedule check "{path}"', ROOT, environment)
    if (result.returncode != 0) == mustFail:
        return None
    return "passes, though marked as wrong" if mustFail else f"is no valid schedule:\n{result.stdout}"


def check_settings(body, environment):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "carillon.yaml"
        file.write_text(body)
        schedules = ROOT / "schedules/carillon.yaml"
        result = execute(f'carillon schedule list --config "{file}" --schedules "{schedules}"', ROOT, environment)
    return None if result.returncode == 0 else f"is no valid settings file:\n{result.stdout}"


def undocumented():
    """The keys that Settings and Jobs read and no reference page names."""
    pages = "\n".join(path.read_text() for path in (ROOT / "docs/reference").glob("*.md"))
    sources = [path for part in ("Settings", "Jobs") for path in (ROOT / "Sources" / part).rglob("*.swift")]
    keys = {key for path in sources for key in READ_KEY.findall(path.read_text())}
    return sorted(key for key in keys if not re.search(rf"`([\w-]+: )*{key}[`:]", pages))


def main():
    environment = dict(os.environ, PATH=f"{program()}:{os.environ['PATH']}", NO_COLOR="1")
    files = [pathlib.Path(name).resolve() for name in sys.argv[1:]]
    files = files or [
        path for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("schedules/**/*.md")])]
    complaints, ran, parsed, linked = [], 0, 0, 0
    for path in files:
        name = path.relative_to(ROOT)
        text = path.read_text()
        for line, language, body, mark in blocks(text):
            where = f"{name}:{line}"
            if language in ("sh", "bash", "shell", "console"):
                if mark is None:
                    complaints.append(f"{where}: a shell block without a mark: run, run: elsewhere, or not run: REASON")
                elif mark.startswith("run"):
                    with tempfile.TemporaryDirectory() as folder:
                        for name_of_copy in ("schedules", "models"):
                            shutil.copytree(ROOT / name_of_copy, pathlib.Path(folder) / name_of_copy)
                        print(f"-- {where}", flush=True)
                        result = execute(body, folder if "elsewhere" in mark else ROOT, environment)
                    ran += 1
                    if result.returncode != 0:
                        complaints.append(f"{where}: exit {result.returncode}:\n{result.stdout[-3000:]}")
            elif language in ("yaml", "yml") and re.search(r"^jobs:", body, re.M):
                with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                    file.write(body)
                    file.flush()
                    complaint = check_schedule(file.name, environment, mark == "wrong")
                parsed += 1
                if complaint:
                    complaints.append(f"{where}: {complaint}")
            elif language in ("yaml", "yml") and re.search(r"^accounts:", body, re.M):
                parsed += 1
                complaint = check_settings(body, environment)
                if complaint:
                    complaints.append(f"{where}: {complaint}")
        for match in LINK.finditer(re.sub(r"```.*?```", "", text, flags=re.S)):
            target = match[1]
            if "://" in target or target.startswith("mailto:"):
                continue
            linked += 1
            if not (path.parent / target).exists():
                complaints.append(f"{name}: a link to {target}, which is not there")
    if len(sys.argv) == 1:
        for path in sorted(ROOT.glob("schedules/*.yaml")):
            parsed += 1
            complaint = check_schedule(path, environment)
            if complaint:
                complaints.append(f"{path.relative_to(ROOT)}: {complaint}")
        complaints += [f"docs/reference: no page names the key `{key}`" for key in undocumented()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"docs: {len(files)} files, {ran} shell blocks run, {parsed} YAML files parsed, {linked} links followed, "
          f"{len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
