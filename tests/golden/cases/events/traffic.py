# SPDX-License-Identifier: Apache-2.0
"""One conversation of each kind that has events of its own."""
import kinds

capture.add_ip(udp("10.0.0.1", 5000, "192.0.2.53", 53, dns_query("www.plain.example")))
capture.add_ip(udp("192.0.2.53", 53, "10.0.0.1", 5000, dns_answer("www.plain.example", "192.0.2.80")))
talk = Talk(capture, "10.0.0.1", 40000, "192.0.2.80", 80).open()
talk.client(http_request("www.plain.example", "/index.html")).server(http_answer())
talk.client(http_request("www.plain.example", "/missing", method="HEAD")).server(http_answer(b"", "404 Not Found")).close()
talk = Talk(capture, "10.0.0.1", 40001, "192.0.2.44", 443).open()
talk.client(tls_client_hello("www.plain.example")).server(tls_server_flight(kinds.CERTIFICATE)).close()
capture.add_ip(udp("2001:db8::1", 5001, "2001:db8::53", 53, dns_query("six.plain.example", kind=28)))
