# SPDX-License-Identifier: Apache-2.0
"""A breaker's state told to all, in a VLAN; a station that speaks in its place; silence; an address that changes hands."""
import struct

GROUP = mac_bytes("01:0c:cd:01:00:01")
RELAY, INTRUDER = mac_bytes("02:00:00:00:00:21"), mac_bytes("02:00:00:00:00:66")


def element(tag, body):
    return bytes([tag, len(body)]) + body


def goose(state, sequence, closed):
    data = element(0x83, b"\1" if closed else b"\0") + element(0x84, b"\6\x80") + element(0x84, b"\6\x40")
    body = (element(0x80, b"QC1/LLN0$GO$trip") + element(0x81, struct.pack(">H", 2000)) + element(0x82, b"QC1/LLN0$Breaker")
            + element(0x83, b"QC1_trip") + element(0x84, struct.pack(">II", 1700000000, 0x8000000A))
            + element(0x85, bytes([state])) + element(0x86, bytes([sequence])) + element(0x87, b"\0") + element(0x88, b"\1")
            + element(0x89, b"\0") + element(0x8A, b"\3") + element(0xAB, data))
    pdu = b"\x61" + (bytes([0x81, len(body)]) if len(body) > 127 else bytes([len(body)])) + body
    return struct.pack(">HHHH", 0x3001, 8 + len(pdu), 0, 0) + pdu


def arp(operation, mac, address, target):
    return struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + mac + address + bytes(6) + target


def frame(source, state, sequence, closed):
    capture.add(GROUP + source + struct.pack(">HHH", 0x8100, 0x8007, 0x88B8) + goose(state, sequence, closed))


frame(RELAY, 4, 10, True)
frame(RELAY, 4, 11, True)
frame(RELAY, 4, 14, True)
frame(INTRUDER, 5, 0, False)
capture.add(b"\xff" * 6 + RELAY + b"\x08\x06" + arp(1, RELAY, b"\x0a\0\0\x15", b"\x0a\0\0\1"))
capture.add(b"\xff" * 6 + INTRUDER + b"\x08\x06" + arp(1, INTRUDER, b"\x0a\0\0\x15", b"\x0a\0\0\1"))
capture.at(3)
frame(RELAY, 4, 15, True)
