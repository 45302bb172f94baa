#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flows are called what ndpiReader calls them.

usage: classify_agreement.py SENSOR CORPUS [--only TEXT]

Every capture is read by the sensor and by `ndpiReader -v 2`, here and now, and the flows that ndpiReader names are
looked up among the sensor's by ends, protocol and VLAN.  A flow agrees if the sensor has one of the same ends with the
same master protocol.  A named flow that the sensor does not see counts as a difference, unless tshark finds no packet
between its addresses either: ndpiReader reads some frames that are not IP as if they were.
"""
import collections
import concurrent.futures
import ipaddress
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness

PARALLEL = 2
BOUND_S = 60
FLOOR_MET_PERCENT = 98.0  # of named flows that both see
FLOOR_ALL_PERCENT = 98.0  # of named flows, but for those that are not IP
OPTIONS = ["--events", "flow", "--set", 'capture.checksums="ignore"', "--set", "stream.midstream=true"]

FLOW = re.compile(r"^\t\d+\t(\S+) (\S+) <?-> (\S+) (?:\[VLAN: (\d+)\])?\[proto: [^/\]]+/([^\]]+)\]")
NUMBERS = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMPV6": 58, "IPV6-ICMP": 58, "SCTP": 132, "IGMP": 2, "GRE": 47, "ESP": 50,
           "AH": 51, "OSPF": 89, "PIM": 103, "VRRP": 112, "EGP": 8, "IP": 0}
ICMP = (1, 58)


def protocol(name):
    return int(name) if name.isdigit() else NUMBERS.get(name.upper(), name.upper())


def address(text):
    """As ndpiReader spells it: it writes every group of zero as an empty one."""
    try:
        text = str(ipaddress.ip_address(text))
    except ValueError:
        pass
    while ":0:" in text:
        text = text.replace(":0:", "::")
    return text


def key(proto, ends, vlan):
    if proto in ICMP:
        ends = [(host, 0) for host, _ in ends]
    return proto, frozenset((address(host), int(port)) for host, port in ends), vlan


def end_of(text):
    """host:port, [host]:port, or a host alone."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or 0
    host, _, port = text.rpartition(":")
    return (host, port) if host and ":" not in host else (text, 0)


def reader_flows(path):
    """Those that ndpiReader names: [(key, name)]."""
    done = subprocess.run(["ndpiReader", "-v", "2", "-i", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          errors="replace", timeout=BOUND_S)
    rows = (FLOW.match(line) for line in done.stdout.splitlines())
    return [(key(protocol(row[1]), [end_of(row[2]), end_of(row[3])], int(row[4] or 0)), row[5])
            for row in rows if row and row[5] != "Unknown"]


def sensor_flows(sensor, path):
    """key → the names of all flows of those ends."""
    names = collections.defaultdict(list)
    done = subprocess.run([sensor, "-r", path, "-o", "-", *OPTIONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=BOUND_S)
    if done.returncode != 0:
        raise AssertionError(f"{path}: status {done.returncode}: {done.stderr[-1000:]}")
    for event in map(json.loads, done.stdout.splitlines()):
        if event["event_type"] != "flow":
            continue
        ends = [(event["src_ip"], event.get("src_port", 0)), (event["dest_ip"], event.get("dest_port", 0))]
        for vlan in event.get("vlan") or [0]:
            names[key(protocol(str(event["proto"])), ends, vlan)].append(event.get("quaywatch", {}).get("ndpi", "Unknown"))
    return names


def stacks_of(path):
    """Pairs of addresses between which tshark sees IP packets, in tunnels too → the stacks of VLAN tags around them."""
    fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "vlan.id"]
    done = subprocess.run(["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=;", *(w for f in fields for w in ("-e", f))],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", timeout=BOUND_S)
    stacks = collections.defaultdict(set)
    for line in done.stdout.splitlines():
        *cells, tags = line.split(";")
        src4, dst4, src6, dst6 = (map(address, cell.split(",")) for cell in cells)
        for pair in [*zip(src4, dst4), *zip(src6, dst6)]:
            stacks[frozenset(pair)].add(tuple(int(tag) for tag in tags.split(",") if tag))
    return stacks


def under_other_tag(ours, ends, stacks):
    """Of stacked tags ndpiReader names the innermost, the sensor the outermost."""
    return [name for stack in stacks if ends[2] in stack for name in ours.get((*ends[:2], stack[0]), ())]


def master(name):
    return name.split(".")[0]


def compare(sensor, path):
    """[(verdict, name there, names here, ends)] of the flows that ndpiReader names."""
    rows, ours, stacks = [], sensor_flows(sensor, path), None
    for ends, name in reader_flows(path):
        mine, verdict = ours.get(ends), None
        if not mine:
            stacks = stacks_of(path) if stacks is None else stacks
            around = stacks.get(frozenset(host for host, _ in ends[1]))
            mine, verdict = under_other_tag(ours, ends, around or ()), "unseen" if around else "not IP"
        if mine:
            verdict = "agree" if master(name) in map(master, mine) else "differ"
        rows.append((verdict, name, ", ".join(sorted(set(mine))), ends))
    return rows


def percent(part, whole):
    return 100 * part / whole if whole else 0.0


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    harness.need_tools("ndpiReader", "tshark")
    paths = harness.captures_of(corpus, only)
    verdicts, groups, examples = collections.Counter(), collections.Counter(), {}
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for path, rows in zip(paths, pool.map(lambda path: compare(sensor, path), paths)):
            for verdict, theirs, mine, ends in rows:
                verdicts[verdict] += 1
                if verdict != "agree":
                    groups[verdict, theirs, mine] += 1
                    examples.setdefault((verdict, theirs, mine), f"{path.name} {ends[0]} {sorted(ends[1])} vlan {ends[2]}")
    for group, count in sorted(groups.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"{group[0]:7} {count:4} {group[1]}: {group[2] or '-'}  ({examples[group]})")
    met, named = verdicts["agree"] + verdicts["differ"], verdicts.total()
    of_met, of_all = percent(verdicts["agree"], met), percent(verdicts["agree"], named - verdicts["not IP"])
    print(f"{len(paths)} captures, {named} flows named by ndpiReader: {verdicts['agree']} agree, {verdicts['differ']} differ, "
          f"{verdicts['unseen']} not seen here, {verdicts['not IP']} that are not IP")
    print(f"agreement {of_met:.2f} % of those that both see, {of_all:.2f} % of all that are IP")
    checks = harness.Checks()
    checks.check(named > 0, "ndpiReader names no flow")
    checks.check(of_met >= FLOOR_MET_PERCENT, f"less than {FLOOR_MET_PERCENT} % of the flows that both see agree")
    checks.check(of_all >= FLOOR_ALL_PERCENT, f"less than {FLOOR_ALL_PERCENT} % of the flows that are IP agree")
    checks.finish()


if __name__ == "__main__":
    main()
