#!/usr/bin/env python3
"""Takes the pictures of the pages in docs/pictures, at 360, 768 and 1440 px, light and dark.

    scripts/take_pictures.py [--program FILE] [--folder DEMO] [PAGE...]

Needs Chromium, pngquant and faketime (Debian's packages). A demo of two weeks is made, unless one is named, and served; each page is painted by the
browser, and kept in 64 colours. Run it when the pages look different; nothing else depends on the pictures.
"""
import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs/pictures"
SIZES = {360: 800, 768: 1000, 1440: 960}
# The demo begins on 2026-01-01, and these are two weeks of it.
DEMO_END = "@2026-01-15 00:05:00"
PAGES = {"overview": "/", "market": "/market/BTC-USDT?range=7d", "performance": "/performance?range=30d"}


def serve(program, folder, port):
    # By the clock of the demo's own end, so that nothing is late.
    process = subprocess.Popen(
        ["faketime", "-f", DEMO_END, program, "run", "-c", "carillon.yaml"], cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"CARILLON_WEB__PORT": str(port), "TZ": "UTC"})
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return process
        except OSError:
            if process.poll() is not None:
                sys.exit(f"take_pictures: carillon run ended with {process.returncode}")
            time.sleep(0.1)
    sys.exit("take_pictures: nothing listens")


def paint(address, width, dark, target, profile):
    command = ["chromium", "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
               f"--user-data-dir={profile}", "--timeout=4000", f"--window-size={width},{SIZES[width]}",
               f"--screenshot={target}", f"--blink-settings=preferredColorScheme={0 if dark else 1}", address]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    subprocess.run(["pngquant", "--force", "--strip", "--output", target, "64", target], check=True, timeout=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / ".build-release/release/carillon", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("pages", nargs="*", default=list(PAGES), metavar="PAGE")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="carillon-pictures-") as name:
        folder = arguments.folder or pathlib.Path(name) / "demo"
        if not arguments.folder:
            subprocess.run([program, "demo", "--days", "14", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        process = serve(program, folder, port)
        try:
            for page in arguments.pages:
                for width in SIZES:
                    # In the dark Overview alone is shown at every width.
                    for dark in (False, True) if page == "overview" or width == 1440 else (False,):
                        target = PICTURES / f"{page}-{width}-{'dark' if dark else 'light'}.png"
                        paint(f"http://127.0.0.1:{port}{PAGES[page]}", width, dark, target, pathlib.Path(name) / "profile")
                        print(target.relative_to(ROOT), target.stat().st_size)
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # faketime and what it runs
            process.wait(timeout=60)


main()
