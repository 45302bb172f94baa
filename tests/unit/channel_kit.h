/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel_kit - a port with keys, and entries to fill its channels, for the tests of channels.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quaywatch/channel.h"

enum { ALL_RIGHTS = QW_RIGHT_INDICATORS | QW_RIGHT_ALLOW | QW_RIGHT_SIGNATURES | QW_RIGHT_TERM };

/* A root, the key it delegates to from 1 000 s to 2 000 s, and a clock at 1 500 s. */
struct port {
	struct qw_sign_pair root, online;
	uint8_t *delegation;
	size_t delegation_len;
	struct qw_time now;
};

static inline void port_delegate(struct port *port, uint32_t rights, int64_t from_s, int64_t to_s)
{
	struct qw_delegation delegation = {
	    .rights = rights, .not_before = qw_time_seconds(from_s), .not_after = qw_time_seconds(to_s)};
	memcpy(delegation.online_key, port->online.public_key, sizeof(delegation.online_key));
	free(port->delegation);
	assert_int_equal(qw_delegation_sign(&delegation, &port->root, &port->delegation, &port->delegation_len), QW_OK);
}

static inline void port_init(struct port *port, uint32_t rights)
{
	*port = (struct port){.now = qw_time_seconds(1500)};
	assert_int_equal(qw_keys_start(), QW_OK);
	qw_sign_generate(&port->root);
	qw_sign_generate(&port->online);
	port_delegate(port, rights, 1000, 2000);
}

static inline void port_fini(struct port *port)
{
	free(port->delegation);
}

/* Entry number n of a kind; version makes its body, not its key, another.  The caller frees .body. */
static inline struct qw_entry entry_make(enum qw_entry_kind kind, unsigned n, unsigned version)
{
	struct qw_entry entry;
	uint8_t *body;
	char text[96];
	if (kind == QW_ENTRY_SIGNATURE) {
		snprintf(text, sizeof(text), "alert tcp any any -> any any (msg:\"v%u\"; sid:%u;)", version, n + 1);
		assert_int_equal(qw_entry_of_signature(&entry, &body, text, 1, n + 1), QW_OK);
		return entry;
	}
	struct qw_indicator indicator;
	qw_indicator_init(&indicator);
	indicator.allow = kind == QW_ENTRY_ALLOW;
	indicator.observable.type = QW_OBS_DOMAIN;
	indicator.observable.len =
	    (uint16_t)snprintf(indicator.observable.text, sizeof(indicator.observable.text), "host%u.example.org", n);
	snprintf(indicator.source, sizeof(indicator.source), "operator %u", version);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
	return entry;
}

static inline void entry_free(struct qw_entry *entry)
{
	free((uint8_t *)(uintptr_t)entry->body);
}

/* Commits entries first to first + count - 1 of a kind in one delta. */
static inline enum qw_err port_commit(const struct port *port, struct qw_channel *channel, enum qw_entry_kind kind,
				      unsigned first, unsigned count, bool removed, uint8_t **delta, size_t *len)
{
	struct qw_entry *entries = calloc(count ? count : 1, sizeof(*entries));
	assert_non_null(entries);
	for (unsigned at = 0; at < count; at++) {
		entries[at] = entry_make(kind, first + at, 0);
		entries[at].removed = removed;
	}
	enum qw_err err = qw_channel_commit(channel, entries, count, &port->online, port->delegation,
					    port->delegation_len, port->now, delta, len);
	for (unsigned at = 0; at < count; at++)
		entry_free(&entries[at]);
	free(entries);
	return err;
}

static inline void commit_ok(const struct port *port, struct qw_channel *channel, enum qw_entry_kind kind,
			     unsigned first, unsigned count)
{
	uint8_t *delta;
	size_t len;
	assert_int_equal(port_commit(port, channel, kind, first, count, false, &delta, &len), QW_OK);
	free(delta);
}

static inline enum qw_err port_apply(const struct port *port, struct qw_channel *channel, const uint8_t *delta,
				     size_t len)
{
	return qw_channel_apply(channel, delta, len, port->root.public_key, port->now, NULL, NULL);
}

/* All that shows from outside that a channel did not change. */
struct fingerprint {
	struct qw_order order;
	struct qw_digest digest;
	size_t count;
};

static inline struct fingerprint fingerprint(const struct qw_channel *channel)
{
	struct fingerprint out;
	memset(&out, 0, sizeof(out));
	out.order = qw_channel_order(channel);
	out.digest = qw_channel_digest(channel);
	out.count = qw_channel_count(channel);
	return out;
}

static inline void assert_unchanged(const struct qw_channel *channel, const struct fingerprint *before)
{
	struct fingerprint now = fingerprint(channel);
	assert_memory_equal(&now, before, sizeof(now));
}

static inline bool same_digest(const struct qw_channel *a, const struct qw_channel *b)
{
	struct qw_digest of_a = qw_channel_digest(a), of_b = qw_channel_digest(b);
	return memcmp(&of_a, &of_b, sizeof(of_a)) == 0;
}

/* A collector, a sensor, and the delta that goes from one to the other. */
struct pair {
	struct port port;
	struct qw_channel *collector, *sensor;
	uint8_t *delta;
	size_t len;
};

static inline int setup(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	port_init(&pair->port, ALL_RIGHTS);
	assert_int_equal(qw_channel_new(&pair->collector, "community"), QW_OK);
	assert_int_equal(qw_channel_new(&pair->sensor, "community"), QW_OK);
	*state = pair;
	return 0;
}

static inline int teardown(void **state)
{
	struct pair *pair = *state;
	qw_channel_free(pair->collector);
	qw_channel_free(pair->sensor);
	port_fini(&pair->port);
	free(pair->delta);
	free(pair);
	return 0;
}

/* Commits on the collector; the delta replaces the last one. */
static inline void commit(struct pair *pair, enum qw_entry_kind kind, unsigned first, unsigned count, bool removed)
{
	free(pair->delta);
	assert_int_equal(
	    port_commit(&pair->port, pair->collector, kind, first, count, removed, &pair->delta, &pair->len), QW_OK);
}

static inline enum qw_err apply(struct pair *pair)
{
	return port_apply(&pair->port, pair->sensor, pair->delta, pair->len);
}

/* Applies what must be refused, and sees to it that nothing came of it. */
static inline void refuse(struct pair *pair, enum qw_err why)
{
	struct fingerprint before = fingerprint(pair->sensor);
	assert_int_equal(apply(pair), why);
	assert_unchanged(pair->sensor, &before);
}
