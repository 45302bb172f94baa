# SPDX-License-Identifier: Apache-2.0
"""Patterns across fragments, in order and in reverse; one that is never whole says nothing."""
whole = lambda client, text: udp(client, 40000, "192.0.2.9", 9, text)
for part in fragments(whole("10.0.0.1", b"x" * 13 + b"needle" + b"y" * 20), 24):
    capture.add_ip(part)
for part in reversed(fragments(whole("10.0.0.2", b"x" * 13 + b"needle" + b"y" * 20), 8)):
    capture.add_ip(part)
for part in fragments(whole("10.0.0.3", b"x" * 13 + b"needle" + b"y" * 20), 24)[:-1]:
    capture.add_ip(part)
for part in fragments(tcp("10.0.0.4", 40000, "192.0.2.80", 80, 1, 0, SYN), 8):
    capture.add_ip(part)
