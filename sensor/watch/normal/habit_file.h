/* SPDX-License-Identifier: Apache-2.0 */
/*
 * habit_file - the baseline as people read and edit it.
 *
 * One JSON object a line (RFC 8259).  The first has the version, when the
 * baseline was begun, and whether all is learnt; each other one is a row,
 * sorted by client.  "id" and times are for people; where a row's id is
 * missing or wrong it is made anew.  Read whole, or refused with file:line.
 */
#pragma once

#include "quaywatch/diag.h"
#include "quaywatch/json.h"
#include "sensor/watch/normal/habit.h"

enum { QW_HABIT_FILE_VERSION = 1, QW_HABIT_FILE_MAX = 512 << 20, QW_HABIT_JSON_MAX = 8192 };

struct qw_habit_about {
	struct qw_time begun; /* the first event that was learnt from; 0: none was */
	bool learnt;          /* learning is over, whatever the time */
};

/* Members of an object that is open. */
void qw_habit_json(struct qw_json *json, const struct qw_habit *habit);

/* Replaces the file: after a crash it is the old or the new one. */
enum qw_err qw_habit_save(const char *path, const struct qw_habit_list *list, const struct qw_habit_about *about) QW_MUSTCHECK;

/* QW_EFORMAT, QW_EVERSION, QW_ELIMIT: a complaint names the line; the list holds a part of it.  QW_ENOENT: there is none. */
enum qw_err qw_habit_load(const char *path, struct qw_habit_list *list, struct qw_habit_about *about, struct qw_diags *diags) QW_MUSTCHECK;
enum qw_err qw_habit_read(const char *name, const char *data, size_t len, struct qw_habit_list *list, struct qw_habit_about *about,
			  struct qw_diags *diags) QW_MUSTCHECK;
