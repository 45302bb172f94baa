#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sharing loop, measured: how fast, how surely and how cheaply what the collector decides is held by all sensors.

usage: sharing.py BUILD_FOLDER [--minutes N] [--many N] [--only NAME]

	chaos	24 sensors behind a network that delays what it carries by up to 200 ms and cuts 5 % of the connections,
		drawn anew every second; an indicator every second, then 10 000 at once
	many	1 000 sensors (--many); single indicators, and what each of them costs a sensor
	large	one real sensor with a million indicators, on a wire that is never still: what changes cost it
	replaced	the same, when all of them are others: a snapshot

The collector and the real sensor are the programs of the build; the crowd is bench_sensors, which has a sensor's end of
the wire and its sets.  Runs on loopback and in a network namespace of its own.  The table at the end has what was asked for beside what was measured.
"""
import argparse
import asyncio
import ctypes
import json
import os
import pathlib
import random
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

CHAOS_SENSORS, DELAY_S, CUT = 24, 0.2, 0.05
table = []


def row(what, wanted, measured, good):
    table.append((what, wanted, measured, good))
    print(f"{'ok  ' if good else 'MISS'} {what}: {measured} (wanted {wanted})", flush=True)


# ---- the network


class Link:
    """One connection through the proxy."""

    def __init__(self):
        self.writers, self.tasks = [], []

    def cut(self):
        for writer in self.writers:
            writer.transport.abort()


class Chaos(threading.Thread):
    """A TCP proxy that delays in order, and cuts."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target, self.port, self.links, self.cuts = target, harness.free_port(), set(), 0
        self.calm = threading.Event()
        self.ready = threading.Event()

    def run(self):
        asyncio.run(self.serve())

    async def serve(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", self.port)
        self.ready.set()
        async with server:
            while True:
                await asyncio.sleep(1)
                for link in [link for link in self.links if not self.calm.is_set() and random.random() < CUT]:
                    self.cuts += 1
                    link.cut()

    async def accept(self, reader, writer):
        link = Link()
        self.links.add(link)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            link.writers = [writer, back]
            await asyncio.gather(self.carry(reader, back), self.carry(there, writer))
        except OSError:
            pass
        finally:
            link.cut()
            self.links.discard(link)

    async def carry(self, reader, writer):
        queue = asyncio.Queue()
        sender = asyncio.create_task(self.deliver(queue, writer))
        loop = asyncio.get_running_loop()
        due = 0.0
        try:
            while data := await reader.read(65536):
                delay = 0 if self.calm.is_set() else random.uniform(0, DELAY_S)
                due = max(due, loop.time() + delay)
                queue.put_nowait((due, data))
        finally:
            sender.cancel()
            writer.transport.abort()

    async def deliver(self, queue, writer):
        loop = asyncio.get_running_loop()
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            writer.write(data)


# ---- the crowd


class Crowd:
    def __init__(self, place, count, address, build):
        self.place, self.count = place, count
        lines, self.names = [], []
        for number in range(count):
            sensor = place.enrol(f"tenant-{number % 50}", f"gate-{number}", [])
            self.names.append((sensor.tenant, sensor.name))
            public, secret, server, root = sensor.keys()
            lines.append(f"{public} {secret}\n")
        self.process = subprocess.Popen([str(build / "tests/bench/bench_sensors"), address, server, root],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdin.write("".join(lines) + "\n")
        self.process.stdin.flush()

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def who(self):
        """Of each sensor that is connected, over which of its connections."""
        return {name: word[:-1] for name, word in zip(self.names, self.ask("who")) if word[-1] == "+"}

    def look(self):
        words = self.ask("look")
        values = dict(word.split("=") for word in words)
        lowest, highest = values.pop("sequence").split("..")
        return {"lowest": int(lowest), "highest": int(highest), **{name: int(value) for name, value in values.items()}}

    def end(self):
        self.process.stdin.close()
        return self.process.wait(30)

    def all_connected(self):
        return self.look()["connected"] == self.count


def receipts(place, channel="community"):
    """Of each sensor the sequence that it proved to hold."""
    return {(line["tenant"], line["sensor"]): line["sequence"] for line in place.ctl("receipts")
            if line["channel"] == channel and line["proven"]}


def sequence_of(place):
    return [line["sequence"] for line in place.ctl("status")[0]["channels"] if line["channel"] == "community"][0]


def import_many(place, first, count):
    feed = place.folder / "many.txt"
    feed.write_text("".join(f"h{number}.sharing.example.org\n" for number in range(first, first + count)))
    place.ctl("indicators", "import", feed)


def time_to_receipts(place, crowd, change, limit_s, pause_s=0.005):
    """Seconds from the change to each sensor's receipt: of those that stayed connected, and of those that did not."""
    before = crowd.who()
    began = time.monotonic()
    change()
    wanted, seen, cut = sequence_of(place), {}, set(crowd.names) - set(before)
    while time.monotonic() - began < limit_s and len(seen) < crowd.count:
        now, there = time.monotonic() - began, crowd.who()
        cut |= {name for name in crowd.names if name not in seen and before.get(name) != there.get(name)}
        for name, held in receipts(place).items():
            if held >= wanted:
                seen.setdefault(name, now)
        if len(seen) < crowd.count:
            time.sleep(pause_s)
    return ([seen.get(name, limit_s) for name in crowd.names if name not in cut], [seen.get(name, limit_s) for name in cut])


# ---- parts


def chaos(lab, options):
    place = port.Port(lab)
    network = Chaos(place.port_number)
    network.start()
    network.ready.wait(5)
    network.calm.set()
    crowd = Crowd(place, CHAOS_SENSORS, f"tcp://127.0.0.1:{network.port}", options.build)
    harness.wait_until("all sensors are connected", crowd.all_connected, 60)
    network.calm.clear()
    delays, others, number, until = [], [], 0, time.monotonic() + options.minutes * 60
    while time.monotonic() < until:
        number += 1
        began = time.monotonic()
        stayed, cut = time_to_receipts(place, crowd, lambda: place.ctl("indicators", "add", "domain", f"c{number}.example.org"), 10)
        delays, others = delays + stayed, others + cut
        time.sleep(max(0, 1 - (time.monotonic() - began)))
    delay = harness.percentile(delays, 0.99)
    row(f"indicator to receipt of {CHAOS_SENSORS} sensors in chaos, 99th percentile of {len(delays)}", "1 s", f"{delay:.2f} s", delay < 1)
    many = [harness.percentile(time_to_receipts(place, crowd, lambda: import_many(place, at * 10000, 10000), 20)[0], 0.99) for at in range(5)]
    row("10 000 indicators to receipt in chaos, 99th percentile of sensors, middle of 5", "2 s", f"{sorted(many)[2]:.2f} s", sorted(many)[2] < 2)
    print(f"     of sensors that had to connect anew meanwhile, 99th percentile of {len(others)}: {harness.percentile(others or [0], 0.99):.2f} s")
    network.calm.set()
    wanted = sequence_of(place)
    harness.wait_until("all sensors hold all", lambda: crowd.look()["lowest"] == wanted, 60)
    harness.wait_until("all receipts are proofs", lambda: list(receipts(place).values()).count(wanted) == CHAOS_SENSORS, 60)
    last = crowd.look()
    row(f"different sets after {options.minutes:g} minutes, {network.cuts} cuts", "1", str(last["digests"]), last["digests"] == 1)
    print(f"     {number} indicators; {last['deltas']} deltas, {last['parts']} parts, {last['sums']} sums, {last['refused']} refused")
    crowd.end()
    place.stop()


def resident_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def many(lab, options):
    place = port.Port(lab)
    crowd = Crowd(place, options.many, f"tcp://127.0.0.1:{place.port_number}", options.build)
    harness.wait_until("all sensors are connected", crowd.all_connected, 120)
    time.sleep(3)
    before, slowest, beats = crowd.look(), [], []
    time.sleep(5)
    beats = (crowd.look()["received"] - before["received"]) / 5 # what comes without a change
    for number in range(10):
        before, began = crowd.look(), time.monotonic()
        delays, others = time_to_receipts(place, crowd, lambda: place.ctl("indicators", "add", "domain", f"m{number}.example.org"), 30, 0.1)
        slowest.append(max(delays + others))
        cost = crowd.look()["received"] - before["received"] - beats * (time.monotonic() - began)
        time.sleep(1)
    row(f"indicator to the last receipt of {options.many} sensors, slowest of 10", "3 s", f"{max(slowest):.2f} s", max(slowest) < 3)
    each = cost / options.many
    row("bytes a sensor for a delta of one indicator", "1024", f"{each:.0f}", 0 < each < 1024)
    memory = resident_mb(place.process.popen.pid)
    row(f"collector, resident, {options.many} sensors", "500 MB", f"{memory:.0f} MB", memory < 500)
    crowd.end()
    place.stop()


def own_network():
    """This thread and what it starts from now on: a loopback, and a wire from w0 to w1 of its own."""
    new_user, new_net = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(new_net if os.geteuid() == 0 else new_net | new_user) != 0:
        raise OSError(ctypes.get_errno(), "a network namespace of our own")
    for words in ("link set lo up", "link add w0 type veth peer name w1", "link set w0 up", "link set w1 up"):
        subprocess.run(["ip", *words.split()], check=True)


class Feeder(threading.Thread):
    """Traffic that never stops, so that packets have something to wait for."""

    def __init__(self, interface):
        super().__init__(daemon=True)
        self.stop, self.sent = threading.Event(), 0
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.wire.bind((interface, 0))

    def run(self):
        while not self.stop.is_set():
            for number in range(20):
                source = f"10.1.{self.sent >> 8 & 3}.{self.sent & 255}" # as many hosts as a terminal has: what is learnt of them stays as it is
                self.wire.send(traffic.ethernet(traffic.udp(source, 40000 + number, "10.0.0.1", 53, b"hello")))
                self.sent += 1
            time.sleep(0.002)


def anonymous_mb(pid):
    """Of the sensor and all its processes: what is not backed by files, shared pages once."""
    total = 0
    for each in [pid, *descendants(pid)]:
        try:
            text = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"Pss_Anon:\s+(\d+)", text)[1]) + int(re.search(r"Pss_Shmem:\s+(\d+)", text)[1])
    return total / 1024


def shared_mb(pid):
    total = 0
    for each in descendants(pid):
        try:
            text = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue # it ended meanwhile
        total += int(re.search(r"Pss_Shmem:\s+(\d+)", text)[1])
    return total / 1024


def descendants(pid):
    found = []
    for child in harness.children_of(pid):
        found += [child, *descendants(child)]
    return found


class Peak(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.shared, self.stop = pid, 0, 0, threading.Event()

    def run(self):
        while not self.stop.is_set():
            self.peak = max(self.peak, anonymous_mb(self.pid))
            self.shared = max(self.shared, shared_mb(self.pid))
            time.sleep(0.005)


def apply_ms(place, change):
    """What the sensor says that it needed, from the delta's arrival to its last worker."""
    change()
    wanted = sequence_of(place)
    harness.wait_until("the sensor holds it", lambda: wanted in receipts(place).values(), 120)
    return [line["apply_us"] for line in place.ctl("receipts") if line["channel"] == "community"][0] / 1000


def large(lab, options):
    own_network()
    place = port.Port(lab, rights="indicators,allow,signatures")
    rules = lab.folder / "one.rules"
    rules.write_text('alert udp any any -> any 9999 (msg:"never"; content:"never"; sid:1;)\n')
    sensor = place.enrol("berth", "gate", [rules])
    stats = lab.folder / "stats.json"
    sensor.extra = ["-w", "1", "--stats", stats]
    sensor.start("w1").ready()
    wanted = import_million(lab, place, "h")
    harness.wait_until("the sensor has a million indicators", lambda: wanted in receipts(place).values(), 300)
    time.sleep(15) # what is fresh goes into the big image
    feeder = Feeder("w0")
    feeder.start()
    ones = []
    for number in range(50):
        ones.append(apply_ms(place, lambda: place.ctl("indicators", "add", "domain", f"one{number}.example.net")))
        time.sleep(0.05)
    one = harness.percentile(ones, 0.5)
    row("one indicator into a million, at the sensor, median of 50", "5 ms", f"{one:.1f} ms (99 %: {harness.percentile(ones, 0.99):.1f})", one < 5)
    tens = []
    for number in range(5):
        time.sleep(12) # each of them finds the others folded in
        tens.append(apply_ms(place, lambda: import_many(place, 2000000 + number * 10000, 10000)))
    ten = harness.percentile(tens, 0.5)
    row("the last delta of 10 000 indicators into a million, at the sensor, median of 5", "100 ms", f"{ten:.1f} ms (most {max(tens):.1f})", ten < 100)
    time.sleep(15)
    resting = anonymous_mb(sensor.process.pid)
    peak = Peak(sensor.process.pid)
    peak.start()
    import_many(place, 3000000, 10000)
    time.sleep(15) # and it goes into the big image
    peak.stop.set()
    own = shared_mb(sensor.process.pid) # the image of the indicators that all workers look into
    more = (peak.peak - resting) / own * 100
    row("memory at the peak of an update above resting, of the indicators' own bytes", "25 %",
        f"{more:.0f} % ({resting:.0f} MB resting, {peak.peak:.0f} MB at the peak, {own:.0f} MB of indicators)", more <= 25)
    rules = lab.folder / "signature.rules"
    rules.write_text('alert udp any any -> any 9998 (msg:"new"; content:"new"; sid:2;)\n')
    resting = anonymous_mb(sensor.process.pid)
    peak = Peak(sensor.process.pid)
    peak.start()
    signature = apply_ms(place, lambda: place.ctl("rules", "publish", rules))
    peak.stop.set()
    more = (peak.peak - resting) / own * 100
    row("a signature, with a million indicators beside it: compiled and in force", "5 s", f"{signature / 1000:.2f} s", signature < 5000)
    row("memory at the peak of that above resting, of the indicators' own bytes", "25 %", f"{more:.0f} % ({resting:.0f} MB resting, {peak.peak:.0f} MB at the peak)", more <= 25)
    feeder.stop.set()
    feeder.join()
    time.sleep(1)
    sensor.stop()
    told = json.loads(stats.read_text())
    stall = max(worker["rules_stall_us"] for worker in told["workers"])
    lost = feeder.sent - told["inspected"]
    row("packets lost while all this changed", "0", f"{told['drops'] if isinstance(told['drops'], int) else sum(told['drops'].values())} dropped of {feeder.sent} sent, {told['inspected']} inspected", lost <= 0)
    work = max(worker["rules_stall_cpu_us"] for worker in told["workers"])
    row("the longest that packets waited for another ruleset", "1 ms", f"{stall / 1000:.2f} ms ({work / 1000:.2f} of the worker's own work)", stall <= 1000)
    place.stop()


def import_million(lab, place, name):
    feed = lab.folder / "million.txt"
    for part in range(20):
        feed.write_text("".join(f"{name}{number}.sharing.example.org\n" for number in range(part * 50000, (part + 1) * 50000)))
        place.ctl("indicators", "import", feed)
    return sequence_of(place)


def replaced(lab, options):
    """All of a million indicators are others: the collector went on another way while the sensor was away."""
    own_network()
    place = port.Port(lab)
    rules = lab.folder / "one.rules"
    rules.write_text('alert udp any any -> any 9999 (msg:"never"; content:"never"; sid:1;)\n')
    sensor = place.enrol("berth", "gate", [rules])
    stats = lab.folder / "stats.json"
    sensor.extra = ["-w", "1", "--stats", stats]
    place.stop()
    shutil.copytree(place.state, lab.folder / "backup")
    place.start()
    sensor.start("w1").ready()
    wanted = import_million(lab, place, "a")
    harness.wait_until("the sensor has a million indicators", lambda: wanted in receipts(place).values(), 300)
    sensor.stop()
    place.stop()
    shutil.rmtree(place.state)
    shutil.copytree(lab.folder / "backup", place.state)
    place.start()
    wanted = import_million(lab, place, "b")
    place.stop()
    sensor.start("w1").ready()
    feeder = Feeder("w0")
    feeder.start()
    time.sleep(30) # until the worker knows its hosts and flows
    resting, own = anonymous_mb(sensor.process.pid), shared_mb(sensor.process.pid)
    peak = Peak(sensor.process.pid)
    peak.start()
    began = time.monotonic()
    place.start()
    harness.wait_until("the sensor holds the other million", lambda: wanted in receipts(place).values(), 300)
    took = time.monotonic() - began
    peak.stop.set()
    feeder.stop.set()
    feeder.join()
    time.sleep(1)
    sensor.stop()
    told = json.loads(stats.read_text())
    lost = feeder.sent - told["inspected"]
    stall = max(worker["rules_stall_us"] for worker in told["workers"])
    images = peak.shared - own
    row("a million indicators take the place of another million: from the connection to the receipt", "60 s", f"{took:.1f} s", took < 60)
    row("memory at the peak of that above resting, of the indicators' own bytes: what workers look into", "25 %",
        f"{images / own * 100:.0f} % ({own:.0f} MB resting, {peak.shared:.0f} MB at the peak)", images / own <= 0.25)
    row("the same with the channel's own copies, which travel and are proved whole", "25 %",
        f"{(peak.peak - resting) / own * 100:.0f} % ({resting:.0f} MB resting, {peak.peak:.0f} MB at the peak)", peak.peak - resting <= 0.25 * own)
    row("packets lost meanwhile", "0", f"{lost} of {feeder.sent}", lost <= 0)
    work = max(worker["rules_stall_cpu_us"] for worker in told["workers"])
    row("the longest that packets waited for it", "1 ms", f"{stall / 1000:.2f} ms ({work / 1000:.2f} of the worker's own work)", stall <= 1000)
    place.stop()


PARTS = {"chaos": chaos, "many": many, "large": large, "replaced": replaced}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--only", choices=list(PARTS))
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for name, part in PARTS.items():
        if options.only in (None, name):
            with harness.lab(options.build) as lab:
                part(lab, options)
    print()
    for what, wanted, measured, good in table:
        print(f"| {what} | {wanted} | {measured} | {'reached' if good else 'NOT reached'} |")
    sys.exit(0 if all(good for *_, good in table) else 1)


if __name__ == "__main__":
    main()
