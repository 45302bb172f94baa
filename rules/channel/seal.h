/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal - Ed25519 (RFC 8032) signatures over a purpose and a body.
 *
 * What was signed for one purpose never fits another.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"

enum qw_seal_purpose { QW_SEAL_DELTA, QW_SEAL_DELEGATION, QW_SEAL_SNAPSHOT };

enum qw_err qw_seal(uint8_t out[QW_SIGN_BYTES], enum qw_seal_purpose purpose, struct qw_slice body,
		    const struct qw_sign_pair *pair) QW_MUSTCHECK;

/* QW_ESIGN: not this body by this key. */
enum qw_err qw_seal_verify(struct qw_slice signature, enum qw_seal_purpose purpose, struct qw_slice body,
			   const uint8_t public_key[QW_SIGN_PUBLIC_BYTES]) QW_MUSTCHECK;

/* What a packed delegation says of itself, unverified. */
enum qw_err qw_delegation_read(struct qw_delegation *out, struct qw_slice data) QW_MUSTCHECK;

/* Whether the delegation holds at that time. */
bool qw_delegation_holds(const struct qw_delegation *delegation, struct qw_time at);

/* Before signing: QW_ESIGN: not this key's, or not now. */
enum qw_err qw_delegation_of(struct qw_delegation *out, struct qw_slice data, const struct qw_sign_pair *online,
			     struct qw_time now) QW_MUSTCHECK;

/* The right that changing entries of this kind takes. */
enum qw_right qw_right_for(enum qw_entry_kind kind);
