# SPDX-License-Identifier: Apache-2.0
"""A yard's three receivers that are jammed, then moved; a bridge's receiver with a second source; AIS; a broken line."""
from marine import ais, angle, report, say

LATITUDE, LONGITUDE, METRE = 53.54010, 9.97010, 1 / 111195


def clock(second):
    at = second + 22 * 3600 + 13 * 60 + 20  # when captures begin
    return f"{at // 3600 % 24:02d}{at // 60 % 60:02d}{at % 60:02d}"


def place(second, north=0.0, quality=1, satellites=9, hdop=0.9):
    where = f"{angle(LATITUDE + north * METRE, 2, 'NS')},{angle(LONGITUDE, 3, 'EW')}" if quality else ",,,"
    return say(f"GPGGA,{clock(second)},{where},{quality},{satellites:02d},{hdop:.1f},12.0,M,,M,,")


def yard(second, **what):
    for i in range(3):
        mine = {**what, "north": what.get("north", 0) + 100 * i}
        capture.add_ip(udp(f"10.0.7.{i + 1}", 40000, "10.0.7.9", 10110, place(second, **mine)))


def bridge(host):
    capture.add_ip(udp(host, 40001, "239.192.0.4", 60004, b"UdPbC\0" + say(f"HEHDT,{second % 360}.5,T", tags="s:HE0001")))


for second in range(430):
    capture.at(second)
    if second < 90:
        yard(second)
    elif second < 120:
        yard(second, quality=0, satellites=0, hdop=99.9)
    elif second < 150:
        yard(second)
    elif second < 180:
        yard(second, north=3000)
    bridge("10.0.8.1")
    if second > 400:
        bridge("10.0.8.66")
    if second % 10 == 0:
        there = 0.5 if second >= 200 and second % 20 == 0 else 0
        capture.add_ip(udp("10.0.8.2", 40002, "10.0.8.9", 4001, ais(report(211234560, 53.5 + there, 9.9, speed=0))))
    if 300 <= second < 380:
        bad = say(f"WIMWV,{second % 360}.0,R,5.0,N,A")
        capture.add_ip(udp("10.0.8.3", 40003, "10.0.8.9", 4001, bad[:-4] + b"ZZ\r\n"))

capture.at(431)
capture.add_ip(udp("10.0.8.2", 40002, "10.0.8.9", 4001, ais(report(211234561, 53.5, 9.9, kind=4))))
