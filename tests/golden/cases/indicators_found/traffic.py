# SPDX-License-Identifier: Apache-2.0
"""A value of every type, each in a conversation of its own."""
import kinds

kinds.add(capture, kinds.LISTED)
