# SPDX-License-Identifier: Apache-2.0
"""The same address before and after its indicator ends, by the time of the packets (2023-11-14T22:13:20 and on)."""
for seconds in (0, 9, 11, 3600):
    capture.at(seconds)
    capture.add_ip(udp("10.0.0.1", 40000 + seconds, "198.51.100.7", 9, b"out"))
    capture.add_ip(udp("10.0.0.1", 40000 + seconds, "198.51.100.8", 9, b"out"))
