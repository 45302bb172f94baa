# SPDX-License-Identifier: Apache-2.0
"""Two hosts scan the ports of one, each packet a flow of its own."""
for port in range(1, 7):
    capture.add_ip(udp("10.0.0.1", 5000 + port, "192.0.2.7", port, b"scan"))
for port in (1, 1, 2):
    capture.add_ip(udp("10.0.0.2", 6000 + port, "192.0.2.7", port, b"scan"))
capture.at(70)
capture.add_ip(udp("10.0.0.1", 5000, "192.0.2.7", 1, b"scan"))
