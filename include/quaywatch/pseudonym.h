/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pseudonym - stand-ins for addresses and names that only the key's holder can undo.
 *
 * Addresses by Crypto-PAn (Xu, Fan, Ammar, Moon 2002): two that share their
 * first n bits have stand-ins that share n bits, so neighbours stay
 * neighbours; a stand-in is an address again, and the same one every time.
 * Names and MACs by HMAC-SHA-256.  A new key makes all stand-ins new.
 * Immutable after it is made: any thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum {
	QW_PSEUDONYM_KEY_BYTES = 32,
	QW_PSEUDONYM_NAME_DIGITS = 16,
	QW_PSEUDONYM_MAC_BYTES = 6,
};

struct qw_pseudonym;

/* QW_ENOMEM. */
enum qw_err qw_pseudonym_new(struct qw_pseudonym **out, const uint8_t key[QW_PSEUDONYM_KEY_BYTES]) QW_MUSTCHECK;

/*
 * The key of that file (64 hexadecimal digits), which is made, for the owner
 * alone, if it is not there.  QW_EFORMAT: it holds something else.  QW_EACCES, QW_EIO, ….
 */
enum qw_err qw_pseudonym_open(struct qw_pseudonym **out, const char *path) QW_MUSTCHECK;

/* The key is wiped.  NULL is permitted. */
void qw_pseudonym_free(struct qw_pseudonym *pseudonym);

/* IPv4 stays IPv4; its 32 bits alone are replaced. */
struct qw_address qw_pseudonym_address(const struct qw_pseudonym *pseudonym, const struct qw_address *address);

/* Hexadecimal digits and a NUL; names that differ in case alone have one stand-in. */
void qw_pseudonym_name(const struct qw_pseudonym *pseudonym, struct qw_slice name, char out[QW_PSEUDONYM_NAME_DIGITS + 1]);

/* A unicast address that says itself that nobody sold it (locally administered). */
void qw_pseudonym_mac(const struct qw_pseudonym *pseudonym, const uint8_t mac[QW_PSEUDONYM_MAC_BYTES],
		      uint8_t out[QW_PSEUDONYM_MAC_BYTES]);
