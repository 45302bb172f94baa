/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_spool - what the spool costs: records of 300 bytes appended, found again at a start, and read back.
 *
 *	bench_spool FOLDER [RECORDS]      default 1 000 000; the folder is made, its segments are removed
 */
#include <stdio.h>
#include <stdlib.h>

#include "quaywatch/time.h"
#include "sensor/export/spool.h"

enum { RECORD = 300 };

static double seconds(void)
{
	return (double)qw_time_monotonic().ns / 1e9;
}

static void must(enum qw_err err, const char *what)
{
	if (err == QW_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, qw_strerror(err));
	exit(1);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s FOLDER [RECORDS]\n", argv[0]);
		return 64;
	}
	unsigned total = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000000;
	struct qw_spool_options options = {.folder = argv[1], .epoch = 1};
	struct qw_spool *spool;
	struct qw_spool_record record;
	static const char data[RECORD] = "x";
	uint64_t sequence;
	must(qw_spool_open(&spool, &options), "open");
	double start = seconds();
	for (unsigned n = 0; n < total; n++)
		must(qw_spool_append(spool, qw_slice(data, RECORD), &sequence), "append");
	double appended = seconds();
	qw_spool_close(spool);
	double closed = seconds();
	options.epoch = 2;
	must(qw_spool_open(&spool, &options), "open again");
	double opened = seconds();
	for (unsigned n = 0; n < total; n++)
		must(qw_spool_read(spool, &record), "read");
	double read = seconds();
	printf("records=%u append_per_s=%.0f open_s=%.2f read_per_s=%.0f\n", total, total / (appended - start),
	       opened - closed, total / (read - opened));
	must(qw_spool_acknowledge(spool, 1, total), "acknowledge");
	printf("segments_left=%llu\n", (unsigned long long)qw_spool_stats(spool).segments);
	qw_spool_close(spool);
	return 0;
}
