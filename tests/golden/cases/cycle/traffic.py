# SPDX-License-Identifier: Apache-2.0
"""Two screens read three controllers: one stops and comes again, one slows down, one falls silent to both; then all ends."""
import struct

SYN, ACK, PUSH_ACK = 0x02, 0x10, 0x18


class Poll:
    """A screen reads ten registers, and is answered; both sides' numbers go on."""

    def __init__(self, client, port, server):
        self.ends, self.back = (client, port, server, 502), (server, 502, client, port)
        self.sent, self.answered, self.number = 1, 1, 0

    def open(self):
        capture.add_ip(tcp(*self.ends, 0, 0, SYN))
        capture.add_ip(tcp(*self.back, 0, 1, SYN | ACK))
        capture.add_ip(tcp(*self.ends, 1, 1, ACK))

    def ask(self):
        self.number += 1
        ask = struct.pack(">HHHBBHH", self.number, 0, 6, 1, 3, 0, 10)
        answer = struct.pack(">HHHBBB", self.number, 0, 23, 1, 3, 20) + bytes(20)
        capture.add_ip(tcp(*self.ends, self.sent, self.answered, PUSH_ACK, ask))
        self.sent += len(ask)
        capture.add_ip(tcp(*self.back, self.answered, self.sent, PUSH_ACK, answer))
        self.answered += len(answer)


stops = Poll("10.0.1.5", 40001, "10.0.4.20")
slows = Poll("10.0.1.5", 40002, "10.0.4.21")
dies = [Poll("10.0.1.5", 40003, "10.0.4.22"), Poll("10.0.1.6", 40004, "10.0.4.22")]
stays = Poll("10.0.1.6", 40005, "10.0.4.23")

for poll in (stops, slows, *dies, stays):
    poll.open()
for half in range(2 * 480):
    second = half / 2
    capture.at(second)
    stays.ask()
    if not 150 <= second < 200:
        stops.ask()
    if second < 130 or half % 4 == 0:
        slows.ask()
    if second < 300:
        for poll in dies:
            poll.ask()
