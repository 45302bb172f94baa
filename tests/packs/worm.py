# SPDX-License-Identifier: Apache-2.0
"""Talks for the rules of worm.rules: (sid, fires, near miss[, sids besides])."""
from kit import *
from windows import *

SVCCTL, ATSVC = "367abb81-9844-35f1-ad32-98f038001003", "1ff70682-0a51-30e8-076d-740be8cee98b"
TASKS, WMI = "86d35949-83c9-4044-b424-db363231fd0c", "9556dc99-828c-11cf-a37e-00aa003240c7"
WINREG, DRSUAPI = "338cd001-2244-31f1-aaaa-900038001003", "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
SHUTDOWN, EFS = "894de0c0-0d55-11d3-a322-00c04fa321a1", "c681d488-d850-11d0-8c52-00c04fd90f7e"
SPOOLER, NETLOGON = "12345678-1234-abcd-ef00-0123456789ab", "12345678-1234-abcd-ef00-01234567cffb"
SERVER = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
PROGRAM = b"MZ\x90\0" + bytes(124) + b"PE\0\0" + bytes(200)
NEGOTIATE = smb1(0x72, b"\0" + le(2, b"\x02NT LM 0.12\0"))
ADMIN, PLAIN = r"\\10.2.0.9\ADMIN$", r"\\10.2.0.9\tos"
# The same operation of another interface.
OTHER = lambda operation: rpc("4fc742e0-4a10-11cf-8273-00aa004ae673", operation, version=3)
NOTE = lambda name: copies(PLAIN, name)
COMPRESSED = lambda offset: netbios(b"\xfcSMB" + struct.pack("<IHHI", 64, 1, 0, offset) + bytes(32))
MCS = lambda channel: b"\x03\0\0\x30\x02\xf0\x80\x7f\x65" + channel.ljust(39, b"\0")
USER = b"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=crane\r\n\x01\0\x08\0\x03\0\0\0"


def kerberos_error(code):
    field = lambda number, body: ber(0xA0 | number, body)
    time = ber(0x18, b"20261123030000Z")
    name = ber(0x30, field(0, ber(2, b"\2")), field(1, ber(0x30, ber(0x1B, b"krbtgt"), ber(0x1B, b"TOS"))))
    return ber(0x7E, ber(0x30, field(0, ber(2, b"\5")), field(1, ber(2, b"\x1e")), field(4, time), field(5, ber(2, b"\1")),
                         field(6, ber(2, bytes([code]))), field(9, ber(0x1B, b"TOS")), field(10, name)))


def kerberos_refused(count, code):
    return tcp(88, *([sized(4, kerberos_error(code))] for _ in range(count)))


REMOTE = [
    (120101, tcp(445, NEGOTIATE), copies(PLAIN, "a.txt")),
    (120201, rpc(SVCCTL, 12, version=2), each(rpc(SVCCTL, 6, version=2), OTHER(12))),
    (120202, rpc(SVCCTL, 11, version=2), each(rpc(SVCCTL, 15, version=2), OTHER(11))),
    (120203, rpc(ATSVC, 0), each(rpc(ATSVC, 2), OTHER(0))),
    (120204, rpc(TASKS, 1), each(rpc(TASKS, 7), OTHER(1))),
    (120205, rpc(WMI, 24, version=0), each(rpc(WMI, 20, version=0), OTHER(24))),
    (120206, rpc(WINREG, 22), each(rpc(WINREG, 17), OTHER(22))),
    (120207, rpc(DRSUAPI, 3, version=4), each(rpc(DRSUAPI, 12, version=4), OTHER(3))),
    (120208, copies(PLAIN, r"temp\PSEXESVC.exe"), copies(PLAIN, r"temp\service.exe")),
    (120209, rpc(SHUTDOWN, 0), each(rpc(SHUTDOWN, 1), OTHER(0))),
    (120210, rpc(EFS, 0), each(rpc(EFS, 6), OTHER(0))),
    (120211, rpc(SPOOLER, 89), each(rpc(SPOOLER, 65), OTHER(89))),
    (120212, rpc(NETLOGON, 26, calls=30), each(rpc(NETLOGON, 26, calls=29), rpc(NETLOGON, 4, calls=30))),
]

FILES = [
    (120303, copies(ADMIN, "update.exe", PROGRAM), each(copies(PLAIN, "update.exe", PROGRAM), copies(ADMIN, "a.zip", b"PK" + PROGRAM))),
    (120303, copies(r"\\10.2.0.9\c$", "update.exe", PROGRAM), copies(ADMIN, "update.log", b"MZ is how it begins\r\n")),
    (120304, set_info(200, 10), each(set_info(199, 10), set_info(200, 4))),
    (120305, set_info(400, 13), each(set_info(399, 13), set_info(400, 4))),
    (120306, NOTE("HOW_TO_DECRYPT.txt"), NOTE("decryption-keys.docx")),
    (120307, NOTE("Restore-My-Files.txt"), NOTE("restore procedure.txt")),
    (120308, NOTE("RECOVER-FILES.hta"), NOTE("recovered.txt")),
    (120309, NOTE("autorun.inf"), NOTE("autorun.inf.txt")),
]

HOLES = [
    (120401, tcp(445, NEGOTIATE, transaction2(0x0E)), tcp(445, NEGOTIATE, transaction2(0x05)), [120101]),
    (120402, tcp(445, NEGOTIATE, [smb1(0x32, b"\0\0\0", 0xC0000002, 0x51, True)]),
     tcp(445, NEGOTIATE, [smb1(0x32, b"\0\0\0", 0xC0000002, 0x41, True)]), [120101]),
    (120403, tcp(445, *[smb1(0x33, b"\0\0\0")] * 10), tcp(445, *[smb1(0x33, b"\0\0\0")] * 9), [120101]),
    (120404, tcp(445, COMPRESSED(0xFFFFFFFF)), tcp(445, COMPRESSED(0x10), netbios(b"name" + COMPRESSED(0xFFFFFFFF)[4:]))),
    (120405, rpc(SERVER, 31, b"\0" * 20 + "\\c\\..\\..\\abc".encode("utf-16-le"), version=3),
     rpc(SERVER, 31, b"\0" * 20 + "\\c\\abc".encode("utf-16-le"), version=3)),
    (120406, tcp(3389, MCS(b"MS_T120\0")), each(tcp(3389, MCS(b"rdpsnd\0")), tcp(3389, b"clipboard: " + MCS(b"MS_T120\0")))),
]

GUESSES = [
    (120501, knocks(60, 445), each(knocks(58, 445), tcp(445, *[b"one session"] * 80))),
    (120502, knocks(60, 502), each(knocks(58, 502), tcp(502, *[modbus_pdu(3, b"\0\1\0\1", number) for number in range(80)]))),
    (120503, knocks(30, 3389), knocks(29, 3389)),
    (120504, knocks(60, 22), knocks(59, 22)),
    (120505, refusals(200), each(refusals(199), resets(200))),
    (120506, times(10, tcp(3389, USER)), times(9, tcp(3389, USER))),
    (120507, smb2_refused(10), each(smb2_refused(10, 0xC0000016), smb2_refused(9))),
    (120508, smb1_refused(10), each(smb1_refused(10, 0xC0000016), smb1_refused(9)), [120101]),
    (120509, tcp(21, [b"220 quay\r\n"], *[b"PASS x@y\r\n", [b"530 Login incorrect.\r\n"]] * 10),
     tcp(21, [b"220 quay\r\n"], *[b"PASS x@y\r\n", [b"530 Login incorrect.\r\n"]] * 9)),
    (120510, kerberos_refused(10, 24), kerberos_refused(10, 25)),
]

ROWS = REMOTE + FILES + HOLES + GUESSES
