# SPDX-License-Identifier: Apache-2.0
"""A download, a write, a password and a stop; S7comm-plus; TLS where controllers listen."""
import struct


def cotp(data):
    return struct.pack(">BBH", 3, 0, 7 + len(data)) + b"\x02\xf0\x80" + data


def s7(kind, number, parameter, data=b"", error=None):
    head = struct.pack(">BBHHHH", 0x32, kind, 0, number, len(parameter), len(data))
    return cotp(head + (b"" if error is None else struct.pack(">H", error)) + parameter + data)


def plus(opcode, function, number, session, body):
    inner = struct.pack(">BHHHHI", opcode, 0, function, 0, number, session) + body
    return cotp(struct.pack(">BBH", 0x72, 1, len(inner)) + inner + b"\x72\x01\0\0")


connect = b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02"
confirm = b"\x03\0\0\x16\x11\xd0\0\x01\0\x02\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02"
block = b"_0A00005P"

talk = Talk(capture, "10.0.0.1", 40000, "10.0.0.9", 102).open()
talk.client(connect, 9).server(confirm)
talk.client(s7(1, 1, b"\xf0\0\0\x01\0\x01\x01\xe0"))
talk.server(s7(3, 1, b"\xf0\0\0\x01\0\x01\0\xf0", error=0))
talk.client(s7(1, 2, b"\x1a\0\0\0\0\0\0\0" + bytes([len(block)]) + block + b"\x0d1000092000054"), 11)
talk.server(s7(3, 2, b"\x1a", error=0))
talk.client(s7(1, 3, b"\x05\x01\x12\x0a\x10\x02\0\x02\0\x05\x84\0\0\x50", b"\0\x04\0\x10\x12\x34"))
talk.server(s7(3, 3, b"\x05\x01", b"\x05", error=0))
talk.client(s7(7, 4, b"\0\x01\x12\x04\x11\x45\x01\0", b"\xff\x09\0\x08" + bytes(8)))
talk.client(s7(1, 5, b"\x29\0\0\0\0\0\x09P_PROGRAM"), 5)
talk.server(s7(3, 5, b"\x29", error=0x8104)).close()

talk = Talk(capture, "10.0.0.1", 40001, "10.0.0.9", 102).open()
talk.client(connect).server(confirm)
talk.client(plus(0x31, 0x04CA, 2, 0x0120, b"\x36"), 13).close()

hello = b"\x03\x03" + bytes(range(32)) + b"\0\0\x02\x13\x01\x01\0\0\0"
hello = b"\x01\0" + struct.pack(">H", len(hello)) + hello
talk = Talk(capture, "10.0.0.1", 40002, "10.0.0.9", 102).open()
talk.client(b"\x16\x03\x01" + struct.pack(">H", len(hello)) + hello, 20).close()
