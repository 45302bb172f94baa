# SPDX-License-Identifier: Apache-2.0
"""The sensor says nothing on the port it listens on, and needs no address there.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1        nothing ever goes ◄─ this way
"""
import pathlib
import re
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Sensor, Wire, accounts_exact, check, equal, main, udp_frame, wait_for  # noqa: E402

FILES = {"test.rules": RULE.format(proto="udp", port="any", word="probe", sid=1)}
BROADCAST, SENDER = b"\xff" * 6, b"\x02\0\0\0\0\x01"


def temptations():
    """Frames that a talkative host would answer: who has your address, are you there, which groups are you in?"""
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + SENDER + socket.inet_aton("10.9.0.1") + b"\0" * 6 + socket.inet_aton("10.9.0.2")
    yield BROADCAST + SENDER + b"\x08\x06" + arp
    yield udp_frame("10.9.0.1", "10.9.0.2", 4000, 33434, b"is that port open?")
    igmp = bytes.fromhex("46c0002000000000010200000a090001e0000001940400001164ee9b00000000")
    yield bytes.fromhex("01005e000001") + SENDER + b"\x08\0" + igmp
    solicitation = bytes.fromhex("600000000008" "3aff" + "fe80" + "00" * 13 + "01" + "ff02" + "00" * 13 + "01" + "8500000000000000")
    yield bytes.fromhex("333300000001") + SENDER + b"\x86\xdd" + solicitation


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    check("inet" not in stage.ip("sensor", "addr", "show", "dev", "m1"), "the port has an address")
    wire = Wire(stage, "load", "l0")
    sensor = Sensor(stage, "sensor", ["m1"], FILES, "-w", "2")
    sensor.working(2)
    for _ in range(3):
        for frame in temptations():
            wire.send(frame)
        time.sleep(0.3) # for answers that take their time: a group's report waits up to some tenths
    wire.send(udp_frame("10.9.0.1", "10.9.0.2", 4000, 9, b"probe"))
    wait_for("the alert", lambda: sensor.alerts(1))
    check(re.search("promiscuity [1-9]", stage.ip("sensor", "-d", "link", "show", "dev", "m1")), "the port is not promiscuous")
    stats = sensor.stop()
    accounts_exact(stats)
    equal(stats["packets"], wire.sent, "packets seen against those sent")
    equal(stage.counter("sensor", "m1", "tx_packets"), 0, "packets that the sensor's port sent")
    equal(stage.counter("load", "l0", "rx_packets"), 0, "packets that came back")
    check("inet" not in stage.ip("sensor", "addr", "show", "dev", "m1"), "the port has got an address")
    print(f"{stats['packets']} packets heard, none sent")


main(test)
