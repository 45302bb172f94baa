# SPDX-License-Identifier: Apache-2.0
"""What Windows computers say to each other: SMB 1 and 2, DCE/RPC; talks for worm.py."""
import struct
import uuid

from kit import *

REQUEST, ANSWER = 0, 1
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<I", 2)


def netbios(data):
    return b"\0" + sized(3, data)


# ---- SMB 2


def smb2(command, body, number=1, answers=False, status=0):
    head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 1, status, command, 1, int(answers), 0, number, 0, 1, 1) + bytes(16)
    return netbios(head + body)


def tree(path):
    name = path.encode("utf-16-le")
    answer = struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0)
    return [smb2(3, struct.pack("<HHHH", 9, 0, 72, len(name)) + name, 1), [smb2(3, answer, 1, True)]]


FILE_ID = b"\7" * 16


def create(path):
    name = path.encode("utf-16-le")
    ask = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0, 7, 5, 0x40, 120, len(name), 0, 0) + name
    answer = struct.pack("<HBBI", 89, 0, 0, 2) + bytes(32 + 16) + struct.pack("<II", 0x80, 0) + FILE_ID + bytes(8)
    return [smb2(5, ask, 2), [smb2(5, answer, 2, True)]]


def write(data):
    ask = struct.pack("<HHIQ", 49, 112, len(data), 0) + FILE_ID + struct.pack("<IIHHI", 0, 0, 0, 0, 0) + data
    return [smb2(9, ask, 3), [smb2(9, struct.pack("<HHIIHH", 17, 0, len(data), 0, 0, 0), 3, True)],
            smb2(6, struct.pack("<HHI", 24, 0, 0) + FILE_ID, 4), [smb2(6, struct.pack("<HHI", 60, 0, 0) + bytes(52), 4, True)]]


def copies(share, name, data=b"a line of text\r\n"):
    """A file written to a share of another computer."""
    return tcp(445, *tree(share), *create(name), *write(data))


def set_info(count, kind):
    body = struct.pack("<HBBIHHI", 33, 1, kind, 24, 96, 0, 0) + FILE_ID + bytes(24)
    return tcp(445, *tree(r"\\files\tos"), *(smb2(17, body, 10 + number) for number in range(count)))


def smb2_refused(count, status=0xC000006D):
    parts = []
    for number in range(count):
        parts += [smb2(1, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, 0, 0), number),
                  [smb2(1, struct.pack("<HHHH", 9, 0, 72, 0), number, True, status)]]
    return tcp(445, *parts)


# ---- SMB 1


def smb1(command, body, status=0, number=64, answers=False):
    head = b"\xffSMB" + struct.pack("<BIBHH8sHHHHH", command, status, 0x98 if answers else 0x18, 0x4801, 0, bytes(8), 0, 1, 0, 1, number)
    return netbios(head + body)


def transaction2(setup):
    words = struct.pack("<HHHHBBHIHHHHHBBH", 12, 0, 1, 0, 0, 0, 0, 0, 0, 12, 66, 0, 78, 1, 0, setup)
    return smb1(0x32, bytes([len(words) // 2]) + words + struct.pack("<H", 12) + bytes(12))


def smb1_refused(count, status=0xC000006D):
    parts = []
    for number in range(count):
        parts.append([smb1(0x73, b"\0\0\0", status, number, True)])
    return tcp(445, smb1(0x72, b"\0" + sized_le(b"\x02NT LM 0.12\0")), *parts)


def sized_le(data):
    return le(2, data)


# ---- DCE/RPC


def pdu(kind, body, number=1):
    return struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, number) + body


def rpc(interface, operation, stub=b"\0" * 8, version=1, calls=1):
    """An interface is bound and called, on a port of its own as the endpoint mapper gives."""
    bind = struct.pack("<HHIBBHHBB", 4280, 4280, 0, 1, 0, 0, 0, 1, 0) + uuid.UUID(interface).bytes_le + struct.pack("<I", version) + NDR
    accepted = struct.pack("<HHI", 4280, 4280, 1) + le(2, b"49152\0") + struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR
    call = struct.pack("<IHH", len(stub), 0, operation) + stub
    return tcp(49152, pdu(11, bind), [pdu(12, accepted)], *(pdu(0, call, 2 + number) for number in range(calls)))
