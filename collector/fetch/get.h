/* SPDX-License-Identifier: Apache-2.0 */
/*
 * get - what an HTTP or HTTPS server answers to one GET; libcurl's only home.
 *
 * Certificates are verified, sizes and times are bounded, and headers that may
 * hold a secret follow no redirection.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "collector/feed_spec.h"

struct qw_get_answer {
	long code; /* of HTTP; 0: there was none */
	char *data; /* the caller's to free */
	size_t len;
	char etag[QW_FEED_TAG_MAX], modified[QW_FEED_TAG_MAX];
	char type[128];           /* Content-Type */
	char last[64];            /* X-TAXII-Date-Added-Last */
	char why[QW_FEED_WHY_MAX]; /* code 0: what went wrong */
};

/* The spec gives bounds, headers and certificates.  conditional: only if it changed (304).  accept NULL: anything. */
void qw_get(const struct qw_feed_spec *spec, const char *address, const char *accept, bool conditional,
	    struct qw_get_answer *out);
void qw_get_fini(struct qw_get_answer *answer);
