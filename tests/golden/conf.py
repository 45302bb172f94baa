#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The programs' own check of configurations: what is good passes, what is wrong is named.

usage: conf.py SENSOR COLLECTOR [--update]

conf/<program>-<case>.in is the configuration, .ok the exit status and all
that the program prints.  And every configuration and rule file in deploy/,
which a user would install, must be good.
"""
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import harness

BOUND_S = 30


def run(command, folder):
    done = subprocess.run([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=BOUND_S)
    return [f"status {done.returncode}", *done.stderr.splitlines(), *done.stdout.splitlines()]


def check_case(checks, program, path, update):
    got, expected = run([program, "-T", "-c", path.name], path.parent), path.with_suffix(".ok")
    if update:
        expected.write_text("\n".join(got) + "\n")
    wanted = expected.read_text().splitlines() if expected.exists() else ["no expectation"]
    lines = "\n".join(difflib.unified_diff(wanted, got, expected.name, "got", lineterm="", n=1))
    checks.check(wanted == got, f"{path.name}:\n{lines}")


def check_deployed(checks, sensor, collector):
    """What stands in deploy/ to be installed."""
    deploy = HERE.parent.parent / "deploy"
    for path in sorted(deploy.rglob("*.conf")):
        program = collector if "collector" in path.name else sensor
        got = run([program, "-T", "-c", path], deploy)
        checks.check(got[0] == "status 0", f"{path}: {got}")
    for path in sorted([*deploy.rglob("*.rules"), *(deploy.parent / "rules/packs").rglob("*.rules")]):
        got = run([sensor, "-T", "-S", path], deploy)
        checks.check(got[0] == "status 0", f"{path}: {got}")


def main():
    programs = {"sensor": pathlib.Path(sys.argv[1]).resolve(), "collector": pathlib.Path(sys.argv[2]).resolve()}
    checks = harness.Checks()
    for path in sorted((HERE / "conf").glob("*.in")):
        check_case(checks, programs[path.name.partition("-")[0]], path, "--update" in sys.argv)
    check_deployed(checks, programs["sensor"], programs["collector"])
    checks.finish()


if __name__ == "__main__":
    main()
