# SPDX-License-Identifier: Apache-2.0
"""Repeats between one pair are folded within ten seconds, and counted; another pair is not."""
for number in range(25):
    capture.at(number * 0.1)
    capture.add_ip(udp("10.0.0.1", 40000 + number, "192.0.2.9", 9, b"needle"))
capture.at(3)
capture.add_ip(udp("10.0.0.2", 40000, "192.0.2.9", 9, b"needle"))
for number in range(5):
    capture.at(60 + number)
    capture.add_ip(udp("10.0.0.1", 50000 + number, "192.0.2.9", 9, b"needle"))
