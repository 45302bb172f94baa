# SPDX-License-Identifier: Apache-2.0
"""Two Modbus stacks that the field uses, libmodbus and pymodbus, talk behind a mirror port: writes and a scan are alerted at once.

    client                  server                    sensor
    c0 10.9.0.1 ─────────── s0 10.9.0.2 (pymodbus)
                            │  10.9.0.3 (libmodbus)
                            │  10.9.1.0/24 (refuses)
                            │ tc mirred, both directions
                            m0 ────────────────────── m1  ◄─ quaywatch-sensor -i m1 --packs
"""
import contextlib
import ctypes
import os
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import SKIPPED, Missing, Sensor, accounts_exact, check, equal, main, wait_for  # noqa: E402

SYSTEM_PYTHON = "/usr/bin/python3"  # has Debian's packages, whatever the first in PATH is
WITHIN_S = 0.1
ROUNDS = 20
LATE_MOST = 1  # of them: a machine that tests share may stop us for once
SCANNED = 200
# of rules/packs/worm.rules: connections to controllers by the dozen
SCAN = (3, 120502)
RULES = """alert modbus any any -> any any (msg:"write"; modbus: access write; sid:1; rev:1;)
alert modbus any any -> any any (msg:"read"; modbus: function 3; threshold: type limit, track by_both, count 1, seconds 60; sid:2; rev:1;)
"""

PYMODBUS_SERVER = """
from pymodbus.server import StartTcpServer
from pymodbus.datastore import ModbusSequentialDataBlock as Block, ModbusServerContext, ModbusSlaveContext
slave = ModbusSlaveContext(**{name: Block(0, [0] * 200) for name in ("di", "co", "hr", "ir")})
StartTcpServer(context=ModbusServerContext(slaves=slave, single=True), address=("10.9.0.2", 502))
"""

LIBMODBUS_SERVER = """
import ctypes
lib = ctypes.CDLL("libmodbus.so.5")
for name in ("modbus_new_tcp", "modbus_mapping_new"):
    getattr(lib, name).restype = ctypes.c_void_p
context = ctypes.c_void_p(lib.modbus_new_tcp(b"10.9.0.3", 502))
mapping = ctypes.c_void_p(lib.modbus_mapping_new(200, 200, 200, 200))
listening = ctypes.c_int(lib.modbus_tcp_listen(context, 1))
query = ctypes.create_string_buffer(260)
while lib.modbus_tcp_accept(context, ctypes.byref(listening)) >= 0:
    while (got := lib.modbus_receive(context, query)) >= 0:
        lib.modbus_reply(context, query, got, mapping)
"""


class PyClient:
    host = "10.9.0.2"

    def __init__(self):
        from pymodbus.client import ModbusTcpClient
        self.client = ModbusTcpClient(self.host, port=502)
        check(self.client.connect(), "pymodbus does not connect")

    def read(self, address):
        check(not self.client.read_holding_registers(address, 4).isError(), "pymodbus reads")

    def write(self, address, value):
        check(not self.client.write_register(address, value).isError(), "pymodbus writes")

    def write_many(self, address, values):
        check(not self.client.write_registers(address, values).isError(), "pymodbus writes several")


class LibClient:
    host = "10.9.0.3"

    def __init__(self):
        self.lib = ctypes.CDLL("libmodbus.so.5")
        self.lib.modbus_new_tcp.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.lib.modbus_new_tcp(self.host.encode(), 502))
        equal(self.lib.modbus_connect(self.context), 0, "libmodbus connects")

    def read(self, address):
        equal(self.lib.modbus_read_registers(self.context, address, 4, (ctypes.c_uint16 * 4)()), 4, "registers that libmodbus reads")

    def write(self, address, value):
        equal(self.lib.modbus_write_register(self.context, address, value), 1, "registers that libmodbus writes")

    def write_many(self, address, values):
        equal(self.lib.modbus_write_registers(self.context, address, len(values), (ctypes.c_uint16 * len(values))(*values)),
              len(values), "registers that libmodbus writes")


def need_peers():
    try:
        import pymodbus  # noqa: F401
    except ImportError as error:
        if sys.executable != SYSTEM_PYTHON and os.path.exists(SYSTEM_PYTHON):
            os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
        raise Missing("python3-pymodbus is missing") from error
    try:
        ctypes.CDLL("libmodbus.so.5")
    except OSError as error:
        raise Missing("libmodbus5 is missing") from error


def answers(stage, host):
    with stage.inside("client"), socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, 502)) == 0


def serve(stage):
    for number, (code, host) in enumerate(((PYMODBUS_SERVER, PyClient.host), (LIBMODBUS_SERVER, LibClient.host))):
        stage.start("server", [sys.executable, "-c", code])
        wait_for(f"server {number} answers", lambda host=host: answers(stage, host), 15, 0.05)


def writes(sensor, host):
    return [event for event in sensor.alerts(1) if event["dest_ip"] == host]


def alerted(what, began, fact):
    wait_for(what, fact, 5, 0.0005)
    return time.monotonic() - began


def write_and_wait(sensor, client):
    """Seconds from before each write until its alert can be read."""
    took = []
    for number in range(ROUNDS):
        client.read(10)
        began = time.monotonic()
        client.write(20 + number, number) if number % 2 else client.write_many(20 + number, [number, 7])
        took.append(alerted(f"alert {number} of {client.host}", began, lambda n=number: len(writes(sensor, client.host)) == n + 1))
    return took


def of_scan(sensor):
    return [event for event in sensor.events() if (event["alert"]["gid"], event["alert"]["signature_id"]) == SCAN]


def scan(stage, sensor):
    """Each host is asked once, and refuses."""
    equal(of_scan(sensor), [], "alerts before the scan")
    with stage.inside("client"):
        for host in range(1, SCANNED + 1):
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.settimeout(0.5)
                probe.connect((f"10.9.1.{host}", 502))
    return alerted("alert of the scan", time.monotonic(), lambda: of_scan(sensor))


def set_up(stage):
    for name in ("client", "server", "sensor"):
        stage.namespace(name)
    stage.cable("client", "c0", "server", "s0")
    stage.cable("server", "m0", "sensor", "m1")
    stage.address("client", "c0", "10.9.0.1/24")
    stage.address("server", "s0", f"{PyClient.host}/24")
    stage.address("server", "s0", f"{LibClient.host}/24")
    stage.ip("server", "route", "add", "local", "10.9.1.0/24", "dev", "lo")
    stage.ip("client", "route", "add", "10.9.1.0/24", "via", PyClient.host)
    serve(stage)
    stage.mirror("server", "s0", "m0")


def test(stage):
    set_up(stage)
    sensor = Sensor(stage, "sensor", ["m1"], {"test.rules": RULES}, "--packs", "--set", "alerts.fold=0")
    sensor.listening()
    for kind in (PyClient, LibClient):
        with stage.inside("client"):
            client = kind()
        took = write_and_wait(sensor, client)
        late = [f"{seconds * 1000:.0f} ms" for seconds in took if seconds > WITHIN_S]
        print(f"{kind.__name__}: slowest alert of {ROUNDS} writes after {max(took) * 1000:.0f} ms")
        check(len(late) <= LATE_MOST, f"{kind.__name__}: alerts came only after {', '.join(late)}")
    seconds = scan(stage, sensor)
    print(f"scan of {SCANNED} hosts alerted {seconds * 1000:.0f} ms after its last packet")
    check(seconds <= WITHIN_S, f"the scan was alerted only after {seconds * 1000:.0f} ms")
    equal(len(of_scan(sensor)), 1, "alerts of one scan")
    accounts_exact(sensor.stop())


try:
    need_peers()
except Missing as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)
main(test)
