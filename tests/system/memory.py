#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A live sensor with a million indicators and a thousand signatures, and what it holds in memory.

usage: memory.py BUILD_FOLDER [--indicators N] [--signatures N] [--limit MB]

Anonymous and shared memory, each page counted once over all processes
(proportional set size); at rest and at its peak while the ruleset is built.
"""
import argparse
import hashlib
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

LIMIT_MB = 256


def indicators(count):
    """40 % addresses, 40 % names of 22 characters, 10 % URLs of 60, 10 % SHA-256; none of them is ever on a wire."""
    for number in range(count):
        digest = hashlib.sha256(number.to_bytes(8, "little")).hexdigest()
        kind = number % 10
        if kind < 4:
            yield f"{240 + number % 15}.{int(digest[:2], 16)}.{int(digest[2:4], 16)}.{int(digest[4:6], 16)}"
        elif kind < 8:
            yield f"{digest[:10]}.{digest[10:13]}.invalid"
        elif kind == 8:
            yield f"http://{digest[:8]}.invalid/{digest[8:20]}/{digest[20:40]}.php"
        else:
            yield digest


def signatures(count):
    for number in range(1, count + 1):
        digest = hashlib.sha256(b"signature" + number.to_bytes(8, "little")).hexdigest()
        if number % 3 == 0:
            yield f'alert http any any -> any any (msg:"h{number}"; http.uri; content:"/{digest[:12]}"; sid:{1000000 + number};)'
        elif number % 3 == 1:
            yield f'alert tcp any any -> any any (msg:"t{number}"; content:"{digest[:10]}"; pcre:"/{digest[:10]}[0-9]+x/"; sid:{1000000 + number};)'
        else:
            yield f'alert ip any any -> any any (msg:"i{number}"; content:"|{digest[:16]}|"; sid:{1000000 + number};)'


def family(pid):
    """A process and all its descendants."""
    found = [pid]
    for child in harness.children_of(pid):
        found += family(child)
    return found


def figures(pid):
    """Kilobytes of one process, from smaps_rollup: what is not backed by files, shared pages in parts."""
    rows = {}
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split(":")
            rows[name] = int(value.split()[0])
    except OSError:
        return None
    return {"anonymous": rows["Pss_Anon"], "shared": rows["Pss_Shmem"], "file": rows["Pss_File"]}


def total_kb(pid):
    return sum(row["anonymous"] + row["shared"] for row in map(figures, family(pid)) if row)


def peak_until(pid, fact, seconds):
    """The largest sum seen until the fact holds."""
    peak, end = 0, time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, f"not within {seconds} s"
        peak = max(peak, total_kb(pid))
        time.sleep(0.02)
    return peak


def role_of(pid, main_pid):
    if pid == main_pid:
        return "supervisor"
    if any("/spool" in os.readlink(entry) for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir()):
        return "exporter"
    return "builder" if pid == min(harness.children_of(main_pid)) else "worker" # the builder is started first


def print_table(pid):
    for member in family(pid):
        row = figures(member)
        if row:
            print(f"  {role_of(member, pid):18} anonymous {row['anonymous'] / 1024:7.1f} MB  shared {row['shared'] / 1024:7.1f} MB"
                  f"  (file-backed {row['file'] / 1024:.1f} MB, not counted)")


def traffic_frames(count):
    """Flows of several protocols, so that the workers' tables are in use."""
    capture = traffic.Capture()
    for number in range(count):
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255 or 1}"
        talk = traffic.Talk(capture, client, 1024 + number % 60000, "10.255.0.1", 80).open()
        talk.client(traffic.http_request("plain.example", f"/{number}")).server(traffic.http_answer())
        capture.add_ip(traffic.udp(client, 5353, "10.255.0.2", 53, traffic.dns_query(f"n{number}.example")))
    return [frame for _, frame in capture.frames]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--indicators", type=int, default=1_000_000)
    parser.add_argument("--signatures", type=int, default=1000)
    parser.add_argument("--limit", type=int, default=LIMIT_MB)
    options = parser.parse_args()
    if not os.path.exists("/proc/self/smaps_rollup"):
        harness.skip("/proc/self/smaps_rollup is missing")
    checks = harness.Checks()
    with harness.lab(options.build) as lab:
        feed, rules = lab.folder / "feed.txt", lab.folder / "many.rules"
        feed.write_text("\n".join(indicators(options.indicators)) + "\n")
        rules.write_text("\n".join(signatures(options.signatures)) + "\n")
        sensor = port.Port(lab).enrol("berth", "gate", [feed, rules]).start()
        pid, began = sensor.process.pid, time.monotonic()
        peak = peak_until(pid, lambda: "RULESET-BUILT" in sensor.log() or sensor.process.ended(), 300)
        print(f"{next(line for line in sensor.log().splitlines() if 'RULESET-BUILT' in line)} after {time.monotonic() - began:.1f} s")
        frames = traffic_frames(5000)
        for frame in frames:
            sensor.feed.frame(frame)
        harness.wait_until("the worker has read it all", lambda: sensor.port.sensor_row("berth", "gate").get("packets", 0) >= len(frames), 60, 0.2)
        rest = total_kb(pid)
        print_table(pid)
        print(f"{options.indicators} indicators, {options.signatures} signatures: {rest / 1024:.1f} MB at rest under traffic,"
              f" {peak / 1024:.1f} MB at the peak of building (limit {options.limit} MB)")
        checks.check(f"{options.signatures} signatures (0 refused), {options.indicators} indicators (0 refused)" in sensor.log(),
                     "not everything was loaded")
        for what, size in (("at rest", rest), ("at the peak of building", peak)):
            checks.check(size <= options.limit * 1024, f"{size / 1024:.1f} MB {what}, more than {options.limit}")
        checks.check(sensor.stop() == 0, "the sensor does not end with status 0")
    checks.finish()


if __name__ == "__main__":
    main()
