# SPDX-License-Identifier: Apache-2.0
"""kit - what the tests on real ports have in common: a sensor, facts to wait for, and the verdict."""
import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy"))
from netstage import Missing, Stage  # noqa: E402 (the folder is known only now)

SKIPPED = 77
RULE = 'alert {proto} any any -> any {port} (msg:"{word}"; content:"{word}"; sid:{sid}; rev:1;)\n'


def check(fact, text):
    if not fact:
        raise AssertionError(text)


def equal(got, wanted, text):
    check(got == wanted, f"{text}: {got}, not {wanted}")


def wait_for(what, fact, seconds=10.0, pause=0.002):
    """The fact's first true value; AssertionError after the bound."""
    until = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        check(time.monotonic() < until, f"after {seconds} s still not: {what}")
        time.sleep(pause)


class Sensor:
    """A quaywatch-sensor that listens in a namespace of the stage."""

    def __init__(self, stage, namespace, interfaces, files, *options, prefix=()):
        self.folder = tempfile.TemporaryDirectory(prefix="netns-")
        self.path = pathlib.Path(self.folder.name)
        self.path.chmod(0o777) # whoever the sensor becomes, it writes there
        for name, text in files.items():
            (self.path / name).write_text(text)
        command = [*prefix, os.environ["QW_SENSOR"]]
        for interface in interfaces:
            command += ["-i", interface]
        for name in files:
            command += ["-S", str(self.path / name)]
        command += ["-o", str(self.path / "eve.json"), "--stats", str(self.path / "stats.json"),
                    "--set", f'state.folder="{self.path}/state"', *options]
        self.log = open(self.path / "log", "w")
        self.process = stage.start(namespace, command, stderr=self.log, stdout=self.log)

    def said(self):
        return (self.path / "log").read_text()

    def events(self, kind="alert"):
        path = self.path / "eve.json"
        lines = path.read_text().splitlines() if path.exists() else []
        return [event for event in map(parse, lines) if event and event["event_type"] == kind]

    def alerts(self, sid):
        return [event for event in self.events() if event["alert"]["signature_id"] == sid and event["alert"]["gid"] == 1]

    def indicators(self, value):
        return [event for event in self.events() if event["quaywatch"].get("indicator", {}).get("value") == value]

    def children(self):
        """{name: pid}: builder, exporter, worker 0 …"""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        found = {name_of(pid): int(pid) for pid in pathlib.Path(path).read_text().split()}
        return {name[3:]: pid for name, pid in found.items() if name.startswith("qw-")}

    def listening(self):
        wait_for("the sensor listens", lambda: "LISTENING" in self.said() or self.process.poll() is not None)
        check(self.process.poll() is None, f"the sensor ended: {self.said()}")

    def working(self, workers):
        """Builder, exporter and all workers run; children() of then."""
        self.listening()
        wait_for("all processes run", lambda: len(self.children()) == workers + 2)
        return self.children()

    def stop(self):
        """Ends it as an operator does; its statistics."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        equal(status, 0, f"exit status, having said: {self.said()}")
        return json.loads((self.path / "stats.json").read_text())


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Pair:
    """A client and a web server, and what they say to each other on a mirror port.

    client                server              sensor
    c0 10.9.0.1 ───────── s0 10.9.0.2
                          │ tc mirred, both directions
                          m0 ──────────────── m1
    """

    def __init__(self, stage):
        self.stage = stage
        for name in ("client", "server", "sensor"):
            stage.namespace(name)
        stage.cable("client", "c0", "server", "s0")
        stage.cable("server", "m0", "sensor", "m1")
        stage.address("client", "c0", "10.9.0.1/24")
        stage.address("server", "s0", "10.9.0.2/24")
        with stage.inside("server"):
            server = http.server.ThreadingHTTPServer(("10.9.0.2", 80), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def mirror(self):
        self.stage.mirror("server", "s0", "m0")

    def get(self, path, host="10.9.0.2"):
        """One connection, one request; the client's port."""
        with self.stage.inside("client"):
            client = http.client.HTTPConnection("10.9.0.2", 80, timeout=5)
            client.connect()
        port = client.sock.getsockname()[1]
        client.request("GET", path, headers={"Host": host})
        equal(client.getresponse().status, 200, f"answer to {path}")
        client.close()
        return port


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""  # it has just ended


def parse(line):
    try:
        return json.loads(line)
    except ValueError:
        return None  # the last line, while it is being written


def accounts_exact(stats):
    """Every packet of every worker was looked at, or is counted under a reason."""
    equal(stats["packets"], stats["inspected"] + sum(stats["drops"].values()), "packets against inspected and drops")
    for number, worker in enumerate(stats["workers"]):
        equal(worker["received"], worker["inspected"] + worker["drops"], f"received by worker {number}")


# ---- frames made by hand

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_frame(source, dest, sport, dport, payload, vlans=(), ident=0):
    """Ethernet, tags, IPv4, UDP."""
    addresses = socket.inet_aton(source) + socket.inet_aton(dest)
    length = 8 + len(payload)
    udp = struct.pack("!4H", sport, dport, length, 0) + payload
    udp = udp[:6] + struct.pack("!H", checksum(addresses + struct.pack("!2H", 17, length) + udp) or 0xFFFF) + udp[8:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, ident & 0xFFFF, 0, 64, 17, 0) + addresses
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    tags = b"".join(struct.pack("!2H", 0x8100, vlan) for vlan in vlans)
    return b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + tags + b"\x08\0" + head + udp


class Wire:
    """Sends frames as they are out of a port."""

    def __init__(self, stage, namespace, port):
        with stage.inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((port, 0))
        self.sent = 0

    def send(self, frame):
        self.socket.send(frame)
        self.sent += 1


def main(test):
    """Runs test(stage); the process's exit status says what became of it."""
    try:
        with Stage() as stage:
            test(stage)
    except Missing as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    except AssertionError as error:
        print(f"failed: {error}")
        sys.exit(1)


__all__ = ["Missing", "Pair", "RULE", "Sensor", "Wire", "accounts_exact", "check", "equal", "main", "subprocess", "udp_frame", "wait_for"]
