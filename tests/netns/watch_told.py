# SPDX-License-Identifier: Apache-2.0
"""What two workers tell the watch: each thing once, none of it for people, and a new exporter is told on.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1 -w 2

    l0 sends questions of DNS, of many hosts, so that each worker has its share of them.
"""
import json
import os
import pathlib
import signal
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Sensor, Wire, accounts_exact, check, equal, main, udp_frame, wait_for  # noqa: E402

HOSTS = 60
REPEATS = 5
RULES = RULE.format(proto="udp", port=53, word="needle", sid=1)


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def ask(wire, net, name):
    """Each host asks, and asks again from other ports."""
    for host in range(1, HOSTS + 1):
        for port in range(40000, 40000 + REPEATS):
            wire.send(udp_frame(f"10.9.{net}.{host}", "10.9.0.53", port, 53, question(name)))


def alerts_of(sensor, net):
    return {event["src_ip"] for event in sensor.alerts(1) if event["src_ip"].startswith(f"10.9.{net}.")}


def told_once(sensor, wire):
    """Per host the question, and the begin and end of the first conversation; the others are counted with it."""
    ask(wire, 1, "needle.one")
    wait_for("all alerts", lambda: len(alerts_of(sensor, 1)) == HOSTS)


def exporter_killed(sensor, wire):
    victim = sensor.children()["exporter"]
    os.kill(victim, signal.SIGKILL)
    wait_for("a new exporter", lambda: sensor.children().get("exporter", victim) != victim, 5)
    ask(wire, 2, "needle.two")
    wait_for("all alerts", lambda: len(alerts_of(sensor, 2)) == HOSTS)


def run(stage, kill):
    sensor = Sensor(stage, "sensor", ["m1"], {"test.rules": RULES}, "-w", "2", "--set", "alerts.fold=0")
    sensor.working(2)
    wire = Wire(stage, "load", "l0")
    told_once(sensor, wire)
    if kill:
        exporter_killed(sensor, wire)
    stats = sensor.stop()
    engine, watch = stats["engine"], stats["watch"]
    print(watch, {key: value for key, value in engine.items() if key.startswith("watch")})
    accounts_exact(stats)
    for number, worker in enumerate(stats["workers"]):
        check(worker["received"] > 0, f"worker {number} got no packet")
        equal(worker["events_lost"], 0, f"events lost by worker {number}")
    lines = (sensor.path / "eve.json").read_text().splitlines()
    check({json.loads(line)["event_type"] for line in lines} == {"alert"}, "people were told what nobody asked for")
    return stats, engine, watch


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    stats, engine, watch = run(stage, False)
    asked = HOSTS * REPEATS
    alerts = stats["alerts"] - watch["findings"] - watch["kept_back"]
    equal(alerts, asked, "alerts")
    equal(watch["damaged"], 0, "damaged events")
    # half of what was told are begins, and each of those ends
    equal(watch["events"], engine["watch_told"] * 3 // 2 + alerts, "events shown: what was told, ends of flows, alerts")
    # two workers may each have some of one host's conversations
    check(2 * HOSTS <= engine["watch_told"] <= 4 * HOSTS, f"{engine['watch_told']} things told of {HOSTS} hosts")
    stats, engine, watch = run(stage, True)
    check(0 < watch["events"] < engine["watch_told"] + stats["alerts"] + 2 * HOSTS, f"{watch['events']} events of the second exporter")
    equal(watch["damaged"], 0, "damaged events")


main(test)
