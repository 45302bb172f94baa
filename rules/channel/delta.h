/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delta - one signed step of a channel, packed and unpacked.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"
#include "quaywatch/wire.h"

/* What a delta says, in parts. */
struct qw_delta {
	const char *channel;
	struct qw_order order;
	struct qw_digest before, after;
	struct qw_time created;
	struct qw_time expires; /* 0: no end */
	const struct qw_slice *entries;
	size_t count;
};

/* Packs and signs; the caller frees *out.  QW_ELIMIT: it would be larger than QW_DELTA_MAX. */
enum qw_err qw_delta_pack(uint8_t **out, size_t *len, const struct qw_delta *delta, const struct qw_sign_pair *online,
			  struct qw_slice delegation) QW_MUSTCHECK;

/* A delta as it came, with what it says in *says, which borrows from it. */
struct qw_delta_open {
	Quaywatch__Wire__Delta *outer;
	Quaywatch__Wire__DeltaBody *inner;
	struct qw_slice *entries;
	struct qw_delta says;
};

/*
 * Unpacks; with root_public not NULL it verifies delegation and signature at
 * `now` before it looks inside, and writes the delegation.  QW_EFORMAT;
 * QW_ESIGN.  On QW_OK end with qw_delta_close.
 */
enum qw_err qw_delta_open(struct qw_delta_open *out, struct qw_slice data, const uint8_t *root_public,
			  struct qw_time now, struct qw_delegation *delegation) QW_MUSTCHECK;
void qw_delta_close(struct qw_delta_open *delta);
