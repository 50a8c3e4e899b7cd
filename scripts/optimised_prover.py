"""Builds a prover of Benchmarks/ optimised, and the environment that it runs in; for prove_plans and prove_storms."""
import os
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Benchmarks")


def built(product, scratch, *words):
    """The path of a product, built into a folder of Benchmarks/; ends the process where it does not build."""
    place = os.path.join(FOLDER, scratch)
    code = subprocess.call(["swift", "build", "-c", "release", "--package-path", FOLDER, "--scratch-path", place, *words,
                            "--product", product], stdout=sys.stderr)
    if code != 0:
        sys.exit(code)
    return os.path.join(place, "release", product)


def environment():
    """In memory where /dev/shm is there: databases that live for a second."""
    found = dict(os.environ)
    if "TMPDIR" not in found and os.access("/dev/shm", os.W_OK):
        found["TMPDIR"] = "/dev/shm"
    return found
