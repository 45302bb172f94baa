# SPDX-License-Identifier: Apache-2.0
"""Frames, conversations and captures, made from nothing but the standard library.

	capture = Capture()
	talk = Talk(capture, "10.0.0.1", 40000, "10.0.0.2", 80)
	talk.open(); talk.client(b"GET / HTTP/1.0\r\n\r\n"); talk.close()
	capture.save(path)

Frames are bytes; layers are put around payloads from the inside out.
"""
import ipaddress
import struct

CLIENT_MAC = bytes.fromhex("020000000001")
SERVER_MAC = bytes.fromhex("020000000002")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHER_IPV4, ETHER_IPV6, ETHER_VLAN, ETHER_QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8
IP_ICMP, IP_TCP, IP_UDP, IP_GRE = 1, 6, 17, 47


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


# ---- layers


def ethernet(payload, source=CLIENT_MAC, destination=SERVER_MAC, vlans=()):
    """vlans: identifiers from the outside in; what is inside is told by the IP version nibble."""
    kind = ETHER_IPV6 if payload[0] >> 4 == 6 else ETHER_IPV4
    tags = b""
    for index, vlan in enumerate(vlans):
        tags += struct.pack(">HH", ETHER_QINQ if index < len(vlans) - 1 else ETHER_VLAN, vlan)
    return destination + source + tags + struct.pack(">H", kind) + payload


def ipv4(source, destination, protocol, payload, ident=0, fragment=0, ttl=64):
    """fragment: the flags and offset field as it stands in the header."""
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, fragment, ttl, protocol, 0, packed(source),
                       packed(destination))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(source, destination, protocol, payload):
    return struct.pack(">IHBB16s16s", 0x60000000, len(payload), protocol, 64, packed(source), packed(destination)) + payload


def ip(source, destination, protocol, payload):
    make = ipv6 if ":" in source else ipv4
    return make(source, destination, protocol, payload)


def pseudo(source, destination, protocol, length):
    if ":" in source:
        return packed(source) + packed(destination) + struct.pack(">IxxxB", length, protocol)
    return packed(source) + packed(destination) + struct.pack(">BBH", 0, protocol, length)


def tcp(source, sport, destination, dport, sequence, acknowledge, flags, payload=b""):
    segment = struct.pack(">HHIIBBHHH", sport, dport, sequence & 0xFFFFFFFF, acknowledge & 0xFFFFFFFF, 0x50, flags, 65000, 0, 0) + payload
    total = checksum(pseudo(source, destination, IP_TCP, len(segment)) + segment)
    return ip(source, destination, IP_TCP, segment[:16] + struct.pack(">H", total) + segment[18:])


def udp(source, sport, destination, dport, payload):
    datagram = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    total = checksum(pseudo(source, destination, IP_UDP, len(datagram)) + datagram) or 0xFFFF
    return ip(source, destination, IP_UDP, datagram[:6] + struct.pack(">H", total) + datagram[8:])


def gre(outer_source, outer_destination, packet):
    kind = ETHER_IPV6 if packet[0] >> 4 == 6 else ETHER_IPV4
    return ip(outer_source, outer_destination, IP_GRE, struct.pack(">HH", 0, kind) + packet)


def vxlan(outer_source, outer_destination, network, frame):
    return udp(outer_source, 49152, outer_destination, 4789, struct.pack(">BBHI", 8, 0, 0, network << 8) + frame)


def fragments(packet, size):
    """An IPv4 packet in parts of `size` payload bytes, a multiple of 8."""
    source, destination = (str(ipaddress.ip_address(packet[at:at + 4])) for at in (12, 16))
    payload, parts = packet[20:], []
    for offset in range(0, len(payload), size):
        more = 0x2000 if offset + size < len(payload) else 0
        parts.append(ipv4(source, destination, packet[9], payload[offset:offset + size], 0x5157, more | offset // 8))
    return parts


# ---- captures

DEFAULT_START_NS = 1_700_000_000 * 10**9


def pcap_header(link=1):
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)


def pcap_record(frame, ns):
    return struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)) + frame


def pcapng_block(kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def pcapng_header():
    return (pcapng_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) +
            pcapng_block(1, struct.pack("<HHI", 1, 0, 262144) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)))


def pcapng_record(frame, ns):
    return pcapng_block(6, struct.pack("<IIIII", 0, ns >> 32, ns & 0xFFFFFFFF, len(frame), len(frame)) + frame)


class Capture:
    """Frames with times, one millisecond apart unless at() says otherwise."""

    def __init__(self, start_ns=DEFAULT_START_NS, step_ns=10**6):
        self.ns, self.step_ns, self.frames = start_ns, step_ns, []

    def at(self, seconds):
        """The next frame comes this many seconds after the start of captures."""
        self.ns = DEFAULT_START_NS + int(seconds * 10**9)

    def add(self, frame):
        self.frames.append((self.ns, frame))
        self.ns += self.step_ns

    def add_ip(self, packet, **ether):
        self.add(ethernet(packet, **ether))

    def wrap(self, change):
        """A capture of the same times in which each frame is what change(frame) makes of it (a list: several)."""
        other = Capture(self.ns)
        for ns, frame in self.frames:
            other.ns = ns
            for made in change(frame):
                other.add(made)
        return other

    def data(self, pcapng=False):
        header, record = (pcapng_header, pcapng_record) if pcapng else (pcap_header, pcap_record)
        return header() + b"".join(record(frame, ns) for ns, frame in self.frames)

    def save(self, path, pcapng=False):
        path.write_bytes(self.data(pcapng))


class Talk:
    """A TCP conversation; every segment is acknowledged."""

    def __init__(self, capture, client, client_port, server, server_port, **ether):
        self.capture, self.ether = capture, ether
        self.ends = [(client, client_port), (server, server_port)]
        self.next = [1000, 5000]
        self.macs = [ether.pop("client_mac", CLIENT_MAC), ether.pop("server_mac", SERVER_MAC)]

    def segment(self, side, flags, payload=b""):
        (source, sport), (destination, dport) = self.ends[side], self.ends[1 - side]
        packet = tcp(source, sport, destination, dport, self.next[side], self.next[1 - side], flags, payload)
        self.capture.add_ip(packet, source=self.macs[side], destination=self.macs[1 - side], **self.ether)
        self.next[side] += len(payload) + bool(flags & (SYN | FIN))

    def open(self):
        (source, sport), (destination, dport) = self.ends
        packet = tcp(source, sport, destination, dport, self.next[0], 0, SYN)
        self.capture.add_ip(packet, source=self.macs[0], destination=self.macs[1], **self.ether)
        self.next[0] += 1
        self.segment(1, SYN | ACK)
        self.segment(0, ACK)
        return self

    def say(self, side, data, size=1400):
        for at in range(0, len(data), size):
            self.segment(side, PSH | ACK, data[at:at + size])
            self.segment(1 - side, ACK)
        return self

    def client(self, data, size=1400):
        return self.say(0, data, size)

    def server(self, data, size=1400):
        return self.say(1, data, size)

    def close(self):
        self.segment(0, FIN | ACK)
        self.segment(1, FIN | ACK)
        self.segment(0, ACK)


# ---- messages


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_query(name, ident=0x5157, kind=1):
    return struct.pack(">HHHHHH", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack(">HH", kind, 1)


def dns_answer(name, address, ident=0x5157):
    return (struct.pack(">HHHHHH", ident, 0x8180, 1, 1, 0, 0) + dns_name(name) + struct.pack(">HH", 1, 1) +
            struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + packed(address))


def http_request(host, target="/", agent="quay/1.0", method="GET"):
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n".encode()


def http_answer(body=b"fine\n", status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def sized(width, data):
    return len(data).to_bytes(width, "big") + data


def tls_record(kind, data):
    return struct.pack(">BH", kind, 0x0303) + sized(2, data)


def tls_message(kind, data):
    return bytes([kind]) + sized(3, data)


CIPHERS = (0x1301, 0x1302, 0xC02B, 0xC02F)


def tls_client_hello(name, ciphers=CIPHERS, alpn=("h2", "http/1.1")):
    """A record with a ClientHello: TLS 1.2, and server_name, groups, points, signature algorithms, ALPN."""
    extensions = [
        (0, sized(2, b"\0" + sized(2, name.encode()))),
        (10, sized(2, struct.pack(">HH", 29, 23))),
        (11, sized(1, b"\0")),
        (13, sized(2, struct.pack(">HH", 0x0403, 0x0804))),
        (16, sized(2, b"".join(sized(1, word.encode()) for word in alpn))),
    ]
    body = (struct.pack(">H", 0x0303) + bytes(range(32)) + sized(1, b"") +
            sized(2, b"".join(struct.pack(">H", cipher) for cipher in ciphers)) + sized(1, b"\0") +
            sized(2, b"".join(struct.pack(">H", kind) + sized(2, data) for kind, data in extensions)))
    return tls_record(22, tls_message(1, body))


def tls_server_flight(certificate):
    """ServerHello (TLS 1.2), Certificate with one certificate in DER, ServerHelloDone."""
    hello = struct.pack(">H", 0x0303) + bytes(range(32, 64)) + sized(1, b"") + struct.pack(">HB", 0xC02F, 0)
    chain = sized(3, sized(3, certificate))
    return tls_record(22, tls_message(2, hello)) + tls_record(22, tls_message(11, chain)) + tls_record(22, tls_message(14, b""))


def ja3_text(ciphers=CIPHERS):
    """What the JA3 of tls_client_hello() is the MD5 of."""
    return "771," + "-".join(map(str, ciphers)) + ",0-10-11-13-16,29-23,0"
