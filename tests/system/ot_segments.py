#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is told of industrial protocols does not depend on how TCP cuts what they say.

usage: ot_segments.py SENSOR CORPUS [--all] [--only TEXT] [--ports]

Each capture of the corpus is read as it is, with its TCP payloads in segments of 1 to 7 bytes, and with what one side
says without a break in one segment: the `ot` events must be the same, time aside.  Without --all each capture is tried in
one way, another one for each, and long ones are left out.

--ports, for a look by hand: at ports that are nobody's, whole and cut.  There what begins in the middle is told with client
and server confounded if its first piece does not tell, and what proves nothing by itself (lone exceptions, FINS) is not told.
"""
import collections
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import recut

PARALLEL = 2
BOUND_S = 120
LONG_BYTES = 250_000
SHOWN = 6
RANDOM = ("zeek__fuzz-72.pcap",)  # its sequence numbers are: what is a repetition depends on how it is cut
LOOKS = ["--events", "ot", "--workers", "1", "--set", 'capture.checksums="ignore"', "--set", "stream.midstream=true"]
WAYS = {f"cut {size}": lambda packets, size=size: recut.cut(packets, size) for size in range(1, 8)}
WAYS["joined"] = recut.joined
SERVERS = (102, 502, 789, 1911, 1962, 2404, 4712, 4713, 4840, 4911, 5007, 5094, 9600, 18245, 20000, 44818, 47808, 48898)
ELSEWHERE = {port: port // 8 + 50000 for port in SERVERS}
PORTS = {"elsewhere": lambda packets: recut.moved(packets, ELSEWHERE),
         "elsewhere, cut": lambda packets: recut.cut(list(recut.moved(packets, ELSEWHERE)), 7)}


def events_of(sensor, path, folder):
    out = pathlib.Path(folder, path.name + ".json")
    done = subprocess.run([sensor, "-r", path, "-o", out, *LOOKS], capture_output=True, text=True, errors="replace", timeout=BOUND_S)
    if done.returncode != 0:
        return collections.Counter({f"status {done.returncode}: {done.stderr.strip()}": 1})
    told = collections.Counter()
    for line in out.read_text(errors="replace").splitlines() if out.exists() else []:
        event = json.loads(line)
        told[json.dumps([event.get(key) for key in ("src_ip", "dest_ip", "app_proto", "ot")])] += 1
    out.unlink(missing_ok=True)
    return told


def differences(told, again):
    lines = [f"  {-count:+d} {text}" for text, count in (told - again).items()]
    return lines + [f"  {count:+d} {text}" for text, count in (again - told).items()]


def run(job):
    """[(way, lines of what differs)]; None: cannot be cut."""
    sensor, path, ways = job
    packets = recut.read(path)
    if not packets:
        return path, None
    found = []
    with tempfile.TemporaryDirectory(prefix="quaywatch-segments-") as folder:
        copy = pathlib.Path(folder, "again.pcap")
        told = events_of(sensor, path, folder)
        for name, way in ways.items():
            again = list(way(packets))
            if again == packets:
                continue
            recut.write(copy, again)
            found.append((name, differences(told, events_of(sensor, copy, folder))))
    return path, found


def jobs_of(sensor, corpus, arguments):
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else "/ot/"
    ways = PORTS if "--ports" in arguments else WAYS
    for path in harness.captures_of(corpus, only):
        if path.name in RANDOM:
            continue
        if "--all" in arguments or "--ports" in arguments:
            yield sensor, path, ways
        elif path.stat().st_size <= LONG_BYTES:
            name = sorted(ways)[zlib.crc32(path.name.encode()) % len(ways)]
            yield sensor, path, {name: ways[name]}


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    checks, began, count = harness.Checks(), time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for path, found in pool.map(run, jobs_of(sensor, corpus, sys.argv)):
            for name, lines in found or []:
                count += 1
                checks.check(not lines, f"{path} {name}: - told of the original, + of this\n" + "\n".join(lines[:SHOWN]))
    print(f"{count} runs in {time.monotonic() - began:.0f} s")
    checks.check(count > 0, "no capture could be cut")
    checks.finish()


if __name__ == "__main__":
    main()
