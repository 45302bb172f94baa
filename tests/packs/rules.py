# SPDX-License-Identifier: Apache-2.0
"""The rules that ship, as their files have them."""
import collections
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "rules" / "packs"

Rule = collections.namedtuple("Rule", "file line text sid msg silent")


def option(text, name):
    found = re.search(rf"\b{name}:\s*(\"[^\"]*\"|[^;]*);", text)
    return found.group(1).strip('"') if found else None


def shipped():
    rules = []
    for path in sorted(FOLDER.glob("*.rules")):
        for number, text in enumerate(path.read_text().splitlines(), 1):
            if text and not text.startswith("#"):
                rules.append(Rule(path.name, number, text, int(option(text, "sid")), option(text, "msg"), " noalert;" in text))
    return rules
