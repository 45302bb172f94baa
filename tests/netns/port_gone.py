# SPDX-License-Identifier: Apache-2.0
"""The port a sensor listens on goes down, comes up, is removed and made anew: it listens again by itself.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1 -w 1
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Sensor, Wire, accounts_exact, check, main, udp_frame, wait_for  # noqa: E402

FILES = {"test.rules": RULE.format(proto="udp", port="any", word="probe", sid=1)}


def expect_alerts(stage, sensor, address):
    """Frames are sent until one alerts: the port may be listened on a moment later."""
    wire = Wire(stage, "load", "l0")

    def probe():
        wire.send(udp_frame(address, "10.9.0.2", 4000, 9, b"probe"))
        return any(event["src_ip"] == address for event in sensor.alerts(1))
    wait_for(f"an alert from {address}", probe, 15, 0.05)


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    sensor = Sensor(stage, "sensor", ["m1"], FILES, "-w", "1", "--set", "alerts.fold=0")
    sensor.working(1)
    expect_alerts(stage, sensor, "10.9.0.1")
    stage.ip("sensor", "link", "set", "m1", "down")
    stage.ip("sensor", "link", "set", "m1", "up")
    expect_alerts(stage, sensor, "10.9.0.3")
    stage.ip("sensor", "link", "del", "m1")
    wait_for("the sensor says that the port is gone", lambda: "CAPTURE-LOST" in sensor.said())
    stage.cable("load", "l0", "sensor", "m1")
    expect_alerts(stage, sensor, "10.9.0.4")
    check(sensor.process.poll() is None, "the sensor ended")
    stats = sensor.stop()
    print(stats["workers"])
    accounts_exact(stats)


main(test)
