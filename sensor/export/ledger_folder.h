/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_folder - the files of a ledger: which there are, one in memory whether it is packed or not, and what went. */
#pragma once

#include <limits.h>

#include "quaywatch/file.h"
#include "sensor/export/ledger.h"

struct qw_ledger_files {
	uint64_t first, last; /* numbers; last 0: none */
	uint64_t count, bytes;
};

/* QW_ENOENT, QW_EACCES, …. */
enum qw_err qw_ledger_find(struct qw_ledger_files *out, const char *folder) QW_MUSTCHECK;

/* Of a file that is not packed.  False: too long. */
bool qw_ledger_path(char path[PATH_MAX], const char *folder, uint64_t number);

/* One file, whole. */
struct qw_ledger_bytes {
	struct qw_bytes whole;
	struct qw_mapping mapping; /* data NULL: it was packed */
	uint8_t *memory;
};

/* QW_ENOENT: there is none of that number.  QW_EFORMAT: it cannot be unpacked, or is larger than a file may be. */
enum qw_err qw_ledger_load(struct qw_ledger_bytes *out, const char *folder, uint64_t number) QW_MUSTCHECK;
void qw_ledger_unload(struct qw_ledger_bytes *bytes);

/* Packs a closed file; what there was before is there until it is done.  *bytes: its size then. */
enum qw_err qw_ledger_pack(const char *folder, uint64_t number, uint64_t *bytes) QW_MUSTCHECK;

/* Takes a file away; *bytes is what it had.  None is fine. */
void qw_ledger_remove(const char *folder, uint64_t number, uint64_t *bytes);

/* Up to which file the oldest went, by the bound of the folder, and the chain at its end. */
struct qw_ledger_shed {
	uint64_t number; /* 0: none went */
	uint8_t chain[QW_SHA256_BYTES];
};

/* None was written: number 0.  QW_EFORMAT. */
enum qw_err qw_ledger_shed_read(struct qw_ledger_shed *out, const char *folder) QW_MUSTCHECK;
enum qw_err qw_ledger_shed_write(const struct qw_ledger_shed *shed, const char *folder) QW_MUSTCHECK;
