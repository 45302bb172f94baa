#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule that ships has its section in its pack's .md, and each section its rule.

usage: docs.py

A section is "### 3:SID" and the rule's message, then what it means, and lines
that begin with "Innocent:" and "Do:".  Other .md files of the folder, as of
detections that are no rules, are none of this test's business.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import harness
import rules

HEAD = re.compile(r"^### 3:(\d+) (.+)$")
LINE_MAX = 140


def sections_of(path):
    """By sid: the title, and the lines below it."""
    sections, lines = {}, []
    for line in path.read_text().splitlines():
        found = HEAD.match(line)
        if found:
            lines = []
            assert int(found.group(1)) not in sections, f"{path.name}: two sections of {found.group(1)}"
            sections[int(found.group(1))] = (found.group(2), lines)
        elif line.startswith("#"):
            lines = []
        elif line:
            lines.append(line)
    return sections


def check_section(checks, rule, section):
    title, lines = section
    checks.check(title == rule.msg, f"{rule.sid}: the section is called '{title}', the rule says '{rule.msg}'")
    starts = [line.split(":")[0] for line in lines if line.startswith(("Innocent:", "Do:"))]
    checks.check(starts == ["Innocent", "Do"], f"{rule.sid}: a section has one line Innocent: and one line Do:, in this order")
    checks.check(lines and not lines[0].startswith(("Innocent:", "Do:")), f"{rule.sid}: the section does not say what it means")


def check_pack(checks, path, shipped):
    sections = sections_of(path.with_suffix(".md"))
    sids = {rule.sid: rule for rule in shipped if not rule.silent}
    checks.check(set(sections) == set(sids), f"{path.name}: sections without a rule, or rules without a section: "
                 f"{sorted(set(sections) ^ set(sids))}")
    for sid, rule in sids.items():
        if sid in sections:
            check_section(checks, rule, sections[sid])


def check_rule(checks, rule):
    """What every rule that alerts has, so that it cannot flood, and tells a reader what it is."""
    where = f"{rule.file}:{rule.line}"
    checks.check("gid:3;" in rule.text, f"{where}: it has no gid:3")
    checks.check(re.search(r"; rev:\d+;\)$", rule.text), f"{where}: it does not end with its revision")
    if not rule.silent:
        for name in ("threshold", "classtype", "metadata"):
            checks.check(rules.option(rule.text, name), f"{where}: it has no {name}")
        checks.check(len(rule.msg) <= LINE_MAX, f"{where}: its message is longer than {LINE_MAX}")


def main():
    checks = harness.Checks()
    shipped = rules.shipped()
    readme = (rules.FOLDER / "README.md").read_text()
    sids = [rule.sid for rule in shipped]
    checks.check(len(sids) == len(set(sids)), "a sid occurs twice")
    for path in sorted(rules.FOLDER.glob("*.rules")):
        own = [rule for rule in shipped if rule.file == path.name]
        check_pack(checks, path, own)
        blocks = {rule.sid // 100 for rule in own}
        for block in sorted(blocks):
            checks.check(f"| {block}01 " in readme, f"README.md: its table has no row of {block}01 …")
    for rule in shipped:
        check_rule(checks, rule)
    checks.finish()


if __name__ == "__main__":
    main()
