#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""floors - the folder is the architecture, and includes prove it.

usage: floors.py ROOT

Checks every C file under ROOT: includes run downward only, modules form no
circle, each third-party header has its one home, every file has its licence
line, no file or function has outgrown its bounds, nothing is left as a promise.
Prints file:line: what is wrong; the exit status is 1 if anything is.
"""
import pathlib
import re
import sys

# Floor of a folder: a file includes only from its own folder or from lower floors.
FLOORS = {
    "include/quaywatch": 0,
    "base": 1,
    "rules/indicator": 10, "rules/signature": 11, "rules/channel": 11,
    "sensor/capture": 20, "sensor/decode": 21, "sensor/flow": 22, "sensor/protocol": 23, "sensor/detect": 24,
    "sensor/watch": 25, "sensor/export": 26, "sensor/run": 27, "sensor": 28,
    "collector/formats": 29, "collector": 30, "collector/ctl": 31, "collector/fetch": 31,
    "tests": 90,
}
# Pairs that must not meet although their floors would allow it.
STRANGERS = [("sensor", "collector"), ("collector", "sensor"), ("sensor/decode", "sensor/capture"),
             ("sensor/export", "sensor/flow"), ("sensor/export", "sensor/protocol"), ("sensor/export", "sensor/detect"),
             ("sensor/export", "sensor/decode"), ("sensor/export", "sensor/watch"),
             # the watch sees events only
             ("sensor/watch", "sensor/capture"), ("sensor/watch", "sensor/decode"), ("sensor/watch", "sensor/flow"),
             ("sensor/watch", "sensor/protocol"), ("sensor/watch", "sensor/detect"), ("collector/ctl", "sensor"), ("collector/ctl", "collector/fetch"), ("collector/fetch", "collector/ctl"),
             ("collector/fetch", "sensor")]
# A third-party header's one home (a file, or a folder with the slash).
HOMES = {
    "ndpi": ["sensor/flow/classify"],
    "hs": ["rules/signature/"],
    "pcre2.h": ["rules/signature/"],
    "libpsl.h": ["rules/signature/decoders."],
    "pcap": ["sensor/capture/"],
    "sqlite3.h": ["collector/database."],
    "htp": ["sensor/protocol/"],
    "zmq.h": ["sensor/export/session.", "collector/", "base/keys."],
    "libconfig.h": ["base/config"],
    "jansson.h": ["rules/indicator/", "rules/signature/dataset_json.", "base/request.", "sensor/watch/", "collector/"],
    "gcrypt.h": ["sensor/protocol/"],
    "nettle": ["base/digest", "base/cipher", "base/pseudonym"],
    "idn2.h": ["rules/indicator/"],
    "zstd.h": ["rules/", "sensor/export/ledger_folder.", "tests/unit/unpack_test."],
    "curl": ["collector/fetch/get.", "collector/forward/"],
}
FILE_LINES = 600
FUNCTION_LINES = 100
PROMISES = re.compile(r"#\s*if\s+0\b|\b(TODO|FIXME|XXX|HACK)\b")
FOREIGN = re.compile(r"(?<![\w.])/home/\w")  # a path of somebody's machine


def folder_of(path):
    """The longest known folder a file stands in."""
    parts = path.parent.parts
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in FLOORS:
            return name
    return None


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if match:
            yield number, match[1], match[2]


def is_home(path, homes):
    return any(str(path).startswith(home) for home in homes) or str(path).startswith("tests/")


def check_third_party(path, number, header, complain):
    for name, homes in HOMES.items():
        if (header == name or header.startswith(name + "/") or header == name + ".h") and not is_home(path, homes):
            complain(path, number, f"<{header}> is at home in {', '.join(homes)} only")


def check_floor(root, path, number, header, complain):
    """The header's folder, if it is one of ours."""
    target = pathlib.Path("include", header) if header.startswith("quaywatch/") else pathlib.Path(header)
    if header.startswith("."):
        complain(path, number, f'"{header}": include by path from a root')
        return None
    if not (root / target).exists():
        return None  # generated
    here, there = folder_of(path), folder_of(target)
    if here is None or there is None:
        complain(path, number, f"{path.parent} or {target.parent} is no folder of the house")
        return None
    if FLOORS[there] > FLOORS[here] or (FLOORS[there] == FLOORS[here] and there != here):
        complain(path, number, f"{here} must not include {there}")
    for stranger, other in STRANGERS:
        if (here == stranger or here.startswith(stranger + "/")) and (there == other or there.startswith(other + "/")):
            complain(path, number, f"{here} must not know {there}")
    return target


def functions(text):
    """(first line, length) of each function body: from '{' to '}' in column 1."""
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            yield start, number - start
            start = 0


def check_bounds(path, text, complain):
    lines = text.count("\n")
    if lines > FILE_LINES:
        complain(path, lines, f"{lines} lines: it has outgrown its noun, split it")
    for start, length in functions(text):
        if length > FUNCTION_LINES:
            complain(path, start, f"a function of {length} lines")
    for number, line in enumerate(text.splitlines(), 1):
        if PROMISES.search(line):
            complain(path, number, "a promise or dead code in the tree")
        if FOREIGN.search(line):
            complain(path, number, "speaks of something outside the project")
    if "SPDX-License-Identifier: Apache-2.0" not in text[:200]:
        complain(path, 1, "no licence line")


def check_circles(edges, complain):
    """Headers that include one another."""
    done, open_ = set(), []

    def visit(node):
        if node in done:
            return
        if node in open_:
            complain(node, 1, "includes itself by way of " + " -> ".join(map(str, open_[open_.index(node):])))
            return
        open_.append(node)
        for target in sorted(edges.get(node, ())):
            visit(target)
        open_.pop()
        done.add(node)

    for node in sorted(edges):
        visit(node)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    found = []

    def complain(path, number, text):
        found.append(f"{path}:{number}: {text}")

    edges = {}
    files = [p.relative_to(root) for top in ("include", "base", "rules", "sensor", "collector", "tests")
             for p in (root / top).rglob("*") if p.suffix in (".c", ".h", ".proto")]
    for path in sorted(files):
        text = (root / path).read_text(encoding="utf-8")
        check_bounds(path, text, complain)
        if path.suffix == ".proto":
            continue
        for number, mark, header in includes(text):
            if mark == "<":
                check_third_party(path, number, header, complain)
                continue
            target = check_floor(root, path, number, header, complain)
            if target and path.suffix == ".h":
                edges.setdefault(path, set()).add(target)
    check_circles(edges, complain)
    tops = ("base", "rules", "sensor", "collector", "tests", "deploy")  # not build folders, where tests come and go
    for other in sorted(p for top in tops for p in (root / top).rglob("*") if p.suffix in (".build", ".py", ".sh", ".conf", ".service")):
        path = other.relative_to(root)
        if "SPDX-License-Identifier: Apache-2.0" not in other.read_text(encoding="utf-8", errors="replace")[:300]:
            complain(path, 1, "no licence line")
    print("\n".join(found) if found else f"{len(files)} files in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
