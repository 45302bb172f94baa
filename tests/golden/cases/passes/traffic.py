# SPDX-License-Identifier: Apache-2.0
"""A pass rule beats every alert of its packet, also those that match before it; drop and reject alert."""
capture.add_ip(udp("10.0.0.1", 5000, "192.0.2.53", 53, dns_query("www.good.example")))
capture.add_ip(udp("10.0.0.1", 5001, "192.0.2.53", 53, dns_query("www.evil.example")))
for text in (b"scan", b"scan again"):
    capture.add_ip(udp("10.0.0.9", 5000, "192.0.2.7", 9, text))
for text in (b"scan", b"scan allowed", b"scan", b"drop me", b"reject me"):
    capture.add_ip(udp("10.0.0.1", 5002, "192.0.2.7", 9, text))
