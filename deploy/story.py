#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""story - plays the main job: one tenant is attacked, and the others know.

usage: deploy/story.py [--keep] [--live] [--build FOLDER]

A collector and the sensors of three tenants start on loopback, with keys made
on the spot.  Tenant alpha is attacked; its alert reaches the collector's log;
attacker and domain are promoted; bravo and charlie receipt the new ruleset;
and when the same attacker turns to bravo, bravo knows him.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TENANTS = ("alpha", "bravo", "charlie")
ATTACKER = "198.51.100.66"  # of the addresses kept for documentation
DOMAIN = "evil.example"
PATIENCE_S = 20


class Failed(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, fact):
    """The fact's value once it is true; waits in small steps, with a bound."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        value = fact()
        if value:
            return value
        time.sleep(0.002)
    raise Failed(f"{what}: not within {PATIENCE_S} s")


class Port:
    """A collector and the sensors of three tenants in one folder."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.socket = folder / "collector.sock"
        self.processes = {}
        self.fifos = {}

    def ctl(self, *words):
        done = subprocess.run([self.build / "collector/quaywatchctl", "--json", "--socket", self.socket, *words],
                              capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"quaywatchctl {' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "wb")
        self.processes[name] = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                cwd=self.folder, start_new_session=True)

    def start_collector(self):
        state = self.folder / "collector"
        subprocess.run([self.build / "collector/quaywatchctl", "keygen", "--state", state, "--root", self.folder / "root",
                        "--rights", "indicators,allow,signatures"], check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        config = self.folder / "collector.conf"
        config.write_text(f'collector: {{ listen = "tcp://127.0.0.1:{port}"; address = "tcp://127.0.0.1:{port}";\n'
                          f'             state = "{state}"; control = "{self.socket}"; }};\n'
                          f'policy: {{ tenants = 1; }}; # of a port: two or more\n')
        self.log = state / "alerts.json"
        self.start("collector", self.build / "collector/quaywatch-collector", "-c", config)
        wait_for("the collector answers", self.answers)

    def answers(self):
        try:
            return self.socket.exists() and self.ctl("status")
        except Failed:
            return None

    def start_sensor(self, tenant, source):
        config = self.folder / f"{tenant}.conf"
        self.ctl("tenant", "add", tenant)
        self.ctl("enrol", tenant, "gate-1", "-o", config)
        self.start(tenant, self.build / "sensor/quaywatch-sensor", "-c", config, *source,
                   "--set", f'state.folder="{self.folder / tenant}"', "-o", self.folder / f"{tenant}.json")

    def sensors(self):
        """Of each tenant its sensor's row; before them stands one that speaks of all."""
        return {row["tenant"]: row for row in self.ctl("sensors") if "tenant" in row}

    def receipted(self, sequence):
        """Tenants whose receipt for this sequence of the community's channel is proved."""
        return {row["tenant"] for row in self.ctl("receipts")
                if row["channel"] == "community" and row["sequence"] >= sequence and row["proven"]}

    def sequence(self):
        return next(c["sequence"] for c in self.ctl("status")[0]["channels"] if c["channel"] == "community")

    def alerts(self, tenant, origin):
        """Lines of the alert log, and when each was first seen here."""
        if not self.log.exists():
            return []
        found = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [a for a in found if a["quaywatch"]["tenant"] == tenant and a["quaywatch"]["origin"] == origin]

    def stop(self):
        for name in [*TENANTS, "collector"]:
            process = self.processes.get(name)
            if process and process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class CaptureStage:
    """Traffic as captures that the forge makes, streamed into the sensors as they come."""

    def __init__(self, port):
        self.port, self.pipes = port, {}

    def source(self, tenant):
        path = self.port.folder / f"{tenant}.fifo"
        os.mkfifo(path)
        return ["-r", path]

    def attack(self, tenant):
        capture = self.port.folder / f"attack-on-{tenant}.pcap"
        victim = f"10.{20 + TENANTS.index(tenant)}.0.10"
        subprocess.run([self.port.build / "tests/forge/forge", "--attacker", ATTACKER, "--victim", victim, "--domain", DOMAIN,
                        "--host", DOMAIN, "--resolver", f"10.{20 + TENANTS.index(tenant)}.0.53", capture], check=True, stdout=subprocess.DEVNULL)
        data = capture.read_bytes()
        if tenant not in self.pipes:
            self.pipes[tenant] = open(self.port.folder / f"{tenant}.fifo", "wb", buffering=0)
        began = time.monotonic()
        self.pipes[tenant].write(data)
        return began

    def close(self):
        for pipe in self.pipes.values():
            pipe.close()


def tell(began, text):
    print(f"  {time.monotonic() - began:6.2f} s  {text}", flush=True)


def ms(seconds):
    return f"{seconds * 1000:.0f} ms"


class MirrorStage(CaptureStage):
    """Real clients and servers behind real mirror ports; charlie has a quiet port."""

    NAMES = {"alpha": "a", "bravo": "b"}

    def __init__(self, port):
        super().__init__(port)
        sys.path.insert(0, str(ROOT / "deploy"))
        from story_live import LiveStage, Missing
        try:
            self.live = LiveStage()
        except Missing as why:
            raise Failed(f"--live: {why}") from why

    def source(self, tenant):
        name = self.NAMES.get(tenant)
        return ["-i", self.live.interfaces(name), "-w", "1"] if name else super().source(tenant)

    def attack(self, tenant):
        began = time.monotonic()
        self.live.attack(self.NAMES[tenant])
        return began

    def close(self):
        super().close()
        self.live.close()


def play(port, stage, began):
    sources = {tenant: stage.source(tenant) for tenant in TENANTS}
    port.start_collector()
    tell(began, "the collector listens; its keys and the port's root key are made")
    for tenant in TENANTS:
        port.start_sensor(tenant, sources[tenant])
    wait_for("three sensors connected", lambda: sum(s["state"] == "connected" for s in port.sensors().values()) == 3)
    tell(began, "the sensors of alpha, bravo and charlie are connected, each with a key of its own")
    port.ctl("rules", "publish", ROOT / "deploy/demo.rules")
    wait_for("the signature everywhere", lambda: port.receipted(port.sequence()) == set(TENANTS))
    tell(began, "one signature published: all three receipted it")

    sent = stage.attack("alpha")
    alert = wait_for("alpha's alert", lambda: port.alerts("alpha", "signature"))[0]
    logged = time.monotonic()
    tell(began, f"alpha is attacked: {alert['src_ip']} -> {alert['dest_ip']}: \"{alert['alert']['signature']}\"")
    tell(began, f"packet -> line in the collector's log: {ms(logged - sent)}")

    promoted = wait_for("attacker and domain promoted", lambda: listed(port))
    sequence = port.sequence()
    wait_for("the others' receipts", lambda: {"bravo", "charlie"} <= port.receipted(sequence))
    receipted = time.monotonic()
    tell(began, f"attacker {promoted['ip']} and domain {promoted['domain']} are promoted; nobody is told who saw them")
    tell(began, f"alert in the log -> promoted -> last of the others' receipts: {ms(receipted - logged)}")

    sent = stage.attack("bravo")
    hit = wait_for("bravo's alert", lambda: port.alerts("bravo", "indicator"))[0]
    second = time.monotonic() - sent
    tell(began, f"the same attacker turns to bravo: \"{hit['alert']['signature']}\"")
    tell(began, f"packet -> line in the collector's log: {ms(second)}")


def listed(port):
    """The attacker's address and name once both are indicators of the community."""
    found = {row["type"]: row["value"] for row in port.ctl("indicators", "list") if row.get("channel", "community") == "community"}
    return found if {"ip", "domain"} <= set(found) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--live", action="store_true", help="real traffic behind a mirror port, in network namespaces")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="quaywatch-"))
    port = Port(args.build.resolve(), folder)
    stage = None
    status = 1
    began = time.monotonic()
    print(f"The story, in {folder}:")
    try:
        stage = make_stage(args, port)
        play(port, stage, began)
        status = 0
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f"  it went wrong: {error}\n  the programs' own words are in {folder}/*.log", file=sys.stderr)
    finally:
        print(f"Files: alert log {port.folder}/collector/alerts.json, sensors' own {folder}/alpha.json …, logs {folder}/*.log")
        finish(args, port, stage, status)
    return status


def make_stage(args, port):
    return MirrorStage(port) if args.live else CaptureStage(port)


def finish(args, port, stage, status):
    if args.keep and status == 0:
        pids = " ".join(str(p.pid) for p in port.processes.values())
        print(f"Left running. Look:  {port.build}/collector/quaywatchctl --socket {port.socket} sensors\n"
              f"Stop:  kill {pids}")
        return
    port.stop()
    if stage:
        stage.close()
    if status == 0:
        print("Stopped. With --keep it goes on running, and the folder is yours.")


if __name__ == "__main__":
    sys.exit(main())
