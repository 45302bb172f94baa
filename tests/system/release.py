#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a tenant does not release is nowhere at the collector: not in its log, not in its database, not in a proposal.

usage: release.py BUILD_FOLDER

Two tenants see the same traffic: one keeps its addresses and names to itself, one does not.
"""
import hashlib
import json
import pathlib
import stat
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

OURS, OURS_2, OUTSIDE = "10.1.4.20", "10.1.4.9", "203.0.113.66"
RULES = '''alert udp any any -> any 9999 (msg:"seen"; content:"loop-payload"; sid:900001; rev:1; metadata:quaywatch_share src_ip;)
alert udp any any -> any 9998 (msg:"stays here"; content:"loop-payload"; sid:900002; rev:1;)
alert dns any any -> any 53 (msg:"asked"; dns.query; content:"hmi1"; sid:900003; rev:1;)
'''
NAMES = 'release.domains=["berth.example"]'
CLOSED = ('release.addresses="pseudonym"', 'release.names="hash"', NAMES, 'release.stay=["sid:900002"]')
SECRETS = (OURS, OURS_2, "hmi1.berth.example")


def everything_in(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def talk(sensor):
    for source, target, number in ((OURS, OUTSIDE, 9999), (OUTSIDE, OURS_2, 9999), (OURS, OURS_2, 9998)):
        sensor.feed.frame(traffic.ethernet(traffic.udp(source, 40000, target, number, b"loop-payload")))
    sensor.feed.frame(traffic.ethernet(traffic.udp(OURS, 40001, OUTSIDE, 53, traffic.dns_query("hmi1.berth.example"))))


def play(lab, settings, rules):
    """Name by name of one tenant: alerts at the collector, at the sensor, the sensor, and all bytes the collector has."""
    quay = port.Port(lab)
    sensor = quay.enrol("berth", "gate", [rules], settings).start().ready()
    harness.wait_until("the sensor is connected", sensor.connected)
    talk(sensor)
    wanted = 3 if settings else 4
    harness.wait_until("the alerts are at the collector", lambda: len(quay.alerts()) >= wanted)
    status = sensor.stop()
    quay.stop()
    return quay.alerts(), harness.read_lines(sensor.eve), sensor, everything_in(quay.state), status


def ledger_of(state):
    """(epoch, sequence, bytes) of each record; the chain is followed from the first to the last."""
    rows, chain = [], None
    for path in sorted((state / "ledger").glob("*.ledger")):
        data = path.read_bytes()
        assert data[:8] == b"QWLEDGR\n" and chain in (None, data[24:56]), f"{path} does not follow"
        chain, at = data[24:56], 56
        while at < len(data):
            length, _, _, epoch, sequence = struct.unpack_from("<IIqQQ", data, at)
            body = data[at + 64:at + 64 + length]
            chain = hashlib.sha256(chain + data[at:at + 32] + hashlib.sha256(body).digest()).digest()
            assert chain == data[at + 32:at + 64], f"{path}: the chain is broken at {at}"
            rows.append((epoch, sequence, body))
            at += 64 + length
    return rows


def check_ledger(checks, alerts, state):
    """What left, as the tenant wrote it down, is what the collector has: name by name, and each line's own bytes."""
    rows = ledger_of(state)
    names = sorted((f"{epoch:016x}", sequence) for epoch, sequence, _ in rows)
    checks.check(names == sorted((row["quaywatch"]["epoch"], row["quaywatch"]["seq"]) for row in alerts), f"the ledger has {names}")
    for row in alerts:
        body = [body for epoch, sequence, body in rows if sequence == row["quaywatch"]["seq"]][0]
        own = {key: value for key, value in row.items() if key != "quaywatch"}
        told = json.JSONDecoder().raw_decode(body[body.index(b"{"):].decode("utf-8", "replace"))[0]
        checks.check(told == own, f"the ledger says {told}, the collector {own}")


def check_closed(checks, lab, rules):
    alerts, local, sensor, held, status = play(lab, CLOSED, rules)
    checks.check(status == 0, f"the sensor ended with {status}")
    checks.check(len(alerts) == 3, f"3 alerts leave, not {len(alerts)}")
    checks.check(not any(row["alert"]["signature_id"] == 900002 for row in alerts), "what stays does not leave")
    for secret in SECRETS:
        checks.check(secret.encode() not in held, f"{secret} is at the collector")
    ends = {row["src_ip"] for row in alerts} | {row["dest_ip"] for row in alerts}
    checks.check(OUTSIDE in ends, "who is outside is told")
    ours = ends - {OUTSIDE}
    checks.check(len(ours) == 2, f"two hosts of ours have two stand-ins: {ours}")
    checks.check(len({end.rsplit(".", 1)[0] for end in ours}) == 1, f"neighbours stay neighbours: {ours}")
    checks.check(all("flow_id" not in row and "community_id" not in row for row in alerts), "nothing that is made of addresses leaves")
    seen = [row for row in local if row["event_type"] == "alert"]
    checks.check(len(seen) == 4 and any(row["src_ip"] == OURS for row in seen), "the tenant's own log has all of it")
    key = sensor.state / "pseudonym.key"
    checks.check(key.exists() and stat.S_IMODE(key.stat().st_mode) == 0o600, "the key is the sensor's alone")
    check_ledger(checks, alerts, sensor.state)
    checks.check("RELEASE-STAYED" in sensor.log(), "the sensor's log says how many stayed")


def check_open(checks, lab, rules):
    alerts, _, _, held, _ = play(lab, (), rules)
    checks.check(len(alerts) == 4, f"all 4 alerts leave, not {len(alerts)}")
    for secret in SECRETS:
        checks.check(secret.encode() in held, f"{secret} is not at the collector, though nothing holds it back")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = harness.Checks()
    for check in (check_closed, check_open):
        with harness.lab(sys.argv[1]) as lab:
            rules = lab.folder / "release.rules"
            rules.write_text(RULES)
            check(checks, lab, rules)
    checks.finish()


main()
