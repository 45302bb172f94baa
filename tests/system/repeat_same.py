#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frames that only repeat others are counted, not read: nothing may come of it but time.

usage: repeat_same.py SENSOR CORPUS

Each capture of industrial protocols is read twice with the packs and what else looks at messages, once with every message
read (ot.read_all): alerts and what the watch was told must be the same, to the count.  Some captures must repeat much,
else nothing was tried.
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness

PARALLEL = 2
REPEATS_LEAST = 10000
# Rules that hold message by message: without a limit, with one, with a memory, on values, on answers.
RULES = """
alert modbus any any -> any any (msg:"each"; modbus: function 5; sid:1;)
alert modbus any any -> any any (msg:"limited"; modbus: function 3; threshold:type limit, track by_both, count 2, seconds 5; sid:2;)
alert modbus any any -> any any (msg:"counted"; modbus: function 4; threshold:type both, track by_src, count 50, seconds 10; sid:3;)
alert enip any any -> any any (msg:"each"; cip_service:14; flowbits:set,asked; sid:4;)
alert enip any any -> any any (msg:"after"; cip_service:14; cip_rsp; flowbits:isset,asked; threshold:type limit, track by_src, count 1, seconds 1; sid:5;)
alert tcp any any -> any 102 (msg:"limited"; s7comm_func:4; threshold:type limit, track by_dst, count 3, seconds 2; sid:6;)
"""
VALUES = 'alert modbus any any -> any any (msg:"value"; modbus_data; content:"|00 00|"; threshold:type both, track by_src, count 20, seconds 5; sid:7;)\n'
TOLD = ("packets", "inspected", "alerts", "alerts_suppressed", "watch_told", "watch_kept_back", "watch_shed", "watch_pushed", "ot_unanswered")


def read(sensor, path, rules, folder, read_all):
    name = f"{path.name}-{rules.stem}-{read_all}"
    alerts, stats = folder / f"{name}.eve", folder / f"{name}.json"
    command = [sensor, "-r", path, "-o", alerts, "--stats", stats, "--packs", "-S", rules, "--set", 'capture.checksums="ignore"',
               "--set", "stream.midstream=true", "--set", f"ot.read_all={str(read_all).lower()}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120)
    if done.returncode:
        sys.exit(f"{path}: status {done.returncode}: {done.stdout[-2000:]}")
    counted = json.loads(stats.read_text())
    said = []
    for line in alerts.read_text(errors="replace").splitlines():
        event = json.loads(line)
        event.pop("flow_id", None)
        said.append(json.dumps(event, sort_keys=True))
    alerts.unlink()
    counts = {name: find(counted, name) for name in TOLD}
    counts["watch_told"] -= find(counted, "watch_missed")  # found by a sweep, which passes now sooner, now later
    return sorted(said), counts, find(counted, "ot_repeats")


def find(tree, name):
    if name in tree:
        return tree[name]
    for value in tree.values():
        if isinstance(value, dict):
            found = find(value, name)
            if found is not None:
                return found
    return None


def compare(job):
    sensor, path, rules, folder = job
    quick, quick_stats, repeats = read(sensor, path, rules, folder, False)
    whole, whole_stats, none = read(sensor, path, rules, folder, True)
    trouble = None
    if none:
        trouble = f"{none} frames were not read though ot.read_all says so"
    elif quick_stats != whole_stats:
        trouble = f"counts differ: {quick_stats} and, with all read, {whole_stats}"
    elif quick != whole:
        odd = sorted(set(quick) ^ set(whole))
        trouble = f"{len(odd)} alerts are only in one; first: {odd[0] if odd else 'one that came more than once'}"
    return path, rules.stem, trouble, repeats


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    checks, repeats = harness.Checks(), 0
    with tempfile.TemporaryDirectory(prefix="quaywatch-repeat-") as made, concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        folder = pathlib.Path(made)
        plain, values = folder / "plain.rules", folder / "values.rules"
        plain.write_text(RULES)
        values.write_text(RULES + VALUES)
        jobs = [(sensor, path, rules, folder) for path in harness.captures_of(corpus, "/ot/") for rules in (plain, values)]
        for path, rules, trouble, repeated in pool.map(compare, jobs):
            checks.check(trouble is None, f"{path} ({rules}): {trouble}")
            repeats += repeated
    checks.check(repeats >= REPEATS_LEAST, f"only {repeats} frames repeated others: nothing was tried")
    print(f"{len(jobs)} comparisons, {repeats} frames that repeated others")
    checks.finish()


if __name__ == "__main__":
    main()
