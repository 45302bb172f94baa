#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule that ships fires on what it is for, and not on what is nearly that.

usage: run.py SENSOR [SID…]

Rows stand in plc.py, worm.py and terminal.py (kit.py says what a row is).
Each talk has a pair of addresses of its own in one capture, so that an alert
says whose it is.  The rules are loaded by --packs, as a user would.
"""
import collections
import ipaddress
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import harness
import plc
import rules
import terminal
import traffic
import worm

GID = 3
BOUND_S = 120
GAP_S = 1
SETTINGS = ('vars.DC_SERVERS="10.99.0.0/16"', 'capture.deduplicate=false', "alerts.fold=0")


def address(network, number):
    return str(ipaddress.ip_address(network) + 256 * (number // 250) + number % 250 + 1)


def make(rows):
    """The capture, and by client address: what must fire, and what must not."""
    capture, wanted = traffic.Capture(), {}
    talks = [(row, fires) for row in rows for fires in (True, False)]
    for number, (row, fires) in enumerate(talks):
        client, server = address("10.1.0.0", number), address("10.2.0.0", number)
        capture.ns += GAP_S * 10**9
        row[1 if fires else 2](capture, client, server)
        wanted[client] = (row, fires)
    return capture, wanted


def alerts_of(sensor, capture):
    """By client address, the sids of the packs that alerted, and how often each."""
    with tempfile.TemporaryDirectory(prefix="quaywatch-packs-") as folder:
        path = pathlib.Path(folder) / "talks.pcap"
        capture.save(path)
        command = [sensor, "-r", path, "--packs", "--set", "watch.enabled=false", "-o", "-",
                   *(word for line in SETTINGS for word in ("--set", line))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=BOUND_S)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"status {done.returncode}: {done.stderr}")
    seen = collections.defaultdict(collections.Counter)
    for line in done.stdout.splitlines():
        event = json.loads(line)
        alert = event["alert"]
        if alert["gid"] != GID:
            continue
        assert event["quaywatch"]["origin"] == "pack", line
        assert alert["metadata"]["quaywatch_detection"] and alert["metadata"]["mitre_attack"], line
        client = event["src_ip"] if event["src_ip"].startswith("10.1.") else event["dest_ip"]
        seen[client][alert["signature_id"]] += 1
    return seen


def check_row(checks, row, fires, seen):
    sid, besides = row[0], row[3] if len(row) > 3 else []
    if fires:
        wanted = {sid: 1, **{other: 1 for other in besides}}
        checks.check(dict(seen) == wanted, f"{sid}: its talk gave {dict(seen)}, not {wanted}")
    else:
        checks.check(sid not in seen, f"{sid}: its near miss fired it")


def main():
    sensor, only = pathlib.Path(sys.argv[1]).resolve(), {int(word) for word in sys.argv[2:]}
    checks = harness.Checks()
    rows = [row for row in plc.ROWS + worm.ROWS + terminal.ROWS if not only or row[0] in only]
    shipped = {rule.sid for rule in rules.shipped() if not rule.silent}
    checks.check(only or shipped == {row[0] for row in rows}, f"rules without a row, or rows without a rule: "
                 f"{sorted(shipped ^ {row[0] for row in rows})}")
    capture, wanted = make(rows)
    seen = alerts_of(sensor, capture)
    for client, (row, fires) in wanted.items():
        check_row(checks, row, fires, seen[client])
    checks.finish()


if __name__ == "__main__":
    main()
