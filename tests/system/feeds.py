#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds: read again and again, only what differs is published, and whatever goes wrong the last good set stays.

usage: feeds.py BUILD_FOLDER

nginx stands in for those who serve feeds.
"""
import base64
import json
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import taxii
import web

JEWEL = "203.0.113.200"
POLICY = f"""
policy: {{ protected = ["{JEWEL}"]; }};
feeds: {{ timetable = ["place=PLACE", "every=10", "confidence=61", "source=clockwork"]; }};
"""


def addresses(first, count, net="198.51"):
    return [f"{net}.{number >> 8}.{number & 255}" for number in range(first, first + count)]


def lines(values):
    return "".join(f"{value}\n" for value in values)


class World:
    def __init__(self, lab, checks):
        self.web, self.checks = web.Web(lab), checks
        self.web.put("timetable.txt", lines(addresses(0, 30, "192.88")))
        self.port = port.Port(lab, POLICY.replace("PLACE", self.web.address("timetable.txt")),
                              rights="indicators,allow,signatures")

    def add(self, name, place, *words):
        self.port.ctl("feeds", "add", name, place, "every=0", *words)
        return harness.wait_until(f"{name} was read", lambda: self.has_run(name))

    def has_run(self, name):
        row = self.row(name)
        return row if row["tried"] != "-" and not row["doing"] else None

    def row(self, name):
        return self.port.ctl("feeds", "show", name)[0]

    def run(self, name, *words):
        """The row after a run by hand, well or not."""
        done = self.port.try_ctl("feeds", "run", name, *words)
        return json.loads(done.stdout.splitlines()[0])

    def held(self):
        rows = self.port.ctl("indicators", "list", "--limit", "100000")
        return {row["value"]: row for row in rows if row["revoked"] == "-"}

    def order(self):
        return [channel["sequence"] for channel in self.port.ctl("status")[0]["channels"] if channel["channel"] == "community"][0]


def changes(world):
    check = world.checks.check
    first = addresses(0, 100)
    place = world.web.put("list.txt", lines(first))
    row = world.add("list", place, "confidence=70", "days=14")
    check(row["well"] and row["entries"] == 100 and row["published"] == 100, f"all of a new feed comes in ({row})")
    held = world.held()
    check(all(held[value]["confidence"] == 70 and held[value]["source"] == "list" for value in first),
          "with the feed's confidence and name")
    check(all(held[value]["until"] != "-" for value in first), "and an end, as the feed says how long they last")
    before = world.order()
    row = world.run("list")
    check(row["result"] == "still" and world.order() == before, "what did not change is not published again")
    check(" 304 " in world.web.asked()[-1], "and is not even sent again (304)")
    world.web.put("list.txt", lines(first[1:] + ["198.51.100.1"]))
    row = world.run("list")
    check((row["added"], row["removed"], row["published"], row["withdrawn"]) == (1, 1, 1, 1), f"only what differs is ({row})")
    check(world.order() == before + 2, "in one delta for what came, and one for what went")
    held = world.held()
    check("198.51.100.1" in held and first[0] not in held, "the channel has it so")


def trouble(world):
    check = world.checks.check
    many = addresses(1000, 200)
    place = world.web.put("fragile.txt", lines(many))
    world.add("fragile", place)
    broken = [
        ("it shrank", lines(many[:50]), "refused", "150 of 200"),
        ("it is empty", "", "refused", "no feed that we know|it is empty"),
        ("a page of the proxy came", "<html><body>\nSign in to the terminal's guest network\n</body></html>\n", "refused", ""),
        ("its JSON ends in the middle", '{"type":"bundle","objects":[{"type":"indica', "refused", "damaged"),
    ]
    for what, content, result, why in broken:
        world.web.put("fragile.txt", content)
        row = world.run("fragile")
        check(row["result"] == result and any(part in row["why"] for part in why.split("|")) and not row["well"],
              f"{what}: {result}, and says why ({row['result']}: {row['why']})")
        check(row["entries"] == 200 and all(value in world.held() for value in many), f"{what}: the last good set stays")
    (world.web.root / "fragile.txt").unlink()
    row = world.run("fragile")
    check(row["result"] == "failed" and "404" in row["why"] and row["failures"] == 5, f"it is gone: failed, counted ({row})")
    world.web.put("fragile.txt", lines(many[:50]))
    row = world.run("fragile", "--shrunk")
    check(row["well"] and row["withdrawn"] == 150 and row["failures"] == 0, "an operator who knows lets it shrink")
    world.web.put("fragile.txt", lines(many[:49] + ["not an address at all", "300.1.2.3"]))
    row = world.run("fragile")
    check(row["well"] and row["rejected"] == 2 and row["withdrawn"] == 1 and any(":50:" in text for text in row["complaints"]),
          f"bad lines are left out alone, and named ({row['complaints']})")


def sharing(world):
    """Several feeds, an operator and the guards speak of the same values."""
    check, ctl = world.checks.check, world.port.ctl
    both = "198.51.200.1"
    sure = world.web.put("sure.txt", lines([both, "198.51.200.2"]))
    less = world.web.put("less.txt", lines([both, "198.51.200.3", JEWEL, "10.1.2.3"]))
    ctl("indicators", "add", "ip", "198.51.200.3", "--confidence", "99", "--why", "mine")
    world.add("sure", sure, "confidence=80")
    row = world.add("less", less, "confidence=40")
    check(row["not_taken"] == 2 and row["held_by_others"] == 1, f"guards hold, and the operator's own stays as it is ({row})")
    held = world.held()
    check(JEWEL not in held and "10.1.2.3" not in held, "neither a crown jewel nor private space came in")
    check(held[both]["source"] == "sure" and held["198.51.200.3"]["confidence"] == 99, "the surer feed's word counts")
    world.web.put("sure.txt", lines(["198.51.200.2"]))
    world.run("sure")
    check(world.held()[both]["source"] == "less", "when it goes from one feed, it is the other's")
    world.web.put("less.txt", lines(["198.51.200.9"]))
    world.run("less")
    held = world.held()
    check(both not in held and "198.51.200.3" in held, "when it goes from both, it leaves; the operator's stays")
    ctl("indicators", "revoke", "198.51.200.9")
    row = world.run("less", "--all")
    check("198.51.200.9" not in world.held() and row["not_taken"] == 1, f"what an operator took back does not come again ({row})")
    ctl("feeds", "remove", "sure")
    harness.wait_until("the feed is gone", lambda: len([row for row in ctl("feeds", "list") if row["name"] == "sure"]) == 0)
    check("198.51.200.2" not in world.held(), "with a feed goes what it alone brought")


def kinds(world):
    """Rules, a MISP feed's folder, a TAXII collection, what is locked."""
    check = world.checks.check
    rule = 'alert tcp any any -> any any (msg:"feed {0}"; content:"evil{0}"; sid:{0}; rev:{1};)\n'
    place = world.web.put("port.rules", "".join(rule.format(9000000 + number, 1) for number in range(30)))
    row = world.add("rules", place)
    check(row["well"] and row["published"] == 30, f"signatures come in, too ({row})")
    world.web.put("port.rules", "".join(rule.format(9000000 + number, 2 if number == 7 else 1) for number in range(29)))
    row = world.run("rules")
    check((row["changed"], row["removed"], row["published"], row["withdrawn"]) == (1, 1, 1, 1), f"and change one by one ({row})")

    uuids = [f"5f0c1d3e-0000-4000-8000-00000000000{number}" for number in range(3)]
    def event(number, value):
        return json.dumps({"Event": {"uuid": uuids[number], "info": f"event {number}", "Orgc": {"name": "partner"}, "Attribute": [
            {"type": "domain", "category": "Network activity", "to_ids": True, "value": value}]}})
    def manifest(stamps):
        return json.dumps({uuid: {"timestamp": str(stamp), "info": "x"} for uuid, stamp in zip(uuids, stamps)})
    for number in range(3):
        world.web.put(f"misp/{uuids[number]}.json", event(number, f"bad{number}.example"))
    world.web.put("misp/manifest.json", manifest([1, 1, 1]))
    row = world.add("misp", world.web.address("misp"), "kind=misp")
    held = world.held()
    check(row["well"] and held["bad2.example"]["source"] == "partner", f"a MISP feed's events come in ({row})")
    world.web.put(f"misp/{uuids[1]}.json", event(1, "worse.example"))
    world.web.put("misp/manifest.json", manifest([1, 2, 1]))
    asked = len(world.web.asked())
    row = world.run("misp")
    check(row["added"] == 1 and row["removed"] == 1 and len(world.web.asked()) == asked + 2,
          f"only the event that changed is asked for ({world.web.asked()[asked:]})")

    place = world.web.put("locked/secret.txt", lines(addresses(3000, 30)))
    keys = world.port.folder / "keys.txt"
    keys.write_text("# of the partner\nX-Key: opensesame\n")
    row = world.add("locked", place)
    check(row["result"] == "failed" and "401" in row["why"] and "headers=" in row["why"], f"a closed door is told ({row['why']})")
    row = world.add("opened", place, f"headers={keys}")
    check(row["well"] and row["entries"] == 30, "and opened with a header from a file")
    done = world.port.try_ctl("feeds", "add", "leaky", "http://feeds.example/x", f"headers={keys}")
    check(done.returncode == 64 and "https" in done.stderr, "which does not go over a network in the clear")


def collection(world):
    check = world.checks.check
    with taxii.Server() as server:
        objects = [taxii.indicator(number, f"[domain-name:value = 't{number}.example']") for number in range(2500)]
        server.add(*objects)
        row = world.add("taxii", server.collection, "kind=taxii")
        check(row["well"] and row["entries"] == 2500 and row["published"] == 2500, f"a TAXII collection comes in ({row})")
        check(server.pages() == 3, f"page by page ({server.pages()})")
        server.add(taxii.indicator(5000, "[ipv4-addr:value = '198.51.250.1']"), taxii.revoked(objects[3]))
        row = world.run("taxii")
        check((row["added"], row["removed"]) == (1, 1) and server.pages() == 1,
              f"then only what was added since; what is revoked goes ({row}, {server.pages()} pages)")
        check(all("version=2.1" in accept for accept in server.accepted), "asked for as TAXII 2.1")
        server.broken = True
        row = world.run("taxii")
        check(row["result"] == "refused" and row["entries"] == 2500, f"what is no envelope changes nothing ({row['why']})")


def outward(world):
    """What goes out in each format, and comes in again as a feed of one tenant."""
    check = world.checks.check
    def export(*words):
        done = world.port.try_ctl("export", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout
    world.port.ctl("indicators", "add", "domain", "clear.example", "--tlp", "clear", "--why", "for the world")
    held = world.held()
    check(export("plain") == "clear.example\n", "what leaves the port is CLEAR, unless more is asked for")
    bundle = json.loads(export("stix", "--tlp", "green"))
    found = [each for each in bundle["objects"] if each["type"] == "indicator"]
    check(len(found) == len(held), f"a STIX bundle has all {len(held)} of them ({len(found)})")
    check(export("stix", "--tlp", "green") == export("stix", "--tlp", "green"), "and is the same, byte by byte, when nothing changed")
    ips = export("plain", "--type", "ip", "--tlp", "green").splitlines()
    check(ips == sorted(ips) and set(ips) == {value for value, row in held.items() if row["type"] == "ip"}, "a list of one type for a firewall")
    names = export("suricata", "--type", "domain", "--tlp", "green").splitlines()
    check({base64.b64decode(name).decode() for name in names} == {value for value, row in held.items() if row["type"] == "domain"},
          "a dataset for Suricata")
    check(world.port.try_ctl("export", "suricata").returncode == 64 and world.port.try_ctl("export", "pdf").returncode == 64,
          "what cannot be written is said")
    world.port.ctl("tenant", "add", "mirror")
    for name in ("csv", "stix", "misp"):
        place = world.web.put(f"out.{name}", export(name, "--tlp", "green"))
        row = world.add(f"back-{name}", place, "tenant=mirror", "days=0")
        check(row["well"] and row["entries"] == len(held) and row["rejected"] == 0, f"{name} comes in again whole ({row})")
        check(row["not_taken"] == 0, f"and is let in ({row['not_taken']})")


def killed(world):
    """Ended in the middle of publishing, it goes on where it was; nothing comes twice."""
    check = world.checks.check
    many = [f"d{number}.killed.example" for number in range(20000)]
    place = world.web.put("many.txt", lines(many))
    before = world.port.ctl("status")[0]
    world.port.ctl("feeds", "add", "many", place, "every=0")
    harness.wait_until("some of it is there", lambda: world.order() > [c["sequence"] for c in before["channels"]
                                                                       if c["channel"] == "community"][0] + 3)
    world.port.process.stop(signal.SIGKILL)
    world.port.start()
    row = harness.wait_until("it was read again", lambda: world.has_run("many"), 40)
    held = world.held()
    check(all(value in held for value in many) and row["published"] < len(many),
          f"after kill -9 the rest comes ({row['published']} of {len(many)})")


def clockwork(world):
    check = world.checks.check
    check(world.row("timetable")["entries"] == 30 and world.held()["192.88.0.1"]["source"] == "clockwork",
          "a feed of the configuration is read by itself")
    world.web.put("timetable.txt", lines(addresses(0, 31, "192.88")))
    harness.wait_until("it is read again by its timetable", lambda: "192.88.0.30" in world.held(), 15)
    done = world.port.try_ctl("feeds", "remove", "timetable")
    check(done.returncode == 65 and "configuration" in done.stderr, "what the configuration says is not removed by hand")


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        world = World(lab, checks)
        for part in (changes, trouble, sharing, kinds, collection, clockwork, outward, killed):
            start = time.monotonic()
            part(world)
            print(f"{part.__name__}: {time.monotonic() - start:.1f} s")
    checks.finish()


main()
