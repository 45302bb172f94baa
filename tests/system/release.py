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
import subprocess
import sys
import time

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
CLOSED = ('alerts.payload=64', 'release.payload="on_request"', 'release.addresses="pseudonym"', 'release.names="hash"', NAMES, 'release.stay=["sid:900002"]')
EMBARGO_S = 3
SECRETS = (OURS, OURS_2, "hmi1.berth.example")


def everything_in(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def talk(sensor):
    for source, target, number in ((OURS, OUTSIDE, 9999), (OUTSIDE, OURS_2, 9999), (OURS, OURS_2, 9998)):
        sensor.feed.frame(traffic.ethernet(traffic.udp(source, 40000, target, number, b"loop-payload")))
    sensor.feed.frame(traffic.ethernet(traffic.udp(OURS, 40001, OUTSIDE, 53, traffic.dns_query("hmi1.berth.example"))))


def play(lab, settings, rules, ask=None):
    """Name by name of one tenant: alerts at the collector, at the sensor, the sensor, and all bytes the collector has."""
    quay = port.Port(lab)
    sensor = quay.enrol("berth", "gate", [rules], settings).start().ready()
    harness.wait_until("the sensor is connected", sensor.connected)
    talk(sensor)
    wanted = 3 if settings else 4
    harness.wait_until("the alerts are at the collector", lambda: len(quay.alerts()) >= wanted)
    if ask:
        ask(quay, sensor)
    status = sensor.stop()
    quay.stop()
    return quay.alerts(), harness.read_lines(sensor.eve), sensor, everything_in(quay.state), status


def ctl(quay, sensor, *words):
    command = [quay.lab.ctl_binary, "--json", "--socket", sensor.state / "control.sock", *words]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30)


def check_payload(checks, quay, sensor):
    """It does not leave; by the digest that the alert names the tenant can show it."""
    rows = [row for row in quay.alerts() if "payload_digest" in row]
    checks.check(any(row["alert"]["signature_id"] == 900001 for row in rows), f"an alert names its payload: {rows}")
    for row in rows:
        shown = ctl(quay, sensor, "payload", row["payload_digest"])
        checks.check("payload" not in row and shown.returncode == 0, f"the tenant has the payload: {shown.stderr}")
        if row["alert"]["signature_id"] == 900001:
            checks.check(bytes.fromhex(json.loads(shown.stdout)["hex"]) == b"loop-payload", f"it is the alert's: {shown.stdout}")


def check_asked(checks, quay, sensor):
    """What the sensor says of its ledger, to whoever may open its control socket."""
    def ask(*words):
        return ctl(quay, sensor, "ledger", *words)
    check_payload(checks, quay, sensor)
    lines = [json.loads(line) for line in ask().stdout.splitlines()]
    rows = [line for line in lines if line["what"] == "alert"]
    checks.check([line["what"] for line in lines if line not in rows] == ["proposal"], f"the ledger names what was proposed: {lines}")
    checks.check([row["seq"] for row in rows] == [1, 2, 3], f"the ledger names what left: {rows}")
    checks.check(all(row["replaced"] and row["dropped"] and row["kept"] for row in rows), f"and what was done with the fields: {rows}")
    held = ctl(quay, sensor, "propose", OURS, "--confidence", "90")
    checks.check(held.returncode == 77 and "stays here" in held.stderr, f"a person cannot propose what the policy holds back: {held.stderr}")
    told = ask("--since", "2100-01-01")
    checks.check(told.stdout == "" and told.returncode == 0, f"nothing left since 2100: {told.stdout}")
    whole = ask("--verify")
    checks.check(whole.returncode == 0 and json.loads(whole.stdout)["holds"], f"the ledger holds: {whole.stdout} {whole.stderr}")
    path = next((sensor.state / "ledger").glob("*.ledger"))
    sound = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(sound) - 1)
        file.write(bytes([sound[-1] ^ 1]))
    broken = ask("--verify")
    checks.check(broken.returncode == 65 and "records that hold" in broken.stderr, f"a changed byte is found: {broken.stdout} {broken.stderr}")
    with path.open("r+b") as file:
        file.seek(len(sound) - 1)
        file.write(sound[-1:])


def ledger_of(state):
    """(epoch, sequence, bytes) of each alert, and the bytes of all else by kind; the chain is followed from the first to the last."""
    rows, others, chain = [], {1: [], 2: [], 3: []}, None
    for path in sorted((state / "ledger").glob("*.ledger")):
        data = path.read_bytes()
        assert data[:8] == b"QWLEDGR\n" and chain in (None, data[40:72]), f"{path} does not follow"
        chain, at = hashlib.sha256(data[:72]).digest(), 72
        while at < len(data):
            length, _, _, _, flags, _, _, epoch, sequence = struct.unpack_from("<IHHHHIqQQ", data, at)
            body = data[at + 72:at + 72 + length]
            chain = hashlib.sha256(chain + data[at:at + 40] + hashlib.sha256(body).digest()).digest()
            assert chain == data[at + 40:at + 72], f"{path}: the chain is broken at {at}"
            if flags >> 4:
                others[flags >> 4].append(body)
            else:
                rows.append((epoch, sequence, body))
            at += 72 + length
    return rows, others


def check_ledger(checks, alerts, state):
    """What left, as the tenant wrote it down, is what the collector has: name by name, and each line's own bytes."""
    rows, _ = ledger_of(state)
    names = sorted((f"{epoch:016x}", sequence) for epoch, sequence, _ in rows)
    checks.check(names == sorted((row["quaywatch"]["epoch"], row["quaywatch"]["seq"]) for row in alerts), f"the ledger has {names}")
    for row in alerts:
        body = [body for epoch, sequence, body in rows if sequence == row["quaywatch"]["seq"]][0]
        own = {key: value for key, value in row.items() if key != "quaywatch"}
        told = json.JSONDecoder().raw_decode(body[body.index(b"{"):].decode("utf-8", "replace"))[0]
        checks.check(told == own, f"the ledger says {told}, the collector {own}")


def check_closed(checks, lab, rules):
    alerts, local, sensor, held, status = play(lab, CLOSED, rules, lambda quay, sensor: check_asked(checks, quay, sensor))
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


def fields(data):
    """What a protobuf message has: (number, value), in order."""
    def varint(at):
        value, shift = 0, 0
        while True:
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value, at
    at = 0
    while at < len(data):
        key, at = varint(at)
        if key & 7 == 0:
            value, at = varint(at)
        elif key & 7 == 1:
            value, at = data[at:at + 8], at + 8
        else:
            size, at = varint(at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def told(body, frame_number):
    """The message inside a frame, as a dict."""
    return dict(fields(dict(fields(body))[frame_number]))


def share(lab, rules, settings):
    """Something is proposed by a rule and by a person, and tried dry; what the collector and the ledger have of it."""
    quay = port.Port(lab, "policy: { tenants = 1; };\n")
    quay.ctl("tenant", "add", "other")
    quay.ctl("indicators", "add", "ip", OUTSIDE)
    sensor = quay.enrol("berth", "gate", [rules], ("watch.enabled=true", *settings)).start().ready()
    harness.wait_until("the sensor is connected", sensor.connected)
    harness.wait_until("the sensor has the indicator", lambda: [row for row in quay.ctl("why", OUTSIDE) if row.get("receipts") == 1])
    sensor.feed.frame(traffic.ethernet(traffic.udp("203.0.113.77", 40000, OURS_2, 9999, b"loop-payload")))
    sensor.feed.frame(traffic.ethernet(traffic.udp(OUTSIDE, 40000, OURS_2, 9997, b"nothing")))
    person = ctl(quay, sensor, "propose", "evil.example.net", "--confidence", "90", "--why", "by hand")
    harness.wait_until("both alerts are at the collector", lambda: len(quay.alerts()) >= 2)
    harness.wait_until("no trial is open", lambda: quay.ctl("status")[0]["dry_runs_open"] == 0)
    time.sleep(0.3)
    status, values = quay.ctl("status")[0], {row["value"] for row in quay.ctl("candidates")}
    evidence = [row for value in values for row in quay.ctl("why", value) if "proposed_by" in row]
    sensor.stop()
    quay.stop()
    return person, status, values, evidence, quay.alerts(), ledger_of(sensor.state)[1]


def check_kinds(checks, lab, rules):
    """What left beside alerts is what the collector has of it: value by value, answer by answer."""
    person, status, values, evidence, alerts, others = share(lab, rules, ())
    proposals = [told(body, 10) for body in others[1]]
    offered = sorted((dict(fields(each[1]))[2].decode(), each.get(3, 0), each.get(5, b"").decode()) for each in proposals)
    checks.check(person.returncode == 0, f"a person's proposal: {person.stderr}")
    checks.check([row[0] for row in offered] == ["203.0.113.77", "evil.example.net"], f"the ledger has the proposals {offered}")
    checks.check({row[0] for row in offered} == values, f"the collector has the candidates {values}")
    checks.check(sorted(row["reason"] for row in evidence) == sorted(row[2] for row in offered), f"the collector has {evidence}")
    answers = [told(body, 25) for body in others[2]]
    checks.check(len(answers) == status["dry_run_answers"] == 2, f"the ledger has {answers}, the collector {status}")
    checks.check(all(each[3] == 1 for each in answers) and sorted(each.get(2, 0) for each in answers) == [0, 1], f"the answers are {answers}")
    met = [row for row in alerts if row["quaywatch"]["origin"] == "indicator"]
    checks.check(len(met) == 1 and met[0]["quaywatch"]["indicator"]["value"] == OUTSIDE, f"the alert that met an indicator: {met}")


def check_kinds_that_stay(checks, lab, rules):
    person, status, values, _, alerts, others = share(lab, rules, ("release.proposals=false", "release.dry_runs=false", "release.sightings=false"))
    checks.check(person.returncode == 77 and "stays here" in person.stderr, f"a person's proposal: {person.returncode} {person.stderr}")
    checks.check(not values and not any(others.values()), f"left all the same: {values} {others}")
    checks.check(status["dry_run_answers"] == 0, f"dry runs were answered: {status}")
    met = [row for row in alerts if row["quaywatch"]["origin"] == "indicator"]
    checks.check(len(met) == 1 and "indicator" not in met[0]["quaywatch"], f"the alert that met an indicator: {met}")


def is_alive(pid):
    """Of a process whose parent is gone: a zombie is not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def check_embargo(checks, lab, rules):
    """An alert waits on the sensor's disk, over a restart, and has no sequence before its time."""
    quay = port.Port(lab)
    sensor = quay.enrol("berth", "gate", [rules], (f"release.embargo={EMBARGO_S}",)).start().ready()
    harness.wait_until("the sensor is connected", sensor.connected)
    began = time.monotonic()
    talk(sensor)
    harness.wait_until("the sensor wrote its alerts down", lambda: len(harness.read_lines(sensor.eve)) >= 4)
    children = harness.children_of(sensor.process.pid)
    sensor.process.popen.kill()
    sensor.process.popen.wait()
    harness.wait_until("its processes are gone", lambda: not any(is_alive(pid) for pid in children))
    checks.check(len(quay.alerts()) == 0 and not ledger_of(sensor.state)[0], "nothing leaves before its time")
    sensor.start().ready()
    harness.wait_until("the first alert is at the collector", quay.alerts, EMBARGO_S + 20)
    waited = time.monotonic() - began
    checks.check(waited >= EMBARGO_S, f"an alert waited for {waited} s only")
    harness.wait_until("the alerts are at the collector", lambda: len(quay.alerts()) >= 4)
    sensor.stop()
    quay.stop()
    check_ledger(checks, quay.alerts(), sensor.state)
    checks.check(len(quay.alerts()) == 4, "each left once")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = harness.Checks()
    for check in (check_closed, check_open, check_embargo, check_kinds, check_kinds_that_stay):
        with harness.lab(sys.argv[1]) as lab:
            rules = lab.folder / "release.rules"
            rules.write_text(RULES)
            check(checks, lab, rules)
    checks.finish()


main()
