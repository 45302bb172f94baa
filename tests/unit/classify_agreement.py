#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what flows are called with what ndpiReader calls them.

    classify_agreement.py CAPTURES COMMAND...

COMMAND is run with a capture's path in the place of {} and prints EVE flow
records with quaywatch.ndpi, for instance
    quaywatch-sensor -r {} -o - --events flow
    bench_flows --names {}
A flow that ndpiReader names agrees if a flow of the same ends has the same
master protocol.  Flows that only ndpiReader sees are listed apart: it reads
some frames that are not IP as if they were.  Exit status 1 below the floor,
77 without ndpiReader.
"""
import collections
import csv
import ipaddress
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

FLOOR_PERCENT = 98.0
NUMBERS = {"TCP": "6", "UDP": "17", "ICMP": "1", "IPv6-ICMP": "58", "ICMPv6": "58", "SCTP": "132", "IGMP": "2"}


def address(text):
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def key(proto, ends):
    number = NUMBERS.get(proto, proto)
    if number in ("1", "58"):
        ends = [(host, "0") for host, _ in ends]
    return number, frozenset((address(host), str(port)) for host, port in ends)


def reader_names(capture):
    names = collections.defaultdict(list)
    with tempfile.NamedTemporaryFile(mode="r", suffix=".csv", errors="replace") as table:
        subprocess.run(["ndpiReader", "-C", table.name, "-i", str(capture)],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=300)
        for row in csv.reader(table):
            if len(row) > 10 and not row[0].startswith("#"):
                names[key(row[1], [(row[5], row[6]), (row[7], row[8])])].append(row[10])
    return names


def our_names(capture, command):
    names = collections.defaultdict(list)
    words = [word.replace("{}", str(capture)) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=300)
    if done.returncode:
        print(f"{capture}: exit status {done.returncode}")
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event.get("event_type") != "flow":
            continue
        ends = [(event["src_ip"], event.get("src_port", 0)), (event["dest_ip"], event.get("dest_port", 0))]
        names[key(str(event["proto"]), ends)].append(event.get("quaywatch", {}).get("ndpi", "Unknown"))
    return names


def master(name):
    return name.split(".")[0]


def compare(captures, command):
    counts, differences, examples = collections.Counter(), collections.Counter(), {}
    for capture in captures:
        ours = our_names(capture, command)
        for ends, names in reader_names(capture).items():
            mine = ours.get(ends, [])
            for name in (n for n in names if n != "Unknown"):
                counts["named"] += 1
                if not mine:
                    counts["unseen"] += 1
                    verdict = (name, "no such flow")
                elif master(name) in map(master, mine):
                    counts["agree"] += 1
                    continue
                else:
                    verdict = (name, ", ".join(sorted(set(mine))))
                differences[verdict] += 1
                examples.setdefault(verdict, f"{capture.name} {sorted(ends[1])}")
    return counts, differences, examples


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        return 64
    if not shutil.which("ndpiReader"):
        print("ndpiReader is not installed (package libndpi-bin)")
        return 77
    captures = sorted(path for path in pathlib.Path(sys.argv[1]).rglob("*") if path.suffix in (".pcap", ".pcapng"))
    counts, differences, examples = compare(captures, sys.argv[2:])
    for verdict, count in differences.most_common():
        print(f"{count:6} {verdict[0]}: {verdict[1]} ({examples[verdict]})")
    met = counts["named"] - counts["unseen"]
    percent = 100 * counts["agree"] / met if met else 0
    print(f"{len(captures)} captures, {counts['named']} flows named, {counts['unseen']} of them not seen here, "
          f"{counts['agree']} agree: {percent:.2f} %")
    return percent < FLOOR_PERCENT


sys.exit(main())
