# SPDX-License-Identifier: Apache-2.0
"""What the tenant suppresses does not alert, whatever the list says."""
capture.add_ip(udp("10.0.0.1", 40000, "203.0.113.4", 9, b"out"))
capture.add_ip(udp("10.0.0.1", 40000, "203.0.113.5", 9, b"out"))
