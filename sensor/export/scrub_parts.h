/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scrub_parts - what the files of scrub share.
 *
 *	scrub.c          what is ours, and what takes its place
 *	scrub_address.c  addresses and MACs in text
 *	scrub_name.c     names in text
 */
#pragma once

#include "sensor/export/scrub.h"

/* A text on its way through. */
struct qw_scrub_walk {
	const struct qw_scrub *scrub;
	const uint8_t *begin, *at, *end;
	struct qw_text *out;
	size_t replaced;
};

extern const char qw_scrub_internal[]; /* what stands for what may not be told */

struct qw_scrub_names;
enum qw_err qw_scrub_names_new(struct qw_scrub_names **out) QW_MUSTCHECK;
void qw_scrub_names_free(struct qw_scrub_names *names);
enum qw_err qw_scrub_names_add(struct qw_scrub_names *names, struct qw_slice name) QW_MUSTCHECK;

const struct qw_scrub_options *qw_scrub_options_of(const struct qw_scrub *scrub);
const struct qw_scrub_names *qw_scrub_names_of(const struct qw_scrub *scrub);

/* Each looks for one thing right at walk->at.  True: it was written, replaced or not, and the walk has moved behind it. */
bool qw_scrub_walk_mac(struct qw_scrub_walk *walk);
bool qw_scrub_walk_ipv6(struct qw_scrub_walk *walk);
bool qw_scrub_walk_reversed(struct qw_scrub_walk *walk);
bool qw_scrub_walk_ipv4(struct qw_scrub_walk *walk);
bool qw_scrub_walk_domain(struct qw_scrub_walk *walk);
bool qw_scrub_walk_known(struct qw_scrub_walk *walk);
