# SPDX-License-Identifier: Apache-2.0
"""Traffic in which a value of every observable type occurs, as given."""
import pathlib

import traffic

CERTIFICATE = bytes.fromhex((pathlib.Path(__file__).parent / "certificate.hex").read_text())

# What is listed in cases/indicators_found/indicators.csv; sent to nobody but by name.
LISTED = {
    "address": "198.51.100.7",
    "endpoint": ("198.51.100.8", 8443),
    "in_block": "203.0.113.14",
    "domain": "evil.example",
    "subdomain": "deep.down.evil.example",
    "host": "www.bad.example",
    "url": ("files.bad.example", "/evil/x.php"),
    "agent": "BadAgent/1.0",
    "mac": "02:00:00:00:be:ef",
    "ciphers": traffic.CIPHERS,
    "certificate": CERTIFICATE,
}


def changed(certificate):
    """Another certificate of the same form: the last byte of its signature differs."""
    return certificate[:-1] + bytes([certificate[-1] ^ 1])


def add(capture, values):
    """One conversation for each value, from a client of its own."""
    clients = (f"10.0.0.{number}" for number in range(10, 100))
    udp = lambda server, port, data: capture.add_ip(traffic.udp(next(clients), 40000, server, port, data))

    def http(host, target, agent, **ether):
        talk = traffic.Talk(capture, next(clients), 40001, "192.0.2.80", 80, **ether).open()
        talk.client(traffic.http_request(host, target, agent)).server(traffic.http_answer()).close()

    udp(values["address"], 9, b"to the address")
    udp(*values["endpoint"], b"to the address and port")
    udp(values["in_block"], 9, b"into the block")
    udp("192.0.2.53", 53, traffic.dns_query(values["domain"]))
    udp("192.0.2.53", 53, traffic.dns_query(values["subdomain"]))
    http(values["host"], "/", "Mozilla/5.0")
    http(*values["url"], "Mozilla/5.0")
    http("plain.example", "/", values["agent"])
    http("plain.example", "/", "Mozilla/5.0", client_mac=traffic.mac_bytes(values["mac"]))
    for ciphers, certificate in ((values["ciphers"], changed(CERTIFICATE)), ((0xC02B, 0xC02F), values["certificate"])):
        talk = traffic.Talk(capture, next(clients), 40002, "192.0.2.44", 443).open()
        talk.client(traffic.tls_client_hello("plain.example", ciphers)).server(traffic.tls_server_flight(certificate)).close()
