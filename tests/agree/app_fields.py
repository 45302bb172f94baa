#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""app_fields - what rules see of DNS, SNMP, Kerberos, MQTT and TLS, against tshark's fields.

usage: app_fields.py SENSOR CORPUS

For each public capture and each field, tshark says which values there are; a
rule for each of them must fire.  Where a message is a transaction (DNS, SNMP)
it must fire as often as tshark counts it.  Exits 77 where tshark or the
captures are missing, 1 where they differ.
"""
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


def number(keyword, table=None):
    return lambda value: f"{keyword}:{(table or int)(value)};"


def text(keyword):
    def rule(value):
        data = value.encode()
        return f'{keyword}; content:"|{data.hex(" ")}|"; bsize:{len(data)};'
    return rule


def octets(keyword):
    def rule(value):
        data = bytes.fromhex(value)
        return f'{keyword}; content:"|{data[:200].hex(" ")}|"; startswith; bsize:{len(data)};'
    return rule


def snmp_version(value):
    return int(value) if int(value) == 3 else int(value) + 1


# protocol, rule header, folder and pattern of captures, filter, whether counts must be equal, fields of tshark and rules for them
PROTOCOLS = [
    ("snmp", "snmp", [("pcap/it/misc", "*snmp*"), ("verify/snmp-trap-oid", "*")], "snmp", True, {
        "snmp.version": number("snmp.version", snmp_version), "snmp.community": text("snmp.community"),
        "snmp.data": number("snmp.pdu_type"), "snmp.enterprise": text("snmp.trap_oid"),
        "snmp.agent_addr": text("snmp.trap_address"), "snmp.generic_trap": number("snmp.trap_type"),
        "snmp.msgUserName": text("snmp.usm")}),
    ("krb5", "krb5", [("pcap/it/tcp", "*krb5*"), ("pcap/it/malformed", "*kerberos*")], "kerberos", False, {
        "kerberos.msg_type": number("krb5_msg_type"), "kerberos.CNameString": text("krb5.cname"),
        "kerberos.SNameString": text("krb5.sname"), "kerberos.error_code": number("krb5_err_code")}),
    ("mqtt", "mqtt", [("pcap/ot/mqtt", "*")], "mqtt", False, {
        "mqtt.msgtype": number("mqtt.type"), "mqtt.clientid": text("mqtt.connect.clientid"),
        "mqtt.username": text("mqtt.connect.username"), "mqtt.passwd": text("mqtt.connect.password"),
        "mqtt.ver": number("mqtt.protocol_version"), "mqtt.qos": number("mqtt.qos"),
        "mqtt.conack.val": number("mqtt.reason_code"), "mqtt.msg": octets("mqtt.publish.message")}),
    ("dns", "dns", [("pcap/it/dns", "*"), ("verify/dns-opcode", "*")], "dns && udp && !icmp && !mdns", True, {
        "dns.flags.opcode": number("dns.opcode"), "dns.flags.rcode": number("flow:to_client; dns.rcode"),
        "dns.qry.name": text("dns.queries.rrname")}),
    ("tls", "tls", [("pcap/it/tls", "*")], "tls.handshake.certificate", False, {"x509ce.dNSName": text("tls.subjectaltname")}),
]

# What tshark reads otherwise, each with its reason.
EXCEPTED = {
    "nDPI__dns-exf.pcap": "names that are no text",
    "nDPI__dnscrypt-v2.pcap": "what is encrypted in it is no DNS, whatever its port",
    "nDPI__tls_port_80.pcapng": "tshark takes port 80 for HTTP",
}
# … of these, the direction: they begin with an answer, and who speaks first is the client.
ANSWERS_FIRST = {"nDPI__dns.pcapng", "zeek__dns-dns_notify2.pcap", "zeek__dns-loc-invalid-length.pcap"}


def by_tshark(capture, wanted, field):
    command = ["tshark", "-r", str(capture), "-Y", wanted, "-T", "fields", "-E", "aggregator=\x1f", "-e", field]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    return collections.Counter(value for line in out.splitlines() for value in set(line.split("\x1f")) if value)


def by_us(sensor, capture, rules):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "fields.rules"
        path.write_text("\n".join(rules) + "\n")
        command = [sensor, "-r", str(capture), "-S", str(path), "-o", "-", "--strict", "--set", "stream.midstream=true",
                   "--set", 'capture.checksums="ignore"']
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{capture}: the sensor exits {done.returncode}\n{done.stderr}")
    seen = collections.Counter()
    for line in done.stdout.splitlines():
        event = json.loads(line)
        seen[event["alert"]["signature_id"]] += event["quaywatch"]["count"]
    return seen


def compare(sensor, capture, protocol):
    _, header, _, wanted, counted, fields = protocol
    expected, rules = [], []
    for field, rule in fields.items():
        if field == "dns.flags.rcode" and capture.name in ANSWERS_FIRST:
            continue
        for value, count in sorted(by_tshark(capture, wanted, field).items()):
            if not value.isascii() or not value.isprintable() or value == "<Root>":
                continue
            expected.append((field, value, count))
            rules.append(f"alert {header} any any -> any any (msg:\"{field}\"; {rule(value)} sid:{len(rules) + 1};)")
    if not rules:
        return 0, []
    seen = by_us(sensor, capture, rules)
    wrong = []
    for sid, (field, value, count) in enumerate(expected, 1):
        if seen[sid] != count if counted else seen[sid] == 0:
            wrong.append(f"{capture.name}: {field} {value!r}: tshark {count}, we {seen[sid]}")
    return len(expected), wrong


def main():
    sensor, corpus = sys.argv[1], pathlib.Path(sys.argv[2]) / "corpus"
    if not shutil.which("tshark"):
        print("tshark is not installed")
        return 77
    total, all_wrong = 0, []
    for protocol in PROTOCOLS:
        captures = sorted(path for folder, pattern in protocol[2] for path in (corpus / folder).glob(pattern)
                          if path.suffix in (".pcap", ".pcapng") and path.name not in EXCEPTED)
        values, wrong = 0, []
        for capture in captures:
            more, bad = compare(sensor, capture, protocol)
            values += more
            wrong += bad
        print(f"{protocol[0]}: {len(captures)} captures, {values} values, {len(wrong)} differ")
        total += values
        all_wrong += wrong
    print("\n".join(all_wrong))
    if not total:
        print(f"no captures in {corpus}")
        return 77
    return 1 if all_wrong else 0


sys.exit(main())
