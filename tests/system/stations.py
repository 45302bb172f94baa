#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Alerts on what has no IP address: from a sensor through the collector to quaywatchctl, as text and as JSON.

usage: stations.py BUILD_FOLDER
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port

RULES = 'alert arp any any -> any any (msg:"two owners"; app-layer-event:arp.address_conflict; sid:1;)\n'
RELAY, INTRUDER = "02:00:00:00:00:21", "02:00:00:00:00:66"


def arp(station):
    mac = bytes.fromhex(station.replace(":", ""))
    return b"\xff" * 6 + mac + bytes.fromhex("0806 0001 0800 06 04 0001") + mac + b"\x0a\0\0\x15" + bytes(6) + b"\x0a\0\0\1"


def main():
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        place = port.Port(lab)
        rules = lab.folder / "stations.rules"
        rules.write_text(RULES)
        sensor = place.enrol("berth", "gate", [rules]).start().ready()
        sensor.feed.frame(arp(RELAY))
        sensor.feed.frame(arp(INTRUDER))
        harness.wait_until("the alert is in the log", lambda: any(True for _ in place.alerts()))
        alert = next(iter(place.alerts()))
        assert "src_ip" not in alert and "community_id" not in alert, alert
        assert alert["ether"] == {"src_mac": INTRUDER, "dest_mac": "ff:ff:ff:ff:ff:ff", "ether_type": 0x0806}, alert
        assert alert["ot"]["before_mac"] == RELAY and alert["app_proto"] == "arp", alert
        assert alert["quaywatch"]["tenant"] == "berth", alert
        assert [line["ether"] for line in place.ctl("alerts")] == [alert["ether"]]
        command = [str(lab.ctl_binary), "--socket", str(place.socket), "alerts"]
        text = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=30, check=True).stdout
        assert f"two owners  {INTRUDER} -> ff:ff:ff:ff:ff:ff arp" in text, text
        assert sensor.stop() == 0
        assert place.stop() == 0
    print("1 alert without addresses: in the log, and told")


if __name__ == "__main__":
    main()
