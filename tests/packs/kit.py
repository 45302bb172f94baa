# SPDX-License-Identifier: Apache-2.0
"""Talks in one line each: what a row of plc.py, worm.py and terminal.py is made of.

A talk is a function of a capture and two addresses; a row is (sid, the talk
that must fire it, the talk that must not), and maybe the sids that the first
one fires besides.
"""
import itertools
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import traffic

PORTS = itertools.count(20000)


def port():
    return 20000 + next(PORTS) % 40000


def tcp(server_port, *parts):
    """Bytes are the client's; what stands in a list is the server's."""
    def talk(capture, client, server):
        made = traffic.Talk(capture, client, port(), server, server_port).open()
        for part in parts:
            made.say(isinstance(part, list), part[0] if isinstance(part, list) else part)
        made.close()
    return talk


def udp(server_port, *parts, client_port=None):
    def talk(capture, client, server):
        own = client_port or port()
        for part in parts:
            if isinstance(part, list):
                capture.add_ip(traffic.udp(server, server_port, client, own, part[0]))
            else:
                capture.add_ip(traffic.udp(client, own, server, server_port, part))
    return talk


def times(count, talk):
    def talks(capture, client, server):
        for _ in range(count):
            talk(capture, client, server)
    return talks


def each(*talks):
    def talk_all(capture, client, server):
        for talk in talks:
            talk(capture, client, server)
    return talk_all


def knocks(count, server_port):
    """Connections that nobody answers."""
    def talk(capture, client, server):
        for _ in range(count):
            capture.add_ip(traffic.tcp(client, port(), server, server_port, 1000, 0, traffic.SYN))
    return talk


def refusals(count):
    def talk(capture, client, server):
        for number in range(count):
            own = port()
            capture.add_ip(traffic.tcp(client, own, server, 1000 + number, 1000, 0, traffic.SYN))
            capture.add_ip(traffic.tcp(server, 1000 + number, client, own, 0, 1001, traffic.RST | traffic.ACK))
    return talk


def resets(count):
    """Connections that the server ends its hard way, after they were open."""
    def talk(capture, client, server):
        for _ in range(count):
            made = traffic.Talk(capture, client, port(), server, 80).open()
            made.segment(1, traffic.RST | traffic.ACK)
    return talk


def sized(width, data):
    return len(data).to_bytes(width, "big") + data


def le(width, data):
    return len(data).to_bytes(width, "little") + data


# ---- what controllers speak

COTP_CONNECT = bytes.fromhex("0300001611e00000000100c0010ac1020100c2020102")
COTP_CONFIRM = bytes.fromhex("0300001611d00001000200c0010ac1020100c2020102")


def cotp(data):
    return struct.pack(">BBH", 3, 0, 7 + len(data)) + b"\x02\xf0\x80" + data


def s7_pdu(kind, parameter, data=b"", number=1):
    error = b"\0\0" if kind in (2, 3) else b""
    return cotp(struct.pack(">BBHHHH", 0x32, kind, 0, number, len(parameter), len(data)) + error + parameter + data)


def s7(*parameters, server=()):
    pdus = [s7_pdu(1, parameter) for parameter in parameters]
    return tcp(102, COTP_CONNECT, [COTP_CONFIRM], s7_pdu(1, b"\xf0\0\0\x01\0\x01\x01\xe0"),
               [s7_pdu(3, b"\xf0\0\0\x01\0\x01\0\xf0")], *pdus, *([pdu] for pdu in server))


def s7_user(group, function, data=b"\x0a\0\0\0", server=False):
    head = b"\0\x01\x12\x04\x11" + bytes([(0 if server else 0x40) | group, function, 0])
    pdu = s7_pdu(7, head, data)
    return tcp(102, COTP_CONNECT, [COTP_CONFIRM], [pdu] if server else pdu)


def s7_service(name, parameter=b""):
    """A program invocation: its parameters, then its name."""
    return b"\x28\0\0\0\0\0\0\xfd" + sized(2, parameter) + sized(1, name)


def s7_download(kind):
    return b"\x1a\0\0\0\0\0\0\0" + sized(1, b"_0" + kind + b"00005P") + b"\x0d1000092000054"


def s7_plus(function, body, opcode=0x31):
    inner = struct.pack(">BHHHHI", opcode, 0, function, 0, 2, 0x120) + body
    pdu = cotp(struct.pack(">BBH", 0x72, 1, len(inner)) + inner + b"\x72\x01\0\0")
    return tcp(102, COTP_CONNECT, [COTP_CONFIRM], pdu)


def modbus_pdu(function, data=b"", number=1):
    return struct.pack(">HHHBB", number, 0, 2 + len(data), 1, function) + data


def modbus(function, data=b"", answer=None):
    parts = [modbus_pdu(function, data)]
    if answer is not None:
        parts.append([modbus_pdu(function | 0x80, bytes([answer]))])
    return tcp(502, *parts)


def modbus_refused(count, code):
    """One connection, `count` requests for a register, each refused with the exception."""
    parts = []
    for number in range(count):
        parts += [modbus_pdu(3, b"\0\1\0\1", number), [modbus_pdu(0x83, bytes([code]), number)]]
    return tcp(502, *parts)


def enip(command, data=b""):
    return struct.pack("<HHII8sI", command, len(data), 1, 0, b"quay", 0) + data


def cip_request(service, cls, instance=1, data=b""):
    return bytes([service, 2, 0x20, cls, 0x24, instance]) + data


def cip(*args, **named):
    """A service sent unconnected, in a session that is registered."""
    request = cip_request(*args, **named)
    body = struct.pack("<IHHHHHH", 0, 5, 2, 0, 0, 0xB2, len(request)) + request
    register = enip(0x65, b"\1\0\0\0")
    return tcp(44818, register, [register], enip(0x6F, body))


def pccc(function, data=b""):
    return cip(0x4B, 0x67, data=b"\x07\x01\0\x01\0\0\0" + b"\x0f\0\x01\0" + bytes([function]) + data)


def dnp3_crc(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA6BC if crc & 1 else 0)
    return struct.pack("<H", ~crc & 0xFFFF)


def dnp3(function, objects=b"", answers=False):
    application = b"\xc0\xc1"[:1] + bytes([function]) + (b"\0\0" if answers else b"") + objects
    data = b"\xc0" + application
    head = b"\x05\x64" + struct.pack("<BBHH", 5 + len(data), 0x44 if answers else 0xC4, 10, 1)
    frame = head + dnp3_crc(head)
    for at in range(0, len(data), 16):
        frame += data[at:at + 16] + dnp3_crc(data[at:at + 16])
    return tcp(20000, [frame] if answers else frame)


def iec104_asdu(kind, cause, body=b"\0\0\0\0", number=0):
    asdu = struct.pack("<BBBBH", kind, 1, cause, 0, 1) + body
    return b"\x68" + bytes([4 + len(asdu)]) + struct.pack("<HH", number << 1, 0) + asdu


def iec104(*frames):
    return tcp(2404, b"\x68\x04\x07\0\0\0", [b"\x68\x04\x0b\0\0\0"], *frames)


def opcua(kind, body):
    return kind + b"F" + struct.pack("<I", 8 + len(body)) + body


def opcua_string(text):
    return struct.pack("<i", len(text)) + text if text is not None else b"\xff" * 4


OPCUA_HELLO = opcua(b"HEL", struct.pack("<IIIII", 0, 65535, 65535, 0, 0) + opcua_string(b"opc.tcp://10.0.0.1:4840"))
OPCUA_ACKNOWLEDGE = opcua(b"ACK", struct.pack("<IIIII", 0, 65535, 65535, 0, 0))
OPCUA_NONE = b"http://opcfoundation.org/UA/SecurityPolicy#None"


def opcua_open():
    body = struct.pack("<I", 0) + opcua_string(OPCUA_NONE) + opcua_string(None) * 2 + struct.pack("<II", 1, 1)
    head = b"\0\0" + bytes(8) + struct.pack("<II", 1, 0) + opcua_string(None) + struct.pack("<I", 0) + b"\0\0\0"
    return opcua(b"OPN", body + b"\1\0" + struct.pack("<H", 446) + head + struct.pack("<IIIi", 0, 0, 1, -1) +
                 struct.pack("<I", 3600000))


def opcua_message(service, body, number=2):
    return opcua(b"MSG", struct.pack("<IIII", 1, 1, number, number) + b"\1\0" + struct.pack("<H", service) + body)


def opcua_activate(token):
    head = b"\0\0" + bytes(8) + struct.pack("<II", 2, 0) + opcua_string(None) + struct.pack("<I", 0) + b"\0\0\0"
    signature = opcua_string(None) * 2
    return opcua_message(467, head + signature + struct.pack("<ii", 0, 0) + token + signature)


def opcua_token(kind, body):
    return b"\1\0" + struct.pack("<H", kind) + b"\1" + struct.pack("<i", len(body)) + body


def opcua_fault(status):
    return opcua_message(397, bytes(8) + struct.pack("<II", 2, status) + b"\0" + struct.pack("<i", 0) + b"\0\0\0")


def opcua_talk(*parts):
    return tcp(4840, OPCUA_HELLO, [OPCUA_ACKNOWLEDGE], opcua_open(), *parts)


def bacnet(service, body=b"", function=10):
    npdu = b"\x01\x04" + b"\0\x05\x01" + bytes([service]) + body
    return udp(47808, struct.pack(">BBH", 0x81, function, 4 + len(npdu)) + npdu)


def bacnet_refused(code):
    request = b"\x01\x04\0\x05\x01\x14\x09\0"
    answer = b"\x01\0\x50\x01\x14\x91\x04\x91" + bytes([code])
    frame = lambda npdu: struct.pack(">BBH", 0x81, 10, 4 + len(npdu)) + npdu
    return udp(47808, frame(request), [frame(answer)])


def fins(command, body=b""):
    frame = b"\x80\0\2\0\x0a\0\0\x01\0\x07" + struct.pack(">H", command) + body
    return tcp(9600, b"FINS" + struct.pack(">III", 8 + len(frame), 2, 0) + frame)


def hart(command, data=b""):
    frame = b"\x82\x26\x4e\0\0\xd2" + bytes([command]) + sized(1, data)
    check = 0
    for byte in frame:
        check ^= byte
    message = lambda kind, number, body: struct.pack(">BBBBHH", 1, 0, kind, 0, number, 8 + len(body)) + body
    answer = struct.pack(">BBBBHH", 1, 1, 0, 0, 1, 13) + b"\1\0\0\x75\x30"
    return udp(5094, message(0, 1, b"\1\0\0\x75\x30"), [answer], message(3, 2, frame + bytes([check])))


def slmp(command, body=b""):
    request = struct.pack("<HHH", 16, command, 0) + body
    return tcp(5007, b"\x50\0\0\xff\xff\x03\0" + struct.pack("<H", len(request)) + request)


def ads(command, body):
    head = bytes([10, 0, 0, 9, 1, 1]) + struct.pack("<H", 10000) + bytes([10, 0, 0, 1, 1, 1]) + struct.pack("<H", 32896)
    head += struct.pack("<HHIII", command, 4, len(body), 0, 7)
    return tcp(48898, struct.pack("<HI", 0, len(head) + len(body)) + head + body)


def ads_write(group):
    return ads(3, struct.pack("<III", group, 0, 1) + b"\1")


def ber(tag, *parts):
    body = b"".join(parts)
    head = [tag] if tag < 0x100 else [tag >> 8, tag & 0xFF]
    return bytes(head) + sized(1, body)


def mms(tag, body=b"\x80\x01C"):
    pdu = ber(0xA0, ber(2, b"\x08"), ber(tag, body))
    data = cotp(b"\1\0\1\0" + ber(0x61, ber(0x30, ber(2, b"\3"), ber(0xA0, pdu))))
    session = cotp(ber(0xA8, ber(0x80, b"\x7d\0"), ber(0x81, b"\x05"), ber(0x82, b"\x05")))
    connect = b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\0\x01\xc2\x02\0\x01"
    return tcp(102, connect, session, data)


def llrp(kind, body=b""):
    return tcp(5084, struct.pack(">HII", 1 << 10 | kind, 10 + len(body), 9) + body)
