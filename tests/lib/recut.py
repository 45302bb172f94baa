# SPDX-License-Identifier: Apache-2.0
"""A capture's packets again, and the same bytes of its TCP streams in other segments or at other ports.

	packets = read(path)                     # [(ns, frame, link)], whole frames only
	write(path, cut(packets, 3))             # each TCP payload in segments of 1 to 3 bytes
	write(path, joined(packets))             # what one side says without a break, in one segment
	write(path, moved(packets, {502: 1502})) # ports changed

Only IPv4 right above the link is understood; everything else stays as it is.  Checksums are left to be wrong.
"""
import itertools
import struct

NS = 10**9
LINK_NULL, LINK_ETHERNET, LINK_RAW = 0, 1, 101
IP_TCP, IP_UDP = 6, 17
FIN, PSH, SYN, RST = 1, 8, 2, 4
TYPE_IPV4, TYPE_VLAN = b"\x08\x00", b"\x81\x00"
JOINED_MAX = 1400


# ---- files


def read_pcap(data):
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    link, at = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF, 24
    while at + 16 <= len(data):
        seconds, part, size, wire = struct.unpack_from(order + "IIII", data, at)
        yield seconds * NS + part * unit, data[at + 16:at + 16 + size], link, size == wire
        at += 16 + size


def unit_of(options, order):
    """Nanoseconds of a tick, from an interface's options."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, at)
        if code == 9 and size == 1 and not options[at + 4] & 0x80:
            return NS // 10 ** options[at + 4]
        at += 4 + (size + 3) // 4 * 4
    return 1000


def read_pcapng(data):
    at, order, interfaces = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, interfaces = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">", []
        kind, size = struct.unpack_from(order + "II", data, at)
        body = data[at + 8:at + size - 4]
        if kind == 1:
            interfaces.append((struct.unpack_from(order + "H", body)[0], unit_of(body[8:], order)))
        elif kind == 6:
            number, high, low, kept, wire = struct.unpack_from(order + "IIIII", body)
            link, unit = interfaces[number]
            yield (high << 32 | low) * unit, body[20:20 + kept], link, kept == wire
        at += max(size, 12)


def read(path):
    """None: it holds frames that are cut short, or more than one kind of link."""
    data = path.read_bytes()
    packets = list(read_pcapng(data) if data[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap(data))
    if not all(whole for _, _, _, whole in packets) or len({link for _, _, link, _ in packets}) != 1:
        return None
    return [(ns, frame, link) for ns, frame, link, _ in packets]


def write(path, packets):
    """Nanosecond pcap."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, packets[0][2] if packets else 1))
        for ns, frame, _ in packets:
            out.write(struct.pack("<IIII", ns // NS, ns % NS, len(frame), len(frame)) + frame)


# ---- layers


def ip_at(frame, link):
    """Where IPv4 begins, or None."""
    if link == LINK_RAW:
        at = 0
    elif link == LINK_NULL:
        at = 4
    elif link == LINK_ETHERNET:
        at = 14 if frame[12:14] != TYPE_VLAN else 18
        if frame[at - 2:at] != TYPE_IPV4:
            return None
    else:
        return None
    return at if len(frame) >= at + 20 and frame[at] >> 4 == 4 else None


class Segment:
    """A frame of TCP or UDP over IPv4, in parts; .made() puts it together again."""

    def __init__(self, frame, ip):
        self.ip, self.transport = ip, ip + (frame[ip] & 15) * 4
        self.protocol = frame[ip + 9]
        end = ip + struct.unpack_from(">H", frame, ip + 2)[0]
        head = (frame[self.transport + 12] >> 4) * 4 if self.protocol == IP_TCP else 8
        self.head, self.payload = bytearray(frame[:self.transport + head]), frame[self.transport + head:end]

    @property
    def ports(self):
        return struct.unpack_from(">HH", self.head, self.transport)

    @property
    def sequence(self):
        return struct.unpack_from(">I", self.head, self.transport + 4)[0]

    @property
    def flags(self):
        return self.head[self.transport + 13]

    @property
    def way(self):
        return bytes(self.head[self.ip + 12:self.ip + 20]) + bytes(self.head[self.transport:self.transport + 4])

    @property
    def way_back(self):
        way = self.way
        return way[4:8] + way[0:4] + way[10:12] + way[8:10]

    def made(self, payload, skipped=0, last=True, ports=None):
        head = bytearray(self.head)
        struct.pack_into(">H", head, self.ip + 2, len(head) - self.ip + len(payload))
        if ports:
            struct.pack_into(">HH", head, self.transport, *ports)
        if self.protocol == IP_TCP:
            struct.pack_into(">I", head, self.transport + 4, (self.sequence + skipped) & 0xFFFFFFFF)
            if not last:
                head[self.transport + 13] &= ~(FIN | PSH)
        else:
            struct.pack_into(">HH", head, self.transport + 4, 8 + len(payload), 0)
        return bytes(head) + payload


def segment_of(frame, link, protocols):
    """None: it is something else, a fragment, or shorter than it says."""
    ip = ip_at(frame, link)
    if ip is None or frame[ip + 9] not in protocols or struct.unpack_from(">H", frame, ip + 6)[0] & 0x3FFF:
        return None
    if ip + struct.unpack_from(">H", frame, ip + 2)[0] > len(frame):
        return None
    at = ip + (frame[ip] & 15) * 4
    head = 8 if frame[ip + 9] == IP_UDP else (frame[at + 12] >> 4) * 4 if at + 20 <= len(frame) else 0
    return Segment(frame, ip) if head >= 8 and at + head <= len(frame) else None


# ---- other ways to send the same


def cut(packets, most):
    """Segments of 1 to `most` bytes, in turn."""
    sizes = itertools.cycle(range(1, most + 1))
    for ns, frame, link in packets:
        segment = segment_of(frame, link, (IP_TCP,))
        if not segment or len(segment.payload) < 2 or segment.flags & SYN:
            yield ns, frame, link
            continue
        at = 0
        while at < len(segment.payload):
            piece = segment.payload[at:at + next(sizes)]
            yield ns, segment.made(piece, at, at + len(piece) == len(segment.payload)), link
            at += len(piece)


class Held:
    """What one side says, and the last that the other acknowledged of it."""

    def __init__(self, segment):
        self.first, self.payload, self.answer = segment, segment.payload, None

    def follows(self, segment):
        return (self.first.sequence + len(self.payload)) & 0xFFFFFFFF == segment.sequence

    def frames(self, ns, link):
        yield ns, self.first.made(self.payload), link
        if self.answer:
            yield ns, self.answer, link


def joined(packets):
    """What one side says without a break, in segments as large as they may be; what only acknowledges comes behind it."""
    held = {}
    for ns, frame, link in packets:
        segment = segment_of(frame, link, (IP_TCP,))
        if not segment:
            yield ns, frame, link
            continue
        plain = not segment.flags & (SYN | FIN | RST)
        if plain and not segment.payload and segment.way_back in held:
            held[segment.way_back].answer = frame
            continue
        mine = held.get(segment.way)
        if mine and plain and segment.payload and mine.follows(segment) and len(mine.payload + segment.payload) <= JOINED_MAX:
            mine.payload += segment.payload
            continue
        for way in (segment.way_back, segment.way):
            if way in held:
                yield from held.pop(way).frames(ns, link)
        if plain and segment.payload:
            held[segment.way] = Held(segment)
        else:
            yield ns, frame, link
    for rest in held.values():
        yield from rest.frames(packets[-1][0], packets[-1][2])


def moved(packets, ports):
    for ns, frame, link in packets:
        segment = segment_of(frame, link, (IP_TCP, IP_UDP))
        if segment and any(port in ports for port in segment.ports):
            frame = segment.made(segment.payload, ports=[ports.get(port, port) for port in segment.ports])
        yield ns, frame, link
