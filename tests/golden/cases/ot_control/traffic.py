# SPDX-License-Identifier: Apache-2.0
"""A command, a write and a reset: IEC 104 and OPC UA in small segments, BACnet/IP in datagrams."""
import struct


def iec104(number, type, cause, body):
    return struct.pack("<BBHHBBBBH", 0x68, 10 + len(body), number << 1, 0, type, 1, cause, 3, 10) + body


def text(value):
    return struct.pack("<i", -1) if value is None else struct.pack("<I", len(value)) + value


def chunk(kind, body):
    return kind + struct.pack("<I", 8 + len(body)) + body


def opened(policy, body):
    return chunk(b"OPNF", bytes(4) + text(policy) + text(None) + text(None) + struct.pack("<II", 1, 1) + body)


def message(number, body, flag=b"F"):
    return chunk(b"MSG" + flag, struct.pack("<IIII", 7, 1, number, number) + body)


def request(type, handle):
    return struct.pack("<BBHH8xII", 1, 0, type, 0, handle, 0) + text(None) + bytes(7)


def response(type, handle, status):
    return struct.pack("<BBH8xII", 1, 0, type, handle, status) + bytes(8)


def bacnet(apdu):
    return struct.pack(">BBHBB", 0x81, 10, 6 + len(apdu), 1, 4) + apdu


talk = Talk(capture, "10.0.0.1", 40000, "10.0.0.9", 2404).open()
talk.client(b"\x68\x04\x07\0\0\0").server(b"\x68\x04\x0b\0\0\0")
talk.client(iec104(0, 45, 6, b"\x71\x17\0\x85"), 5)
talk.server(iec104(0, 45, 7, b"\x71\x17\0\x85") + iec104(3, 13, 3, b"\x88\x13\0\0\0\xac\x41\0"), 7).close()

talk = Talk(capture, "10.0.0.1", 40001, "10.0.0.9", 4840).open()
talk.client(chunk(b"HELF", bytes(20) + text(b"opc.tcp://crane:4840")) +
            opened(b"http://opcfoundation.org/UA/SecurityPolicy#None", request(446, 1) + bytes(8) + b"\1\0\0\0" + text(None) + bytes(4)), 11)
talk.server(chunk(b"ACKF", bytes(20)))
write = request(673, 2) + b"\1\0\0\0\3\2\0" + text(b"Hoist") + b"\x0d\0\0\0" + text(None) + b"\1\6\5\0\0\0"
talk.client(message(3, write[:30], b"C") + message(3, write[30:]), 13)
talk.server(message(3, response(397, 2, 0x801F0000))).close()

capture.add_ip(udp("10.0.0.1", 47808, "10.0.0.9", 47808,
                   bacnet(b"\0\x05\x01\x0f\x0c\x00\x80\0\x07\x19\x55\x3e\x44\x41\xac\0\0\x3f\x49\x08")))
capture.add_ip(udp("10.0.0.9", 47808, "10.0.0.1", 47808, bacnet(b"\x20\x01\x0f")))
capture.add_ip(udp("10.0.0.1", 47808, "10.0.0.9", 47808, bacnet(b"\0\x05\x02\x14\x09\0\x1d\x05\0abcd")))
capture.add_ip(udp("10.0.0.9", 47808, "10.0.0.1", 47808, bacnet(b"\x50\x02\x14\x91\x04\x91\x1a")))
