/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicators - the exact observables in force, as compact tables in an image.
 *
 * Two layers stand over each other: a big one, and a small overlay of fresh
 * changes, built anew at each change, whose entries (also its removals) win.
 * From some 65 000 entries on the big one is many images, so that what changed
 * can be merged into it part by part: more memory than a part is never needed.
 * A query answers with the entry that decides: an allow entry of equal or
 * longer match hides a block entry; an expired entry is not there.
 *
 * Threads: a set is opened once and read by one thread or many; queries
 * allocate nothing and write nothing shared.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/image.h"
#include "quaywatch/indicator.h"

enum { QW_INDICATOR_PARTS = 64 };

/* Descriptors of a set's images; -1: none, or unchanged. */
struct qw_indicator_images {
	int part[QW_INDICATOR_PARTS];
	unsigned parts; /* of the big layer: 1 or QW_INDICATOR_PARTS; 0: there is none */
	int overlay;
};

/* No image at all. */
struct qw_indicator_images qw_indicator_images_none(void);

/* A big layer of one image; overlay -1: none. */
struct qw_indicator_images qw_indicator_images_one(int fd, int overlay);

/* Closes all of them; then there is none. */
void qw_indicator_images_close(struct qw_indicator_images *images);

/* ---- building */

struct qw_indicator_builder;
struct qw_indicators;

enum qw_err qw_indicator_builder_new(struct qw_indicator_builder **out) QW_MUSTCHECK;
/*
 * For a large set that is to be built anew while the old one is in force: makes
 * parts first to end - 1, to stand beside the others of the set whose kin it
 * is.  All entries are to be added; what falls into other parts is passed over.
 * To be ended by qw_indicator_builder_finish_parts.  QW_EINVAL: no such parts.
 */
struct qw_indicator_kin;
enum qw_err qw_indicator_builder_for(struct qw_indicator_builder **out, const struct qw_indicator_kin *kin, unsigned first,
				     unsigned end) QW_MUSTCHECK;
void qw_indicator_builder_free(struct qw_indicator_builder *builder);

/* Adds, or replaces the entry of the same observable and kind (the later one wins). */
enum qw_err qw_indicator_builder_add(struct qw_indicator_builder *builder, const struct qw_indicator *indicator) QW_MUSTCHECK;

/* For an overlay: the big image's entry of this observable is no more. */
enum qw_err qw_indicator_builder_remove(struct qw_indicator_builder *builder, const struct qw_observable *observable,
					bool allow) QW_MUSTCHECK;

/* One image of all: for an overlay, or a set that stays small.  The descriptor is the caller's. */
enum qw_err qw_indicator_builder_finish(struct qw_indicator_builder *builder, int *fd) QW_MUSTCHECK;

/* The big layer in as many images as suit its size.  Peak memory stays near their own.  The descriptors are the caller's. */
enum qw_err qw_indicator_builder_finish_parts(struct qw_indicator_builder *builder, struct qw_indicator_images *out) QW_MUSTCHECK;

/* ---- asking */

/* Borrows no descriptor after it returns.  QW_EFORMAT: not the images of one set. */
enum qw_err qw_indicators_open(struct qw_indicators **out, const struct qw_indicator_images *images) QW_MUSTCHECK;

/*
 * The same set with `fresh` in the place of those parts, or that overlay, whose
 * descriptor is not -1.  What did not change was checked when `set` was opened
 * and is not read again.  Both sets live on their own and are closed in any
 * order.  Where `set` is NULL, or fresh has a big layer of another number of
 * parts, as qw_indicators_open: fresh is to be whole then.
 */
enum qw_err qw_indicators_open_over(struct qw_indicators **out, const struct qw_indicators *set,
				    const struct qw_indicator_images *fresh) QW_MUSTCHECK;

/* Of the big layer: 1 or QW_INDICATOR_PARTS. */
unsigned qw_indicators_parts(const struct qw_indicators *set);

/* What images must have in common to stand beside those of the big layer. */
struct qw_indicator_kin {
	uint64_t seed[3];
};
struct qw_indicator_kin qw_indicators_kin(const struct qw_indicators *set);

/*
 * Makes `part` of the big layer anew, with the overlay's changes in it; those
 * of *out that are new are the caller's.  A set of one part is merged whole and
 * may come out as QW_INDICATOR_PARTS.  Takes milliseconds, and memory as the part.
 */
enum qw_err qw_indicators_merge(const struct qw_indicators *set, unsigned part, struct qw_indicator_images *out) QW_MUSTCHECK;

void qw_indicators_close(struct qw_indicators *set);

size_t qw_indicators_count(const struct qw_indicators *set);

/* True where some entry of this type exists: what is never asked need not be computed. */
bool qw_indicators_want(const struct qw_indicators *set, enum qw_observable_type type);

struct qw_hit {
	enum qw_observable_type type;
	uint64_t id;
	const char *value; /* canonical text, NUL-terminated; in the hit itself or in the image */
	const char *source;
	uint8_t confidence;
	enum qw_tlp tlp;
	enum qw_prevalence seen;
	char memory[QW_ADDRESS_TEXT_MAX + 80]; /* where value stands when it is not kept as text */
};

/*
 * Each asks for what the traffic showed at `now` and fills *out if a block
 * entry decides.  now.ns < 0: times are not looked at; QW_TIME_OFFLINE in
 * `mode` ignores valid_from, as captures are read after the fact.
 */
enum qw_clock_mode { QW_CLOCK_LIVE, QW_CLOCK_OFFLINE };

struct qw_moment {
	struct qw_time now;
	enum qw_clock_mode mode;
};

/* ip, ip:port and cidr, the longest match deciding.  port 0: none. */
bool qw_indicators_address(const struct qw_indicators *set, struct qw_moment at, const struct qw_address *address,
			   uint16_t port, struct qw_hit *out);

/* host, then domain with each parent.  Any case, a trailing dot is passed over. */
bool qw_indicators_name(const struct qw_indicators *set, struct qw_moment at, const char *name, size_t len,
			struct qw_hit *out);

/*
 * url: "host/path?query" and "/path?query" and their paths without the query.
 * host without port; a port in the entry is passed over.  "/path", which is bad
 * on any host, does not count on a host that an allow entry covers.
 */
bool qw_indicators_url(const struct qw_indicators *set, struct qw_moment at, struct qw_slice host, struct qw_slice uri,
		       struct qw_hit *out);

/* md5, sha1, sha256, ja3, cert-sha1: the binary digest. */
bool qw_indicators_digest(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
			  const uint8_t *digest, struct qw_hit *out);

/* ja4, user-agent: the text. */
bool qw_indicators_text(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
			const void *text, size_t len, struct qw_hit *out);

/* mac: the address, then its first three bytes. */
bool qw_indicators_mac(const struct qw_indicators *set, struct qw_moment at, const uint8_t mac[6], struct qw_hit *out);

/* Starts the memory access that qw_indicators_address will need. */
void qw_indicators_prefetch(const struct qw_indicators *set, const struct qw_address *address);
