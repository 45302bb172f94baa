/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tickets - changes on their way through builder and workers, each to end in a receipt.
 *
 * In order: what comes later is in force later.  Bounded: where there are as
 * many as may be, a new change goes under the last ticket, whose receipt then
 * speaks for both.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/time.h"
#include "sensor/export/frames.h"

enum { QW_TICKETS_MAX = 64 };

struct qw_ticket {
	uint32_t number, generation; /* generation 0: not built yet */
	struct qw_receipt receipt;
	struct qw_time began; /* monotonic */
};

struct qw_tickets {
	struct qw_ticket row[QW_TICKETS_MAX];
	unsigned count;
	uint32_t last; /* number */
	uint64_t joined; /* changes that went under another's ticket */
};

/* The ticket's number: the builder is to answer with it. */
uint32_t qw_tickets_add(struct qw_tickets *tickets, const struct qw_receipt *receipt);

/* A number of its own that no receipt waits for. */
uint32_t qw_tickets_number(struct qw_tickets *tickets);

/* The builder has all up to that number in this generation. */
void qw_tickets_built(struct qw_tickets *tickets, uint32_t through, uint32_t generation);

/* The first in order, if it is built and this generation is adopted by all workers; NULL: it has to wait, or there is none. */
struct qw_ticket *qw_tickets_due(struct qw_tickets *tickets, uint32_t adopted);

/* The first has its receipt. */
void qw_tickets_done(struct qw_tickets *tickets);
