#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every capture of the corpus is read to its end, and every packet is accounted for.

usage: corpus_accounts.py SENSOR CORPUS [--only TEXT]

For each capture: status 0, packets == what capinfos counts, and
packets == inspected + the sum of drops.  One run of the sensor per capture.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness

PARALLEL = 2
BOUND_S = 60


def count_packets(paths):
    """What capinfos counts in each file; a file that it does not know is left out."""
    done = subprocess.run(["capinfos", "-c", "-M", "-T", *map(str, paths)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, errors="surrogateescape")
    rows = (line.rsplit("\t", 1) for line in done.stdout.splitlines()[1:])
    return {pathlib.Path(name): int(count) for name, count in rows if count.isdigit()}


def run(sensor, path, folder):
    stats = folder / f"{path.name}.{os.urandom(4).hex()}.json"
    command = [sensor, "-r", path, "-o", "/dev/null", "--events", "all", "--stats", stats]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=BOUND_S)
    except subprocess.TimeoutExpired:
        return None, f"did not end within {BOUND_S} s"
    if done.returncode != 0:
        return None, f"status {done.returncode}: {done.stdout[-2000:]}"
    return json.loads(stats.read_text()), None


def complaint(stats, wanted):
    """What is wrong with the accounts; None: nothing."""
    dropped = sum(stats["drops"].values())
    if wanted is not None and stats["packets"] != wanted:
        return f"{stats['packets']} packets, capinfos counts {wanted}"
    if stats["packets"] != stats["inspected"] + dropped:
        return f"{stats['packets']} packets, but {stats['inspected']} inspected and {dropped} dropped"
    return None


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    harness.need_tools("capinfos")
    paths = harness.captures_of(corpus, only)
    counts = count_packets(paths)
    checks, packets, began = harness.Checks(), 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quaywatch-accounts-") as folder, \
            concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        runs = pool.map(lambda path: (path, *run(sensor, path, pathlib.Path(folder))), paths)
        for path, stats, trouble in runs:
            trouble = trouble or complaint(stats, counts.get(path))
            checks.check(trouble is None, f"{path}: {trouble}")
            packets += stats["packets"] if stats else 0
    uncounted = [path.name for path in paths if path not in counts]
    print(f"{len(paths)} captures, {packets} packets in {time.monotonic() - began:.0f} s;"
          f" capinfos has no count of {len(uncounted)}: {' '.join(uncounted[:5])}")
    checks.finish()


if __name__ == "__main__":
    main()
