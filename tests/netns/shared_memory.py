# SPDX-License-Identifier: Apache-2.0
"""Two workers share what rules remember of hosts: what one of them has set, the other finds.

    wire                  tagged
    w0 ────────────────── t1    ◄─ quaywatch-sensor -i t1 -w 2      (frames made by hand)

A host says the word on one flow, which is one worker's; then it speaks on many flows, which are both's.  Its neighbour,
who never said the word, speaks as often.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import Sensor, Wire, accounts_exact, check, equal, main, udp_frame, wait_for  # noqa: E402

FLOWS = 200
HOST, NEIGHBOUR, THERE = "10.7.0.1", "10.7.0.3", "10.7.0.2"
UDP = "alert udp any any -> any any (msg:\"{msg}\"; content:\"{word}\"; {memory}; sid:{sid}; rev:1;)\n"
MEMORY = (("xbits:set,berthed,track ip_src,expire 600", "xbits:isset,berthed,track ip_src"),
          ("hostbits:set,moored,src", "hostbits:isset,moored,src"),
          ("xbits:set,paired,track ip_pair,expire 600", "xbits:isset,paired,track ip_pair"))
RULES = "".join(UDP.format(msg=setter, word="arrive", memory=setter, sid=10 + number) +
                UDP.format(msg=test, word="unload", memory=test, sid=20 + number)
                for number, (setter, test) in enumerate(MEMORY))


def speak(wire, host, word):
    for port in range(30000, 30000 + FLOWS):
        wire.send(udp_frame(host, THERE, port, 9, word))


def test(stage):
    stage.namespace("wire"), stage.namespace("tagged")
    stage.cable("wire", "w0", "tagged", "t1")
    wire = Wire(stage, "wire", "w0")
    sensor = Sensor(stage, "tagged", ["t1"], {"test.rules": RULES}, "-w", "2", "--set", "alerts.fold=0")
    sensor.working(2)
    wire.send(udp_frame(HOST, THERE, 40000, 9, b"arrive"))
    for number in range(len(MEMORY)):
        wait_for("the word is heard", lambda: len(sensor.alerts(10 + number)) == 1)
    speak(wire, NEIGHBOUR, b"unload")
    speak(wire, HOST, b"unload")
    for number in range(len(MEMORY)):
        wait_for(f"all flows of the host meet rule {20 + number}", lambda: len(sensor.alerts(20 + number)) >= FLOWS)
    stats = sensor.stop()
    received = [worker["received"] for worker in stats["workers"]]
    print(f"packets by worker: {received}")
    accounts_exact(stats)
    equal(stats["packets"], wire.sent, "packets seen against those sent")
    check(all(count > FLOWS / 10 for count in received), f"a worker got next to nothing: {received}")
    for number in range(len(MEMORY)):
        met = sensor.alerts(20 + number)
        equal(sorted(event["src_port"] for event in met), list(range(30000, 30000 + FLOWS)), f"flows that met rule {20 + number}")
        equal({event["src_ip"] for event in met}, {HOST}, "who met it")


main(test)
