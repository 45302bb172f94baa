# SPDX-License-Identifier: Apache-2.0
"""A sensor behind a mirror port: alerts within 100 ms, flows, and every mirrored packet in its accounts.

    client                server              sensor
    c0 10.9.0.1 ───────── s0 10.9.0.2
                          │ tc mirred, both directions
                          m0 ──────────────── m1  ◄─ quaywatch-sensor -i m1
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import Pair, Sensor, accounts_exact, check, equal, main, wait_for  # noqa: E402

RULE = ('alert http any any -> any any (msg:"{0}"; flow:established,to_server; http.uri.raw; content:"/{0}/"; '
        'sid:{1}; rev:1;)\n')
FILES = {
    "test.rules": RULE.format("first", 1) + RULE.format(".%2e", 2),
    "list.csv": "type,value,confidence\ndomain,evil.example.test,90\n",
}
LIMIT_S = 0.1
REQUESTS = 20


def test(stage):
    pair = Pair(stage)
    sensor = Sensor(stage, "sensor", ["m1"], FILES, "-w", "1", "--events", "flow,http")
    sensor.working(1)
    before = stage.counter("sensor", "m1", "rx_packets")
    pair.mirror()

    # The first may find the worker still waiting for its first ruleset: the ring keeps it.
    pair.get("/first/")
    wait_for("the first alert", lambda: sensor.alerts(1))
    for number in range(REQUESTS):
        pair.get(f"/page/{number}")
    wait_for("their events", lambda: len(sensor.events("http")) > REQUESTS)
    took = {}
    for name, path, host, alerts in (("rule", "/cgi-bin/.%2e/.%2e/bin/sh", "10.9.0.2", lambda: sensor.alerts(2)),
                                     ("indicator", "/", "evil.example.test", lambda: sensor.indicators("evil.example.test"))):
        began = time.monotonic()
        pair.get(path, host)
        wait_for(f"the alert of the {name}", alerts)
        took[name] = round(time.monotonic() - began, 4)
    mirrored = stage.counter("sensor", "m1", "rx_packets") - before
    stats = sensor.stop()
    print(f"seconds from request to alert {took}, mirrored {mirrored}, packets {stats['packets']}, inspected {stats['inspected']}, drops {stats['drops']}")
    accounts_exact(stats)
    equal(stats["packets"], mirrored, "packets the sensor saw against those mirrored")
    equal(len(sensor.events("flow")), REQUESTS + 3, "flow events")
    check(max(took.values()) < LIMIT_S, f"an alert took longer than {LIMIT_S} s: {took}")


main(test)
