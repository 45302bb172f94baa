#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real sensor reads made traffic; its events are compared with what is expected.

usage: runner.py SENSOR [--update] [CASE…]

A case is a folder in cases/:
	traffic.py      adds frames to `capture`, with all of tests/lib/traffic.py at hand
	arguments       what the sensor is given besides the capture; {case} is the folder
	*.rules …       files that the arguments name
	expected.json   the events, one a line, without what differs from run to run
	expected.err    the lines on standard error, if there are any

Each case is run twice: a pcap with one worker, a pcapng with four; both must
give the same.  --update writes what came out as what is expected: read the
difference before it is committed.
"""
import difflib
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]
import harness
import traffic

BOUND_S = 60
RUNS = (("pcap", ["-w", "1"]), ("pcapng", ["-w", "4"]))


def capture_of(case):
    capture = traffic.Capture()
    names = {**vars(traffic), "capture": capture, "CASES": HERE / "cases"}
    exec(compile((case / "traffic.py").read_text(), str(case / "traffic.py"), "exec"), names)
    return capture


def normalised(line):
    """An event without its random names; in_iface is the path of a temporary file."""
    event = json.loads(line)
    for name in ("flow_id", "in_iface", "community_id"):
        event.pop(name, None)
    for name in ("epoch", "seq"):
        event.get("quaywatch", {}).pop(name, None)
    return json.dumps(event, ensure_ascii=False)


def key_of(line):
    event = json.loads(line)
    return event["timestamp"], event["event_type"], line


def run(sensor, case, folder, kind, workers):
    """The events and the lines of complaint of one run."""
    path, events, stats = folder / f"traffic.{kind}", folder / "events.json", folder / "stats.json"
    capture_of(case).save(path, pcapng=kind == "pcapng")
    arguments = shlex.split((case / "arguments").read_text().replace("{case}", str(case)), comments=True)
    command = [sensor, "-r", path, "-o", events, "--stats", stats, *workers, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=BOUND_S)
    if done.returncode != 0:
        return [f"status {done.returncode}"], done.stderr.splitlines()
    counts = json.loads(stats.read_text())
    if counts["packets"] != counts["inspected"] + sum(counts["drops"].values()):
        return [f"packets are unaccounted for: {counts}"], []
    lines = sorted((normalised(line) for line in events.read_text().splitlines()), key=key_of)
    return lines, done.stderr.replace(str(case), "{case}").splitlines()


def read_lines(path):
    return path.read_text().splitlines() if path.exists() else []


def write_lines(path, lines):
    if lines:
        path.write_text("\n".join(lines) + "\n")
    else:
        path.unlink(missing_ok=True)


def difference(path, wanted, got):
    return "\n".join(difflib.unified_diff(wanted, got, f"expected {path}", "got", lineterm="", n=0))


def check_case(checks, sensor, case, update):
    if not (case / "expected.json").exists() and not update:
        checks.check(False, f"{case.name}: expected.json is missing; make it with --update")
        return
    for kind, workers in RUNS:
        with tempfile.TemporaryDirectory(prefix="quaywatch-golden-") as folder:
            events, complaints = run(sensor, case, pathlib.Path(folder), kind, workers)
        if update and kind == "pcap":
            (case / "expected.json").write_text("".join(line + "\n" for line in events))
            write_lines(case / "expected.err", complaints)
        for name, got in (("expected.json", events), ("expected.err", complaints)):
            wanted = read_lines(case / name)
            checks.check(wanted == got, f"{case.name} ({kind} {' '.join(workers)}):\n{difference(name, wanted, got)}")


def main():
    words = [word for word in sys.argv[1:] if word != "--update"]
    sensor, names = pathlib.Path(words[0]).resolve(), words[1:]
    checks = harness.Checks()
    cases = sorted(path.parent for path in (HERE / "cases").glob("*/traffic.py"))
    for case in cases:
        if not names or case.name in names:
            check_case(checks, sensor, case, "--update" in sys.argv)
    checks.finish()


if __name__ == "__main__":
    main()
