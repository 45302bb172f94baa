#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sets that drifted apart come together again, and little travels for it.

usage: repair.py BUILD_FOLDER

	a sensor restored from an old disk	gets the deltas that it lacks
	a collector restored from a backup, and	sends the buckets that differ, whatever
	changed since                          	the sensor holds
	all of a large set is another one      	a snapshot, built in passes
"""
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

MANY, LARGE = 3000, 70000 # a large set comes in parts
RULES = 'alert udp any any -> any 9999 (msg:"never"; content:"never"; sid:1;)\n'


def address(number):
    return f"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def frame(source, port_number):
    return traffic.ethernet(traffic.udp(source, port_number, "10.0.0.1", 53, b"hello"))


class World:
    def __init__(self, lab):
        self.lab = lab
        self.port = port.Port(lab)
        self.rules = lab.folder / "never.rules"
        self.rules.write_text(RULES)
        self.sensor = self.port.enrol("berth", "gate", [self.rules])
        self.before, self.asked = 0, 0

    def start(self):
        self.before = self.figure("receipts")
        self.sensor.start().ready()

    def add(self, *addresses):
        for each in addresses:
            self.port.ctl("indicators", "add", "ip", each)

    def fill(self, first=0, count=MANY):
        feed = self.lab.folder / "many.txt"
        feed.write_text("".join(f"{address(number)}\n" for number in range(first, first + count)))
        self.port.ctl("indicators", "import", feed)

    def figure(self, name):
        return self.port.ctl("status")[0][name]

    def order(self):
        """Of the community's channel, at the collector."""
        return [channel["sequence"] for channel in self.port.ctl("status")[0]["channels"] if channel["channel"] == "community"][0]

    def is_level(self):
        if self.figure("receipts") == self.before:
            return False # what is known is of an earlier run
        rows = [row for row in self.port.ctl("receipts") if row["channel"] == "community"]
        return any(row["sequence"] == self.order() and row["proven"] for row in rows)

    def level(self):
        harness.wait_until("the sensor proved that it holds our set", self.is_level, 20)

    def alerts_on(self, source):
        """Whether this address is an indicator at the sensor."""
        before = len(list(harness.read_lines(self.sensor.eve)))
        self.asked += 1
        self.sensor.feed.frame(frame(source, 40000 + self.asked))
        self.sensor.feed.frame(frame("203.0.0.0", 40000 + self.asked)) # one that is, always: when it is told, the other was judged
        harness.wait_until("the sensor saw both", lambda: any(
            row.get("src_ip") == "203.0.0.0" for row in list(harness.read_lines(self.sensor.eve))[before:]))
        return any(row.get("src_ip") == source for row in list(harness.read_lines(self.sensor.eve))[before:])


def old_disk(checks, world):
    """The sensor's disk is of yesterday."""
    world.start()
    world.fill()
    world.level()
    world.sensor.stop()
    backup = world.lab.folder / "sensor.backup"
    shutil.copytree(world.sensor.state, backup)
    world.start()
    world.add("198.51.100.1", "198.51.100.2")
    world.level()
    world.sensor.stop()
    shutil.rmtree(world.sensor.state)
    shutil.copytree(backup, world.sensor.state)
    deltas, parts, sums = (world.figure(name) for name in ("deltas", "snapshot_parts", "bucket_sums"))
    world.start()
    world.level()
    checks.check(world.alerts_on("198.51.100.2"), "an old disk: what came since does not match")
    checks.check(world.figure("deltas") - deltas == 2, f"an old disk: {world.figure('deltas') - deltas} deltas instead of the 2 that were missing")
    checks.check(world.figure("snapshot_parts") == parts and world.figure("bucket_sums") == sums, "an old disk: more than deltas travelled")
    print(f"old disk: {world.figure('deltas') - deltas} deltas, nothing else")


def one_sentence(checks, world):
    """How far all sensors are, as an operator reads it at night."""
    def summary():
        return world.port.ctl("sensors")[0]["summary"]

    at = f"1.{world.order()}"
    checks.check(summary() == f"1 of 1 at {at}", f"all are level, and it says: {summary()}")
    world.port.enrol("berth", "spare", [])
    checks.check(summary() == f"1 of 2 at {at}; berth/spare has nothing yet (never connected)", f"one never came, and it says: {summary()}")
    world.sensor.stop()
    world.add("198.51.100.3")
    late = re.fullmatch(r"0 of 2 at 1\.(\d+); berth/spare has nothing yet \(never connected\); "
                        r"berth/gate \d+ s behind \((catching up|reconnecting)\)", summary())
    checks.check(late and int(late[1]) == world.order(), f"one is behind, and it says: {summary()}")
    checks.check([row.get("sensor") for row in world.port.ctl("sensors")] == [None, "gate", "spare"], "each sensor has its line behind the sentence")
    world.start()
    world.level()
    world.port.ctl("sensor", "revoke", "berth", "spare")
    checks.check(summary() == f"1 of 1 at 1.{world.order()}", f"all are level again, and it says: {summary()}")


def restored_collector(checks, world):
    """The collector's state is of yesterday, and people went on from there."""
    world.port.stop()
    backup = world.lab.folder / "collector.backup"
    shutil.copytree(world.port.state, backup)
    world.port.start()
    world.add("198.51.100.11", "198.51.100.12", "198.51.100.13")
    world.level()
    checks.check(world.alerts_on("198.51.100.11"), "before the restoring: a new indicator does not match")
    world.sensor.stop()
    world.port.stop()
    shutil.rmtree(world.port.state)
    shutil.copytree(backup, world.port.state)
    world.port.start()
    world.add("198.51.100.21", "198.51.100.22", "198.51.100.13")
    world.start()
    world.level()
    checks.check(world.port.process.text().count("CHANNEL-FORKED") == 1, "the collector does not say, once, that the channel forked")
    checks.check("CHANNEL-DIFFERS" in world.sensor.log(), "the sensor's log does not say that its set differed")
    checks.check(world.alerts_on("198.51.100.21"), "after the repair: what the collector has does not match")
    checks.check(not world.alerts_on("198.51.100.11"), "after the repair: what the collector has no more still matches")
    checks.check(world.alerts_on("198.51.100.13"), "after the repair: what both had does not match")
    checks.check(world.figure("snapshot_parts") == 1, f"{world.figure('snapshot_parts')} parts travelled for four entries")
    world.add("198.51.100.31")
    world.level()
    checks.check(world.alerts_on("198.51.100.31"), "after the repair: the next delta does not match")
    line = [line for line in world.sensor.log().splitlines() if "CHANNEL-DIFFERS" in line][0]
    print(f"restored collector: {line.split('CHANNEL-DIFFERS ')[1]}")


def whole_set(checks, world):
    """All of a large set is another one: it is built anew in passes while the old one is in force."""
    world.port.stop()
    backup = world.lab.folder / "collector.before"
    shutil.copytree(world.port.state, backup)
    world.port.start()
    world.fill(100000, LARGE)
    world.level()
    checks.check(all(world.alerts_on(address(100000 + number)) for number in range(0, LARGE, 7001)), "a large set: what came does not match")
    world.sensor.stop()
    world.port.stop()
    shutil.rmtree(world.port.state)
    shutil.copytree(backup, world.port.state)
    world.port.start()
    world.fill(200000, LARGE)
    world.start()
    world.level()
    checks.check(world.sensor.log().count("RULESET-BUILT") == 2, "a large set that is another one was not built anew")
    new, old = ([number for number in range(first, first + LARGE, 3001) if world.alerts_on(address(number))] for first in (200000, 100000))
    checks.check(len(new) == len(range(0, LARGE, 3001)), f"of a large set that is another one only {new} match")
    checks.check(not old, f"of the large set before {old} still match")


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        world = World(lab)
        old_disk(checks, world)
        one_sentence(checks, world)
        restored_collector(checks, world)
        whole_set(checks, world)
        checks.check(world.sensor.stop() == 0, "the sensor does not end with status 0")
        checks.check(world.port.stop() == 0, "the collector does not end with status 0")
    checks.finish()


if __name__ == "__main__":
    main()
