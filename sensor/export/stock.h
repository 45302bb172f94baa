/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stock - what an earlier run left in a store's folder.
 */
#pragma once

#include "sensor/export/store.h"

enum { QW_SPOOL_STOCK_NAME = 16 + 4 + 1 /* "0000000000000007.seg" */ };

void qw_spool_stock_name(char out[QW_SPOOL_STOCK_NAME], uint64_t number);

/* Room for one more segment in the list. */
enum qw_err qw_spool_stock_reserve(struct qw_spool_store *store) QW_MUSTCHECK;

/*
 * Locks the folder, lists its segments in order, cuts torn tails, removes what
 * holds no sound record.  QW_EAGAIN: locked by another.  QW_EEXIST: the epoch
 * is there already.  On errors nothing is held.
 */
enum qw_err qw_spool_stock_take(struct qw_spool_store *store, const char *folder) QW_MUSTCHECK;
