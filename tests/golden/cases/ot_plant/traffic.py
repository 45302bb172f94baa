# SPDX-License-Identifier: Apache-2.0
"""MMS, SLMP, ADS, Fox, LLRP and MQTT: who begins, what is asked for, how it ends; in small segments."""
import struct


def ber(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def cotp(data):
    return struct.pack(">BBH", 3, 0, 7 + len(data)) + b"\x02\xf0\x80" + data


def mms(pdu):
    return cotp(b"\1\0\1\0" + ber(0x61, ber(0x30, ber(2, b"\3"), ber(0xA0, pdu))))


def slmp(kind, body):
    return bytes([kind, 0]) + b"\0\xff\xff\x03\0" + struct.pack("<H", len(body)) + body


STATION, CONTROLLER = bytes([10, 0, 0, 1, 1, 1]), bytes([10, 0, 0, 9, 1, 1])


def ads(command, answers, number, body):
    target, source = (STATION, CONTROLLER)[::1 if answers else -1]
    ports = (32896, 300)[::1 if answers else -1]
    head = target + struct.pack("<H", ports[0]) + source + struct.pack("<H", ports[1])
    head += struct.pack("<HHIII", command, 5 if answers else 4, len(body), 0, number)
    return struct.pack("<HI", 0, len(head) + len(body)) + head + body


def llrp(type, number, body):
    return struct.pack(">HII", 1 << 10 | type, 10 + len(body), number) + body


connect = b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\0\x01\xc2\x02\0\x01"
name = ber(0xA1, ber(0x1A, b"CRANE1"), ber(0x1A, b"CSWI1$CO$Pos$Oper"))
write = ber(0xA0, ber(2, b"\x08"), ber(0xA5, ber(0xA0, ber(0x30, ber(0xA0, name))), ber(0xA0, ber(0x83, b"\1"))))
talk = Talk(capture, "10.0.0.1", 40000, "10.0.0.9", 102).open()
talk.client(connect)
talk.client(cotp(ber(0xA8, ber(0x80, b"\x7d\0"), ber(0x81, b"\x05"), ber(0x82, b"\x05"))))
talk.client(mms(write), 17)
talk.server(mms(ber(0xA1, ber(2, b"\x08"), ber(0xA5, ber(0x80, b"\x03")))), 9).close()

talk = Talk(capture, "10.0.0.1", 40001, "10.0.0.9", 5007).open()
talk.client(slmp(0x50, struct.pack("<HHHH", 16, 0x1002, 0, 1)), 7)
talk.server(slmp(0xD0, struct.pack("<H", 0xC201) + b"\0\xff\xff\x03\0\x02\x10\0\0"), 7).close()

talk = Talk(capture, "10.0.0.1", 40002, "10.0.0.9", 48898).open()
talk.client(ads(3, False, 7, struct.pack("<III", 0xF030, 4, 1) + b"\xff"), 40)
talk.server(ads(3, True, 7, struct.pack("<I", 0))).close()

talk = Talk(capture, "10.0.0.1", 40003, "10.0.0.9", 1911).open()
talk.client(b"fox a 1 -1 fox hello\n{\nhostName=s:desk\napp.name=s:Workbench\n};;\n", 10)
talk.server(b"fox a 0 -1 fox hello\n{\nstation.name=s:Cranes\nbrandId=s:vykon\n};;\n").close()

talk = Talk(capture, "10.0.0.1", 40004, "10.0.0.9", 5084).open()
talk.client(llrp(3, 9, b"\x80"), 4)
talk.server(llrp(13, 9, struct.pack(">HHHH", 287, 8, 401, 0)), 4).close()

talk = Talk(capture, "10.0.0.1", 40005, "10.0.0.9", 1883).open()
talk.client(b"\x10\x13\0\x04MQTT\x04\x02\0\x3c\0\x07crane-7").server(b"\x20\x02\0\0")
talk.client(b"\x82\x06\0\x01\0\x01#\0").close()
