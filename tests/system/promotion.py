#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Promotion that cannot be poisoned: liars, honest tenants, and an operator.

usage: promotion.py BUILD_FOLDER

A sensor whose rules offer whatever is in its packets brings 10 000 proposals,
partners' addresses and crown jewels among them: none is promoted, it is
quarantined, and the collector says so in its log and in the alert log.  What
two honest tenants propose meanwhile is promoted, in time.
"""
import concurrent.futures
import csv
import io
import json
import pathlib
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

PROPOSALS, BUDGET, LIMIT_S = 10000, 500, 5.0
POLICY = f'''policy: {{ tenants = 2; proposals_per_hour = {BUDGET}; protected = ["203.0.113.0/28", "port.example"];
  allow = ["198.51.100.53", "rail partner.example"];
  type: {{ ja3 = ["tenants=3", "confidence=80"]; }}; }};
'''
RULES = '''alert udp any any -> any 9998 (msg:"worth sharing"; content:"shared-payload"; sid:900002; rev:1; metadata:quaywatch_share src_ip;)
'''


def frame(source, sport):
    return traffic.ethernet(traffic.udp(source, sport, "10.0.0.1", 9998, b"shared-payload"))


class World:
    def __init__(self, lab):
        self.lab = lab
        self.port = port.Port(lab, POLICY)
        rules = lab.folder / "share.rules"
        rules.write_text(RULES)
        self.sensors = {}
        for name, tenant, gate in (("berth", "berth", "gate"), ("rail", "rail", "gate"), ("depot", "depot", "gate"),
                                   ("depot-yard", "depot", "yard"), ("liar", "liar", "gate")):
            sensor = self.port.enrol(tenant, gate, [rules], ("watch.enabled=true",)) # who watches counts, too
            self.sensors[name] = sensor.start().ready()
        harness.wait_until("the sensors are connected", lambda: all(sensor.connected() for sensor in self.sensors.values()))

    def try_propose(self, tenant, *words):
        socket = self.sensors[tenant].state / "control.sock"
        command = [self.lab.ctl_binary, "--socket", socket, "--json", "propose", *words]
        return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)

    def propose(self, tenant, *words):
        """What that sensor's own control socket answers."""
        done = self.try_propose(tenant, *words)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, f"{words}: {done.returncode} {done.stderr}"
        return json.loads(lines[0])

    def community(self):
        return {row["value"] for row in self.port.ctl("indicators", "list", "--limit", 1000) if row["revoked"] == "-" and not row["allow"]}


def lies(number):
    """Every tenth is a partner's or a crown jewel's; the others look like anybody's."""
    if number % 20 == 0:
        return f"203.0.113.{number // 20 % 16}"
    if number % 20 == 10:
        return "198.51.100.53"
    return f"45.{number >> 8 & 255}.{number & 255}.7"


def flood(world):
    sensor = world.sensors["liar"]
    for number in range(PROPOSALS):
        sensor.feed.frame(frame(lies(number), 1024 + number % 60000))
        if number % 100 == 99:
            time.sleep(0.05)


def honest(world):
    """Two tenants see the same twenty; the first in the middle of the flood."""
    values = [f"bad-{number}.example.net" for number in range(20)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        first = list(pool.map(lambda value: world.propose("berth", value, "--confidence", "80", "--why", "seen at the gate"), values))
        began = time.monotonic()
        second = list(pool.map(lambda value: world.propose("rail", "domain", value, "--confidence", "70"), values))
    harness.wait_until("all twenty are promoted", lambda: set(values) <= world.community(), 20)
    return values, first + second, time.monotonic() - began


def check_flood(checks, world):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(flood, world)
        values, answers, seconds = honest(world)
        flooding.result()
    print(f"two honest tenants' 20 proposals were promoted {seconds:.2f} s after the second began, in the flood")
    checks.check(seconds < LIMIT_S, f"promotion took {seconds:.2f} s, more than {LIMIT_S}")
    checks.check(all(answer["accepted"] for answer in answers), "an honest proposal was refused")
    checks.check(not any("tenant" in answer["verdict"] for answer in answers) and len({answer["why"] for answer in answers}) == 1,
                 "an answer tells the second tenant that there was a first")
    harness.wait_until("the liar is in quarantine", lambda: "QUARANTINED collector: liar/gate" in world.port.process.text())
    checks.check(world.community() == set(values), f"promoted besides: {world.community() - set(values)}")
    notices = harness.wait_until("the alert log says it", lambda: [row for row in world.port.alerts() if row.get("alert", {}).get("signature_id") == 9001])
    checks.check(len(notices) == 1 and notices[0]["alert"]["gid"] == 4, f"{len(notices)} notices in the alert log")
    checks.check(notices[0]["quaywatch"]["tenant"] == "liar", f"the notice names {notices[0]['quaywatch']}")
    rows = [row for row in world.port.ctl("quarantine", "list") if row["quarantined"]]
    checks.check([row["tenant"] for row in rows] == ["liar"], f"in quarantine: {rows}")


def check_answers(checks, world):
    """The tenant's own answer says why; guards hold both ways."""
    wanted = {
        ("berth", "203.0.113.9"): "protected", ("berth", "203.0.113.0/24"): "protected", ("berth", "www.port.example"): "protected",
        ("berth", "198.51.100.0/24"): "protected", ("berth", "10.1.2.3"): "special", ("berth", "2002:c000:204::1"): "special",
        ("rail", "x.partner.example"): "protected", ("berth", "x.partner.example"): "candidate", ("liar", "evil.example.net"): "rate",
        ("rail", "bad-1.example.net"): "known",
    }
    for (tenant, value), verdict in wanted.items():
        answer = world.propose(tenant, value, "--confidence", "90")
        checks.check(answer["verdict"] == verdict, f"{tenant} proposes {value}: {answer}, not {verdict}")
    strict = world.propose("berth", "other.example.net", "--confidence", "90", "--tlp", "amber+strict")
    checks.check(strict["verdict"] == "label", f"an AMBER+STRICT proposal: {strict}")
    red = world.try_propose("berth", "other.example.net", "--confidence", "90", "--tlp", "red")
    checks.check(red.returncode == 65 and "it is not sent" in red.stderr, f"a RED proposal: {red}")


def check_labels(checks, world):
    """Whoever asks: RED goes nowhere, AMBER+STRICT into its tenant's own channel alone."""
    for label, tenant, taken in (("red", None, False), ("red", "berth", False), ("amber+strict", None, False), ("amber+strict", "berth", True), ("amber", None, True)):
        words = ["--tlp", label, "--force", *(["--tenant", tenant] if tenant else [])]
        name = f"{label.replace('+', '-')}.{tenant or 'all'}.example.net"
        done = world.port.try_ctl("indicators", "add", "domain", name, *words)
        checks.check((done.returncode == 0) == taken, f"{label} for {tenant or 'all'}: {done.returncode} {done.stderr}")
        feed = world.lab.folder / "labelled.txt"
        feed.write_text(f"feed-{name}\n")
        done = json.loads(world.port.try_ctl("indicators", "import", feed, *words).stdout.splitlines()[0])
        refused = {row["reason"]: row["count"] for row in done.get("refused", [])}
        checks.check(done["imported"] == int(taken) and refused == ({} if taken else {"label": 1}), f"a feed, {label} for {tenant or 'all'}: {done}")
    promoted = world.port.try_ctl("candidates", "promote", "domain", "hurry.example.net", "--tlp", "amber+strict")
    checks.check(promoted.returncode != 0 and "hurry.example.net" not in world.community(), f"an operator in a hurry: {promoted}")


def check_export(checks, world):
    """What leaves the port is CLEAR, unless the operator says more; and comes back as it left."""
    feed = world.lab.folder / "clear.csv"
    feed.write_text('type,value,tlp,description\ndomain,clear-1.example.net,clear,"says ""now"", and then"\nurl,"clear.example.net/a,b",clear,\n')
    world.port.ctl("indicators", "import", feed, "--source", "partner, inc")
    clear = world.port.try_ctl("indicators", "export")
    rows = list(csv.DictReader(io.StringIO(clear.stdout)))
    checks.check([row["value"] for row in rows] == ["clear-1.example.net", "clear.example.net/a,b"], f"what is CLEAR: {clear.stdout}")
    checks.check(rows[0]["description"] == 'says "now", and then' and rows[0]["source"] == "partner, inc", f"its texts: {rows[0]}")
    held = int(clear.stderr.split()[0])
    checks.check("stricter than CLEAR" in clear.stderr, f"what is held back is said: {clear.stderr}")
    plain = world.port.try_ctl("indicators", "export", "--format", "plain", "--tlp", "green")
    values = set(plain.stdout.splitlines())
    checks.check("clear-1.example.net" in values and "bad-6.example.net" in values, f"as far as GREEN: {len(values)}")
    checks.check("amber.all.example.net" not in values and int(plain.stderr.split()[0]) == held - len(values) + 2, f"AMBER stays: {plain.stderr} {held}")
    checks.check(not any("canary" in value or "only-berth" in value for value in values), "a tenant's own is not in it")
    again = world.lab.folder / "again.csv"
    again.write_text(clear.stdout)
    back = world.port.ctl("indicators", "import", again, "--tenant", "berth")[0]
    checks.check(back["imported"] == 2 and not back.get("refused"), f"read back: {back}")


def dns_query(number, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


def many_ask(world, tenant, name):
    for number in range(60):
        query = traffic.udp(f"10.1.0.{number + 1}", 40000 + number, "10.0.0.53", 53, dns_query(number + 1, name))
        world.sensors[tenant].feed.frame(traffic.ethernet(query))


def check_popular(checks, world):
    """What many hosts of two tenants ask for is no indicator, whoever agrees."""
    for tenant in ("rail", "berth"):
        many_ask(world, tenant, "www.popular.example.org")
    time.sleep(1)
    for name in ("popular.example.org", "rare.example.org"):
        for tenant in ("berth", "rail"):
            world.propose(tenant, name, "--confidence", "90")
    harness.wait_until("what nobody asks for is promoted", lambda: "rare.example.org" in world.community())
    harness.wait_until("what many ask for is judged", lambda: world.port.ctl("why", "popular.example.org")[0]["verdict"] == "noisy")
    checks.check("popular.example.org" not in world.community(), "a domain that 60 hosts ask for was promoted")
    checks.check("too popular" in world.port.process.text(), "the collector does not say why it was not promoted")


def check_veto(checks, world):
    """One tenant alone that says so of everything keeps nothing back: others can say that they did not meet it."""
    values = [f"veto-{number}.example.org" for number in range(5)]
    for value in values:
        many_ask(world, "depot", value)
    time.sleep(1)
    for value in values:
        for tenant in ("berth", "rail"):
            world.propose(tenant, value, "--confidence", "90")
    harness.wait_until("what one tenant alone refuses is promoted", lambda: set(values) <= world.community())
    text = world.port.process.text()
    checks.check("DRY-RUN-FAR collector: depot/gate alone says" in text, "the collector does not say whose answer was far from the others'")


def check_bad_sensor(checks, world):
    """One that brings nothing but crown jewels counts nothing any more; the honest one of the same tenant does."""
    bad = world.sensors["depot-yard"]
    for _ in range(15):
        world.propose("depot-yard", "203.0.113.9", "--confidence", "90")
    for value, voice, wanted in (("by-bad.example.net", "depot-yard", "waiting"), ("by-good.example.net", "depot", "promoted")):
        world.propose("rail", value, "--confidence", "90")
        world.propose(voice, value, "--confidence", "90")
        judged = harness.wait_until(f"{value} is judged", lambda: [row for row in world.port.ctl("why", value) if row.get("verdict") == wanted])
        checks.check(bool(judged), f"{value} is {judged}")
    checks.check("CREDIT-SPENT collector: depot/yard" in world.port.process.text(), "the collector does not say who counts nothing any more")
    checks.check("by-bad.example.net" not in world.community(), "a sensor without credit still has a voice")
    rows = world.port.ctl("quarantine", "list")
    checks.check(("depot", "yard") in [(row["tenant"], row["sensor"]) for row in rows], f"who counts nothing: {rows}")
    checks.check(("depot", "") not in [(row["tenant"], row["sensor"]) for row in rows], "one bad sensor muted its tenant")
    bad.stop()


FEED = """# what a partner sends
203.0.113.5
good-to-list.example.net
10.20.30.40
www.port.example
198.51.100.53
only-berth.example.net
no value at all, is it?
"""


def check_feed(checks, world):
    """A feed passes the guards as everybody does; what it is refused is told by reason and line, and a leak is a leak."""
    feed = world.lab.folder / "partner.txt"
    feed.write_text(FEED)
    world.port.ctl("indicators", "add", "domain", "only-berth.example.net", "--tenant", "berth", "--canary")
    done = world.port.ctl("indicators", "import", feed)[0]
    refused = {row["reason"]: (row["count"], [each.split("/")[-1] for each in row["examples"]]) for row in done["refused"]}
    checks.check(done["imported"] == 1 and "good-to-list.example.net" in world.community(), f"the import took {done}")
    wanted = {"jewel": (2, ["partner.txt:2: 203.0.113.5", "partner.txt:5: www.port.example"]), "special": (1, ["partner.txt:4: 10.20.30.40"]),
              "allow": (1, ["partner.txt:6: 198.51.100.53"]), "canary": (1, ["partner.txt:7: only-berth.example.net"])}
    checks.check({reason: refused.get(reason) for reason in wanted} == wanted, f"the import refused {refused}")
    checks.check(refused.get("form", (0, [""]))[1][0].startswith("partner.txt:8"), f"the line that is no value: {refused.get('form')}")
    checks.check("CANARY-LEAK collector: only-berth.example.net was given to berth alone, and came back from the feed" in world.port.process.text(),
                 "the collector does not say that the feed leaks")
    for value in ("203.0.113.5", "10.20.30.40"):
        forced = world.port.try_ctl("indicators", "add", "ip", value, "--force")
        checks.check(forced.returncode == 65 and value in forced.stderr, f"{value} was forced past the guards: {forced.stderr}")
    plain = world.port.try_ctl("indicators", "add", "ip", "198.51.100.53")
    checks.check(plain.returncode == 65 and "--force" in plain.stderr, f"an allow list is passed without --force: {plain.stderr}")
    world.port.ctl("indicators", "add", "ip", "198.51.100.53", "--force")
    checks.check("198.51.100.53" in world.community(), "an operator cannot force past an allow list")
    world.port.ctl("indicators", "add", "domain", "held.example.net", "--allow")
    covered = world.port.try_ctl("indicators", "add", "host", "x.held.example.net", "--force")
    checks.check(covered.returncode == 0 and "indicators revoke held.example.net --allow" in covered.stderr, f"forced past an allow entry of the channel: {covered}")
    checks.check(any("--force" in row["what"] for row in world.port.ctl("audit")), "the audit log does not tell what was forced")


def check_operator(checks, world):
    """A false positive goes everywhere; an allow entry takes back what it covers; quarantine is lifted."""
    done = world.port.ctl("indicators", "false-positive", "bad-3.example.net")[0]
    checks.check(done == {"value": "bad-3.example.net", "channels": 1, "charged": 2}, f"false-positive: {done}")
    life = world.port.ctl("why", "bad-4.example.net")
    checks.check({row["proposed_by"] for row in life if "proposed_by" in row} == {"berth", "rail"}, f"why does not name the proposers: {life}")
    harness.wait_until("all receipts", lambda: [row for row in world.port.ctl("why", "bad-4.example.net") if row.get("receipts") == 5])
    allowed = world.port.try_ctl("indicators", "add", "domain", "bad-5.example.net", "--allow")
    checks.check(allowed.returncode == 0, f"an allow entry is refused: {allowed.stderr}")
    left = world.community()
    checks.check("bad-3.example.net" not in left and "bad-5.example.net" not in left, "what was taken back is still there")
    checks.check("bad-4.example.net" in left, "what was not taken back is gone")
    answer = world.propose("rail", "bad-3.example.net", "--confidence", "90")
    checks.check(answer["verdict"] == "withdrawn", f"a false positive proposed again: {answer}")
    world.port.ctl("quarantine", "lift", "liar", "gate")
    answer = world.propose("liar", "evil.example.net", "--confidence", "90")
    checks.check(answer["verdict"] == "candidate", f"lifted, but {answer}")


def check_restart(checks, world):
    """A crown jewel that comes into the configuration takes back what stands against it."""
    world.port.stop()
    text = world.port.config.read_text().replace('"port.example"]', '"port.example", "deep.bad-6.example.net"]')
    world.port.config.write_text(text)
    world.port.start()
    # Once the sensors have come: until then nobody knows whether a backup was restored.
    harness.wait_until("a domain above a new crown jewel is taken back", lambda: "bad-6.example.net" not in world.community(), 45)
    checks.check("198.51.100.53" in world.community(), "the restart took back what an operator forced past an allow list")
    checks.check("bad-7.example.net" in world.community(), "the restart lost what was promoted")
    checks.check("RETIRED collector: bad-6.example.net covers deep.bad-6.example.net" in world.port.process.text(), "the collector does not say what it took back")


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        world = World(lab)
        check_flood(checks, world)
        check_answers(checks, world)
        check_popular(checks, world)
        check_veto(checks, world)
        check_bad_sensor(checks, world)
        check_feed(checks, world)
        check_labels(checks, world)
        check_export(checks, world)
        check_operator(checks, world)
        check_restart(checks, world)
    checks.finish()


if __name__ == "__main__":
    main()
