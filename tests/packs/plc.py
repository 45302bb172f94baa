# SPDX-License-Identifier: Apache-2.0
"""Talks for the rules of plc.rules: (sid, fires, near miss[, sids besides])."""
import struct

from kit import *

SZL = lambda number: s7_user(4, 1, b"\xff\x09\0\x04" + struct.pack(">HH", number, 0))
FILE_OPEN = lambda mode: dnp3(25, b"\x46\x03\x5b\x01" + struct.pack("<HHH", 30, 26, 4) + bytes(6) + b"\0\0" + bytes(8) +
                              struct.pack("<HHH", mode, 1024, 1) + b"A.TX")
UMAS = lambda code: modbus(90, b"\x01" + bytes([code]))
READ = modbus(90, b"\x01\x22\x40\x41\x30\x33\x10")  # the same bytes, behind another code
OTHER = lambda code: each(READ, modbus(65, b"\x01" + bytes([code])))
ANSWER = lambda parameter: s7(server=[s7_pdu(3, parameter)])
ROUTE = lambda service: struct.pack("<III", 0x71146603, 1, service) + bytes([10, 0, 0, 1, 1, 1]) + b"\x10\x27" + bytes(20)
ANONYMOUS = opcua_token(321, opcua_string(b"anonymous"))
USER = lambda algorithm: opcua_token(324, opcua_string(b"p") + opcua_string(b"crane") + opcua_string(b"secret") +
                                     opcua_string(algorithm))
PLUS_STATE = lambda attribute: struct.pack(">I", 0x34) + b"\x01" + attribute + b"\0\x08\x01"

S7COMM = [
    (110101, s7(b"\x29\0\0\0\0\0\x09P_PROGRAM"), each(s7(b"\xf0\0\0\x01\0\x01\x01\xe0"), ANSWER(b"\x29"))),
    (110102, s7(s7_service(b"P_PROGRAM")), each(s7(s7_service(b"_GARB")), ANSWER(b"\x28"))),
    (110103, s7_user(0, 0, server=True), each(s7_user(0, 2, server=True), s7_user(4, 0, server=True))),
    (110104, s7(s7_download(b"8")), each(s7(s7_download(b"A"), s7_download(b"B")), ANSWER(b"\x1a"))),
    (110105, s7(s7_download(b"A")), s7(s7_download(b"8"))),
    (110106, s7(s7_download(b"B")), s7(s7_download(b"8"))),
    (110107, s7(b"\x1d\0\0\0\0\0\0\0" + sized(1, b"_0800001A")), s7(b"\x04\x01\x12\x0a\x10\x02\0\x02\0\x05\x84\0\0\x50")),
    (110108, s7(s7_service(b"_DELE", b"0800001B")), s7(s7_service(b"_INSE", b"0800001B"))),
    (110109, s7(s7_service(b"_MODU", b"EP")), s7(s7_service(b"_GARB"))),
    (110110, s7_user(5, 1, b"\xff\x09\0\x08" + bytes(8)), each(s7_user(5, 2), s7_user(4, 1), s7_user(5, 1, server=True))),
    (110111, times(20, SZL(0x1C)), each(times(19, SZL(0x1C)), times(20, SZL(0x11)))),
    (110112, s7_user(7, 2, b"\xff\x09\0\x0a" + bytes(10)), each(s7_user(7, 1), s7_user(3, 2), s7_user(7, 2, server=True))),
    (110201, s7_plus(0x04CA, b"\x36"), each(s7_plus(0x04CA, b"\x36", opcode=0x32), s7_plus(0x04BB, b"\x36"))),
    (110202, s7_plus(0x04F2, PLUS_STATE(b"\x90\x77")), each(s7_plus(0x04F2, PLUS_STATE(b"\x90\x78")), s7_plus(0x0586, PLUS_STATE(b"\x90\x77")))),
    (110203, tcp(102, traffic.tls_client_hello("crane.example")), tcp(443, traffic.tls_client_hello("crane.example"))),
]

MODBUS = [
    (110301, modbus(8, b"\0\1\0\0"), modbus(8, b"\0\0\0\0")),
    (110302, modbus(8, b"\0\4\0\0"), modbus(8, b"\0\2\0\0")),
    (110303, UMAS(0x40), each(UMAS(0x02), OTHER(0x40))),
    (110304, UMAS(0x41), each(UMAS(0x50), OTHER(0x41))),
    (110305, UMAS(0x30), each(UMAS(0x31), OTHER(0x30))),
    (110306, UMAS(0x33), each(UMAS(0x34), OTHER(0x33))),
    (110307, UMAS(0x10), each(UMAS(0x12), OTHER(0x10))),
    (110308, times(20, modbus(43, b"\x0e\x01\0")), each(times(20, modbus(43, b"\x0d\x0e\0")), times(20, modbus(17, b"\x0e")), times(19, modbus(43, b"\x0e\x01\0")))),
    (110309, modbus_refused(30, 2), modbus_refused(29, 2)),
    (110310, modbus_refused(5, 1), each(modbus_refused(5, 2), modbus_refused(4, 1))),
    (110311, modbus(0), modbus(3, b"\0\1\0\1")),
    (110312, modbus(21, b"\x09\x06\0\1\0\2\0\1\0\7"), modbus(20, b"\x07\x06\0\1\0\2\0\1")),
    (110313, modbus(125, b"\0\1\0\0"), modbus(100, b"\0\1\0\0")),
]

CIP = [
    (110401, cip(7, 0x8E), cip(7, 0xB2)),
    (110402, cip(6, 0x8E), cip(6, 0xB2)),
    (110403, cip(5, 1), cip(5, 2)),
    (110404, cip(0x4C, 0x8E), cip(0x4C, 0x6B)),
    (110405, cip(0x4B, 0x8E), cip(0x4B, 0x6C)),
    (110406, cip(8, 0x6B), cip(8, 0xB2)),
    (110407, cip(9, 0x68), cip(9, 0xB2)),
    (110408, cip(0x4B, 0xA1), cip(0x0E, 0xA1)),
    (110409, cip(0x4C, 0x37), cip(0x4B, 0x37)),
    (110410, cip(4, 0x8B), cip(3, 0x8B)),
    (110411, pccc(0x80, b"\x06"), pccc(0x68, b"\x80")),
    (110412, pccc(0x3A, b"\x02"), pccc(0x68, b"\x3a")),
    (110413, pccc(0x50), each(pccc(0x53), pccc(0x68, b"\x50"), cip(0x4C, 0x67, data=b"\x07\x01\0\x01\0\0\0\x0f\0\x01\0\x50"))),
    (110414, times(20, udp(44818, enip(0x63))), each(times(20, udp(44818, enip(0x04))), times(19, udp(44818, enip(0x63))))),
    (110415, times(40, cip(0x54, 6)), times(39, cip(0x54, 6))),
]

DNP3 = [
    (110501, dnp3(13), dnp3(1)),
    (110502, dnp3(14), dnp3(23)),
    (110503, dnp3(18), dnp3(17)),
    (110504, dnp3(16), dnp3(17)),
    (110505, dnp3(27), dnp3(28)),
    (110506, FILE_OPEN(2), each(FILE_OPEN(1), dnp3(1, b"\x46\x03\x5b\x01\x02\0"))),
    (110507, dnp3(21, b"\x3c\x02\x06"), dnp3(20, b"\x3c\x02\x06")),
    (110508, dnp3(19), dnp3(22)),
    (110509, dnp3(2, b"\x32\x01\x07\x01" + bytes(6)), each(dnp3(1, b"\x32\x01\x07\x01"), dnp3(2, b"\x50\x01\0\x07\x07\0"))),
]

IEC104 = [
    (110601, iec104(iec104_asdu(105, 6, b"\0\0\0\1")), each(iec104([iec104_asdu(105, 7, b"\0\0\0\1")]), iec104(iec104_asdu(106, 6, b"\0\0\0\1\0")))),
    (110602, iec104(iec104_asdu(103, 6, bytes(10))), each(iec104(iec104_asdu(100, 6, b"\0\0\0\x14")), iec104([iec104_asdu(103, 7, bytes(10))]))),
    (110603, iec104(iec104_asdu(122, 13, bytes(7))), iec104(iec104_asdu(102, 5, bytes(3)))),
    (110604, iec104(iec104_asdu(107, 6, bytes(12))), each(iec104([iec104_asdu(107, 7, bytes(12))]), iec104(iec104_asdu(106, 6, bytes(5))))),
    (110605, iec104(*([iec104_asdu(45, 47, b"\7\0\0\0", number)] for number in range(5))),
     iec104(*([iec104_asdu(45, 47, b"\7\0\0\0", number)] for number in range(4)))),
    (110606, iec104(iec104_asdu(45, 3, b"\7\0\0\1")), each(iec104(iec104_asdu(45, 6, b"\7\0\0\1"), iec104_asdu(45, 8, b"\7\0\0\1", 1)), iec104([iec104_asdu(45, 7, b"\7\0\0\1")]))),
    (110607, iec104(b"\x68\x04\x13\0\0\0"), iec104(b"\x68\x04\x43\0\0\0")),
]

OPCUA = [
    (110701, opcua_talk(opcua_activate(ANONYMOUS)), opcua_talk(opcua_activate(USER(b"rsa")))),
    (110702, opcua_talk(opcua_activate(USER(None))), opcua_talk(opcua_activate(USER(b"rsa")))),
    (110703, opcua_talk(*([opcua_fault(0x801F0000)] for _ in range(5))),
     opcua_talk(*([opcua_fault(0x801F0000)] for _ in range(4)), *([opcua_fault(0x80200000)] for _ in range(5)))),
    (110704, opcua_talk(*([opcua_fault(0x80210000)] for _ in range(5))),
     opcua_talk(*([opcua_fault(0x80200000)] for _ in range(5)))),
]

BACNET = [
    (110801, bacnet(20, b"\x09\0"), bacnet(12, b"\x0c\x02\0\0\x07\x19\x55")),
    (110802, bacnet(17, b"\x09\x0a\x19\x01"), each(bacnet(17, b"\x09\x0a\x19\0"), bacnet(15, b"\x0c\x02\0\0\x07\x19\x55\x3e\x11\x3f"))),
    (110803, bacnet(7, b"\xc4\x02\x80\0\1\x0e\x31\0\x61\x01\x0f"), bacnet(6, b"\xc4\x02\x80\0\1\x0e\x31\0\x21\x01\x0f")),
    (110804, bacnet(11, b"\xc4\0\x80\0\1"), bacnet(10, b"\x0e\x09\2\x0f")),
    (110805, udp(47808, b"\x81\x01\0\x0e" + bytes([10, 0, 0, 1, 0xBA, 0xC0, 255, 255, 255, 255])),
     udp(47808, b"\x81\x02\0\x04")),
    (110806, times(5, bacnet_refused(26)), times(5, bacnet_refused(31)), [110801]),
]

FINS = [
    (110901, fins(0x0402, b"\xff\xff"), fins(0x0101, b"\x82\0\0\0\0\1")),
    (110902, fins(0x0401, b"\xff\xff\x04"), fins(0x0601)),
    (110903, fins(0x0403), fins(0x0501)),
    (110904, fins(0x0307, b"\xff\xff\0\0\0\0\0\1\0"), fins(0x0306, b"\xff\xff\0\0\0\0\0\1")),
    (110905, fins(0x0306, b"\xff\xff\0\0\0\0\0\1"), fins(0x0201, b"\x80\x10\0\0\0\1")),
    (110906, fins(0x2301, b"\0\1\0\1\x30\0\0\0"), fins(0x2302)),
    (110907, fins(0x0305, b"\xff\xff\0\0\0\0\0"), fins(0x0306, b"\xff\xff\0\0\0\0\0\1")),
    (110908, fins(0x0C02, b"\xff\xff"), fins(0x0C01, b"\xff\xff")),
    (110909, times(20, fins(0x0501)), times(19, fins(0x0501))),
]

HART = [
    (111001, hart(42), hart(41)),
    (111002, hart(40, bytes(4)), hart(3)),
    (111003, hart(35, bytes(9)), hart(34, bytes(4))),
    (111004, hart(71, b"\1"), hart(76)),
]

SLMP = [
    (111101, slmp(0x1002, b"\1\0"), slmp(0x0401, b"\0\0\0\xa8\1\0")),
    (111102, slmp(0x1001, b"\1\0\0\0"), slmp(0x0101)),
    (111103, slmp(0x1006, b"\1\0"), slmp(0x1005, b"\1\0")),
    (111104, times(5, slmp(0x1630, b"\4\0pass")), times(4, slmp(0x1630, b"\4\0pass"))),
]

ADS = [
    (111201, ads(5, struct.pack("<HHI", 6, 0, 0)), ads(4, b"")),
    (111202, udp(48899, ROUTE(6)), each(udp(48899, ROUTE(1)), udp(48899, b"\0" + ROUTE(6)))),
    (111203, ads_write(0x7B), ads_write(0x7A)),
    (111204, ads_write(0x1F4), ads_write(0x190)),
]

MMS = [
    (111301, mms(0xBF1A), mms(0xBF1B)),
    (111302, mms(0xBF1D), mms(0xBF1E)),
    (111303, mms(0xBF29), each(mms(0xBF2D), mms(0xBF2A))),
    (111304, mms(0xBF28), each(mms(0xBF26), mms(0xBF29))),
    (111305, mms(0xBF24), each(mms(0xBF25), mms(0xBF26), mms(0xBF28))),
]

# Twenty of them in one session, and nineteen.
def broken(make):
    return make(20), make(19)


BROKEN = [
    (111401, *broken(lambda count: tcp(502, *(modbus_pdu(3, b"\0\1\0", number) for number in range(count))))),
    (111402, *broken(lambda count: times(count, dnp3(2, b"\x29\x01\x07\x05\0")))),
    (111403, *broken(lambda count: tcp(44818, enip(0x65, b"\1\0\0\0"), [enip(0x65, b"\1\0\0\0")],
                                       *(enip(0x6F, b"\0\0\0\0\5\0\x40\0\0") for _ in range(count))))),
    (111404, *broken(lambda count: s7(*(b"\x1a\0" for _ in range(count))))),
    (111405, *broken(lambda count: iec104(*(iec104_asdu(45, 6, b"\7", number) for number in range(count))))),
    (111406, *broken(lambda count: opcua_talk(*(opcua_message(631, b"\0\0", number) for number in range(2, 2 + count))))),
    (111407, *broken(lambda count: times(count, bacnet(12, b"\x0c\x02")))),
]

ROWS = S7COMM + MODBUS + CIP + DNP3 + IEC104 + OPCUA + BACNET + FINS + HART + SLMP + ADS + MMS + BROKEN
