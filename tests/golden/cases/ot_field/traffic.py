# SPDX-License-Identifier: Apache-2.0
"""A tag, a stop and a configuration: HART-IP in datagrams, FINS and C37.118 in small segments."""
import struct


def hart(kind, message, number, body):
    return struct.pack(">BBBBHH", 1, kind, message, 0, number, 8 + len(body)) + body


def fins(frame):
    return b"FINS" + struct.pack(">III", 8 + len(frame), 2, 0) + frame


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return value


def phasor(type, body):
    frame = struct.pack(">BBHHII", 0xAA, type << 4 | 1, 16 + len(body), 241, 0x48993344, 1) + body
    return frame + struct.pack(">H", crc(frame))


def station(name):
    return name.ljust(16) + struct.pack(">HHHHH", 241, 6, 1, 0, 0) + b"V1".ljust(16) + bytes(8)


device = b"\x26\x4e\0\0\xd2"
capture.add_ip(udp("10.0.0.1", 40000, "10.0.0.9", 5094, hart(0, 0, 1, b"\1\0\0\x75\x30")))
capture.add_ip(udp("10.0.0.9", 5094, "10.0.0.1", 40000, hart(1, 0, 1, b"\1\0\0\x75\x30")))
capture.add_ip(udp("10.0.0.1", 40000, "10.0.0.9", 5094,
                   hart(0, 3, 2, b"\x82" + device + b"\x16\x20" + b"PUMP".ljust(32, b"\0") + b"\0")))
capture.add_ip(udp("10.0.0.9", 5094, "10.0.0.1", 40000, hart(1, 3, 2, b"\x86" + device + b"\x16\x02\x07\x10\0")))

talk = Talk(capture, "10.0.0.1", 40001, "10.0.0.9", 9600).open()
talk.client(fins(b"\x80\0\2\0\x0a\0\0\1\0\7\4\2\xff\xff"), 5)
talk.server(fins(b"\xc0\0\2\0\1\0\0\x0a\0\7\4\2\x30\1"), 7).close()

talk = Talk(capture, "10.0.0.1", 40002, "10.0.0.9", 4712).open()
talk.client(phasor(4, b"\0\5"), 5)
talk.server(phasor(3, struct.pack(">IH", 1000000, 2) + station(b"Crane 1") + station(b"Crane 2") + b"\0\x32"), 60)
talk.client(phasor(4, b"\0\1")).close()
