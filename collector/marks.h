/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marks - up to where the alerts of each stream are taken.
 *
 * A stream is one epoch of one sensor; its alerts are numbered from 1 without
 * a gap.  `taken` is in the journal's memory or beyond, `durable` is on disk.
 * Bounded: a sensor that invents epochs pushes out its own oldest streams.
 *
 * One thread.  Streams stay where they are until they are pushed out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

enum { QW_STREAMS_PER_SENSOR = 64 };

struct qw_stream {
	struct qw_identity who;
	uint64_t epoch;
	uint64_t taken, durable; /* sequences; 0: none */
	struct qw_time used;     /* wall clock */
	uint64_t group[2];       /* journal groups it has lines in, by parity; 0: none */
	uint64_t through[2];     /* its mark once that group is durable */
};

struct qw_marks;

enum qw_err qw_marks_new(struct qw_marks **out) QW_MUSTCHECK;
void qw_marks_free(struct qw_marks *marks);
size_t qw_marks_count(const struct qw_marks *marks);

/* NULL: not known. */
struct qw_stream *qw_marks_find(const struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch);

/* Finds or makes.  QW_ENOMEM.  QW_EAGAIN: all streams of the sensor wait for a commit. */
enum qw_err qw_marks_get(struct qw_stream **out, struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch,
			 struct qw_time now) QW_MUSTCHECK;

/* For walks: a place may be empty (NULL). */
size_t qw_marks_slots(const struct qw_marks *marks);
const struct qw_stream *qw_marks_at(const struct qw_marks *marks, size_t slot);

/* Reads a line of the journal and raises its stream's mark; lines that are not ours are passed over. */
void qw_marks_replay(struct qw_marks *marks, const char *line, size_t len, struct qw_time now);
