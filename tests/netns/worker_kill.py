# SPDX-License-Identifier: Apache-2.0
"""Processes of a sensor under load are killed: each is back within a second, and no packet is unaccounted for.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1 -w 2

    l0 sends UDP frames of FLOWS conversations, PER_SECOND in all, and probes that a rule matches.
"""
import os
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Sensor, Wire, accounts_exact, check, equal, main, udp_frame, wait_for  # noqa: E402

FLOWS = 64
PER_SECOND = 4000
BACK_S = 1.0
RULES = RULE.format(proto="udp", port=7, word="probe", sid=1)


class Load(threading.Thread):
    """A steady stream of frames until it is stopped, at PER_SECOND as far as the machine lets it."""

    def __init__(self, wire):
        super().__init__(daemon=True)
        self.wire = wire
        self.ended = threading.Event()
        self.frames = [udp_frame(f"10.9.1.{i + 1}", "10.9.0.2", 20000 + i, 9, b"load" * 20) for i in range(FLOWS)]

    def run(self):
        began, sent = time.monotonic(), 0
        while not self.ended.is_set():
            due = int((time.monotonic() - began) * PER_SECOND)
            while sent < due:
                self.wire.send(self.frames[sent % FLOWS])
                sent += 1
            time.sleep(0.002)

    def stop(self):
        self.ended.set()
        self.join(5)


class Probes:
    """Frames that alert, each from an address of its own: no alert is folded into another."""

    def __init__(self, wire, sensor):
        self.wire, self.sensor, self.number = wire, sensor, 0

    def send(self):
        self.number += 1
        source = f"10.8.{self.number >> 8}.{self.number & 255}"
        self.wire.send(udp_frame(source, "10.9.0.2", 30000, 7, b"probe"))
        return source

    def all_seen(self, sources):
        return set(sources) <= {event["src_ip"] for event in self.sensor.alerts(1)}

    def expect(self, count, what, seconds=10):
        """That many probes, of enough addresses for every worker to have some, all alert."""
        sources = [self.send() for _ in range(count)]
        wait_for(what, lambda: self.all_seen(sources), seconds)


def kill_worker(sensor, probes):
    """Probes go on while it is gone; those sent once it is back must all alert."""
    victim = sensor.children()["worker 0"]
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    wait_for("a new worker", lambda: sensor.children().get("worker 0", victim) != victim, 5)
    process = time.monotonic() - began
    while True: # its first alert: both workers get a share of any eight addresses or so
        sources = [probes.send() for _ in range(16)]
        try:
            wait_for("alerts of both workers", lambda s=sources: probes.all_seen(s), 0.2)
            break
        except AssertionError:
            check(time.monotonic() - began < 5, "no alerts after a worker was killed")
    return process, time.monotonic() - began


def kill_helper(sensor, which, probes):
    """Both helpers start anew; alerts meanwhile wait in the rings."""
    victim = sensor.children()[which]
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    wait_for("the helper ended", lambda: sensor.children().get(which) != victim, 5)
    sources = [probes.send() for _ in range(16)]
    wait_for(f"alerts sent while the {which} was gone", lambda: probes.all_seen(sources), 5)
    wait_for("all processes", lambda: len(sensor.children()) == 4, 5)
    return time.monotonic() - began


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    wire = Wire(stage, "load", "l0")
    sensor = Sensor(stage, "sensor", ["m1"], {"test.rules": RULES}, "-w", "2", "--set", "alerts.fold=0")
    sensor.working(2)
    probes = Probes(wire, sensor)
    probes.expect(16, "the first alerts")
    before = stage.counter("sensor", "m1", "rx_packets") - wire.sent
    load = Load(wire)
    load.start()
    time.sleep(0.3)
    process, alerts = kill_worker(sensor, probes)
    print(f"worker killed: new process after {process:.3f} s, all alerts again after {alerts:.3f} s")
    for which in ("builder", "exporter"):
        print(f"{which} killed: alerts out and both back after {kill_helper(sensor, which, probes):.3f} s")
    probes.expect(16, "alerts after all that")
    load.stop()
    equal(stage.counter("sensor", "m1", "rx_packets"), wire.sent + before, "packets that reached the port")
    time.sleep(0.1) # a block of the ring is handed over after 10 ms
    children = sensor.children()
    stats = sensor.stop()
    print({key: stats[key] for key in ("packets", "inspected", "drops", "workers")}, "sent", wire.sent)
    accounts_exact(stats)
    equal(stats["packets"], wire.sent, "packets in the accounts against those sent")
    equal([worker["restarts"] for worker in stats["workers"]], [1, 0], "restarts")
    equal(stats["workers"][1]["drops"], 0, "packets lost by the worker that lived")
    check(stats["workers"][1]["received"] > 0, "the other worker had nothing to do")
    check(max(process, alerts) < BACK_S, f"back only after {max(process, alerts):.3f} s")
    for pid in children.values():
        check(not os.path.exists(f"/proc/{pid}"), f"process {pid} outlived the sensor")


def orphans(stage):
    """Nothing outlives a supervisor that is killed."""
    stage.namespace("end")
    stage.cable("end", "e0", "end", "e1")
    sensor = Sensor(stage, "end", ["e1"], {"test.rules": RULES}, "-w", "2", "--set", 'user="nobody"')
    sensor.working(2)
    children = sensor.children()
    os.kill(sensor.process.pid, signal.SIGKILL)
    sensor.process.wait()
    wait_for("all children ended", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children.values()), 2)


def both(stage):
    test(stage)
    orphans(stage)


main(both)
