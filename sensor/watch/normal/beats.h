/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beats - messages that come by the clock: what a worker tells under one print, and how steadily.
 *
 * A message is steady in a telling if no two of it were further apart than
 * twice its period, or its period and 2 s, whichever is more.  Steady in all
 * tellings for watch.cycle.learn seconds and five periods, it is cyclic; after three tellings in
 * a row that were not steady it is not any more.  The period is what lay
 * between two tellings, divided by how often it came.
 *
 * What came only once has no row: it is one from its second telling on, which
 * says when the first was.
 *
 * The same message of the same hosts may be told by two workers, under two
 * prints: by its meaning it is known that one goes on where the other stopped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/hash.h"
#include "quaywatch/time.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/seen.h"
#include "sensor/watch/shelf.h"

struct qw_pair_key {
	struct qw_host client, server;
};

struct qw_pair {
	struct qw_pair_key key;
	struct qw_seen_end client, server;
	struct qw_time connected; /* a conversation of them began then, last, and was answered */
	struct qw_time lost;      /* since when it is silent, which was told; 0: it is not */
	/* ---- counted when silence is judged */
	uint32_t cyclic, silent, undecided, fresh; /* kinds of messages; fresh: fell silent now */
	struct qw_time since;
	const struct qw_beat *fastest;             /* of what fell silent now */
	bool covered;                              /* told with one of its hosts */
	bool held;                                 /* fell silent in a maintenance window */
};

enum qw_beat_state { QW_BEAT_LEARNING, QW_BEAT_CYCLIC, QW_BEAT_PENDING, QW_BEAT_SILENT };

struct qw_beat {
	uint64_t print;
	uint64_t meaning;
	struct qw_pair_key pair;
	enum qw_beat_state state;
	struct qw_time told, steady_since, silent_since;
	struct qw_time period, longest;
	uint8_t unsteady, shifted; /* tellings in a row */
	char what[72];             /* "modbus function 3 unit 1 0-9" */
};

struct qw_beats {
	struct qw_hash_key key;
	struct qw_shelf *beat, *pair, *meaning;
	struct qw_time learn, resumed; /* resumed: time jumped; what was told before says nothing about now */
	uint64_t factor;               /* by which a period shifts, in percent */
};

enum qw_err qw_beats_init(struct qw_beats *beats, size_t max) QW_MUSTCHECK;
void qw_beats_fini(struct qw_beats *beats);

/* What a telling said, besides that the message comes. */
enum qw_beat_news { QW_BEAT_NONE, QW_BEAT_SHIFTED, QW_BEAT_BACK };

struct qw_telling {
	struct qw_beat *beat;   /* NULL: it came once, or there is no memory */
	enum qw_beat_news news;
	struct qw_time before;  /* SHIFTED: its period until now */
	unsigned lost;          /* rows that went for it, or were not made */
};

/* A message with a print. */
struct qw_telling qw_beats_tell(struct qw_beats *beats, const struct qw_seen *seen);

/* A conversation that begins or ends. */
void qw_beats_flow(struct qw_beats *beats, const struct qw_seen *seen);

struct qw_beat *qw_beats_find(const struct qw_beats *beats, uint64_t print);
struct qw_pair *qw_beats_pair(const struct qw_beats *beats, const struct qw_pair_key *key);

/* For how long it may be silent: ten times its longest distance, 5 s at least. */
struct qw_time qw_beat_patience(const struct qw_beat *beat);

/* The same is told under another print, which is not silent. */
bool qw_beats_goes_on(const struct qw_beats *beats, const struct qw_beat *beat);
