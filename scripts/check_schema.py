#!/usr/bin/env python3
"""Checks the JSON Schema of schedules files: it is a valid schema, it accepts every example in
schedules/, and it refuses what the program refuses.

Needs the packages jsonschema and PyYAML:  pip install jsonschema pyyaml
"""

import json
import pathlib
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent / "schedules"
SCHEMA = ROOT / "schemas" / "schedules.schema.json"

# Each of these is refused by `carillon schedule check` too.
REFUSED = {
    "no version": "jobs: { fetch: { every: 1h } }",
    "no jobs": "version: 1",
    "empty jobs": "{ version: 1, jobs: {} }",
    "another version": "{ version: 2, jobs: { fetch: { every: 1h } } }",
    "unknown key of the file": "{ version: 1, timzone: UTC, jobs: { fetch: { every: 1h } } }",
    "unknown key of a job": "{ version: 1, jobs: { fetch: { every: 1h, timout: 5m } } }",
    "no timing": "{ version: 1, jobs: { fetch: { timeout: 5m } } }",
    "two timings": "{ version: 1, jobs: { fetch: { every: 1h, cron: '1 * * * *' } } }",
    "name that is no kind": "{ version: 1, jobs: { mine: { every: 1h } } }",
    "unknown kind": "{ version: 1, jobs: { mine: { job: train, every: 1h } } }",
    "name in capitals": "{ version: 1, jobs: { Fetch: { job: fetch, every: 1h } } }",
    "number for a span": "{ version: 1, jobs: { fetch: { every: 1h, timeout: 300 } } }",
    "span with spaces": "{ version: 1, jobs: { fetch: { every: 1h, timeout: 5 minutes } } }",
    "unknown overlap": "{ version: 1, jobs: { fetch: { every: 1h, overlap: wait } } }",
    "no attempt": "{ version: 1, jobs: { fetch: { every: 1h, retry: { max: 0 } } } }",
    "empty after": "{ version: 1, jobs: { fetch: { every: 1h }, compute: { after: [] } } }",
    "parameters that are no mapping": "{ version: 1, jobs: { fetch: { every: 1h, with: 5 } } }",
}


def main() -> int:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    mistakes = []
    examples = sorted(ROOT.glob("*.yaml"))
    if not examples:
        mistakes.append(f"no examples in {ROOT}")
    for path in examples:
        text = path.read_text(encoding="utf-8")
        if not text.startswith("# yaml-language-server: $schema=./schemas/schedules.schema.json\n"):
            mistakes.append(f"{path.name}: the first line does not name the schema for editors")
        for error in validator.iter_errors(yaml.safe_load(text)):
            mistakes.append(f"{path.name}: {error.json_path}: {error.message}")
    for name, text in REFUSED.items():
        if validator.is_valid(yaml.safe_load(text)):
            mistakes.append(f"accepted: {name}: {text}")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    if not mistakes:
        print(f"{len(examples)} examples accepted, {len(REFUSED)} mistakes refused")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
