# SPDX-License-Identifier: Apache-2.0
"""Datagrams of listed and unlisted addresses; one that is listed lies in a block that is listed otherwise."""
for number, source in enumerate(("203.0.113.7", "203.0.113.8", "198.51.100.1", "192.0.2.1", "2001:db8:1::5", "2001:db8:2::5")):
    target = "10.0.0.1" if "." in source else "2001:db8::1"
    capture.add_ip(udp(source, 5000 + number, target, 9, b"datagram"))
