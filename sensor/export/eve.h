/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eve - from an event to a line of EVE JSON, by one table.
 *
 * Suricata's field names, spellings and order, so that every tool that reads
 * Suricata reads us (its user guide, "EVE JSON Format").  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/eve.h"
#include "quaywatch/event.h"
#include "quaywatch/text.h"

/* The part of an event that is ours, and what a proposal is made from.  Slices point into the event. */
struct qw_eve_parts {
	struct qw_eve_own own;
	enum qw_event_type type;
	int64_t time_ns;
	uint32_t gid, sid;
	uint64_t share; /* enum qw_share */
	struct qw_address src, dst;
	bool has_src, has_dst;
	struct qw_slice name; /* host name of this transaction: http.hostname, tls.sni or dns.rrname */
	struct qw_slice ja3;
};

/*
 * Writes the event as one JSON object without "quaywatch" and without a line
 * end, and tells our part.  payload: whether packet bytes may be written.
 * QW_EFORMAT: the event is damaged.  QW_ELIMIT: it does not fit into out.
 */
enum qw_err qw_eve_render(struct qw_text *out, const void *event, size_t size, bool payload, struct qw_eve_parts *parts) QW_MUSTCHECK;

/* Takes out what only the tenant is to read: what its hosts are called. */
static inline void qw_eve_redact_names(struct qw_eve_parts *parts)
{
	parts->own.src = parts->own.dest = (struct qw_eve_asset){{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
	parts->own.words = (struct qw_slice){NULL, 0};
}

/* "alert", "flow", "dns", …: the event_type; also the words of --events. */
const char *qw_event_type_name(enum qw_event_type type);
