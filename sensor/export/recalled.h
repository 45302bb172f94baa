/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recalled - what a sensor answers to a collector that lost changes.
 *
 * Whatever is asked, the answer is deltas that the port signed, or that we do
 * not have them.  One thread.
 */
#pragma once

#include "quaywatch/wire.h"
#include "sensor/export/rulestore.h"
#include "sensor/export/session.h"

/* Channels that are not ours are passed over. */
void qw_recalled_answer(struct qw_session *session, const struct qw_rulestore *store,
			const Quaywatch__Wire__Recall *recall);
