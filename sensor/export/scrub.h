/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scrub - finds addresses, MACs and names of ours in text, and puts others in their place.
 *
 *	GET http://10.1.4.20/?host=hmi1.berth.example  ─►  GET http://245.33.9.7/?host=9f0c51c2aa8e0714
 *
 * It reads addresses as people and programs write them: dotted, with dashes,
 * with zeros in front, reversed for the DNS, IPv4 inside IPv6; names under the
 * tenant's domains, and those it was told.  Where a text hides one behind
 * percent signs the whole text goes.  It does not undo base64 and the like.
 *
 * One thread: it has room for one text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/pseudonym.h"
#include "quaywatch/text.h"

/* What becomes of an address or a name of ours. */
enum qw_scrub_way {
	QW_SCRUB_KEEP,
	QW_SCRUB_DROP,      /* in text: the word "internal" */
	QW_SCRUB_TRUNCATE,  /* the network, /24 or /48; of a MAC, the maker.  Not of names. */
	QW_SCRUB_PSEUDONYM, /* a stand-in */
};

enum { QW_SCRUB_TEXT_MAX = 64 * 1024, QW_SCRUB_NAME_MAX = 255, QW_SCRUB_NAMES_MAX = 65536 };

struct qw_scrub_options {
	enum qw_scrub_way addresses, names;
	const struct qw_pseudonym *pseudonym; /* NULL where no way needs it; outlives the scrub */
	bool (*is_ours)(void *ctx, const struct qw_address *address);
	void *ctx;
	const char *const *domains; /* "berth.example": it and all below it; outlive the scrub */
	size_t domain_count;
};

struct qw_scrub;

enum qw_err qw_scrub_new(struct qw_scrub **out, const struct qw_scrub_options *options) QW_MUSTCHECK;
void qw_scrub_free(struct qw_scrub *scrub);

/* One more name of ours (2 to 255 bytes; others are passed over).  QW_ENOMEM.  QW_ELIMIT: too many. */
enum qw_err qw_scrub_name(struct qw_scrub *scrub, struct qw_slice name) QW_MUSTCHECK;

/* Ours, or one that holds such an IPv4 address (RFC 3056, 4291, 6052). */
bool qw_scrub_is_ours(const struct qw_scrub *scrub, const struct qw_address *address);
/* Any that is one card's: what a mirror port shows is the tenant's. */
bool qw_scrub_is_our_mac(const uint8_t mac[QW_PSEUDONYM_MAC_BYTES]);

/* Replaces one of ours.  False: it is to be left out. */
bool qw_scrub_address(const struct qw_scrub *scrub, struct qw_address *address);
bool qw_scrub_mac(const struct qw_scrub *scrub, uint8_t mac[QW_PSEUDONYM_MAC_BYTES]);

/* Writes what takes the place of a name of ours. */
void qw_scrub_put_name(const struct qw_scrub *scrub, struct qw_slice name, struct qw_text *out);

/* Writes the text, scrubbed; tells how many parts were replaced. */
size_t qw_scrub_text(struct qw_scrub *scrub, struct qw_slice in, struct qw_text *out);
