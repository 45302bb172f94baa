#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same worm at three tenants is one incident, in the right order, with each tenant's own view of it.

usage: incidents.py BUILD_FOLDER

A worm goes over three terminals' networks, whose sensors hide their addresses. It trips three signatures; its payload
and the server that it reports to are the same everywhere. Meanwhile each sensor has a thousand alerts of its own that
have nothing to do with it.
"""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import traffic

TENANTS = ("berth", "rail", "yard") # infected in this order
REPORTS_TO = "203.0.113.66"
NOISE = 330 # alerts of each sensor, a second
SECONDS = 3
RULES = (
    'alert udp any any -> any 445 (msg:"WORM probes"; content:"PROBE"; priority:1; sid:101;)\n'
    'alert udp any any -> any 445 (msg:"WORM copies itself"; content:"COPY"; priority:1; sid:102;)\n'
    'alert udp any any -> any 4444 (msg:"WORM opens a shell"; content:"SHELL"; priority:2; sid:103;)\n')
OWN = 'alert udp any any -> any {0} (msg:"own trouble of {1}"; content:"NOISE"; priority:2; sid:{2};)\n'


def packet(source, target, service, payload, sport=40000):
    return traffic.ethernet(traffic.udp(source, sport, target, service, payload))


def worm(sensor, net):
    """One host infects the next, and each reports outside."""
    for host in range(2, 5):
        source, target = f"10.{net}.0.{host}", f"10.{net}.0.{host + 1}"
        for service, payload in ((445, b"PROBE"), (445, b"COPY"), (4444, b"SHELL")):
            sensor.feed.frame(packet(source, target, service, payload))
        sensor.feed.frame(packet(source, REPORTS_TO, 53, b"hello"))


def noise(sensors):
    """Each its own signature, from ever other hosts."""
    end, sent = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        for number, sensor in enumerate(sensors):
            for _ in range(NOISE // 20):
                sent += 1
                sensor.feed.frame(packet(f"10.{number + 1}.{sent >> 8 & 255}.{sent & 255}", f"10.{number + 1}.99.9", 7000 + number,
                                         b"NOISE %d" % sent, 1024 + sent % 60000))
        time.sleep(1 / 20)
    return sent


def main():
    checks = harness.Checks()
    check = checks.check
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        world = port.Port(lab)
        sensors = []
        for number, tenant in enumerate(TENANTS):
            rules = lab.folder / f"{tenant}.rules"
            rules.write_text(RULES + OWN.format(7000 + number, tenant, 500 + number))
            sensors.append(world.enrol(tenant, "gate", [rules], ('release.addresses="pseudonym"', 'vars.HOME_NET="[10.0.0.0/8]"')))
        world.ctl("indicators", "add", "ip", REPORTS_TO, "--confidence", "90", "--why", "the worm reports there")
        for sensor in sensors:
            sensor.start().ready()
        for sensor in sensors:
            harness.wait_until("the sensors are connected", sensor.connected)
        harness.wait_until("they hold the indicator", lambda: sum(row["channel"] == "community" and row["sequence"] >= 1
                                                                   for row in world.ctl("receipts")) == len(TENANTS))
        worm(sensors[0], 1)
        harness.wait_until("the first tenant's alerts came", lambda: len(world.alerts()) >= 4)
        time.sleep(0.5)
        check(world.ctl("incidents") == [], "at one tenant it is no incident yet")
        worm(sensors[1], 2)
        sent = noise(sensors)
        worm(sensors[2], 3)
        harness.wait_until("all alerts came", lambda: len(world.alerts()) >= sent + 3 * 12, 40)
        harness.wait_until("three tenants are told of", lambda: world.ctl("incidents") and len(world.ctl("incidents")[0]["tenants"]) == 3)

        rows = world.ctl("incidents")
        row = rows[0]
        check(len(rows) == 1, f"it is one incident ({rows})")
        check(row["tenants"] == list(TENANTS), f"in the right order ({row['tenants']})")
        check(row["state"] == "new" and row["severity"] == 1 and "WORM" in row["title"], f"with its name and gravity ({row})")
        check(row["priority"] == 40 + 20 + 15 + 9, f"and a priority as documented ({row['priority']})")
        parts = world.ctl("incidents", "show", row["incident"])[1:]
        found = {part["value"] for part in parts}
        check({"1:101", "1:102", "1:103", f"ip {REPORTS_TO}"} <= found, f"by all that it left behind ({found})")
        check(not any(str(500 + number) in value for value in found for number in range(3)), "and by nothing else")
        check(row["alerts"] == sum(part["alerts"] for part in parts), "every alert of it is counted")
        shown = " ".join(part["sample"] for part in parts)
        check("10.1.0." not in shown and "10.2.0." not in shown, f"no address that a tenant hides is shown ({shown[:200]})")
        def notices():
            return [line["quaywatch"]["text"] for line in world.alerts() if line.get("alert", {}).get("signature_id") == 9003]
        harness.wait_until("it is told of in the alert log", lambda: len(notices()) > 1)
        told = notices()
        check(len(told) == 2 and "2 tenants" in told[0] and "3 tenants" in told[1], f"the alert log tells of each step ({told})")

        view = world.ctl("incidents", "show", row["incident"], "--tenant", "rail")
        text = str(view)
        check(view[0]["tenant"] == "rail" and view[0]["seen"] == "3+", f"a tenant's view says how many, as a class ({view[0]})")
        check("berth" not in text and "yard" not in text and all(part.get("tenant") == "rail" for part in view),
              "and names nobody else")
        done = world.try_ctl("incidents", "show", row["incident"], "--tenant", "nobody")
        check(done.returncode == 65, "who met nothing is shown nothing")

        world.ctl("incidents", "ack", row["incident"])
        check(world.ctl("incidents")[0]["state"] == "acknowledged", "somebody looks after it")
        check(world.try_ctl("incidents", "close", row["incident"]).returncode == 64, "it is closed with a reason only")
        world.ctl("incidents", "close", row["incident"], "--why", "cleaned")
        check(world.ctl("incidents") == [] and world.ctl("incidents", "--all")[0]["reason"] == "cleaned", "closed, it is out of the way")

        time.sleep(2) # what is written behind
        world.process.stop(signal.SIGKILL)
        world.start()
        again = world.ctl("incidents", "--all")
        check(len(again) == 1 and again[0]["tenants"] == list(TENANTS) and again[0]["state"] == "closed" and
              again[0]["first"] == row["first"], f"after kill -9 it is the same ({again})")
    checks.finish()


main()
