/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eve - the object "quaywatch" that ends every EVE line of ours.
 *
 * The sensor closes the lines of its local file with this; the collector's
 * (collector/render.c) have the same members in the same order.  Strings that
 * are NULL or empty and numbers that do not apply are left out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

struct qw_eve_indicator {
	uint64_t id; /* written as 16 hexadecimal digits */
	struct qw_slice type, value, source, tlp, seen;
	uint32_t confidence;
};

/* A host at one end of an alert: as the tenant's inventory has it, or as it showed. */
struct qw_eve_asset {
	struct qw_slice name, role, area, criticality;
};

struct qw_eve_own {
	struct qw_slice origin; /* "signature", "indicator", "pack", "engine" */
	struct qw_slice tenant, sensor, ruleset, ndpi;
	uint64_t epoch, seq; /* seq 0: neither is written */
	uint64_t count;      /* 0: not written */
	bool has_indicator;
	struct qw_eve_indicator indicator;
	struct qw_eve_asset src, dest; /* all empty: not written */
	struct qw_slice text;  /* what happened, as one sentence */
	struct qw_slice words; /* the same with names; written instead, if it is there */
};

/* Its member "asset"; nothing where neither end is known. */
struct qw_json;
void qw_eve_put_assets(struct qw_json *json, const struct qw_eve_asset *src, const struct qw_eve_asset *dest);

/* Turns `{ … }` at the end of the text into `{ …,"quaywatch":{ … }}`. */
void qw_eve_close(struct qw_text *text, const struct qw_eve_own *own);
