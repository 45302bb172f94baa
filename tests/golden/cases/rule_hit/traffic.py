# SPDX-License-Identifier: Apache-2.0
"""A request that a rule wants, cut so that the pattern crosses two segments; and a datagram."""
talk = Talk(capture, "10.0.0.1", 40000, "192.0.2.80", 80).open()
talk.client(http_request("shop.example", "/cgi-bin/x?/bin/sh"), 20).server(http_answer()).close()
capture.add_ip(udp("10.0.0.1", 40000, "192.0.2.9", 9, b"hay needle hay"))
capture.add_ip(udp("2001:db8::1", 40000, "2001:db8::9", 9, b"hay needle hay"))
