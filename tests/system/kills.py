#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: nothing that was taken over is lost, nothing is there twice.

usage: kills.py BUILD_FOLDER [--kills N] [--rate N] [--seed N] [--only PHASE] [--set KEY=VALUE]

One phase for each process: collector, exporter, worker, supervisor.  Packets
with one source address each arrive on the loopback interface of a network
namespace of our own; each must be one alert in the collector's log.

	collector             every packet is in the log
	exporter              the same; the one alert that it was spooling when
	                      it was killed may be there under two names
	worker                what was in it is lost, and counted as dropped
	supervisor            what came while nobody listened is lost

In all phases no address is there twice, and the sequences of every epoch are
whole: what was acknowledged is in the log.  The sensor's ledger names exactly
what the collector has, each once, and its chain holds.  At the end the checker itself is
checked: a line taken away or doubled must be found.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port

RULE = 'alert udp any any -> any 9999 (msg:"kill"; content:"kill-payload"; sid:900003; rev:1;)\n'
SETTINGS = ('capture.checksums="ignore"', "capture.workers=2", "capture.ring_mb=8", "flow.count=262144", "flow.timeout_new=5")
STEADY_S = 1.1
INSIDE = "QUAYWATCH_KILLS_INSIDE"


def enter_namespace():
    """This very program again, in a network namespace of its own."""
    if os.environ.get(INSIDE):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    harness.need_tools("unshare", "ip")
    command = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        harness.skip("network namespaces are missing (root, or user namespaces)")
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})


class Load(threading.Thread):
    """Datagrams to the loopback interface, each from an address of its own."""

    def __init__(self, rate):
        super().__init__(daemon=True)
        self.rate, self.next = rate, 1 << 16
        self.go, self.stop = threading.Event(), threading.Event()
        self.idle = threading.Event()

    def run(self):
        while not self.stop.is_set():
            if not self.go.is_set():
                self.idle.set()
                time.sleep(0.002)
                continue
            self.idle.clear()
            for _ in range(max(1, self.rate // 500)):
                self.send()
            time.sleep(0.002)

    def send(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((self.address(self.next), 0))
            sender.sendto(b"kill-payload", ("127.0.0.1", 9999))
        self.next += 1

    @staticmethod
    def address(number):
        return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def pause(self):
        """Returns the number of the next datagram, when all before it were sent."""
        self.go.clear()
        self.idle.wait()
        return self.next


# ---- whom to kill


def holds(pid, text):
    """Whether a process has a file open whose name contains the text."""
    try:
        return any(text in os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def has_capture(pid):
    """A worker maps its capture ring."""
    try:
        return "socket:[" in pathlib.Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


class Victims:
    def __init__(self, world):
        self.world = world

    def collector(self):
        return self.world.port.process.pid

    def supervisor(self):
        return self.world.sensor.process.pid

    def exporter(self):
        return self.child(lambda pid: holds(pid, "/spool"))

    def worker(self):
        return self.child(lambda pid: has_capture(pid) and not holds(pid, "/spool"))

    def child(self, fits):
        def find():
            found = [pid for pid in harness.children_of(self.supervisor()) if fits(pid)]
            return random.choice(found) if found else None
        return harness.wait_until("the process to be killed is there", find, 15)


def recover(world, kind):
    """Starts again what nobody else does."""
    if kind == "collector":
        world.port.process.popen.wait()
        world.port.start()
    elif kind == "supervisor":
        world.sensor.process.popen.wait()
        world.sensor.start("lo").ready()


# ---- the checker


def identity(row):
    own = row["quaywatch"]
    return own["tenant"], own["sensor"], own["epoch"], own["seq"]


def troubles_of(rows, wanted, whole, spare=0):
    """
    What is wrong with the log: `wanted` are the addresses that were sent, all of them are needed if `whole`;
    `spare` alerts may be there under two names.
    """
    troubles = []
    names = collections.Counter(map(identity, rows))
    sources = collections.Counter(row["src_ip"] for row in rows)
    last = collections.defaultdict(int)
    for tenant, sensor, epoch, sequence in names:
        last[tenant, sensor, epoch] = max(last[tenant, sensor, epoch], sequence)
    for what, counter, allowed in (("names", names, 0), ("alerts", sources, spare)):
        double = [key for key, count in counter.items() if count > 1]
        if len(double) > allowed:
            troubles.append(f"{len(double)} {what} are there twice: {double[:3]}")
    missing_names = sum(last.values()) - len(names)
    if missing_names:
        troubles.append(f"{missing_names} sequences are missing")
    strange = sources.keys() - wanted
    if strange:
        troubles.append(f"{len(strange)} alerts of packets that were not sent: {sorted(strange)[:3]}")
    missing = wanted - sources.keys()
    if whole and missing:
        troubles.append(f"{len(missing)} of {len(wanted)} packets have no alert: {sorted(missing)[:3]}")
    return troubles


def check_checker(checks, rows, wanted, spare):
    """Faults planted into what was read: each must be found."""
    middle = len(rows) // 2
    faults = {
        "a line taken away": rows[:middle] + rows[middle + 1:],
        "a line doubled": rows[:middle] + [rows[middle]] + rows[middle:],
        "the same alert under another name": rows + [{**rows[0], "quaywatch": {**rows[0]["quaywatch"], "epoch": "0" * 15 + "1", "seq": 1}}],
    }
    for name, planted in faults.items():
        checks.check(troubles_of(planted, wanted, True, spare), f"the checker does not find {name}")


def names_in(text):
    """(epoch, sequence) of each record that the sensor's ledger has."""
    return [(row["epoch"], row["seq"]) for row in map(json.loads, text.splitlines())]


def ledger_troubles(ledger, rows):
    """What left, as the tenant wrote it down, against what the collector received."""
    received = {(row["quaywatch"]["epoch"], row["quaywatch"]["seq"]) for row in rows}
    troubles = [f"{len(names)} records {what}: {sorted(names)[:3]}" for what, names in (
        ("are in the ledger twice", {name for name, count in collections.Counter(ledger).items() if count > 1}),
        ("are in the ledger and not at the collector", set(ledger) - received),
        ("are at the collector and not in the ledger", received - set(ledger))) if names]
    return troubles


def check_ledger(checks, world):
    """Asked of the running sensor: it is what it was, though its writer was killed again and again."""
    def ask(*words):
        command = [world.lab.ctl_binary, "--json", "--socket", world.sensor.state / "control.sock", "ledger", *words]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    harness.wait_until("the exporter answers", lambda: ask("--verify").returncode == 0, 20, 0.2)
    ledger, rows = names_in(ask().stdout), world.rows()
    for trouble in ledger_troubles(ledger, rows):
        checks.check(False, f"ledger: {trouble}")
    print(f"ledger: {len(ledger)} records of {len({epoch for epoch, _ in ledger})} runs are the collector's {len(rows)}", flush=True)
    for name, planted in (("a record too few", ledger[1:]), ("a record twice", ledger + ledger[:1]), ("one too many", ledger + [("0", 1)])):
        checks.check(ledger_troubles(planted, rows), f"the checker of the ledger does not find {name}")


# ---- phases


class World:
    def __init__(self, lab, rate, settings):
        self.lab = lab
        self.port = port.Port(lab)
        rules = lab.folder / "kill.rules"
        rules.write_text(RULE)
        self.sensor = self.port.enrol("berth", "gate", [rules], (*SETTINGS, *settings))
        self.sensor.extra = ["-f", "udp dst port 9999"]
        self.sensor.start("lo").ready()
        harness.wait_until("the sensor is connected", self.sensor.connected)
        self.victims, self.load, self.spare = Victims(self), Load(rate), 0
        self.load.start()

    def rows(self):
        return self.port.alerts()

    def listening(self):
        """True when a packet makes its way; such packets are beyond the numbers that are counted."""
        before = len(self.rows())
        self.load.send()
        harness.wait_until("a first packet has its alert", lambda: len(self.rows()) > before or self.load.send(), 20, 0.2)


def settle(world, wanted, seconds=30):
    """Waits until the log holds all that is wanted, or nothing new came for three seconds."""
    end, size, since = time.monotonic() + seconds, -1, time.monotonic()
    while time.monotonic() < end:
        rows = world.rows()
        if len(rows) != size:
            size, since = len(rows), time.monotonic()
        if wanted <= {row["src_ip"] for row in rows} or time.monotonic() - since > 3:
            return rows
        time.sleep(0.1)
    return world.rows()


def drops_of(world):
    row = world.port.sensor_row("berth", "gate")
    return row["drops"] if row else 0


def losses_are_counted(world, lost, dropped):
    """What killed workers lost must be among the drops that the sensor reports; None, or what is wrong."""
    try:
        harness.wait_until("the losses are counted", lambda: drops_of(world) - dropped >= lost, 5, 0.2)
    except AssertionError:
        return f"{lost} packets were lost, but only {drops_of(world) - dropped} are counted as dropped"
    return None


def run_phase(checks, world, kind, kills):
    world.listening()
    first = world.load.next
    before = settle(world, {Load.address(first - 1)})
    dropped = drops_of(world)
    world.load.go.set()
    for number in range(kills):
        # What dies again and again within a second is started again only after a while: that is not asked for here.
        time.sleep(random.uniform(0.02, 0.3) + (STEADY_S if number % 4 == 3 else 0))
        os.kill(getattr(world.victims, kind)(), signal.SIGKILL)
        recover(world, kind)
    time.sleep(0.2)
    sent = {Load.address(number) for number in range(first, world.load.pause())}
    rows = settle(world, sent)
    sources = {row["src_ip"] for row in rows}
    double_before = len(before) - len({row["src_ip"] for row in before})
    world.spare = double_before + (kills if kind == "exporter" else 0)
    troubles = troubles_of(rows, {row["src_ip"] for row in before} | sent, False, world.spare)
    if kind in ("collector", "exporter") and sent - sources:
        troubles.append(f"{len(sent - sources)} of {len(sent)} packets have no alert: {sorted(sent - sources)[:3]}")
    double = len(rows) - len(sources)
    lost = len(sent - sources)
    print(f"{kind}: {kills} kills, {len(sent)} packets, {len(rows) - len(before)} alerts, {lost} packets without one, {double} alerts under two names so far", flush=True)
    if kind == "worker" and lost:
        troubles.append(losses_are_counted(world, lost, dropped))
    for trouble in filter(None, troubles):
        checks.check(False, f"{kind}: {trouble}")
    checks.check(sent & sources, f"{kind}: no alert at all")


def main():
    enter_namespace()
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="")
    parser.add_argument("--set", action="append", default=[], help="of the sensor's configuration")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    random.seed(seed)
    print(f"seed {seed}")
    checks = harness.Checks()
    with harness.lab(options.build) as lab:
        world = World(lab, options.rate, options.set)
        kinds = [kind for kind in ("collector", "exporter", "worker", "supervisor") if options.only in kind]
        for kind in kinds:
            run_phase(checks, world, kind, -(-options.kills // len(kinds)))
        world.load.stop.set()
        check_ledger(checks, world)
        checks.check(world.sensor.stop() == 0, "the sensor does not end with status 0")
        checks.check(world.port.stop() == 0, "the collector does not end with status 0")
        rows = world.rows()
        sources = {row["src_ip"] for row in rows}
        for trouble in troubles_of(rows, sources, True, world.spare):
            checks.check(False, f"at the end: {trouble}")
        check_checker(checks, rows, sources, len(rows) - len(sources))
    checks.finish()


if __name__ == "__main__":
    main()
