# SPDX-License-Identifier: Apache-2.0
"""story_live - two tenants of a port, each behind a mirror port, and somebody who attacks them.

                    203.0.113.66
               ┌───── attacker ─────┐
            to-a│                   │to-b
    ┌───────────┴───┐           ┌───┴───────────┐
    │ s0 10.77.1.10 │           │ s0 10.77.2.10 │      HTTP on 80, DNS on 53
    │ tenant a      │           │ tenant b      │
    │ m0 ◄─ mirror ─┤           │ m0 ◄─ mirror ─┤      both directions of s0
    └──┬────────────┘           └──┬────────────┘
    interfaces("a")             interfaces("b")        where the sensors listen

    stage = LiveStage()
    stage.interfaces("a")   # a port in the caller's own network
    stage.attack("a")       # one HTTP request and one DNS query, answered
    stage.close()
"""
import http.server
import pathlib
import socket
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from netstage import Missing, Stage  # noqa: E402 (the folder is known only now)

__all__ = ["LiveStage", "Missing"]

ATTACKER = "203.0.113.66"
SERVERS = {"a": "10.77.1.10", "b": "10.77.2.10"}
PATH = "/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh"
NAME = "update.crane-telemetry.example"
WAIT_S = 5


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def question(name, number):
    """A DNS query for an A record."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def answer_names(server):
    """Every name is unknown, until the socket is closed."""
    while True:
        try:
            query, peer = server.recvfrom(512)
            server.sendto(query[:2] + b"\x81\x83" + query[4:], peer)
        except OSError:
            return


class LiveStage:
    """Needs root; raises Missing, with the reason as text, where the machine cannot."""

    def __init__(self):
        self.stage = Stage()
        self.queries = 0
        self.servers = []
        try:
            self.stage.namespace("attacker")
            for tenant, server in SERVERS.items():
                self._build(tenant, server)
        except BaseException:
            self.close()
            raise

    def _build(self, tenant, server):
        stage = self.stage
        stage.namespace(tenant)
        stage.cable("attacker", f"to-{tenant}", tenant, "s0")
        stage.cable(tenant, "m0", "", self.interfaces(tenant))
        stage.address(tenant, "s0", f"{server}/24")
        if tenant == "a":
            stage.ip("attacker", "addr", "add", f"{ATTACKER}/32", "dev", "lo")
        stage.ip("attacker", "route", "add", f"{server}/32", "dev", f"to-{tenant}", "src", ATTACKER)
        stage.ip(tenant, "route", "add", f"{ATTACKER}/32", "dev", "s0")
        stage.mirror(tenant, "s0", "m0")
        with stage.inside(tenant):
            web = http.server.ThreadingHTTPServer((server, 80), Answer)
            names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            names.bind((server, 53))
        self.servers += [web, names]
        threading.Thread(target=web.serve_forever, daemon=True).start()
        threading.Thread(target=answer_names, args=(names,), daemon=True).start()

    def interfaces(self, tenant):
        """The mirror port on which the tenant's sensor listens."""
        return f"{self.stage.tag}m{tenant}"

    def attack(self, tenant):
        """The same intruder, at one tenant: a path traversal, then a look-up of its control server."""
        server = SERVERS[tenant]
        with self.stage.inside("attacker"):
            web = socket.create_connection((server, 80), WAIT_S)
            names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with web, names:
            web.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {NAME}\r\nUser-Agent: curl/8\r\nConnection: close\r\n\r\n".encode())
            while web.recv(4096):
                pass
            self.queries += 1
            names.settimeout(WAIT_S)
            names.sendto(question(NAME, self.queries), (server, 53))
            names.recv(512)

    def close(self):
        for server in self.servers:
            if isinstance(server, http.server.HTTPServer):
                server.shutdown()
                server.server_close()
            else:
                server.close()
        self.servers = []
        self.stage.close()
