# SPDX-License-Identifier: Apache-2.0
"""The same conversations with values that are nearly, but not, those of the list: nothing alerts."""
import kinds

kinds.add(capture, {
    "address": "198.51.100.6",
    "endpoint": ("198.51.100.8", 8444),
    "in_block": "203.0.113.16",
    "domain": "notevil.example",
    "subdomain": "evil.example.org",
    "host": "sub.www.bad.example",
    "url": ("files.bad.example", "/evil/x.phpx"),
    "agent": "BadAgent/1.0.1",
    "mac": "02:00:00:00:be:ee",
    "ciphers": (0x1301, 0xC02B, 0xC02F),
    "certificate": kinds.changed(kinds.CERTIFICATE),
})
