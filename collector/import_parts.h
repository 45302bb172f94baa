/* SPDX-License-Identifier: Apache-2.0 */
/* import_parts - an import under way: for import.c, which reads and tells, and import_parcel.c, which lets in. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "collector/commands_of.h"
#include "collector/exceptions.h"
#include "collector/refusals.h"

struct qw_import_entry {
	uint8_t *body;
	size_t len;
	bool allow;
};

struct qw_import {
	struct qw_job job;
	struct qw_collector *collector;
	char channel[QW_CHANNEL_NAME_MAX + 1], file[256], who[32];
	struct qw_indicator defaults;
	int fd;
	bool json, forced;
	pthread_t thread;

	/* Written by the thread, read by the server once `read` is set. */
	atomic_bool read;
	enum qw_err err;
	enum qw_feed_format format;
	struct qw_import_entry *entry;
	size_t count, room;
	struct qw_feed_counts counts;
	struct qw_diags diags;
	struct qw_line_finder lines; /* of its content, which is kept to the end */

	/* The server's alone. */
	bool told;
	size_t next; /* entry to be published */
	uint64_t published;
	struct qw_exceptions exceptions;
	struct qw_refusals refusals;
};

/* The next delta's worth into the channel; what the guards refuse is put on the table. */
enum qw_err qw_import_publish(struct qw_import *import) QW_MUSTCHECK;
