#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tls_fingerprints - JA3 and JA3S of public captures, as tshark computes them.

usage: tls_fingerprints.py SENSOR CORPUS

Reads every capture of CORPUS/corpus/pcap/it/tls and quic with both, and
compares the sets of digests.  Exits 77 where tshark or the captures are
missing, 1 where the sets differ.
"""
import json
import pathlib
import shutil
import subprocess
import sys

FIELDS = ["tls.handshake.ja3", "tls.handshake.ja3s"]

# What tshark does not see, each with its reason.
EXCEPTED = {
    "nDPI__tls_port_80.pcapng": "it takes port 80 for HTTP",
}


def by_tshark(capture):
    command = ["tshark", "-r", str(capture), "-Y", "tls.handshake", "-T", "fields", "-E", "aggregator=,"]
    for field in FIELDS:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    return {value for line in out.splitlines() for cell in line.split("\t") for value in cell.split(",") if value}


def by_us(sensor, capture):
    command = [sensor, "-r", str(capture), "-o", "-", "--events", "tls", "--set", "stream.midstream=true",
               "--set", 'capture.checksums="ignore"']
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{capture}: the sensor exits {done.returncode}\n{done.stderr}")
    found = set()
    for line in done.stdout.splitlines():
        tls = json.loads(line).get("tls", {})
        for name in ("ja3", "ja3s"):
            found |= {tls.get(name + "_hash") or tls.get(name, {}).get("hash")} - {None}
    return found


def main():
    sensor, corpus = sys.argv[1], pathlib.Path(sys.argv[2]) / "corpus" / "pcap" / "it"
    if not shutil.which("tshark"):
        print("tshark is not installed")
        return 77
    captures = sorted(p for folder in ("tls", "quic") for p in (corpus / folder).glob("*.pcap*")
                      if p.suffix in (".pcap", ".pcapng"))
    if not captures:
        print(f"no captures in {corpus}")
        return 77
    differ = 0
    for capture in captures:
        if capture.name in EXCEPTED:
            continue
        theirs, ours = by_tshark(capture), by_us(sensor, capture)
        if theirs != ours:
            differ += 1
            print(f"{capture.name}: only tshark {sorted(theirs - ours)}, only ours {sorted(ours - theirs)}")
    print(f"{len(captures)} captures, {differ} differ")
    return 1 if differ else 0


sys.exit(main())
