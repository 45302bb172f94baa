# SPDX-License-Identifier: Apache-2.0
"""Two workers share a port: every alert is found, tags and doubled packets are taken as configured.

    client ──── server ──── m1  ◄─ quaywatch-sensor -i m1 -w 2      (as drawn in kit.Pair)

    wire                  tagged
    w0 ────────────────── t1    ◄─ quaywatch-sensor -i t1 -w 2      (frames made by hand)
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Pair, Sensor, Wire, accounts_exact, check, equal, main, udp_frame, wait_for  # noqa: E402

FLOWS = 200
HERE, THERE = "10.7.0.1", "10.7.0.2"
PROBE = {"test.rules": RULE.format(proto="udp", port="any", word="probe", sid=1)}
HTTP = {"test.rules": 'alert http any any -> any any (msg:"path"; http.uri; content:"/probe/"; sid:1; rev:1;)\n'}


def both_worked(stats):
    for number, worker in enumerate(stats["workers"]):
        check(worker["received"] > 0, f"worker {number} got no packet")


def connections(stage):
    pair = Pair(stage)
    sensor = Sensor(stage, "sensor", ["m1"], HTTP, "-w", "2", "--set", "alerts.fold=0")
    sensor.working(2)
    before = stage.counter("sensor", "m1", "rx_packets")
    pair.mirror()
    ports = sorted(pair.get(f"/probe/{number}") for number in range(FLOWS))
    wait_for("all alerts", lambda: len(sensor.alerts(1)) >= FLOWS)
    mirrored = stage.counter("sensor", "m1", "rx_packets") - before
    wait_for("the last packets", lambda: stage.counter("sensor", "m1", "rx_packets") - before == mirrored)
    stats = sensor.stop()
    print("connections:", stats["packets"], "packets,", [worker["received"] for worker in stats["workers"]])
    equal(sorted(event["src_port"] for event in sensor.alerts(1)), ports, "ports of the alerts")
    accounts_exact(stats)
    equal(stats["packets"], stage.counter("sensor", "m1", "rx_packets") - before, "packets seen against those mirrored")
    both_worked(stats)


def tagged(stage, wire, in_flow):
    """Conversations whose directions have different tags: one flow each, or two."""
    sensor = Sensor(stage, "tagged", ["t1"], PROBE, "-w", "2", "--events", "flow", "--set", "alerts.fold=0",
                    "--set", f"capture.vlan_in_flow={in_flow}")
    sensor.working(2)
    sent = wire.sent
    for port in range(30000, 30000 + FLOWS):
        wire.send(udp_frame(HERE, THERE, port, 9, b"a probe", [10]))
        wire.send(udp_frame(THERE, HERE, 9, port, b"an answer", [20]))
    wait_for("all alerts", lambda: len(sensor.alerts(1)) >= FLOWS)
    stats = sensor.stop()
    flows = sensor.events("flow")
    print(f"vlan_in_flow={in_flow}: {len(flows)} flows, {stats['packets']} packets, drops {stats['drops']}")
    accounts_exact(stats)
    both_worked(stats)
    equal(stats["packets"], wire.sent - sent, "packets seen against those sent")
    equal(len(sensor.alerts(1)), FLOWS, "alerts")
    check(all(event["vlan"] == [10] for event in sensor.alerts(1)), "an alert does not say its tag")
    equal(len(flows), 2 * FLOWS if in_flow == "true" else FLOWS, "flows")
    if in_flow == "false":
        check(all(flow["flow"]["pkts_toclient"] == 1 for flow in flows), "an answer was not counted to its flow")


DOUBLES_APART = 0.005 # seconds: half of what the sensor takes for one packet seen twice


def doubled(stage, wire, deduplicate):
    """A port that sends everything twice."""
    sensor = Sensor(stage, "tagged", ["t1"], PROBE, "-w", "2", "--set", "alerts.fold=0", "--set",
                    f"capture.deduplicate={deduplicate}")
    sensor.working(2)
    late = 0 # pairs that a busy machine tore apart further than doubles may be
    for port in range(30000, 30000 + FLOWS):
        begin = time.monotonic()
        for tag in ([], [30]): # once in, once out: tagged only there
            wire.send(udp_frame(HERE, THERE, port, 9, b"a probe", tag, ident=port))
        late += time.monotonic() - begin > DOUBLES_APART
    alerts = FLOWS if deduplicate == "true" else 2 * FLOWS
    wait_for("all alerts", lambda: len(sensor.alerts(1)) >= alerts)
    stats = sensor.stop()
    print(f"deduplicate={deduplicate}: {len(sensor.alerts(1))} alerts, drops {stats['drops']}")
    accounts_exact(stats)
    equal(stats["packets"], 2 * FLOWS, "packets")
    told, dropped = len(sensor.alerts(1)), stats["drops"].get("duplicate", 0)
    equal(told + dropped, 2 * FLOWS, "alerts and doubles")
    check(alerts <= told <= alerts + late, f"{told} alerts where {alerts} are due ({late} pairs were late)")


def test(stage):
    connections(stage)
    stage.namespace("wire"), stage.namespace("tagged")
    stage.cable("wire", "w0", "tagged", "t1")
    wire = Wire(stage, "wire", "w0")
    for value in ("true", "false"):
        tagged(stage, wire, value)
    for value in ("true", "false"):
        doubled(stage, wire, value)


main(test)
