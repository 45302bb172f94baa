#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector that was restored from a backup heals from its sensors.

usage: restored.py BUILD_FOLDER

	the whole state folder	what came since comes back, by deltas alone, and all go on from there
	the images alone       	the database has the changes
	the database alone     	the image tells which indicators there are
	and a sensor was away  	it gets what it lacks when that is back
	with a liar            	a sensor of another port's making holds up nobody for long
	nobody has it          	the operator is told, and a new term brings all together
"""
import datetime
import pathlib
import re
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

TENANTS = ("berth", "rail", "truck")
EARLY, LATE = 20, 30 # changes before the backup, and after it
HOLD = 5
RULES = 'alert udp any any -> any 9999 (msg:"seen"; content:"seen-payload"; sid:900001; rev:1;)\n'


def address(number):
    return f"198.51.100.{number}"


class World:
    def __init__(self, lab):
        self.lab = lab
        self.port = port.Port(lab)
        text = self.port.config.read_text()
        self.port.config.write_text(text.replace("collector: {", f"collector: {{ recovery_seconds = {HOLD};"))
        self.port.stop()
        self.rights("indicators,allow,signatures")
        self.port.start()
        self.rules = lab.folder / "seen.rules"
        self.rules.write_text(RULES)
        self.sensors = {tenant: self.port.enrol(tenant, "gate", [self.rules]) for tenant in TENANTS}
        self.backups, self.asked, self.ends = 0, 0, 0

    def ctl(self, *words):
        return self.port.ctl(*words)

    def rights(self, names):
        self.ctl("keygen", "--state", self.port.state, "--root", self.lab.folder / "root", "--rights", names)

    def add(self, *numbers, options=()):
        for number in numbers:
            self.ctl("indicators", "add", "ip", address(number), "--confidence", "77", *options)

    def figure(self, name):
        return self.ctl("status")[0][name]

    def order(self, channel="community"):
        found = [row for row in self.ctl("status")[0]["channels"] if row["channel"] == channel]
        return (found[0]["term"], found[0]["sequence"]) if found else (0, 0)

    def rows(self):
        """Every row of an indicator, but for who added it, why and when."""
        keys = ("channel", "type", "value", "allow", "confidence", "tlp", "source", "until")
        return {tuple(row[key] for key in keys) + (row["revoked"] != "-",) for row in self.ctl("indicators", "list", "--limit", "10000")}

    def in_force(self):
        """What came and went is not in an image."""
        return {row for row in self.rows() if not row[-1]}

    def proven(self, channel="community", tenants=TENANTS):
        """Whether these sensors proved that they hold what the collector does."""
        term, sequence = self.order(channel)
        rows = [row for row in self.ctl("receipts") if row["channel"] == channel and row["term"] == term and row["sequence"] == sequence and row["proven"]]
        return {row["tenant"] for row in rows} >= set(tenants)

    def level(self, seconds=20):
        harness.wait_until("all sensors proved that they hold our set", self.proven, seconds)

    def backup(self):
        """Stops the collector and copies its folder."""
        self.port.stop()
        self.backups += 1
        folder = self.lab.folder / f"backup-{self.backups}"
        shutil.copytree(self.port.state, folder)
        return folder

    def restore(self, backup, parts=None):
        """The collector is stopped; all of its folder, or these parts of it, are as they were."""
        if parts is None:
            shutil.rmtree(self.port.state)
            shutil.copytree(backup, self.port.state)
            return
        for part in parts:
            for path in self.port.state.glob(part + "*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            for path in backup.glob(part + "*"):
                shutil.copytree(path, self.port.state / path.name) if path.is_dir() else shutil.copy2(path, self.port.state)

    def collector_log(self):
        return self.port.process.text()

    def alert_once(self, checks, what):
        """An alert goes into the log, once."""
        sensor = self.sensors["berth"]
        self.asked += 1
        source = f"203.0.113.{self.asked}"
        sensor.feed.frame(traffic.ethernet(traffic.udp(source, 4000, "10.0.0.1", 9999, b"seen-payload")))
        harness.wait_until(f"{what}: the alert is in the log", lambda: any(row.get("src_ip") == source for row in self.port.alerts()))
        seen = [row["src_ip"] for row in self.port.alerts() if row.get("src_ip", "").startswith("203.0.113.")]
        checks.check(len(seen) == len(set(seen)), f"{what}: alerts are in the log twice: {seen}")


def early(checks, world):
    """What the backup has."""
    for sensor in world.sensors.values():
        sensor.start()
    for sensor in world.sensors.values():
        sensor.ready()
    world.alert_once(checks, "before the backup")
    world.add(*range(1, EARLY))
    world.ends = int(time.time()) + 3
    until = datetime.datetime.fromtimestamp(world.ends, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.add(EARLY, options=("--until", until))
    world.level()


def late(checks, world):
    """30 changes of the community's channel of every kind, and two of a tenant's own."""
    world.add(*range(101, 101 + LATE - 5))
    world.ctl("indicators", "revoke", address(3))
    world.ctl("indicators", "revoke", address(101))
    world.ctl("indicators", "add", "domain", "good.example", "--allow")
    world.ctl("indicators", "add", "ip", address(5), "--confidence", "33") # another confidence
    rules = world.lab.folder / "late.rules"
    rules.write_text('alert udp any any -> any 7777 (msg:"late"; content:"late"; sid:900007;)\n')
    world.ctl("rules", "publish", rules)
    world.add(201, 202, options=("--tenant", "rail"))
    for _ in range(2):
        world.alert_once(checks, "after the backup") # the collector will not know of these any more
    world.level()
    harness.wait_until("the tenant's own channel is proven", lambda: world.proven("rail", ("rail",)))


def whole_folder(checks, world, backup):
    before, rows, order, own = world.figure("receipts"), world.rows(), world.order(), world.order("rail")
    checks.check(order == (1, EARLY + LATE), f"the story is wrong: {order}")
    checks.check(before > 0, "no receipts")
    world.port.stop()
    world.restore(backup)
    time.sleep(max(0, world.ends + 0.1 - time.time())) # an indicator is over: to take it back now would fork the channel
    world.port.start()
    harness.wait_until("what came since is back", lambda: world.order() == order and world.order("rail") == own)
    world.level()
    harness.wait_until("the tenant's own channel is proven", lambda: world.proven("rail", ("rail",)))
    figures = world.ctl("status")[0]
    checks.check(figures["recovered"] == LATE + 2, f"{figures['recovered']} changes came back")
    checks.check(figures["snapshot_parts"] == 0 and figures["bucket_sums"] == 0 and figures["deltas"] == 0,
                 f"more than receipts went to the sensors: {figures}")
    checks.check(figures["receipts_unproven"] == 0, "a receipt was for another set")
    checks.check(world.rows() == rows, f"indicators list tells another story: {world.rows() ^ rows}")
    log = world.collector_log()
    checks.check("RECOVERING" in log and "RECOVERED" in log, "the log does not say what happened")
    checks.check("RECOVERY-FAILED" not in log and "CHANNEL-FORKED" not in log and "SENSOR-AHEAD" not in log, "the log says that it failed")
    shown = [row for row in world.ctl("indicators", "show", address(110)) if "who" in row]
    checks.check(len(shown) == 1 and shown[0]["who"] == "recovered" and shown[0]["source"] == "operator", f"indicators show: {shown}")
    why = [row for row in world.ctl("why", address(110)) if "sequence" in row]
    checks.check(why and why[0]["sequence"] == EARLY + 10 and why[0]["receipts"] == 3, f"why: {why}")
    world.alert_once(checks, "the whole folder")
    figures = world.ctl("status")[0]
    checks.check((figures["skipped"], figures["duplicates"], figures["gaps"]) == (2, 0, 0), f"alerts: {figures}")
    world.add(21)
    checks.check(world.order() == (1, EARLY + LATE + 1), f"the next change is {world.order()}")
    world.level()
    checks.check(world.figure("deltas") == 3, f"{world.figure('deltas')} deltas for one change at three sensors")
    print(f"whole folder: {figures['recovered']} changes in {figures['recalls']} recalls")


def one_part(checks, world, backup, part, needle):
    """The collector runs; this part of its folder alone is set back."""
    rows, order = world.in_force(), world.order()
    world.port.stop()
    world.restore(backup, [part])
    world.port.start()
    harness.wait_until(f"{part}: what came since is back", lambda: world.order() == order)
    world.level()
    checks.check(world.in_force() == rows, f"{part}: indicators list tells another story: {world.in_force() ^ rows}")
    checks.check(world.figure("recalls") == 0, f"{part}: sensors were asked for what is here")
    checks.check(needle in world.collector_log(), f"{part}: the log does not say {needle}")
    world.alert_once(checks, part)
    figures = world.ctl("status")[0]
    checks.check((figures["skipped"], figures["duplicates"], figures["gaps"]) == (0, 0, 0), f"{part}: alerts: {figures}")
    world.add(30 + world.asked)
    checks.check(world.order() == (1, order[1] + 1), f"{part}: the next change is {world.order()}")
    world.level()
    figures = world.ctl("status")[0]
    checks.check(figures["snapshot_parts"] == 0 and figures["bucket_sums"] == 0, f"{part}: more than deltas travelled: {figures}")


def one_was_away(checks, world):
    """A sensor that has some of what was lost, and lacks the rest, as everybody does who comes later."""
    backup = world.backup()
    world.port.start()
    world.level()
    world.add(81, 82, 83)
    world.level()
    world.sensors["truck"].stop()
    world.add(84, 85, 86, 87)
    harness.wait_until("two sensors have it", lambda: world.proven(tenants=("berth", "rail")))
    order = world.order()
    world.port.stop()
    world.restore(backup)
    world.port.start()
    world.sensors["truck"].start()
    harness.wait_until("what came since is back", lambda: world.order() == order)
    world.level()
    figures = world.ctl("status")[0]
    checks.check(figures["recovered"] == 7 and figures["deltas"] == 4, f"one was away: {figures}")
    checks.check(figures["snapshot_parts"] == 0 and figures["bucket_sums"] == 0, f"one was away: more than deltas travelled: {figures}")


def make_liar(world):
    """A sensor that holds a hundred changes which another port signed."""
    with harness.lab(world.lab.collector_binary.parent.parent) as lab:
        other = port.Port(lab)
        twin = other.enrol("liar", "gate", [world.rules])
        twin.start().ready()
        for number in range(100):
            other.ctl("indicators", "add", "ip", f"192.0.2.{number + 1}")
        harness.wait_until("the twin holds it", lambda: any(
            row["sequence"] == 100 and row["proven"] for row in other.ctl("receipts") if row["channel"] == "community"))
        twin.stop()
        twin.start().ready() # its channel is written whole
        twin.stop()
        other.stop()
        root = re.search(r'root_key\s*=\s*("[0-9a-f]+")', twin.config.read_text())[1] # whom the liar believes
        liar = world.port.enrol("liar", "gate", [world.rules], [f"collector.root_key={root}"])
        shutil.copytree(twin.state, liar.state)
    return liar


def with_a_liar(checks, world):
    liar = make_liar(world)
    backup = world.backup()
    world.port.start()
    world.level()
    world.add(41, 42, 43)
    world.level()
    order = world.order()
    world.port.stop()
    world.restore(backup)
    liar.start()
    world.port.start()
    began = time.monotonic()
    harness.wait_until("the honest changes are back", lambda: world.order() == order)
    harness.wait_until("the liar's claim was looked at", lambda: "SENSOR-UNBACKED" in world.collector_log())
    refused = world.port.try_ctl("indicators", "add", "ip", address(44))
    if time.monotonic() - began < HOLD - 1:
        checks.check(refused.returncode == 69 and "try again in a moment" in refused.stderr, f"published while recovering: {refused}")
    harness.wait_until("it is published all the same", lambda: world.port.try_ctl("indicators", "add", "ip", address(45)).returncode == 0, HOLD + 10)
    checks.check(world.order()[1] <= order[1] + 2, f"the order went to {world.order()}")
    world.level()
    harness.wait_until("the log says that a claim stays open", lambda: "RECOVERY-FAILED collector: channel community" in world.collector_log())
    row = world.port.sensor_row("liar", "gate")
    checks.check(row["unbacked"] >= 1 and row["state"] == "connected", f"not counted against the liar: {row}")
    print(f"liar: published again after {time.monotonic() - began:.1f} s")
    liar.stop()
    world.ctl("sensor", "revoke", "liar", "gate")


def nobody_has_it(checks, world):
    backup = world.backup()
    world.port.start()
    world.level()
    world.add(61, 62, 63)
    world.level()
    order = world.order()
    for sensor in world.sensors.values():
        sensor.stop()
    for _ in range(2): # the second start finds channels that were written whole
        for sensor in world.sensors.values():
            shutil.rmtree(sensor.state / "community.channel.history")
            sensor.start().ready()
            sensor.stop()
    world.port.stop()
    world.restore(backup)
    world.port.start()
    for sensor in world.sensors.values():
        sensor.start().ready()
    harness.wait_until("the operator is told", lambda: "RECOVERY-FAILED" in world.collector_log(), HOLD + 10)
    checks.check(world.order() < order, "what nobody has came back")
    checks.check("channel term --to 2" in world.collector_log(), "the log does not say what to do")
    refused = world.port.try_ctl("channel", "term", "--to", "2")
    checks.check(refused.returncode == 77 and "keygen" in refused.stderr, f"a key without the right opened a term: {refused}")
    world.rights("indicators,allow,signatures,term")
    world.port.process.popen.send_signal(signal.SIGHUP)
    harness.wait_until("the delegation is read", lambda: "DELEGATION" in world.collector_log())
    world.ctl("channel", "term", "--to", "2")
    checks.check(world.order() == (2, 1), f"the new term is {world.order()}")
    world.level(30)
    world.add(71)
    checks.check(world.order() == (2, 2), f"the next change is {world.order()}")
    world.level()
    rows = world.rows()
    world.port.process.popen.kill() # the image is of the old term
    world.port.process.popen.wait()
    world.port.start()
    checks.check(world.order() == (2, 2), f"a restart lost the term: {world.order()}")
    checks.check(world.rows() == rows, "a restart changed the rows")
    world.level()


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        world = World(lab)
        early(checks, world)
        backup = world.backup()
        world.port.start()
        late(checks, world)
        whole_folder(checks, world, backup)
        one_part(checks, world, backup, "channels", "STARTED")
        one_part(checks, world, backup, "collector.db", "ROWS-RECOVERED")
        one_was_away(checks, world)
        with_a_liar(checks, world)
        nobody_has_it(checks, world)
        for sensor in world.sensors.values():
            checks.check(sensor.stop() == 0, f"{sensor.label} does not end with status 0")
        checks.check(world.port.stop() == 0, "the collector does not end with status 0")
    checks.finish()


if __name__ == "__main__":
    main()
