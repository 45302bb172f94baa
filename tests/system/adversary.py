#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A tenant that keeps every byte it is sent cannot tell which of two others reported.

usage: adversary.py BUILD_FOLDER

Each case is played in two ports that differ in one thing: who of two tenants
did what.  All that a third one received must be the same then, field by field
and in size, but for what each port draws anew or what tells the time; and none
of it may hold a name, a key or a time of the two.
"""
import contextlib
import copy
import pathlib
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import wire

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
# Of different length, so that a name that is left out is missed.
NORTH, SOUTH, EAST, ADVERSARY = "north", "southern-quay", "east-rail", "mallory"
TENANTS = [NORTH, SOUTH, EAST, ADVERSARY]
GATES = {NORTH: "berth-crane-7", SOUTH: "yard", EAST: "points", ADVERSARY: "tap"}
# What the reporters alone say, and when, by their own clocks.
SECRET_TEXT = "lamp-post-camera-19"
SECRET_TIME = 1_234_567_890_123_456_789
POLICY = 'policy: { tenants = 2; proposals_per_hour = 20; protected = ["port.example"]; };\n'
SETTLED_S, SAME_TIME_S = 0.25, 1.0

# What differs between two ports whatever was done, and why it cannot tell who reported.
DRAWN = {
    ("Welcome", "nonce"): "random, for each connection",
    ("Welcome", "time_ns"): "the collector's clock, when the adversary came",
    ("ChannelState", "digest"): "over entries whose times of promotion differ",
    ("DryRun", "ticket"): "random, for each trial",
    ("Delta", "signature"): "over the body",
    ("Delta", "delegation"): "made when the port was",
    ("DeltaBody", "before"): "a digest, as above",
    ("DeltaBody", "after"): "a digest, as above",
    ("DeltaBody", "created_ns"): "the collector's clock",
    ("BucketSums", "sums"): "digests, as above",
}
# These count from the change's own time, and must do so by the same in both.
FROM_CREATED = ("valid_from_ns", "valid_until_ns", "expires_ns")


# ---- a port


class Ends:
    """All tenants' ends of the wire, in one process; each frame that one gets is kept."""

    def __init__(self, place, build):
        sensors = [place.enrol(tenant, GATES[tenant], []) for tenant in TENANTS]
        keys = [sensor.keys() for sensor in sensors]
        self.keys = {tenant: pair[:2] for tenant, pair in zip(TENANTS, keys)}
        self.tap = place.folder / "tap"
        self.tap.touch()
        address = f"tcp://127.0.0.1:{place.port_number}"
        self.process = subprocess.Popen([str(build / "tests/bench/bench_sensors"), address, *keys[0][2:], str(self.tap)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.tell("".join(f"{own} {secret}\n" for own, secret, *_ in keys))

    def tell(self, line):
        with self.lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def connected(self):
        self.tell("look")
        return f"connected={len(TENANTS)} " in self.process.stdout.readline()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class World:
    """Who is the first reporter, and who the second, is all that differs from the other one."""

    def __init__(self, lab, build, first, second):
        self.first, self.second = first, second
        self.wire = wire.Wire(SOURCE)
        self.port = port.Port(lab, POLICY)
        self.ends = Ends(self.port, build)
        self.frames, self.popular = [], {} # popular: hosts that a tenant says met a value
        self.answers = queue.Queue()
        self.over = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        harness.wait_until("all are connected", self.ends.connected)

    def read(self):
        with open(self.ends.tap, encoding="ascii") as tap:
            rest = ""
            while not self.over.is_set():
                rest += tap.readline()
                if not rest.endswith("\n"):
                    time.sleep(0.002)
                    continue
                number, at, digits = rest.split()
                rest = ""
                self.take(TENANTS[int(number)], int(at), bytes.fromhex(digits))

    def take(self, tenant, at, data):
        frame = self.wire.unpack("Frame", data)
        if tenant == ADVERSARY:
            self.frames.append((at, data))
        if "dry_run" in frame:
            hosts = self.popular.get((tenant, frame["dry_run"]["value"]), 0)
            self.send(tenant, {"dry_run_result": {"ticket": frame["dry_run"]["ticket"], "hosts": hosts, "knows": 1}})
        if "proposal_answer" in frame:
            self.answers.put((tenant, frame["proposal_answer"]["verdict"]))

    def send(self, tenant, body):
        self.ends.tell(f"send {TENANTS.index(tenant)} {self.wire.pack('Frame', {'version': 1, **body}).hex()}")

    def propose(self, tenant, value, tlp="GREEN", kind="domain"):
        """Its verdict."""
        self.send(tenant, {"proposal": {
            "indicator": {"type": kind, "value": value, "confidence": 80, "tlp": tlp, "description": SECRET_TEXT, "source": tenant,
                          "valid_from_ns": SECRET_TIME},
            "time_ns": SECRET_TIME, "reason": SECRET_TEXT, "ticket": 1}})
        return self.answers.get(timeout=10)

    def ids(self):
        return {row["value"]: int(row["id"], 16) for row in self.port.ctl("indicators", "list")}

    def community(self):
        return {row["value"] for row in self.port.ctl("indicators", "list") if row["revoked"] == "-" and row["channel"] == "community"}

    def close(self):
        self.over.set()
        self.reader.join()
        self.ends.close()


# ---- what is done, by the first reporter and the second


def alone(world):
    world.propose(world.first, "alone.example.net")


def both(world):
    world.propose(world.first, "both.example.net")
    world.propose(world.second, "both.example.net")
    harness.wait_until("it is promoted", lambda: "both.example.net" in world.community())


def met(world):
    """Sightings and alerts that name what all have."""
    found = world.ids()["both.example.net"]
    world.send(world.first, {"sighting": {"id": found, "type": "domain", "count": 3, "first_ns": SECRET_TIME, "last_ns": SECRET_TIME}})
    eve = '{"timestamp":"2009-02-13T23:31:30.123456+0000","event_type":"alert","host":"%s"}' % SECRET_TEXT
    hit = {"id": found, "type": "domain", "value": "both.example.net", "source": "community", "confidence": 80, "tlp": "GREEN"}
    world.send(world.first, {"alerts": {"epoch": 7, "first": 1, "alerts": [
        {"eve": eve.encode(), "time_ns": SECRET_TIME, "origin": "indicator", "count": 1, "indicator": hit, "text": SECRET_TEXT}]}})
    harness.wait_until("the sightings are known", lambda: any(
        "seen_by" in row and row["seen_by"] == world.first for row in world.port.ctl("indicators", "show", "both.example.net")))


def popular(world):
    """One says that many hosts ask for what the others bring."""
    world.popular[(world.first, "popular.example.net")] = 5000
    world.propose(world.second, "popular.example.net")
    world.propose(EAST, "popular.example.net")
    harness.wait_until("it was tried", lambda: world.port.ctl("status")[0]["dry_runs_open"] == 0)


def guarded(world):
    world.propose(world.first, "port.example")
    world.propose(world.first, "10.1.2.3", kind="ip")


def closed(world):
    """What one labels for itself alone, others bring."""
    world.propose(world.first, "closed.example.net", "AMBER+STRICT")
    world.propose(world.first, "closed.example.net", "RED")
    world.propose(world.second, "closed.example.net")
    world.propose(EAST, "closed.example.net")
    harness.wait_until("it is promoted", lambda: "closed.example.net" in world.community())


def private(world):
    world.port.ctl("indicators", "add", "domain", "private.example.net", "--tenant", world.first)
    world.port.ctl("indicators", "add", "domain", "canary.example.net", "--tenant", world.first, "--canary")


def leaked(world):
    """What one alone was given comes back from the other."""
    world.propose(world.second, "canary.example.net")


def wrong(world):
    world.port.ctl("indicators", "false-positive", "both.example.net")


def again(world):
    world.ends.tell(f"again {TENANTS.index(world.first)}")
    harness.wait_until("it is back", world.ends.connected)


def flood(world):
    for number in range(100):
        world.propose(world.first, f"flood-{number}.example.net")
    harness.wait_until("it is isolated", lambda: world.port.ctl("quarantine", "list"))
    world.propose(world.second, "after.example.net")
    world.propose(EAST, "after.example.net")
    harness.wait_until("others promote", lambda: "after.example.net" in world.community())


def revoked(world):
    world.port.ctl("sensor", "revoke", world.first, GATES[world.first])
    world.port.ctl("tenant", "revoke", world.first)


def returned(world):
    """The adversary comes anew, and is told all again."""
    world.ends.tell(f"again {TENANTS.index(ADVERSARY)}")
    harness.wait_until("it is welcome", lambda: any(b"quaywatch-collector" in data for _, data in world.frames[-3:]))


CASES = [alone, both, met, popular, guarded, closed, private, leaked, wrong, again, flood, revoked, returned]


# ---- what the adversary has


def settle(world):
    """Until nothing came for a while."""
    count, since = len(world.frames), time.monotonic()
    while time.monotonic() - since < SETTLED_S:
        time.sleep(0.02)
        if len(world.frames) != count:
            count, since = len(world.frames), time.monotonic()


def play(build, first, second):
    """Of each case: how long the first frame took, and all frames; and the keys of all."""
    told = {}
    with contextlib.ExitStack() as stack:
        world = World(stack.enter_context(harness.lab(build)), build, first, second)
        stack.callback(world.close)
        settle(world)
        for case in CASES:
            before, began = len(world.frames), time.time_ns()
            case(world)
            settle(world)
            fresh = world.frames[before:]
            told[case.__name__] = ((fresh[0][0] - began) / 1e9 if fresh else None, [data for _, data in fresh])
        return told, world.ends.keys


def canonical(message, values, created=None):
    """Without what is drawn; times of entries from the change's own."""
    created = values.get("created_ns", created)
    out = {}
    for name, value in values.items():
        if (message, name) in DRAWN:
            out[name] = "drawn"
        elif name in FROM_CREATED and value:
            out[name] = value - created if created else "?"
        else:
            out[name] = value
    return out


def reader(definitions):
    """Frames as nested tables, canonical at each level."""

    def walk(message, values, created=None):
        created = values.get("created_ns", created)
        out = canonical(message, values, created)
        for name, kind, _ in definitions.fields[message].values():
            inner = definitions.inner(message, name, kind)
            if inner and name in out and out[name] != "drawn":
                out[name] = [walk(inner, value, created) for value in out[name]] if isinstance(out[name], list) else walk(inner, out[name], created)
        return out

    return lambda data: walk("Frame", definitions.unpack("Frame", data))


def differences(read, one, other):
    """Sentences; none: the adversary has the same of both."""
    found = []
    for case in one:
        (took_one, frames_one), (took_other, frames_other) = one[case], other[case]
        if len(frames_one) != len(frames_other):
            found.append(f"{case}: {len(frames_one)} frames, and {len(frames_other)}")
            continue
        for number, (a, b) in enumerate(zip(frames_one, frames_other)):
            if len(a) != len(b):
                found.append(f"{case}: frame {number} has {len(a)} bytes, and {len(b)}")
            if read(a) != read(b):
                found.append(f"{case}: frame {number} is {read(a)}, and {read(b)}")
        if frames_one and abs(took_one - took_other) > SAME_TIME_S:
            found.append(f"{case}: the first frame came after {took_one:.2f} s, and {took_other:.2f} s")
    return found


def secrets_of(keys):
    """Bytes that must not be in anything: names, keys, words, and the reporters' own times in all ways to write them."""
    secrets = {"a time, as a varint": wire.put_varint(SECRET_TIME), "a time, in decimal": str(SECRET_TIME)[:13].encode(),
               "a time, little-endian": SECRET_TIME.to_bytes(8, "little"), "a time, big-endian": SECRET_TIME.to_bytes(8, "big"),
               "a sentence": SECRET_TEXT.encode()}
    for tenant in (NORTH, SOUTH, EAST):
        secrets[f"{tenant}'s name"] = tenant.encode()
        secrets[f"{tenant}'s sensor"] = GATES[tenant].encode()
        secrets[f"{tenant}'s key"] = keys[tenant][0].encode()
    return secrets


def leaks(told, keys):
    return [f"{case}: frame {number} has {what}" for case, (_, frames) in told.items() for number, data in enumerate(frames)
            for what, secret in secrets_of(keys).items() if secret.lower() in data.lower()]


# ---- the test's own faults


def planted(definitions, told):
    """What a port that tells would send instead, each under a name."""

    def changed(case, change):
        copied = copy.deepcopy(told)
        change(copied[case][1])
        return copied

    def rewrite(frames, change):
        """The first delta's first entry, packed anew."""
        for number, data in enumerate(frames):
            frame = definitions.unpack("Frame", data)
            if "delta" in frame:
                change(frame["delta"]["body"], frame["delta"]["body"]["entries"][0]["indicator"])
                frames[number] = definitions.pack("Frame", frame)
                return

    return {
        "a name in a description": changed("both", lambda frames: rewrite(frames, lambda body, entry: entry.update(description=NORTH))),
        "a reporter's time": changed("both", lambda frames: rewrite(frames, lambda body, entry: entry.update(valid_from_ns=SECRET_TIME))),
        "an end that is not the other's": changed("both", lambda frames: rewrite(frames, lambda body, entry: entry.update(valid_until_ns=entry["valid_until_ns"] + 1))),
        "a confidence": changed("both", lambda frames: rewrite(frames, lambda body, entry: entry.update(confidence=81))),
        "that a sighting came": changed("both", lambda frames: rewrite(frames, lambda body, entry: entry.update(seen=1))),
        "a field that is not defined": changed("both", lambda frames: frames.__setitem__(0, frames[0] + b"\xf8\x07\x01")),
        "one frame more": changed("met", lambda frames: frames.append(told["both"][1][0])),
        "another order": changed("both", lambda frames: frames.reverse()),
    }


def main():
    checks = harness.Checks()
    build = pathlib.Path(sys.argv[1]).resolve()
    definitions = wire.Wire(SOURCE)
    read = reader(definitions)
    one, keys_one = play(build, NORTH, SOUTH)
    other, keys_other = play(build, SOUTH, NORTH)
    for found in differences(read, one, other):
        checks.check(False, f"who reported can be told: {found}")
    for found in leaks(one, keys_one) + leaks(other, keys_other):
        checks.check(False, f"a reporter shows: {found}")
    for case in ("both", "popular", "closed", "wrong", "flood", "returned"):
        checks.check(len(one[case][1]) > 0, f"{case}: the adversary got nothing, so that nothing was tested")
    for case in ("alone", "met", "guarded", "private", "leaked", "again", "revoked"):
        checks.check(len(one[case][1]) == 0, f"{case}: nothing happened that others are to know of, and they are told: {[read(data) for data in one[case][1]]}")
    for name, told in planted(definitions, one).items():
        checks.check(bool(differences(read, told, other) or leaks(told, keys_one)), f"planted, and not found: {name}")
    checks.finish()


if __name__ == "__main__":
    main()
