#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every real indicator list and rule file comes in as a feed; broken, each is refused whole or line by line.

usage: feeds_corpus.py BUILD_FOLDER SHARED_FOLDER

The files are served by nginx.  Then each is served again, cut in its middle: what is JSON is refused as a whole and
the last good set stays; of lists and rules the lines that are left come in, unless too much is gone.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import harness
import port
import web

DOCUMENTS = re.compile(r"(LICENSE|README|DISCLAIMER|SOURCES\.tsv|\.tsv$|classification\.config)")
FEEDS_MAX = 250


def files_of(shared):
    folders = [shared / "corpus" / name for name in ("indicators", "rules")]
    if not all(folder.is_dir() for folder in folders):
        harness.skip(f"the indicators are missing (build option corpus: {shared})")
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def name_of(number, path):
    return f"f{number}-" + re.sub(r"[^A-Za-z0-9._-]", "_", path.name)[:36]


def rows_of(world):
    return {row["name"]: row for row in world.ctl("feeds", "list")}


def wait_for_all(world, names):
    def all_tried():
        rows = rows_of(world)
        return all(rows[name]["tried"] != "-" and not rows[name]["doing"] for name in names)
    harness.wait_until("all feeds were read", all_tried, 150, 0.2)


def main():
    checks = harness.Checks()
    with harness.lab(pathlib.Path(sys.argv[1])) as lab:
        paths = files_of(pathlib.Path(sys.argv[2]))
        feeds = {name_of(number, path): path for number, path in enumerate(paths) if not DOCUMENTS.search(path.name)}
        documents = {name_of(number, path): path for number, path in enumerate(paths) if DOCUMENTS.search(path.name)}
        server, world = web.Web(lab), port.Port(lab, rights="indicators,allow,signatures")
        for name, path in [*feeds.items(), *documents.items()][:FEEDS_MAX]:
            world.ctl("feeds", "add", name, server.put(f"{name}/{path.name}", path.read_bytes()), "every=0")
        wait_for_all(world, [*feeds, *documents])
        rows = rows_of(world)
        bad = [(name, rows[name]["why"]) for name in feeds if not rows[name]["well"]]
        checks.check(not bad, f"all {len(feeds)} lists and rule files come in ({bad[:5]})")
        good = [name for name in documents if rows[name]["well"]]
        checks.check(not good, f"all {len(documents)} licences and readmes are refused ({good})")
        total = sum(rows[name]["entries"] for name in feeds)
        checks.check(total > 100000, f"{total} entries in all")
        checks.check(all(rows[name]["bytes"] == feeds[name].stat().st_size for name in feeds), "their sizes are shown")

        held = {name: rows[name]["entries"] for name in feeds}
        for name, path in feeds.items():
            data = path.read_bytes()
            server.put(f"{name}/{path.name}", data[:len(data) // 2])
        for name in feeds:
            world.try_ctl("feeds", "run", name)
        rows = rows_of(world)
        json_names = [name for name in feeds if feeds[name].read_bytes().lstrip()[:1] in (b"{", b"[")]
        wrong = [name for name in json_names if rows[name]["result"] != "refused" or rows[name]["entries"] != held[name]]
        checks.check(json_names and not wrong, f"cut in its middle, each of {len(json_names)} JSON files is refused whole ({wrong})")
        lists = [name for name in feeds if name not in json_names]
        silent = [name for name in feeds if not rows[name]["well"] and not rows[name]["why"]]
        checks.check(not silent, f"whatever is refused has its reason ({silent})")
        lost = [name for name in lists if rows[name]["entries"] < held[name] * 0.3 and held[name] > 20]
        checks.check(not lost, f"of lists what is left stays, or all where too much is gone ({lost})")
    checks.finish()


main()
