/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk - a channel as a file, all integers little-endian.
 *
 *	"QWCHAN\r\n"  version u32  name length u32  name
 *	term u64  sequence u64  entries u64  digest 32 bytes
 *	per entry: length u32, body
 *	BLAKE2b-256 of all that, 32 bytes
 *
 * The checksum tells damage, not forgery: who can write the file can write
 * another.  The digest is computed anew from the entries and compared.
 */
#pragma once

#include "quaywatch/channel.h"

/* A channel from a whole file in memory. */
enum qw_err qw_channel_decode(struct qw_channel **out, const uint8_t *data, size_t len) QW_MUSTCHECK;

/* The entries of a whole file in memory; see qw_channel_file_each. */
enum qw_err qw_channel_walk(const uint8_t *data, size_t len, enum qw_err (*visit)(void *ctx, const struct qw_entry *entry),
			    void *ctx) QW_MUSTCHECK;

/* What the last QW_DIGEST_BYTES of a file are, of what stands before them. */
struct qw_digest qw_channel_checksum(const uint8_t *data, size_t len);
