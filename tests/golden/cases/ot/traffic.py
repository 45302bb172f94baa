# SPDX-License-Identifier: Apache-2.0
"""One conversation of each protocol, cut into small segments; and an answer over UDP that nobody asked for."""
import struct


def modbus(number, unit, pdu):
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu


def dnp3_checked(data):
    total = 0
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ 0xA6BC if total & 1 else total >> 1
    return data + struct.pack("<H", ~total & 0xFFFF)


def dnp3(control, destination, source, user):
    out = dnp3_checked(b"\x05\x64" + bytes([5 + len(user), control]) + struct.pack("<HH", destination, source))
    return out + b"".join(dnp3_checked(user[at:at + 16]) for at in range(0, len(user), 16))


def enip(command, body, status=0):
    return struct.pack("<HHII8sI", command, len(body), 0x1234, status, b"context1", 0) + body


def unconnected(service):
    return struct.pack("<IHHHHHH", 0, 0, 2, 0, 0, 0xB2, len(service)) + service


talk = Talk(capture, "10.0.0.1", 40000, "10.0.0.9", 502).open()
talk.client(modbus(1, 10, struct.pack(">BHHBHH", 16, 149, 2, 4, 7, 8)) + modbus(2, 10, b"\x03\x00\x00\x00\x01"), 5)
talk.server(modbus(1, 10, struct.pack(">BHH", 16, 149, 2)) + modbus(2, 10, b"\x83\x02") + modbus(9, 10, b"\x83\x02"), 7).close()

talk = Talk(capture, "10.0.0.1", 40001, "10.0.0.9", 20000).open()
talk.client(dnp3(0xC4, 4, 3, b"\xc0\xc1\x0d"), 3)
talk.server(dnp3(0x44, 3, 4, b"\x40\xc1\x81\x80\x00") + dnp3(0x44, 3, 4, b"\x81\x01\x02\x00\x00\x00\x81"), 9).close()

talk = Talk(capture, "10.0.0.1", 40002, "10.0.0.9", 44818).open()
talk.client(enip(0x65, b"\1\0\0\0")).server(enip(0x65, b"\1\0\0\0"))
talk.client(enip(0x6F, unconnected(b"\x0e\x03\x20\x01\x24\x01\x30\x07")), 11)
talk.server(enip(0x6F, unconnected(b"\x8e\x00\x14\x00")), 13).close()

capture.add_ip(udp("10.0.0.9", 20000, "10.0.0.1", 20000, dnp3(0x44, 3, 4, b"\xc0\xf2\x82\x00\x00\x02\x03\x17\x01\x05\x81\x10\x00")))
