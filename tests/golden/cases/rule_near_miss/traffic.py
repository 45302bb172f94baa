# SPDX-License-Identifier: Apache-2.0
"""All but what the rules want: another port, another direction, another letter, bytes that were never in one stream."""
talk = Talk(capture, "10.0.0.1", 40000, "192.0.2.80", 80).open()
talk.client(http_request("shop.example", "/cgi-bin/x?/bin/sg")).server(http_answer(b"/bin/sh\n")).close()
talk = Talk(capture, "10.0.0.1", 40001, "192.0.2.80", 81).open()
talk.client(http_request("shop.example", "/cgi-bin/x?/bin/sh")).close()
capture.add_ip(udp("10.0.0.1", 40000, "192.0.2.9", 10, b"hay needle hay"))
capture.add_ip(udp("10.0.0.1", 40000, "192.0.2.9", 9, b"hay need"))
capture.add_ip(udp("10.0.0.1", 40000, "192.0.2.9", 9, b"le hay"))
