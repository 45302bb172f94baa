# SPDX-License-Identifier: Apache-2.0
"""Captures taken apart by packets: pcap and pcapng, in any byte order, as they stand in files."""
import struct

PCAP = {b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">", b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<"}
SECTION, OBSOLETE, SIMPLE, ENHANCED = 0x0A0D0D0A, 2, 3, 6
SECTION_ORDER = 0x1A2B3C4D


def _pcap(data, order):
    at, parts = 24, []
    while at + 16 <= len(data):
        end = at + 16 + struct.unpack_from(order + "I", data, at + 8)[0]
        parts.append((True, data[at:end]))
        at = end
    return [(False, data[:24])] + parts


def _pcapng(data):
    at, parts, order = 0, [], "<"
    while at + 12 <= len(data):
        kind = struct.unpack_from("<I", data, at)[0]
        if kind == SECTION:
            order = "<" if struct.unpack_from("<I", data, at + 8)[0] == SECTION_ORDER else ">"
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12:
            break
        parts.append((kind in (OBSOLETE, SIMPLE, ENHANCED), data[at:at + length]))
        at += length
    return parts


def parts_of(data):
    """(is it a packet, its bytes in the file) in the order of the file; [] where it is no capture."""
    order = PCAP.get(data[:4])
    if order:
        return _pcap(data, order)
    return _pcapng(data) if data[:4] == b"\x0a\x0d\x0d\x0a" else []


def halves_of(data):
    """Two captures: the first half of the packets, and the second; None where there are fewer than two."""
    parts = parts_of(data)
    packets = sum(is_packet for is_packet, _ in parts)
    if packets < 2:
        return None
    halves, seen = [bytearray(), bytearray()], 0
    for is_packet, part in parts:
        if not is_packet:
            halves[0] += part
            halves[1] += part
            continue
        halves[seen >= packets // 2] += part
        seen += 1
    return halves
