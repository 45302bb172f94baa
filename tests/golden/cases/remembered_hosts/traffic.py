# SPDX-License-Identifier: Apache-2.0
"""A host knocks in one flow and enters in others: within ten seconds that counts; another host's entering never does."""
capture.add_ip(udp("10.0.0.1", 1000, "192.0.2.7", 9000, b"knock"))
capture.add_ip(udp("10.0.0.1", 1001, "192.0.2.8", 9001, b"enter"))
capture.add_ip(udp("10.0.0.2", 1001, "192.0.2.8", 9001, b"enter"))
capture.add_ip(udp("192.0.2.7", 9000, "10.0.0.1", 1000, b"yes"))
capture.add_ip(udp("192.0.2.9", 9000, "10.0.0.1", 1000, b"yes"))
capture.at(10)
capture.add_ip(udp("10.0.0.1", 1002, "192.0.2.8", 9001, b"enter"))
capture.at(12)
capture.add_ip(udp("10.0.0.1", 1003, "192.0.2.8", 9001, b"enter"))
