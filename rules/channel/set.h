/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set - entries by key: an open-addressing table of 8-byte slots into an arena.
 *
 * Linear probing, at most three quarters full, removal by shifting back, so
 * that no tombstones pile up.  A slot holds 32 bits of a keyed hash (tenants
 * choose the keys) and the record's place.
 *
 * Changes go through qw_entry_set_exchange, which is its own inverse: what was
 * exchanged from a to b is undone from b to a.  Old records stay until they
 * are released, so undoing allocates nothing and cannot fail.  One thread.
 */
#pragma once

#include "quaywatch/hash.h"
#include "rules/channel/arena.h"
#include "rules/channel/key.h"

struct qw_entry_set_slot {
	uint32_t tag;
	uint32_t at; /* 0: empty */
};

struct qw_entry_set {
	struct qw_entry_arena arena;
	struct qw_entry_set_slot *slots;
	size_t mask; /* slots - 1 */
	size_t count;
	struct qw_hash_key hash_key;
};

enum qw_err qw_entry_set_init(struct qw_entry_set *set) QW_MUSTCHECK;
void qw_entry_set_fini(struct qw_entry_set *set);

/* As a new one, with the room that it has. */
void qw_entry_set_clear(struct qw_entry_set *set);

/* Makes room for that many more, so that exchanges up to there cannot fail. */
enum qw_err qw_entry_set_reserve(struct qw_entry_set *set, size_t more) QW_MUSTCHECK;

uint32_t qw_entry_set_tag(const struct qw_entry_set *set, const struct qw_entry_key *key);

/* The record of a key, or 0. */
uint32_t qw_entry_set_find(const struct qw_entry_set *set, uint32_t tag, const struct qw_entry_key *key);

/* Puts record `to` in the place of `from`; 0 stands for absence, on either side.  Room has been reserved. */
void qw_entry_set_exchange(struct qw_entry_set *set, uint32_t tag, uint32_t from, uint32_t to);

/* Empties up to that many sparse chunks.  Every record that is not dead must be in the table. */
void qw_entry_set_tidy(struct qw_entry_set *set, size_t chunks);

/* Walks the entries in no particular order; an error of visit ends it and is returned. */
enum qw_err qw_entry_set_each(const struct qw_entry_set *set,
			      enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx) QW_MUSTCHECK;

/* Bytes on the heap, the unused part of the open chunk included. */
size_t qw_entry_set_bytes(const struct qw_entry_set *set);
