# SPDX-License-Identifier: Apache-2.0
"""A controller looks for a device, gives it another name, connects and exchanges data; an alarm; then it stops."""
import struct

ALL = mac_bytes("01:0e:cf:00:00:00")
CONTROLLER, DEVICE = mac_bytes("02:00:00:00:00:10"), mac_bytes("02:00:00:00:00:20")
OBJECT = bytes.fromhex("dea000006c9711d18271000101 0d002a".replace(" ", ""))
INTERFACE = bytes.fromhex("dea000016c9711d1827100a02442df7d")
RELATION = bytes(range(0x10, 0x20))


def dcp(frame_id, service, kind, xid, *blocks):
    data = b"".join(struct.pack(">BBH", option, sub, len(body)) + body + b"\0" * (len(body) % 2) for option, sub, body in blocks)
    return (struct.pack(">HBBIHH", frame_id, service, kind, xid, 0, len(data)) + data).ljust(46, b"\0")


def link(source, destination, payload):
    capture.add(destination + source + b"\x88\x92" + payload)


def block(kind, body):
    return struct.pack(">HHH", kind, 2 + len(body), 0x0100) + body


def call(kind, operation, first, blocks):
    body = struct.pack(">IIIII", first, len(blocks), 512, 0, len(blocks)) + blocks
    head = struct.pack(">BBBB4x", 4, kind, 0x20, 0) + OBJECT + INTERFACE + bytes(16)
    return head + struct.pack(">IIIHHHHHBB", 0, 1, 7, operation, 0xFFFF, 0xFFFF, len(body), 0, 0, 0) + body


link(CONTROLLER, ALL, dcp(0xFEFE, 5, 0, 1, (2, 2, b"crane1")))
link(DEVICE, CONTROLLER, dcp(0xFEFF, 5, 1, 1, (2, 2, b"\0\0crane1"), (2, 1, b"\0\0ET200"), (2, 3, b"\0\0\0\x2a\1\x0d"),
                             (2, 4, b"\0\0\1\0"), (1, 2, b"\0\1\x0a\0\0\x20\xff\xff\xff\0\x0a\0\0\1")))
link(CONTROLLER, DEVICE, dcp(0xFEFD, 4, 0, 2, (2, 2, b"\0\1crane2")))
link(DEVICE, CONTROLLER, dcp(0xFEFD, 4, 1, 2, (5, 4, b"\2\2\0")))
link(CONTROLLER, DEVICE, dcp(0xFEFD, 3, 0, 3)[:6])

connect = block(0x0101, struct.pack(">H", 1) + RELATION + b"\0\1" + CONTROLLER + OBJECT + b"\0\0\0\x11\0\x64\x88\x92\0\3plc")
connected = block(0x8101, struct.pack(">H", 1) + RELATION + b"\0\1" + DEVICE + b"\x88\x92")
ready = block(0x0110, b"\0\0" + RELATION + b"\0\1\0\0\0\1\0\0")
capture.add_ip(udp("10.0.0.16", 49152, "10.0.0.32", 34964, call(0, 0, 512, connect)))
capture.add_ip(udp("10.0.0.32", 49153, "10.0.0.16", 49152, call(2, 0, 0, connected)))
capture.add_ip(udp("10.0.0.16", 49152, "10.0.0.32", 34964, call(0, 4, 512, ready)))
capture.add_ip(udp("10.0.0.32", 49153, "10.0.0.16", 49152, call(2, 4, 0xDB810104, b"")))

for cycle in range(20):
    link(DEVICE, CONTROLLER, b"\x80\1" + bytes(40) + struct.pack(">HBB", 32 * cycle, 0x35, 0))
alarm = struct.pack(">HIHHII", 3, 0, 2, 1, 0, 0)
link(DEVICE, CONTROLLER, struct.pack(">HHHBBHHH", 0xFC01, 1, 2, 0x11, 1, 5, 4, 6 + len(alarm)) + block(1, alarm))
capture.at(10)
link(CONTROLLER, ALL, dcp(0xFEFE, 5, 0, 4, (255, 255, b"")))
