# SPDX-License-Identifier: Apache-2.0
"""Sentences of NMEA 0183, messages of AIS and frames of RTCM 3, as bytes.

	say("GPHDT,16.5,T")                         b"$GPHDT,16.5,T*10\\r\\n"
	say("GPHDT,16.5,T", tags="s:GP0001,n:1")    with a block of tags before it
	fix("GP", 120000, 51.9485, 4.1234)          an RMC
	ais(report(244670316, 51.9485, 4.1234))     !AIVDM…, in as many sentences as it needs

tests/lib/marine.h writes the same for unit tests.
"""

CHARS = 56


def total(text):
    value = 0
    for byte in text.encode():
        value ^= byte
    return value


def say(body, start="$", tags=None):
    head = f"\\{tags}*{total(tags):02X}\\" if tags else ""
    return f"{head}{start}{body}*{total(body):02X}\r\n".encode()


def angle(degrees, width, ways):
    whole, minutes = divmod(abs(degrees) * 60, 60)
    return f"{int(whole):0{width}d}{minutes:09.6f},{ways[degrees < 0]}"


def fix(talker, time, latitude, longitude, speed=0.0, course=0.0, date="231126", status="A"):
    place = f"{angle(latitude, 2, 'NS')},{angle(longitude, 3, 'EW')}"
    return say(f"{talker}RMC,{time:06d},{status},{place},{speed:.1f},{course:.1f},{date},,,A")


def bits(*fields):
    """Of (width, number or text) pairs; a text has six bits a character, '@' behind its end."""
    out = ""
    for width, value in fields:
        if isinstance(value, str):
            chars = value.ljust(width // 6, "@")
            out += "".join(f"{ord(c) - 64 if c >= '@' else ord(c):06b}" for c in chars)
        else:
            out += f"{value & (1 << width) - 1:0{width}b}"
    return out


def minutes(degrees):
    return round(degrees * 600000)


def report(mmsi, latitude, longitude, speed=12.3, course=224.0, heading=215, status=0, kind=1):
    return bits((6, kind), (2, 0), (30, mmsi), (4, status), (8, -128), (10, round(speed * 10)), (1, 1),
                (28, minutes(longitude)), (27, minutes(latitude)), (12, round(course * 10)), (9, heading), (6, 33), (25, 0))


def voyage(mmsi, name, call_sign="PBGZ", imo=9632064, ship=70, destination="ROTTERDAM"):
    return bits((6, 5), (2, 0), (30, mmsi), (2, 0), (30, imo), (42, call_sign), (120, name), (8, ship), (9, 300), (9, 99),
                (6, 20), (6, 38), (4, 1), (4, 11), (5, 23), (5, 6), (6, 30), (8, 145), (120, destination), (2, 0))


def ais(message, address="AIVDM", channel="A", sequence=1):
    fill = -len(message) % 6
    message += "0" * fill
    values = [int(message[at:at + 6], 2) for at in range(0, len(message), 6)]
    chars = "".join(chr(value + (48 if value < 40 else 56)) for value in values)
    parts = [chars[at:at + CHARS] for at in range(0, len(chars), CHARS)]
    number = sequence if len(parts) > 1 else ""
    return b"".join(say(f"{address},{len(parts)},{at + 1},{number},{channel},{part},{fill if at + 1 == len(parts) else 0}", "!")
                    for at, part in enumerate(parts))


def correction(kind, station, size=19):
    """A frame of RTCM 3 of so many bytes, of a type that has the station's number behind it."""
    message = (kind << 12 | station).to_bytes(3, "big").ljust(size, b"\0")
    frame = b"\xd3" + len(message).to_bytes(2, "big") + message
    value = 0
    for byte in frame:
        value ^= byte << 16
        for _ in range(8):
            value = value << 1 ^ (0x1864CFB if value & 0x800000 else 0)
    return frame + value.to_bytes(3, "big")
