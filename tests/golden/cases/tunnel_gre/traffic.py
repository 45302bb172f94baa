# SPDX-License-Identifier: Apache-2.0
"""What is inside GRE over IPv4 and over IPv6 alerts with its own addresses."""
inner = Capture()
talk = Talk(inner, "10.0.0.1", 40000, "192.0.2.80", 80).open()
talk.client(http_request("shop.example", "/bin/sh"), 30).server(http_answer()).close()
inner.add_ip(udp("10.0.0.2", 40000, "192.0.2.9", 9, b"needle"))
for _, frame in inner.frames:
    capture.add_ip(gre("172.16.0.1", "172.16.0.2", frame[14:]))
capture.add_ip(gre("2001:db8::1", "2001:db8::2", udp("10.0.0.3", 40000, "192.0.2.9", 9, b"needle")))
