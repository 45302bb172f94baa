/* SPDX-License-Identifier: Apache-2.0 */
/* place - what the ways to a feed share. */
#pragma once

#include "collector/fetch/fetch.h"
#include "collector/fetch/get.h"

/* HTTP 200; else the outcome says what went wrong, and what to do. */
bool qw_fetch_answered(struct qw_fetch *fetch, const char *address, const struct qw_get_answer *answer);

/* taxii.c: the objects of a TAXII 2.1 collection (OASIS), page by page. */
bool qw_fetch_taxii(struct qw_fetch *fetch);

/* misp.c: the events that a MISP feed's manifest.json names. */
bool qw_fetch_misp(struct qw_fetch *fetch);
