#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was normal in the first half of a capture is normal in its second: at most one alert, where there is no attack.

usage: baseline_halves.py SENSOR CORPUS [--show] [--only TEXT]

Each capture of industrial protocols whose source says that it is ordinary traffic is cut in two by packets.  The first half
is learnt from (--learn), the second is read with the shipped packs and that baseline.  Captures that tests/packs/captures.py
lists as tours of a protocol's dangerous functions, or as attacks, are not ordinary.  What a rule told of the first half it
would not tell again so soon: it does not count, nor does what that list has as worth telling once of ordinary traffic.
"""
import collections
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "packs")]
import capture_parts
import captures as packs
import harness

PARALLEL = 2
BOUND_S = 120
LEAST = 100  # captures: fewer are not the corpus
GID = 3
# Captures of several networks, one behind the other: in the second half there are hosts that were not there before.
JOINED = {
    "c37.118/arkime__synchrophasor_synthetic.pcap",
    "c37.118/nDPI__ieee_c37118.pcap",
    "profinet/cisa-profinet-io-cm__profinet_io_cm_write.pcapng",
}
COMMON = ["--set", 'capture.checksums="ignore"', "--set", "stream.midstream=true"]


def ordinary(corpus, only):
    folder = corpus / "corpus/pcap/ot"
    if not folder.is_dir():
        harness.skip(f"the captures are missing (build option corpus: {corpus})")
    with (folder / "SOURCES.tsv").open(encoding="utf-8", errors="replace") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    odd = set(packs.ATTACKS) | set(packs.TOURS)
    return [folder / row["file"] for row in rows
            if row["what_is_inside"].startswith("ordinary traffic") and f"ot/{row['file']}" not in odd and only in row["file"]
            and (folder / row["file"]).is_file()]


def run(sensor, *arguments):
    done = subprocess.run([sensor, *arguments, *COMMON], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=BOUND_S)
    return None if done.returncode == 0 else f"status {done.returncode}: {done.stdout[-1000:]}"


def alerts_in(path):
    events = [json.loads(line) for line in path.read_text(errors="replace").splitlines()]
    path.unlink()
    return [(event["alert"]["signature_id"], event.get("quaywatch", {}).get("text") or event["alert"]["signature"])
            for event in events if event.get("event_type") == "alert" and event["alert"]["gid"] == GID]


def try_one(job):
    sensor, path, folder = job
    halves = capture_parts.halves_of(path.read_bytes())
    if halves is None:
        return path, None, []
    name = path.parent.name + "-" + path.name
    first, second, normal, alerts = (folder / f"{name}.{what}" for what in ("1", "2", "json", "eve"))
    first.write_bytes(halves[0])
    second.write_bytes(halves[1])
    trouble = run(sensor, "-r", first, "--learn", normal)
    if not trouble and not normal.is_file():
        trouble = "no baseline was written"
    if not trouble:
        trouble = run(sensor, "-r", first, "--packs", "-o", alerts, "--set", "watch.enabled=false")
    told = {sid for sid, _ in alerts_in(alerts)} if not trouble else set()
    told |= {sid for sid, paths in packs.EVERYDAY.items() if f"ot/{path.parent.name}/{path.name}" in paths}
    if not trouble:
        trouble = run(sensor, "-r", second, "--packs", "-o", alerts, "--set", f'watch.baseline="{normal}"')
    said = [(sid, text) for sid, text in alerts_in(alerts) if sid not in told] if not trouble else []
    for file in (first, second, normal, alerts):
        file.unlink(missing_ok=True)
    return path, trouble, said


def main():
    sensor, corpus = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    checks, sids = harness.Checks(), collections.Counter()
    paths = ordinary(corpus, only)
    with tempfile.TemporaryDirectory(prefix="quaywatch-halves-") as made, concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        jobs = [(sensor, path, pathlib.Path(made)) for path in paths]
        for path, trouble, said in pool.map(try_one, jobs):
            checks.check(trouble is None, f"{path}: {trouble}")
            checks.check(len(said) <= 1 or str(path.relative_to(corpus / "corpus/pcap/ot")) in JOINED, f"{path}: {len(said)} alerts on what should be normal: {said[:4]}")
            sids.update(sid for sid, _ in said)
            if "--show" in sys.argv and said:
                print(path.relative_to(corpus), *said, sep="\n    ")
    checks.check(bool(only) or len(paths) >= LEAST, f"only {len(paths)} captures are ordinary traffic: nothing was tried")
    print(f"{len(paths)} captures; alerts by signature: {dict(sids)}")
    checks.finish()


if __name__ == "__main__":
    main()
