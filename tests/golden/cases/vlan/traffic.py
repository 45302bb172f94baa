# SPDX-License-Identifier: Apache-2.0
"""Tagged once and twice, and one conversation in each of two networks with the same addresses."""
capture.add_ip(udp("10.0.0.1", 40000, "192.0.2.9", 9, b"needle"), vlans=(100,))
capture.add_ip(udp("10.0.0.2", 40000, "192.0.2.9", 9, b"needle"), vlans=(200, 300))
for vlan in (7, 8):
    talk = Talk(capture, "10.0.0.3", 40000, "192.0.2.80", 80, vlans=(vlan,)).open()
    talk.client(http_request("shop.example", "/bin/sh")).close()
