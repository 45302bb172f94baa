/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assets - the inventory: who is there, what each is, and who talks to whom about what.
 *
 * An asset is a host of ours, or one that speaks an industrial protocol, by
 * its address; by its MAC where no address is known.  A host counts when
 * something came from it: an address that somebody only asked for is none.
 * Both lists are bounded; where one is full, the longest unseen goes.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/app.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "sensor/watch/seen.h"
#include "sensor/watch/shelf.h"

enum {
	QW_ASSET_TEXT_MAX = 64, /* with its NUL */
	QW_TALK_NAME_MAX = 40,
	QW_TALK_FUNCTIONS_MAX = 64, /* of one talk */
	QW_TALK_RANGES_MAX = 8,     /* of one function; beyond that the nearest two become one */
};

/* A key: all of its bytes count. */
struct qw_host {
	uint8_t bytes[16]; /* of an address; of a MAC: six, then zeroes */
	uint8_t is_mac;
};

/* What a host was seen doing. */
enum qw_deed {
	QW_DEED_READS = 1,    /* it asked a device for values */
	QW_DEED_WRITES = 2,   /* it wrote values or gave commands */
	QW_DEED_PROGRAMS = 4, /* it loaded programs, or started and stopped a device */
	QW_DEED_LOCATES = 8,  /* it says where it is */
	QW_DEED_SHIPS = 16,   /* it says what it hears of ships */
	QW_DEED_FRAMES = 32,  /* it speaks below IP */
	QW_DEED_DRIVES = 64,  /* it sets up the exchange with I/O devices */
};

struct qw_asset {
	struct qw_host host;
	bool has_mac, news; /* news: something that nobody was told yet */
	uint8_t mac[6];
	uint8_t role;       /* enum qw_role */
	uint8_t deeds;      /* of enum qw_deed */
	uint32_t devices;   /* that it asks by industrial protocols: talks */
	struct qw_time first, last;
	uint64_t serves, uses; /* bits 1 << enum qw_app */
	/* what it says of itself */
	char vendor[QW_ASSET_TEXT_MAX], model[QW_ASSET_TEXT_MAX], firmware[QW_ASSET_TEXT_MAX], serial[QW_ASSET_TEXT_MAX],
		name[QW_ASSET_TEXT_MAX];
};
static_assert(QW_APP_COUNT <= 64, "an application's bit has its place in one word");

struct qw_range {
	uint64_t first, last;
};

struct qw_talk_function {
	int64_t function; /* QW_SEEN_NO_NUMBER: its name alone tells */
	uint64_t unit;
	bool has_unit;
	uint8_t deed; /* enum qw_deed; 0: none of them */
	uint8_t ranges;
	char name[QW_TALK_NAME_MAX]; /* "" */
	struct qw_range range[QW_TALK_RANGES_MAX]; /* ascending, apart */
};

/* A key: all of its bytes count. */
struct qw_talk_key {
	struct qw_host client, server;
	uint8_t app; /* enum qw_app */
	uint8_t unused;
	uint16_t port;
};

struct qw_talk {
	struct qw_talk_key key;
	struct qw_time first, last;
	uint32_t functions;
	struct qw_talk_function *function; /* sorted by qw_talk_function_order */
};

struct qw_assets_options {
	size_t assets, talks; /* bounds */
	bool (*is_home)(void *ctx, const struct qw_address *address);
	void (*no_room)(void *ctx); /* something was not kept */
	void *ctx;
};

struct qw_assets;

enum qw_err qw_assets_new(struct qw_assets **out, const struct qw_assets_options *options) QW_MUSTCHECK;
void qw_assets_free(struct qw_assets *assets);

/* Learns from what was seen. */
void qw_assets_see(struct qw_assets *assets, const struct qw_seen *seen);

/* NULL: not known. */
const struct qw_asset *qw_assets_find(const struct qw_assets *assets, const struct qw_host *host);
/* Whom an end of a conversation means, by address, or by MAC. */
const struct qw_asset *qw_assets_find_end(const struct qw_assets *assets, const struct qw_seen_end *end);

size_t qw_assets_count(const struct qw_assets *assets);
size_t qw_assets_talks(const struct qw_assets *assets);

/* Shows each asset that has news, and takes the news as told. */
void qw_assets_each_news(struct qw_assets *assets, void (*show)(void *ctx, const struct qw_asset *asset), void *ctx);

/* All rows in the order of their keys, in memory that the caller frees; NULL: none, or no memory. */
const struct qw_asset **qw_assets_sorted(const struct qw_assets *assets);
const struct qw_talk **qw_assets_talks_sorted(const struct qw_assets *assets);

/* Puts in what was known before.  QW_ENOMEM.  The talk's functions are copied; QW_ELIMIT: more than fit. */
enum qw_err qw_assets_put(struct qw_assets *assets, const struct qw_asset *asset) QW_MUSTCHECK;
enum qw_err qw_assets_put_talk(struct qw_assets *assets, const struct qw_talk *talk) QW_MUSTCHECK;

/* ---- hosts */

struct qw_host qw_host_of(const struct qw_address *address);
struct qw_host qw_host_of_mac(const uint8_t mac[6]);
struct qw_host qw_host_of_end(const struct qw_seen_end *end); /* its address, else its MAC */
void qw_text_host(struct qw_text *text, const struct qw_host *host);
void qw_text_mac(struct qw_text *text, const uint8_t mac[6]); /* "28:63:36:01:02:03" */
/* An address, or a MAC with colons or hyphens.  False: neither. */
bool qw_host_parse(const char *text, size_t len, struct qw_host *out) QW_MUSTCHECK;
bool qw_mac_parse(const char *text, size_t len, uint8_t out[6]) QW_MUSTCHECK;

/* ---- talks */

/* <0, 0, >0: by function, name, unit. */
int qw_talk_function_order(const struct qw_talk_function *a, const struct qw_talk_function *b);

/* One host: not several (multicast, broadcast), and not "any". */
bool qw_host_is_one(const struct qw_address *address);

/* The registers or points that a message names; it has an address. */
struct qw_range qw_range_of(const struct qw_seen_ot *ot);

/* Takes a range into the list of `count`, merged with what it touches; the new count.  *lost: two that were apart became one. */
unsigned qw_ranges_add(struct qw_range *ranges, unsigned count, unsigned max, struct qw_range range, bool *lost);
