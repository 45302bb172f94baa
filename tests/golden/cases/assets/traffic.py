# SPDX-License-Identifier: Apache-2.0
"""An engineering laptop writes registers of a crane's PLC, which tells its maker and model; a third host reads on."""
import struct


def modbus(number, unit, body):
    return struct.pack(">HHHB", number, 0, 1 + len(body), unit) + body


identity = b"\x2b\x0e\x01\x01\0\0\3" + b"\0\x0bCrane Works" + b"\1\6CW-200" + b"\2\4V3.1"
talk = Talk(capture, "10.1.9.7", 40000, "10.1.4.20", 502).open()
talk.client(modbus(1, 7, b"\x2b\x0e\x01\0")).server(modbus(1, 7, identity))
for number in (2, 3):
    talk.client(modbus(number, 7, struct.pack(">BHHBH", 16, 100, 1, 2, 5))).server(modbus(number, 7, struct.pack(">BHH", 16, 100, 1)))
talk.close()
talk = Talk(capture, "10.1.9.8", 40000, "10.1.4.20", 502).open()
talk.client(modbus(1, 7, struct.pack(">BHH", 3, 0, 10))).server(modbus(1, 7, b"\x03\x14" + bytes(20))).close()
