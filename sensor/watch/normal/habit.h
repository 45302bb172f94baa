/* SPDX-License-Identifier: Apache-2.0 */
/*
 * habit - what is normal: hosts, who talks to whom, who writes, which functions on which registers; a row each.
 *
 * A row is known by its key, which people can read, and by eight hexadecimal
 * digits that stand for it in commands.  The list is bounded; where it is
 * full, what is new is not kept, and that is counted: nothing that was learnt
 * is given up for it.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/seen.h"

/* From what says most to what says least: of one event the first that is new counts. */
enum qw_habit_kind {
	QW_HABIT_ASSET,    /* client: the host */
	QW_HABIT_EXTERNAL, /* a machine talks to an address that is not ours */
	QW_HABIT_TALKER,   /* client talks to server */
	QW_HABIT_WRITER,   /* client writes to server: values, programs, commands */
	QW_HABIT_OPENER,   /* client opens connections of CIP to server */
	QW_HABIT_FUNCTION, /* client asks server for this; with its registers */
	QW_HABIT_KINDS
};

const char *qw_habit_kind_name(enum qw_habit_kind kind); /* "asset", … */

enum qw_habit_state {
	QW_HABIT_LEARNT,
	QW_HABIT_ACCEPTED, /* by a person */
	QW_HABIT_PROPOSED, /* it came after learning, and nobody accepted it yet */
	QW_HABIT_STATES
};

const char *qw_habit_state_name(enum qw_habit_state state);

enum { QW_HABIT_NAME_MAX = 40, QW_HABIT_AREA_MAX = 16, QW_HABIT_RANGES_MAX = 16, QW_HABIT_GAP = 8, QW_HABIT_ID_LEN = 8 };

/* All of its bytes count.  What a kind does not have is zero; addresses as struct qw_address has them. */
struct qw_habit_key {
	struct qw_address client, server;
	int64_t function;             /* QW_SEEN_NO_NUMBER: its name alone tells */
	uint64_t unit;
	uint16_t port;                /* the server's; 0: of those that are given out anew each time */
	uint8_t kind;                 /* enum qw_habit_kind */
	uint8_t proto;                /* IANA number; 0: not IP */
	uint8_t has_unit;
	char app[27];                 /* "modbus"; these end with a NUL */
	char name[QW_HABIT_NAME_MAX]; /* "read_holding_registers" */
	char area[QW_HABIT_AREA_MAX]; /* "DB12" */
};

/* Registers, points: apart by more than QW_HABIT_GAP, ascending. */
struct qw_habit_ranges {
	uint8_t count, proposed_count;
	struct qw_range range[QW_HABIT_RANGES_MAX], proposed[QW_HABIT_RANGES_MAX];
};

struct qw_habit {
	struct qw_habit_key key;
	uint8_t state;                  /* enum qw_habit_state */
	bool machine;                   /* of a host: it speaks an industrial protocol */
	bool weighed;                   /* of a function: what it does is known */
	uint8_t deed;                   /* enum qw_deed */
	struct qw_time first, last;
	struct qw_time told;            /* when it was told last; not remembered over a restart */
	uint64_t count;
	struct qw_habit_ranges *ranges; /* NULL: none */
};

struct qw_habit_list;

enum qw_err qw_habit_new(struct qw_habit_list **out, size_t max) QW_MUSTCHECK;
void qw_habit_free(struct qw_habit_list *list);

size_t qw_habit_count(const struct qw_habit_list *list);
struct qw_habit *qw_habit_find(const struct qw_habit_list *list, const struct qw_habit_key *key);

/* NULL: it is new, and there is no room. */
struct qw_habit *qw_habit_get(struct qw_habit_list *list, const struct qw_habit_key *key);

/* It was never there. */
void qw_habit_forget(struct qw_habit_list *list, struct qw_habit *habit);

/* In the order of their keys, in memory that the caller frees; NULL: none, or no memory. */
struct qw_habit **qw_habit_sorted(const struct qw_habit_list *list);

/* With a NUL. */
void qw_habit_id(const struct qw_habit_key *key, char out[QW_HABIT_ID_LEN + 1]);

/* Is there something of it that nobody accepted? */
bool qw_habit_is_new(const struct qw_habit *habit);
void qw_habit_accept(struct qw_habit *habit);

/*
 * Puts a range to those that are normal, or to those that nobody accepted yet.
 * Where there are too many, the two that lie nearest become one.  False: no memory.
 */
bool qw_habit_add_range(struct qw_habit *habit, struct qw_range range, bool normal);

/* Does it lie among those that are normal, or near one of them? */
bool qw_habit_has_range(const struct qw_habit *habit, struct qw_range range);
bool qw_habit_has_proposed_range(const struct qw_habit *habit, struct qw_range range);
