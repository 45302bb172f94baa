#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every capture of the corpus runs clean with its packets cut short, at every 50th byte of their payloads.

usage: corpus_cut.py SENSOR CORPUS [--all] [--only TEXT]

Each run keeps so many bytes of each packet and no more: parsers see messages whose end is missing, streams with holes.
Status 0 and exact accounts are wanted, and under the sanitizers their silence.  Without --all each capture is cut at one
place, another one for each; --all takes them all and is for a machine that has an hour.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness

PARALLEL = 2
BOUND_S = 120
HEADERS = 54  # Ethernet, IPv4, TCP
STEP = 50
CUTS = range(HEADERS + STEP, 1514, STEP)
LOOKS = ["--packs", "--events", "all", "--set", 'capture.checksums="ignore"', "--set", "stream.midstream=true"]


def cuts_of(path, whole):
    return list(CUTS) if whole else [CUTS[zlib.crc32(path.name.encode()) % len(CUTS)]]


def run(job):
    sensor, path, cut, folder = job
    stats = pathlib.Path(folder, f"{os.urandom(8).hex()}.json")
    command = [sensor, "-r", path, "-o", "/dev/null", "--stats", stats, *LOOKS, "--set", f"capture.snap={cut}"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=BOUND_S)
    except subprocess.TimeoutExpired:
        return path, cut, f"did not end within {BOUND_S} s"
    if done.returncode != 0:
        return path, cut, f"status {done.returncode}: {done.stdout[-2000:]}"
    seen = json.loads(stats.read_text())
    stats.unlink()
    exact = seen["packets"] == seen["inspected"] + sum(seen["drops"].values())
    return path, cut, None if exact else "its accounts are not exact"


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    checks, began = harness.Checks(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quaywatch-cut-") as folder, \
            concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        jobs = [(sensor, path, cut, folder) for path in harness.captures_of(corpus, only) for cut in cuts_of(path, "--all" in sys.argv)]
        for path, cut, trouble in pool.map(run, jobs):
            checks.check(trouble is None, f"{path} cut at {cut} bytes: {trouble}")
    print(f"{len(jobs)} runs in {time.monotonic() - began:.0f} s")
    checks.finish()


if __name__ == "__main__":
    main()
