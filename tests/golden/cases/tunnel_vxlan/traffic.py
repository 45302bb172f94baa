# SPDX-License-Identifier: Apache-2.0
"""What is inside VXLAN alerts with its own addresses, fragments of the inner packet too."""
inner = Capture()
talk = Talk(inner, "10.0.0.1", 40000, "192.0.2.80", 80).open()
talk.client(http_request("shop.example", "/bin/sh"), 30).server(http_answer()).close()
for part in fragments(udp("10.0.0.2", 40000, "192.0.2.9", 9, b"x" * 13 + b"needle" + b"y" * 30), 24):
    inner.add_ip(part)
for _, frame in inner.frames:
    capture.add_ip(vxlan("172.16.0.1", "172.16.0.2", 42, frame))
