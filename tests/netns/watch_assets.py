# SPDX-License-Identifier: Apache-2.0
"""A running sensor names the hosts of an alert, lists them when asked, and knows them after a restart.

    load                  sensor
    l0 ────────────────── m1  ◄─ quaywatch-sensor -i m1
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import RULE, Sensor, Wire, check, equal, main, udp_frame, wait_for  # noqa: E402

SERVER, CLIENT = "10.9.0.53", "10.9.1.1"
INVENTORY = f"address,name,role,area,criticality\n{SERVER},gate names,name server,gate 3,high\n"
RULES = RULE.format(proto="udp", port=53, word="needle", sid=1)


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def answer(name):
    return question(name)[:2] + b"\x81\x80" + question(name)[4:]


def ask(socket, *words):
    command = [os.environ["QW_CTL"], "--json", "--socket", str(socket), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout + done.stderr


def hosts(socket):
    status, text = ask(socket, "assets")
    return {row["host"]: row for row in map(json.loads, text.splitlines())} if status == 0 else {}


def sensor_of(stage, inventory, state):
    sensor = Sensor(stage, "sensor", ["m1"], {"test.rules": RULES}, "-w", "1", "--set", "alerts.fold=0",
                    "--set", "flow.timeout_udp=1",
                    "--set", f'watch.inventory="{inventory}"', "--set", f'state.folder="{state}"')
    sensor.working(1)
    return sensor


def words(sensor, wire):
    wire.send(udp_frame(CLIENT, SERVER, 40000, 53, question("needle.one")))
    wire.send(udp_frame(SERVER, CLIENT, 53, 40000, answer("needle.one")))
    wait_for("the alert", lambda: sensor.alerts(1))
    ours = sensor.alerts(1)[0]["quaywatch"]
    equal(ours["asset"]["dest"], {"name": "gate names", "role": "name server", "area": "gate 3", "criticality": "high"}, "the server")
    check(ours["text"].startswith(f"gate names ({SERVER}): ") and ours["text"].endswith(", first time"), ours["text"])


def listed(socket):
    wait_for("both hosts are listed", lambda: {CLIENT, SERVER} <= set(hosts(socket)))
    equal(hosts(socket)[SERVER]["called"]["name"], "gate names", "what the server is called")
    wait_for("what it serves", lambda: hosts(socket)[SERVER].get("protocols_served") == ["dns"])
    status, text = ask(socket, "assets", SERVER)
    equal(status, 0, text)
    check(any(json.loads(line).get("client") == CLIENT for line in text.splitlines()), f"no talk in {text}")
    equal(ask(socket, "assets", "10.9.9.9")[0], 66, "status for a host that is not there")
    equal(ask(socket, "assets", "nobody")[0], 64, "status for what is no address")
    equal(ask(socket, "nonsense")[0], 64, "status for what is no command")


def test(stage):
    stage.namespace("load"), stage.namespace("sensor")
    stage.cable("load", "l0", "sensor", "m1")
    with tempfile.TemporaryDirectory(prefix="netns-") as folder:
        path = pathlib.Path(folder)
        path.chmod(0o777)
        (path / "hosts.csv").write_text(INVENTORY)
        (path / "hosts.csv").chmod(0o644)
        socket = path / "state" / "control.sock"
        sensor = sensor_of(stage, path / "hosts.csv", path / "state")
        words(sensor, Wire(stage, "load", "l0"))
        listed(socket)
        sensor.stop()
        check(not socket.exists(), "the socket stays behind")
        sensor = sensor_of(stage, path / "hosts.csv", path / "state")
        wait_for("both hosts are known again", lambda: {CLIENT, SERVER} <= set(hosts(socket)))
        sensor.stop()


main(test)
