# SPDX-License-Identifier: Apache-2.0
"""A straddle carrier's receiver, a bridge's sources, pilots' AIS, a caster: sentences in datagrams and small segments."""
from marine import ais, correction, fix, report, say, voyage

carrier = "10.0.0.1", 40000, "10.0.0.255", 10110
capture.add_ip(udp(*carrier, fix("GP", 120000, 51.9485, 4.1234, 5.0, 16.5) + say("GPGSA,A,3,8,11,15,22,,,,,,,,,1.5,1.5,1.5")))
capture.add_ip(udp(*carrier, say("GPHDT,16.5,T")[:-4] + b"00\r\n"))

bridge = "10.0.0.2", 40001, "239.192.0.4", 60004
capture.add_ip(udp(*bridge, b"UdPbC\0" + say("HEHDT,16.5,T", tags="s:HE0001,n:1")))
capture.add_ip(udp(*bridge, b"UdPbC\0" + say("HEHDT,17.0,T", tags="s:HE0001,n:4")))

pilots = Talk(capture, "10.0.0.3", 40002, "10.0.0.9", 4001).open()
pilots.server(ais(report(244670316, 51.9485, 4.1234)) + ais(voyage(244670316, "MAERSK EXAMPLE")), 23)
pilots.server(ais(report(244670316, 51.9485, 4.1234)[:100]))
pilots.close()

rover = Talk(capture, "10.0.0.4", 40003, "10.0.0.9", 2101).open()
rover.client(b"GET /MAASVLAKTE HTTP/1.0\r\nUser-Agent: NTRIP Straddle/1.2\r\n\r\n")
rover.server(b"ICY 200 OK\r\n\r\n" + correction(1005, 7))
rover.client(fix("GP", 120001, 51.9485, 4.1234))
rover.server(correction(1077, 7, 60), 17)
rover.close()
