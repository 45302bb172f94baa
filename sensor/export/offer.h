/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer - what an alert's signature offers to share, as proposals.
 *
 * A rule's metadata names it (quaywatch_share); each value is offered once
 * and again only after a while.  One thread.
 */
#pragma once

#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "sensor/export/eve.h"
#include "sensor/export/departures.h"

struct qw_offer;

enum qw_err qw_offer_new(struct qw_offer **out) QW_MUSTCHECK;
void qw_offer_free(struct qw_offer *offer);

/* Sends a proposal for each value that this alert's rule shares and that was not offered lately. */
void qw_offer_alert(struct qw_offer *offer, struct qw_departures *departures, const struct qw_eve_parts *parts, struct qw_time now);

uint64_t qw_offer_count(const struct qw_offer *offer);
