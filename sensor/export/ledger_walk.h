/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_walk - a folder's ledger from its first record to its last, and whether the chain holds all the way.
 *
 * It may walk beside the ledger that is written, in the same thread: it sees what was there when it began.
 */
#pragma once

#include "sensor/export/ledger_folder.h"

struct qw_ledger_walk {
	const char *folder;
	struct qw_ledger_files files;
	struct qw_ledger_shed shed;
	uint64_t number;             /* of the file that is read; 0: none yet */
	uint64_t records, at;        /* read so far; where in the file the next one begins */
	struct qw_ledger_bytes bytes;
	struct qw_ledger_reader reader;
	const char *broken;          /* what is wrong; NULL: nothing so far */
};

/* The folder's name is borrowed.  QW_ENOENT, QW_EACCES, …; end with fini in any case. */
enum qw_err qw_ledger_walk_init(struct qw_ledger_walk *walk, const char *folder) QW_MUSTCHECK;
void qw_ledger_walk_fini(struct qw_ledger_walk *walk);

/* QW_EAGAIN: that was all.  Any other: it breaks here, and walk->broken says how.  The record is valid until the next call. */
enum qw_err qw_ledger_walk_next(struct qw_ledger_walk *walk, struct qw_ledger_record *out) QW_MUSTCHECK;
