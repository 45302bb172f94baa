/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_kit - a spool in a folder of its own, and records that tell their names, for the tests of the spool.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "sensor/export/spool.h"

enum { FIRST_EPOCH = 100 };

struct bench {
	char folder[64];
	struct qw_spool_options options;
	struct qw_spool *spool;
};

static inline void reopen(struct bench *bench, uint64_t epoch)
{
	qw_spool_close(bench->spool);
	bench->spool = NULL;
	bench->options.epoch = epoch;
	assert_int_equal(qw_spool_open(&bench->spool, &bench->options), QW_OK);
}

static inline int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	snprintf(bench->folder, sizeof(bench->folder), "spool-test-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	bench->options = (struct qw_spool_options){
	    .folder = bench->folder, .bytes_max = 64 * 1024, .segment_bytes = 2048, .queue_bytes = 4096};
	reopen(bench, FIRST_EPOCH);
	*state = bench;
	return 0;
}

static inline void each_file(const char *folder, void (*act)(const char *path, void *ctx), void *ctx)
{
	DIR *names = opendir(folder);
	assert_non_null(names);
	for (struct dirent *entry; (entry = readdir(names));) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			act(path, ctx);
	}
	closedir(names);
}

static inline void remove_file(const char *path, void *ctx)
{
	unlink(path);
}

static inline int teardown(void **state)
{
	struct bench *bench = *state;
	qw_spool_close(bench->spool);
	each_file(bench->folder, remove_file, NULL);
	rmdir(bench->folder);
	free(bench);
	return 0;
}

/* What record n of an epoch holds: its name, and a length of its own. */
static inline struct qw_slice content(char out[256], uint64_t epoch, uint64_t n)
{
	memset(out, 'a' + (int)(n % 26), 256);
	snprintf(out, 256, "%llu/%llu", (unsigned long long)epoch, (unsigned long long)n);
	return qw_slice(out, 32 + n * 7 % 200);
}

static inline void append(struct qw_spool *spool, uint64_t epoch, uint64_t first, uint64_t count)
{
	char text[256];
	for (uint64_t n = first; n < first + count; n++) {
		uint64_t sequence;
		assert_int_equal(qw_spool_append(spool, content(text, epoch, n), &sequence), QW_OK);
		assert_int_equal(sequence, n);
	}
}

static inline void expect(struct qw_spool *spool, uint64_t epoch, uint64_t first, uint64_t count)
{
	char text[256];
	for (uint64_t n = first; n < first + count; n++) {
		struct qw_spool_record record;
		struct qw_slice wanted = content(text, epoch, n);
		assert_int_equal(qw_spool_read(spool, &record), QW_OK);
		assert_int_equal(record.epoch, epoch);
		assert_int_equal(record.sequence, n);
		assert_int_equal(record.data.len, wanted.len);
		assert_memory_equal(record.data.data, wanted.data, wanted.len);
	}
}

static inline void expect_none(struct qw_spool *spool)
{
	struct qw_spool_record record;
	assert_int_equal(qw_spool_read(spool, &record), QW_EAGAIN);
}
