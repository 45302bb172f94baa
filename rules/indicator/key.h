/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - an observable as the bytes that stand in an image, and their hash.
 *
 * Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/observable.h"
#include "quaywatch/text.h"
#include "rules/indicator/layout.h"

struct qw_key {
	enum qw_group group;
	struct qw_slice bytes; /* the observable's text, or memory */
	uint8_t memory[32];
};

/* QW_EFORMAT: the text is not canonical. */
enum qw_err qw_key_make(struct qw_key *out, const struct qw_observable *observable) QW_MUSTCHECK;

uint64_t qw_key_hash(const struct qw_seed *seed, enum qw_group group, const uint8_t *key, size_t len);

/* The part of QW_INDICATOR_PARTS that it belongs to. */
unsigned qw_key_part(const struct qw_seed *seed, enum qw_group group, const uint8_t *key, size_t len);

/* The canonical text of a key that is not kept as text. */
void qw_key_text(struct qw_text *out, enum qw_observable_type type, const uint8_t *key, size_t len);

/* Cuts a canonical URL at its path and passes over its port; host is empty for "/path". */
void qw_key_split_url(struct qw_slice url, struct qw_slice *host, struct qw_slice *path);

/* host empty: of any host.  Both as they stand in a canonical URL. */
uint64_t qw_key_hash_url(const struct qw_seed *seed, struct qw_slice host, struct qw_slice path);

/* The number of labels, at least 1. */
unsigned qw_key_labels(const uint8_t *name, size_t len);
