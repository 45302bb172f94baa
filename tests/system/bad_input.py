#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with what the programs are given, they say so in one line and end with the right status.

usage: bad_input.py BUILD_FOLDER

A table of mistakes; for each the exit status, and a pattern for every line on
standard error, no line more.  And captures cut at every byte, rule files with
a mistake in every line, a disk that is full.
"""
import concurrent.futures
import os
import pathlib
import re
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import traffic

BOUND_S = 20
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]

# name, arguments of the sensor, status, a pattern for each line of standard error
SENSOR_ROWS = [
    ("nothing to do", "", 64, [r"nothing to do.*--read"]),
    ("unknown option", "--frobnicate", 64, [r"unrecognized option '--frobnicate'"]),
    ("option without its value", "-r", 64, [r"requires an argument"]),
    ("a word that is no option", "good.pcap", 64, [r"'good.pcap': not an option.*--read"]),
    ("workers that are no number", "-r good.pcap -w many", 64, [r"--workers 'many'"]),
    ("no workers", "-r good.pcap -w 0", 64, [r"--workers '0'"]),
    ("unknown event type", "-r good.pcap --events flow,flows", 64, [r"'flows' is no event type"]),
    ("two kinds of source", "-r good.pcap -i lo", 64, [r"choose one"]),
    ("missing capture", "-r nosuch.pcap", 66, [r"^nosuch\.pcap: .*No such file"]),
    ("not a capture", "-r text.txt", 65, [r"^text\.txt: is not a capture"]),
    ("an empty capture", "-r empty.pcap", 65, [r"^empty\.pcap: is empty"]),
    ("a capture of random bytes", "-r random.bin", 65, [r"^random\.bin: is not a capture"]),
    ("missing rules", "-r good.pcap -S nosuch.rules", 66, [r"^nosuch\.rules: .*rule file or folder"]),
    ("a capture as rules", "-r good.pcap -S good.pcap", 65, [r"^good\.pcap: neither signatures nor"]),
    ("random bytes as rules", "-r good.pcap -S random.bin", 65, [r"^random\.bin: neither signatures nor"]),
    ("missing configuration", "-c nosuch.conf", 66, [r"nosuch\.conf: No such file"]),
    ("configuration with a syntax mistake", "-c syntax.conf", 78, [r"^syntax\.conf:2:\d+: "]),
    ("configuration with a misspelt key", "-c typo.conf", 78, [r"^typo\.conf:2:\d+: .*\"capture\.checksum\".*\"capture\.checksums\""]),
    ("configuration with a wrong type", "-c type.conf", 78, [r"^type\.conf:1:\d+: .*flow\.count.*whole number"]),
    ("configuration with an unknown group", "-c group.conf", 78, [r"^group\.conf:1:\d+: .*\"capturing"]),
    ("configuration with a value out of range", "-c range.conf", 78, [r"^range\.conf:1:\d+: .*flow\.count.*least is 1024"]),
    ("configuration with an unknown choice", "-c choice.conf", 78, [r"^choice\.conf:1:\d+: .*capture\.checksums.*verify"]),
    ("a setting misspelt", "-r good.pcap --set capture.cheksums=\"verify\"", 78, [r"capture\.cheksums.*did you mean.*checksums"]),
    ("a setting without value", "-r good.pcap --set flow.count", 78, [r"flow\.count"]),
    ("a filter that is none", "-r good.pcap -f tcp+porrt+80", 65, [r"filter \"tcp porrt 80\" is not understood"]),
    ("broken STIX", "-r good.pcap -S stix.json", 0, [r"^stix\.json:2:\d+: .*JSON"]),
    ("broken MISP", "-r good.pcap -S misp.json", 0, [r"^misp\.json:1:\d+: .*JSON"]),
    ("an indicator that is none", "-r good.pcap -S list.txt", 0, [r"^list\.txt:2:\d+: .*999\.1\.1\.1"]),
    ("alerts into a missing folder", "-r good.pcap -o nosuch/alerts.json", 74, [r"nosuch/alerts\.json: .*No such file"]),
    ("alerts onto a full disk", "-r good.pcap -S any.rules -o /dev/full", 74, [r"/dev/full: writing alerts failed: no space"]),
    ("statistics onto a full disk", "-r good.pcap --stats /dev/full", 74, [r"/dev/full: statistics cannot be written"]),
    ("an interface that is not there", "-i nosuch0", 66, [r"nosuch0: there is no interface"]),
    ("refused signatures, strict", "-r good.pcap -S one.rules --strict", 65, [r"^one\.rules:1:\d+: keyword 'frobnicate'"]),
    ("refused signatures", "-r good.pcap -S one.rules", 0, [r"^one\.rules:1:\d+: keyword 'frobnicate'"]),
    ("a state folder that cannot be", "-c state.conf -r good.pcap", 78, [r"text\.txt/state: .*state\.folder", r"EXPORTER-START"]),
    ("a key of the wrong length", "-c key.conf -r good.pcap", 78, [r"root_key is not 64.*enrol", r"EXPORTER-START"]),
]

# As nobody: what the system does not permit.
NOBODY_ROWS = [
    ("listening without permission", "-i lo", 77, [r"lo: not permitted to listen.*CAP_NET_RAW"]),
    ("a capture that may not be read", "-r secret.pcap", 77, [r"^secret\.pcap: .*Permission denied"]),
    ("rules that may not be read", "-r good.pcap -S secret.rules", 77, [r"^secret\.rules: .*Permission denied"]),
    ("a configuration that may not be read", "-c secret.conf", 77, [r"secret\.conf: Permission denied"]),
    ("alerts into a folder of others", "-r good.pcap -o alerts.json", 77, [r"alerts\.json: .*Permission denied"]),
]

COLLECTOR_ROWS = [
    ("missing configuration", "-c nosuch.conf", 66, [r"nosuch\.conf: "]),
    ("unknown option", "--frobnicate", 64, [r"unrecognized option", r"--help"]),
    ("a word too many", "-c c.conf frobnicate", 64, [r"frobnicate: not understood"]),
    ("misspelt key", "-c ctypo.conf", 78, [r"^ctypo\.conf:1:\d+: .*\"collector\.lisen\".*\"collector\.listen\""]),
    ("misspelt key, checking", "-T -c ctypo.conf", 78, [r"^ctypo\.conf:1:\d+: .*\"collector\.lisen\".*\"collector\.listen\""]),
    ("no keys in its state folder", "-c c.conf", 78, [r"nokeys/collector\.secret.*quaywatchctl keygen"]),
]

CTL_ROWS = [
    ("unknown command", "frobnicate", 64, [r"frobnicate: no such command"]),
    ("misspelt command", "sensros", 64, [r"sensros: .*did you mean \"sensors\""]),
    ("no collector", "--socket nosuch.sock status", 69, [r"nosuch\.sock: "]),
    ("enrol without names", "--socket nosuch.sock enrol", 64, [r"usage: quaywatchctl enrol"]),
    ("keygen without folders", "keygen", 64, [r"usage: quaywatchctl keygen"]),
]

# One mistake a line; column and what is said of it.
RULE_MISTAKES = [
    ('alert tcp any any -> any any (msg:"m"; frobnicate:3; sid:2;)', 40, "keyword 'frobnicate' is not known"),
    ('alert tcp any any -> any any (msg:"unclosed; sid:3;)', 35, "quote"),
    ('bogus tcp any any -> any any (msg:"m"; sid:4;)', 1, "action 'bogus'"),
    ('alert tcp any any =< any any (msg:"m"; sid:5;)', 19, "'=<' is not a direction"),
    ('alert tcp $NOSUCH any -> any any (msg:"m"; sid:6;)', 11, "vars.NOSUCH"),
    ('alert tcp any 99999 -> any any (msg:"m"; sid:7;)', 15, "not a port"),
    ('alert tcp 10.0.0.300 any -> any any (msg:"m"; sid:8;)', 11, "10.0.0.300"),
    ('alert tcp any any -> any any (msg:"m"; pcre:"/(/"; sid:9;)', 40, "pcre"),
    ('alert tcp any any -> any any (msg:"m"; content:"x";)', 1, "no sid"),
    ('alert tcp any any -> any any (msg:"m"; content:"y"; sid:1;)', 53, "sid 1"),
    ('alert tcp any any -> any any (msg:"m"; content:"y"; sid:10;', 30, "parenthesis"),
    ('alert tcp any any -> any any (msg:"m"; content:""; sid:11;)', 40, "empty"),
    ('alert tcp any any -> any any (msg:"m"; content:"|zz|"; sid:12;)', 40, "hexadecimal"),
    ('alert tcp any any -> any any (msg:"m"; content:"x"; depth:abc; sid:13;)', 53, "abc"),
    ('alert nosuch any any -> any any (msg:"m"; sid:14;)', 7, "protocol 'nosuch'"),
    ('alert tcp any any -> any any (msg:"m"; within:3; sid:15;)', 40, "within"),
    ('alert tcp any any -> any any (msg:"m"; sid:zero;)', 40, "zero"),
]

FILES = {
    "text.txt": "hello, this is a letter\n",
    "empty.pcap": "",
    "random.bin": bytes((index * 197 + index // 7 * 31) % 256 for index in range(3000)),
    "any.rules": 'alert ip any any -> any any (msg:"any"; sid:1;)\n',
    "one.rules": 'alert ip any any -> any any (msg:"one"; frobnicate; sid:1;)\n',
    "syntax.conf": "capture: { ring_mb = 64; };\nflow: { count = ; };\n",
    "typo.conf": "capture: {\n checksum = \"verify\"; };\n",
    "type.conf": "flow: { count = \"many\"; };\n",
    "group.conf": "capturing: { ring_mb = 64; };\n",
    "range.conf": "flow: { count = 1; };\n",
    "choice.conf": "capture: { checksums = \"maybe\"; };\n",
    "key.conf": 'collector: { address = "tcp://127.0.0.1:9"; root_key = "abcd"; };\nstate: { folder = "state"; };\n',
    "state.conf": 'collector: { address = "tcp://127.0.0.1:9"; };\nstate: { folder = "text.txt/state"; };\n',
    "stix.json": '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[\n',
    "misp.json": '{"Event":{"uuid":"00000000-0000-4000-8000-000000000000","Attribute":[{"type":"ip-dst"',
    "list.txt": "198.51.100.7\n999.1.1.1\nbad.example\n",
    "secret.rules": 'alert ip any any -> any any (msg:"any"; sid:1;)\n',
    "secret.conf": "flow: { count = 4096; };\n",
    "c.conf": 'collector: { state = "nokeys"; control = "c.sock"; listen = "tcp://127.0.0.1:*"; };\n',
    "ctypo.conf": 'collector: { lisen = "tcp://127.0.0.1:9443"; };\n',
}


def small_capture():
    capture = traffic.Capture()
    capture.add_ip(traffic.udp("10.0.0.1", 40000, "10.0.0.2", 9, b"one"))
    capture.add_ip(traffic.udp("10.0.0.1", 40000, "10.0.0.2", 9, b"two!"))
    return capture


def make_files(folder):
    for name, content in FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in ("good.pcap", "secret.pcap"):
        small_capture().save(folder / name)
    for path in folder.glob("secret.*"):
        path.chmod(0o600)
    (folder / "nokeys").mkdir()
    folder.chmod(0o755)


def run(lab, command):
    try:
        done = subprocess.run([str(word) for word in command], cwd=lab.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=BOUND_S)
    except subprocess.TimeoutExpired:
        return None, f"does not end within {BOUND_S} s", ""
    return done.returncode, done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace")


def trouble_with(status, errors, wanted, patterns):
    """What differs from what is wanted; None: nothing."""
    lines = [line for line in errors.splitlines() if line.strip() and " info " not in line]
    if status != wanted:
        return f"status {status}, not {wanted}: {errors[-1500:]!r}"
    if len(lines) != len(patterns):
        return f"{len(lines)} lines, not {len(patterns)}: {errors[-1500:]!r}"
    for line, pattern in zip(lines, patterns):
        if not re.search(pattern, line):
            return f"{line!r} does not say {pattern!r}"
    return None


def check_rows(lab, checks, rows, program, prefix=()):
    def one(row):
        name, arguments, status, patterns = row
        words = [word.replace("+", " ") for word in arguments.split()]
        got, errors, _ = run(lab, [*prefix, program, *words])
        return f"{program.name}: {name}", trouble_with(got, errors, status, patterns)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, trouble in pool.map(one, rows):
            checks.check(trouble is None, f"{name}: {trouble}")


def borders_of(header, records):
    """Offsets at which a capture can end without a packet being cut, and where its header ends."""
    borders, at = [len(header)], len(header)
    for record in records:
        at += len(record)
        borders.append(at)
    return borders


def check_cuts(lab, checks):
    """A small capture cut at every byte: its header is needed, a cut packet costs one line."""
    frames = small_capture().frames
    kinds = [("pcap", traffic.pcap_header(), traffic.pcap_record), ("pcapng", traffic.pcapng_header(), traffic.pcapng_record)]
    jobs = []
    for kind, header, record in kinds:
        records = [record(frame, ns) for ns, frame in frames]
        borders = borders_of(header, records)
        if kind == "pcapng":
            borders.insert(0, struct.unpack("<I", header[4:8])[0]) # after the section header it is a capture
        data = header + b"".join(records)
        jobs += [(f"{kind} cut at {size}", data[:size], borders, size) for size in range(len(data) + 1)]

    def one(job):
        name, data, borders, size = job
        path = lab.folder / f"{name.replace(' ', '-')}.cut"
        path.write_bytes(data)
        status, errors, _ = run(lab, [lab.sensor_binary, "-r", path.name, "-o", "/dev/null"])
        path.unlink()
        if size < borders[0]:
            return name, trouble_with(status, errors, 65, [rf"^{re.escape(path.name)}: "])
        wanted = [] if size in borders else [rf"^{re.escape(path.name)}: the capture is damaged"]
        return name, trouble_with(status, errors, 0, wanted)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, trouble in pool.map(one, jobs):
            checks.check(trouble is None, f"{name}: {trouble}")


def check_rule_mistakes(lab, checks):
    good = 'alert tcp any any -> any any (msg:"good"; content:"x"; sid:1;)'
    (lab.folder / "mistakes.rules").write_text("\n".join([good, *(text for text, _, _ in RULE_MISTAKES)]) + "\n")
    patterns = [rf"^mistakes\.rules:{line}:\d+: .*{re.escape(words)}" for line, (_, _, words) in enumerate(RULE_MISTAKES, 2)]
    status, errors, _ = run(lab, [lab.sensor_binary, "-r", "good.pcap", "-S", "mistakes.rules", "-o", "/dev/null"])
    trouble = trouble_with(status, errors, 0, patterns)
    checks.check(trouble is None, f"rules with mistakes: {trouble}")
    for line, (text, column, _) in zip(errors.splitlines(), RULE_MISTAKES):
        got = int(line.split(":")[2])
        checks.check(column <= got <= column + 16, f"the mistake in {text!r} is said to be at column {got}, it is at {column}")
    status, errors, output = run(lab, [lab.sensor_binary, "-T", "-S", "mistakes.rules"])
    checks.check(status == 65, f"-T of rules with mistakes: status {status}")
    checks.check(f"1 signatures, {len(RULE_MISTAKES)} refused" in output, f"-T counts wrongly: {output[-200:]!r}")


def check_full_disk(lab, checks):
    """A file system of 16 kilobytes, in a mount namespace of its own."""
    capture = traffic.Capture()
    for index in range(2000):
        capture.add_ip(traffic.udp(f"10.1.{index // 250}.{index % 250 + 1}", 40000, "10.0.0.2", 9, b"fill the disk"))
    capture.save(lab.folder / "many.pcap")
    (lab.folder / "tiny").mkdir()
    script = 'mount -t tmpfs -o size=16k none tiny && exec "$0" -r many.pcap -S any.rules -o tiny/alerts.json'
    status, errors, _ = run(lab, ["unshare", "-m", "sh", "-c", script, lab.sensor_binary])
    if status == 1 or "unshare" in errors or "mount" in errors:
        print(f"not checked: a disk that is full, as no file system can be mounted here: {errors.strip()}")
        return
    trouble = trouble_with(status, errors, 74, [r"tiny/alerts\.json: writing alerts failed: no space"])
    checks.check(trouble is None, f"a full disk: {trouble}")


def main():
    checks = harness.Checks()
    with harness.lab(sys.argv[1]) as lab:
        make_files(lab.folder)
        check_rows(lab, checks, SENSOR_ROWS, lab.sensor_binary)
        check_rows(lab, checks, COLLECTOR_ROWS, lab.collector_binary)
        check_rows(lab, checks, CTL_ROWS, lab.ctl_binary)
        check_rule_mistakes(lab, checks)
        check_cuts(lab, checks)
        if os.geteuid() == 0:
            harness.need_tools("setpriv", "unshare")
            check_rows(lab, checks, NOBODY_ROWS, lab.sensor_binary, NOBODY)
            check_full_disk(lab, checks)
        else:
            print("not checked: what needs root (another user's files, a disk that is full)")
    checks.finish()


if __name__ == "__main__":
    main()
