# SPDX-License-Identifier: Apache-2.0
"""A flow is followed for some packets, a host for some seconds, whatever it says to whom."""
talk = Talk(capture, "10.0.0.1", 40000, "192.0.2.80", 9000).open()
talk.client(b"login").server(b"password?").client(b"x").server(b"welcome").close()
capture.at(20)
capture.add_ip(udp("10.0.0.2", 1000, "192.0.2.7", 9, b"knock"))
capture.add_ip(udp("10.0.0.3", 1000, "192.0.2.7", 9, b"other"))
capture.add_ip(udp("192.0.2.8", 9, "10.0.0.2", 1001, b"to it"))
capture.at(25)
capture.add_ip(udp("10.0.0.2", 1002, "192.0.2.7", 9, b"in time"))
capture.at(27)
capture.add_ip(udp("10.0.0.2", 1003, "192.0.2.7", 9, b"too late"))
