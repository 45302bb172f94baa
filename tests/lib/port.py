# SPDX-License-Identifier: Apache-2.0
"""A whole port in a temporary folder: a collector, its keys, tenants, and sensors that are fed through FIFOs.

	with harness.lab(build) as lab:
		port = Port(lab)
		sensor = port.sensor("berth", "gate", rules)
		sensor.feed.frame(frame)       # stamped now
"""
import json
import os
import re
import subprocess
import threading
import time

import harness
import traffic


class Feed:
    """The writing end of a sensor's FIFO; packets are stamped when they are written."""

    def __init__(self, path):
        os.mkfifo(path)
        self.fd = os.open(path, os.O_RDWR) # with a reader of its own, opening does not wait for the sensor
        self.lock = threading.Lock()
        os.write(self.fd, traffic.pcap_header())

    def frame(self, frame):
        """Returns the packet's time, in nanoseconds."""
        with self.lock:
            ns = time.time_ns()
            os.write(self.fd, traffic.pcap_record(frame, ns))
        return ns

    def close(self):
        os.close(self.fd)


class Sensor:
    def __init__(self, port, tenant, name, rules, settings=()):
        self.port, self.tenant, self.name = port, tenant, name
        self.label = f"{tenant}-{name}"
        self.rules, self.settings, self.extra = rules, settings, []
        self.state = port.folder / f"{self.label}.state"
        self.eve = port.folder / f"{self.label}.eve.json"
        self.config = port.folder / f"{self.label}.conf"
        self.runs, self.feed, self.process = 0, None, None

    def command(self):
        settings = [f'state.folder="{self.state}"', "alerts.fold=0", *self.settings]
        words = [self.port.lab.sensor_binary, "-c", self.config, "-o", self.eve]
        for path in self.rules:
            words += ["-S", path]
        for setting in settings:
            words += ["--set", setting]
        return words

    def start(self, interface=None):
        self.runs += 1
        source = ["-i", interface]
        if not interface:
            fifo = self.port.folder / f"{self.label}.{self.runs}.fifo"
            self.feed = Feed(fifo)
            source = ["-r", fifo]
        self.process = self.port.lab.start(f"sensor-{self.label}-{self.runs}", [*self.command(), *source, *self.extra])
        return self

    def keys(self):
        """Its own, public and secret; the collector's; the port's root's."""
        config = self.config.read_text()
        own = re.search(r'sensor: \{.*?public_key = "(.*?)";.*?secret_key = "(.*?)";', config, re.S)
        server = re.search(r'collector: \{.*?public_key = "(.*?)";.*?root_key = "(.*?)";', config, re.S)
        return own[1], own[2], server[1], server[2]

    def log(self):
        return self.process.text()

    def ready(self):
        """Its workers run: the ruleset is built."""
        harness.wait_until(f"{self.label} has its ruleset", lambda: "RULESET-BUILT" in self.log() or self.process.ended())
        return self

    def connected(self):
        row = self.port.sensor_row(self.tenant, self.name)
        return bool(row and row["state"] == "connected")

    def stop(self):
        status = self.process.stop()
        if self.feed:
            self.feed.close()
            self.feed = None
        return status


class Port:
    def __init__(self, lab, policy="", rights=None):
        self.lab, self.folder = lab, lab.folder
        self.state, self.socket = lab.folder / "collector", lab.folder / "c.sock"
        self.log_path = self.state / "alerts.json"
        self.port_number = harness.free_port()
        self.config = lab.folder / "collector.conf"
        self.config.write_text(
            f'collector: {{ listen = "tcp://127.0.0.1:{self.port_number}"; address = "tcp://127.0.0.1:{self.port_number}";'
            f' state = "{self.state}"; control = "{self.socket}"; }};\n{policy}')
        self.ctl("keygen", "--state", self.state, "--root", lab.folder / "root", *(["--rights", rights] if rights else []))
        self.process, self.runs, self.tenants = None, 0, set()
        self.start()

    def start(self):
        self.runs += 1
        self.process = self.lab.start(f"collector-{self.runs}", [self.lab.collector_binary, "-c", self.config])
        harness.wait_until("the collector answers", lambda: self.try_ctl("status").returncode == 0)

    def stop(self):
        return self.process.stop()

    def try_ctl(self, *words):
        command = [self.lab.ctl_binary, "--socket", self.socket, "--json", *words]
        return subprocess.run([str(word) for word in command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=30)

    def ctl(self, *words):
        """The JSON lines of the answer."""
        done = self.try_ctl(*words)
        assert done.returncode == 0, f"quaywatchctl {' '.join(map(str, words))}: {done.returncode} {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def enrol(self, tenant, name, rules, settings=()):
        if tenant not in self.tenants:
            self.ctl("tenant", "add", tenant)
            self.tenants.add(tenant)
        sensor = Sensor(self, tenant, name, rules, settings)
        self.ctl("enrol", tenant, name, "-o", sensor.config)
        return sensor

    def sensor_row(self, tenant, name):
        rows = [row for row in self.ctl("sensors") if row.get("tenant") == tenant and row.get("sensor") == name]
        return rows[0] if rows else None

    def alerts(self):
        return harness.read_lines(self.log_path)
