/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - an alert in words: which hosts, by their names, and one sentence that says what happened to whom by whom.
 *
 * "STS-14 hoist PLC (10.1.4.20): program download from engineering laptop
 * (10.1.9.7), first time".
 */
#pragma once

#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/inventory.h"

enum { QW_DEEDS_MAX = 65536 }; /* of which it is known that a pair did them before */

struct qw_words;

/* Both may change under it, and outlive it; inventory may be NULL. */
enum qw_err qw_words_new(struct qw_words **out, const struct qw_assets *assets, const struct qw_inventory *inventory) QW_MUSTCHECK;
void qw_words_free(struct qw_words *words);

/* As qw_watch_dress; of other events than alerts it leaves all as it was. */
size_t qw_words_dress(struct qw_words *words, void *event, size_t size, size_t room);

/* ---- what was done before, for who remembers it */

struct qw_done {
	struct qw_host actor, target;
	uint8_t unused[2];
	uint32_t gid, sid;
};

/* From the oldest on; NULL begins and ends. */
const struct qw_done *qw_words_done(const struct qw_words *words, const struct qw_done *last);
enum qw_err qw_words_put_done(struct qw_words *words, const struct qw_done *done) QW_MUSTCHECK;

/* What a host is called: the inventory's name, or what it says of itself; its role.  Empty: nothing is known. */
struct qw_called {
	char name[QW_INVENTORY_TEXT_MAX + QW_ASSET_TEXT_MAX];
	const char *role, *area, *criticality;
};
struct qw_called qw_words_called(const struct qw_assets *assets, const struct qw_inventory *inventory, const struct qw_host *host);
