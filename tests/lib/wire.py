# SPDX-License-Identifier: Apache-2.0
"""The wire's messages, read and written by the definitions in include/quaywatch/wire.proto.

	wire = Wire(source_folder)
	wire.pack("Frame", {"version": 1, "sighting": {"id": 7}})
	wire.unpack("Frame", data)      # {"version": 1, "sighting": {"id": 7}}; what is not in the definitions: "?NUMBER"
"""
import re

VARINT, EIGHT, BYTES = 0, 1, 2
KINDS = {"uint32": VARINT, "uint64": VARINT, "int64": VARINT, "bool": VARINT, "fixed64": EIGHT}
# Bytes that are messages: packed once, signed, and carried as they are.
PACKED = {("Frame", "delta"): "Delta", ("Frame", "snapshot_part"): "SnapshotPart", ("Delta", "body"): "DeltaBody",
          ("Delta", "delegation"): "Delegation", ("DeltaBody", "entries"): "Entry", ("Delegation", "body"): "DelegationBody",
          ("SnapshotPart", "head"): "SnapshotHead", ("SnapshotPart", "delegation"): "Delegation",
          ("SnapshotPart", "entries"): "Entry", ("Recalled", "deltas"): "Delta"}


def put_varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def take_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


class Wire:
    def __init__(self, source):
        text = re.sub(r"//.*", "", (source / "include/quaywatch/wire.proto").read_text())
        text = re.sub(r"oneof \w+ \{([^}]*)\}", r"\1", text)
        self.fields = {}
        for message, body in re.findall(r"message (\w+) \{([^}]*)\}", text):
            rows = re.findall(r"(repeated )?(\w+) (\w+) = (\d+);", body)
            self.fields[message] = {int(number): (name, kind, bool(many)) for many, kind, name, number in rows}

    def inner(self, message, name, kind):
        """The message that a field holds; None: it holds none."""
        return kind if kind in self.fields else PACKED.get((message, name))

    def pack(self, message, values):
        out = bytearray()
        for number, (name, kind, many) in sorted(self.fields[message].items()):
            for value in (values.get(name, []) if many else [values[name]] if name in values else []):
                inner = self.inner(message, name, kind)
                if kind in KINDS and KINDS[kind] == VARINT:
                    out += put_varint(number << 3 | VARINT) + put_varint(int(value))
                elif kind in KINDS:
                    out += put_varint(number << 3 | EIGHT) + value.to_bytes(8, "little")
                else:
                    data = self.pack(inner, value) if inner else value.encode() if isinstance(value, str) else value
                    out += put_varint(number << 3 | BYTES) + put_varint(len(data)) + data
        return bytes(out)

    def unpack(self, message, data):
        out, at = {}, 0
        while at < len(data):
            key, at = take_varint(data, at)
            name, kind, many = self.fields[message].get(key >> 3, (f"?{key >> 3}", "bytes", False))
            if key & 7 == VARINT:
                value, at = take_varint(data, at)
            elif key & 7 == EIGHT:
                value, at = int.from_bytes(data[at:at + 8], "little"), at + 8
            else:
                size, at = take_varint(data, at)
                value, at = bytes(data[at:at + size]), at + size
                inner = self.inner(message, name, kind)
                value = self.unpack(inner, value) if inner else value.decode() if kind == "string" else value
            if many:
                out.setdefault(name, []).append(value)
            else:
                out[name] = value
        return out
