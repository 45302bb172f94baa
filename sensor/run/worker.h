/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker - the process that looks at packets: no keys, no network, one capture queue.
 *
 * It dies with its supervisor, and nothing else dies with it.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/capture/source.h"
#include "sensor/run/images.h"
#include "sensor/run/shared.h"

struct qw_worker_options {
	const struct qw_config *config;
	struct qw_shared *shared;
	const struct qw_source_ops *ops;
	struct qw_source *source; /* open */
	bool live; /* clocks of a live sensor; false: packet time, as captures are read after the fact */
	unsigned number;
	int post;       /* end of a qw_post pair: rulesets come there */
	uint32_t types; /* event types besides alerts */
	bool watch;     /* the exporter has a watch */
	struct qw_ruleset_images images; /* of the ruleset in force; taken */
	uint32_t generation; /* of those images; 0: none */
};

/* Runs until the supervisor closes its end, or the source has no more (QW_EXIT_OK); the process's exit status. */
enum qw_exit qw_worker_run(const struct qw_worker_options *options);
