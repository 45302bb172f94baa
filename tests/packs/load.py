#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How the rules that ship are loaded: on request, live and from files; and how a tenant switches some of them off.

usage: load.py BUILD_FOLDER
"""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import harness
import plc
import port
import rules
import traffic

BOUND_S = 60
STOP, DOWNLOAD = 110101, 110104
CLIENT, SERVER = "10.1.0.1", "10.2.0.1"


def run(sensor, *words):
    command = [str(word) for word in (sensor, *words)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=BOUND_S)


def talk_of(sid):
    return next(row[1] for row in plc.ROWS if row[0] == sid)


def sids(done):
    return sorted(json.loads(line)["alert"]["signature_id"] for line in done.stdout.splitlines())


def check_files(checks, sensor, folder):
    """A capture with a stop and a download in it, read in each of the ways."""
    path, config, disable, thresholds = (folder / name for name in ("talks.pcap", "s.conf", "disable", "thresholds"))
    capture = traffic.Capture()
    for sid in (STOP, DOWNLOAD):
        talk_of(sid)(capture, CLIENT, SERVER)
    capture.save(path)
    config.write_text("rules: { packs = true; };\n")
    disable.write_text(f"3:{STOP}\n")
    thresholds.write_text(f"suppress gen_id 3, sig_id {DOWNLOAD}, track by_src, ip {CLIENT}\n")
    read = ("-r", path, "-o", "-")
    for what, words, wanted in (
            ("without --packs", (), []),
            ("with --packs", ("--packs",), [STOP, DOWNLOAD]),
            ("with rules.packs", ("-c", config), [STOP, DOWNLOAD]),
            ("with one disabled", ("--packs", "--set", f'rules.disable="{disable}"'), [DOWNLOAD]),
            ("with one suppressed", ("--packs", "--set", f'rules.thresholds="{thresholds}"'), [STOP])):
        done = run(sensor, *read, *words)
        checks.check(done.returncode == 0 and not done.stderr and sids(done) == wanted,
                     f"{what}: {sids(done)}, not {wanted}; status {done.returncode}: {done.stderr}")
    stats = json.loads(run(sensor, "-r", path, "--packs", "--stats", "-").stdout)
    checks.check(stats["rules"]["signatures"] == len(rules.shipped()), f"--stats does not count them: {stats['rules']}")
    done = run(sensor, *read, "--packs", "--set", f'rules.packs_folder="{folder / "none"}"')
    checks.check(done.returncode == 66 and "rules.packs_folder" in done.stderr, f"a folder that is not there: {done}")


def check_costs(checks, sensor):
    """None is asked on every packet, payload or message: each has a literal, a number, an event, or looks at few packets."""
    done = run(sensor, "-T", "--packs")
    checks.check(done.returncode == 0, f"-T --packs: status {done.returncode}")
    for line in done.stdout.splitlines():
        dear = re.search(r"is tried on every (packet|payload|message)", line) and "with its TCP flags" not in line
        checks.check(not dear, line)
    last = done.stdout.splitlines()[-1]
    checks.check(last.startswith(f"{len(rules.shipped())} signatures, 0 refused"), last)


def check_live(checks, lab):
    """A sensor that listens loads them, too, and the collector hears of them."""
    place = port.Port(lab)
    sensor = place.enrol("berth", "gate", [], ["rules.packs=true"]).start().ready()
    capture = traffic.Capture()
    talk_of(STOP)(capture, CLIENT, SERVER)
    for _, frame in capture.frames:
        sensor.feed.frame(frame)
    harness.wait_until("the alert is in the log", lambda: any(True for _ in place.alerts()))
    alert = next(iter(place.alerts()))
    checks.check(alert["alert"]["gid"] == 3 and alert["alert"]["signature_id"] == STOP, f"{alert}")
    checks.check(alert["quaywatch"]["origin"] == "pack", f"{alert}")
    checks.check(f"{len(rules.shipped())} signatures (0 refused)" in sensor.log(), "the builder does not count them")
    checks.check(sensor.stop() == 0 and place.stop() == 0, "they end with another status than 0")


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        check_files(checks, lab.sensor_binary, pathlib.Path(lab.folder))
        check_costs(checks, lab.sensor_binary)
        check_live(checks, lab)
    checks.finish()


if __name__ == "__main__":
    main()
