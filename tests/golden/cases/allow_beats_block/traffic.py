# SPDX-License-Identifier: Apache-2.0
"""Of a listed block one address is allowed, of a listed name one below it; the others alert."""
for last in (4, 5):
    capture.add_ip(udp("10.0.0.1", 40000 + last, f"203.0.113.{last}", 9, b"out"))
for name in ("good.evil.example", "x.good.evil.example", "bad.evil.example"):
    capture.add_ip(udp("10.0.0.2", 5000 + len(name), "192.0.2.53", 53, dns_query(name)))
