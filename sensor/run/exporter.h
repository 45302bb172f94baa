/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exporter - the process with the keys: no packets, only what workers tell.
 *
 *	rings ─► render ─┬─► EVE file
 *	                 └─► spool ─► collector ─► acknowledged, forgotten
 *	collector ─► deltas, snapshots ─► rulestore ─► builder ─► (workers adopt) ─► receipt
 */
#pragma once

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/run/options.h"
#include "sensor/run/shared.h"

struct qw_exporter_options {
	const struct qw_config *config;
	const struct qw_options *options;
	struct qw_shared *shared;
	int supervisor; /* ends of qw_post pairs */
	int builder;
};

/* Runs until the supervisor closes its end; what is in the rings then is still taken. */
enum qw_exit qw_exporter_run(const struct qw_exporter_options *options);
