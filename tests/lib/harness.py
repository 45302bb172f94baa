# SPDX-License-Identifier: Apache-2.0
"""What every system test needs: a folder of its own, processes that end with it, and waiting for facts.

A test that cannot run here calls skip() with what is missing; everything that is waited for has a bound.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def skip(missing):
    print(f"skipped: {missing}")
    sys.exit(77)


def need_tools(*names):
    for name in names:
        if not shutil.which(name):
            skip(f"{name} is missing")


def need_root():
    if os.geteuid() != 0:
        skip("root is missing")


def captures_of(corpus, only=""):
    """The corpus's captures whose path holds the text."""
    folders = [corpus / "corpus/pcap" / name for name in ("it", "ot")]
    if not all(folder.is_dir() for folder in folders):
        skip(f"the captures are missing (build option corpus: {corpus})")
    return sorted(path for folder in folders for path in folder.rglob("*")
                  if path.suffix in (".pcap", ".pcapng", ".cap") and only in str(path))


def wait_until(what, fact, seconds=20.0, step=0.01):
    """The first true value of fact(); AssertionError with `what` after the bound."""
    end = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:g} s still not: {what}")
        time.sleep(step)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def read_lines(path):
    """Whole JSON lines of a file that may be growing."""
    if not path.exists():
        return []
    data = path.read_bytes()
    return [json.loads(line) for line in data[:data.rfind(b"\n") + 1].splitlines()]


def children_of(pid):
    """pids of the direct children."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


class Tail:
    """Lines of a growing file, each once; a file that does not exist yet is empty."""

    def __init__(self, path):
        self.path, self.offset, self.rest, self.file = path, 0, b"", None

    def lines(self):
        if self.file is None:
            if not self.path.exists():
                return []
            self.file = open(self.path, "rb", buffering=0)
        data = self.file.read()
        if not data:
            return []
        whole, newline, rest = (self.rest + data).rpartition(b"\n")
        self.rest = rest
        return whole.split(b"\n") if newline else []


class Process:
    """A program in the background; its output goes into a log file beside its name."""

    def __init__(self, name, command, folder, **options):
        self.name, self.command = name, [str(word) for word in command]
        self.log = folder / f"{name}.log"
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **options)

    @property
    def pid(self):
        return self.popen.pid

    def ended(self):
        return self.popen.poll() is not None

    def text(self):
        return self.log.read_text(errors="replace")

    def stop(self, number=signal.SIGTERM, seconds=30.0):
        """Ends it; a program that does not end in time is killed and the test fails."""
        if not self.ended():
            self.popen.send_signal(number)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.name} did not end {seconds:g} s after signal {number}") from None


class Lab:
    """A temporary folder and all processes that were started in it."""

    def __init__(self, build):
        build = pathlib.Path(build).resolve()
        self.sensor_binary = build / "sensor/quaywatch-sensor"
        self.collector_binary = build / "collector/quaywatch-collector"
        self.ctl_binary = build / "collector/quaywatchctl"
        for binary in (self.sensor_binary, self.collector_binary, self.ctl_binary):
            if not binary.exists():
                skip(f"{binary.name} is missing in the build folder")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quaywatch-lab-"))
        self.processes = []

    def start(self, name, command, **options):
        process = Process(name, command, self.folder, **options)
        self.processes.append(process)
        return process

    def close(self, keep=False):
        for process in self.processes:
            if not process.ended():
                process.popen.kill()
                process.popen.wait()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def show_logs(self, lines=15):
        for process in self.processes:
            tail = process.text().splitlines()[-lines:]
            print(f"--- {process.name}", *tail, sep="\n")


@contextlib.contextmanager
def lab(build):
    """A Lab that ends what it started, and shows the logs when something went wrong."""
    room = Lab(build)
    try:
        yield room
    except BaseException as error:
        if not isinstance(error, SystemExit):
            room.show_logs()
        raise
    finally:
        room.close()


class Checks:
    """Counts what was checked; one line for each failure, one sum at the end."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}", flush=True)
        return bool(good)

    def finish(self):
        print(f"{self.passed} checks passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)
