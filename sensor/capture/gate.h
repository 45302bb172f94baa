/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate - what a capture socket lets in, and with whom it shares.
 *
 * A packet socket receives from the moment it is bound, before it can join a
 * fanout group: what comes in between, the group's other sockets have too.  So
 * a socket is closed first, emptied, and opened in the moment it joins.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/err.h"

/* From now on the socket receives nothing, and counts nothing. */
enum qw_err qw_gate_close(int fd) QW_MUSTCHECK;

/* Everything again. */
enum qw_err qw_gate_open(int fd) QW_MUSTCHECK;

/* Both directions of a conversation go to one socket of the group. */
enum qw_err qw_gate_join(int fd, uint16_t group) QW_MUSTCHECK;

/* Adds what the kernel counted since it was asked last; nothing if it does not tell. */
void qw_gate_count(int fd, uint64_t *received, uint64_t *dropped);
