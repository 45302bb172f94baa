# SPDX-License-Identifier: Apache-2.0
"""Requests of two hosts, and DNS queries: sets in a file, in JSON, in the configuration, and one that learns."""
for number, (client, host, agent) in enumerate((("10.0.0.1", "bad.example", "curl/7.43.0"),
                                                ("10.0.0.2", "good.example", "Mozilla/5.0"),
                                                ("10.0.0.3", "BAD.example", "curl/7.43.1"))):
    talk = Talk(capture, client, 40000 + number, "192.0.2.80", 80).open()
    talk.client(http_request(host, "/", agent)).server(http_answer()).close()
for number, name in enumerate(("a.example.co.uk", "b.example.co.uk", "other.test", "a.example.co.uk")):
    capture.add_ip(udp("10.0.0.1", 5000 + number, "192.0.2.53", 53, dns_query(name, 100 + number)))
capture.add_ip(udp("2001:db8::7", 6000, "2001:db8::9", 9, b"datagram"))
