# SPDX-License-Identifier: Apache-2.0
"""One flow asks three times and is answered; another is told without having asked."""
talk = Talk(capture, "10.0.0.1", 40000, "192.0.2.80", 9000).open()
talk.client(b"LIST 1").server(b"secret 1").client(b"LIST 2").client(b"LIST 3").close()
talk = Talk(capture, "10.0.0.1", 40001, "192.0.2.80", 9000).open()
talk.client(b"hello").server(b"secret 2").client(b"later").client(b"and on").close()
