/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode - what reading and decoding a capture cost, in nanoseconds a frame.
 *
 * usage: decode_bench FILE [RUNS]
 * Each row adds one thing to the row above; the best and the middle of all runs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sensor/capture/source.h"
#include "sensor/decode/decode.h"

enum { BATCH = 64, AHEAD = 4, RUNS_MAX = 64 };

struct row {
	const char *name;
	bool decode;
	struct qw_decode_options options;
};

static const struct row rows[] = {
    {"read", false, {0}},
    {"decode", true, {0}},
    {"verify", true, {.verify_checksums = true}},
};

static uint64_t sink;

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void work(const struct row *row, const struct qw_frame *frames, size_t count)
{
	static struct qw_decoded decoded[BATCH];

	for (size_t i = 0; row->decode && i < count; i++) {
		if (i + AHEAD < count) {
			__builtin_prefetch(frames[i + AHEAD].data);
			__builtin_prefetch(frames[i + AHEAD].data + 64);
		}
		qw_decode(&decoded[i], &frames[i], &row->options);
		sink += decoded[i].count;
	}
}

/* Seconds of one pass; *frames_out: frames read. */
static double pass(const struct row *row, const char *path, uint64_t *frames_out)
{
	struct qw_frame frames[BATCH];
	struct qw_source *source;
	struct qw_source_spec spec = {.paths = &path, .path_count = 1};
	size_t count;

	*frames_out = 0;
	if (qw_source_file.open(&source, &spec) != QW_OK) {
		fprintf(stderr, "%s: no capture\n", path);
		exit(66);
	}
	double begin = cpu_seconds();
	while (qw_source_file.receive(source, frames, BATCH, (struct qw_wait){0, -1}, &count) == QW_OK) {
		work(row, frames, count);
		*frames_out += count;
		qw_source_file.release(source);
	}
	double end = cpu_seconds();
	qw_source_file.close(source);
	return end - begin;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double seconds[RUNS_MAX];
	uint64_t frames = 0;
	int runs = argc > 2 ? atoi(argv[2]) : 9;

	if (argc < 2 || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: %s FILE [RUNS, 1 to %d]\n", argv[0], RUNS_MAX);
		return 64;
	}
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		for (int run = 0; run < runs; run++)
			seconds[run] = pass(&rows[row], argv[1], &frames);
		qsort(seconds, (size_t)runs, sizeof(seconds[0]), by_size);
		printf("bench=decode row=%s frames=%llu ns_frame=%.1f ns_frame_min=%.1f\n", rows[row].name,
		       (unsigned long long)frames, seconds[runs / 2] * 1e9 / (double)frames,
		       seconds[0] * 1e9 / (double)frames);
	}
	return sink == 42;
}
