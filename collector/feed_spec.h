/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed_spec - what a feed is, as words: "place=https://feeds.example/ip.txt", "every=900", "confidence=70".
 *
 * The configuration, quaywatchctl and quaywatch-fetch speak of feeds in these
 * words; the table in feed_spec.c has them all.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/indicator.h"

enum { QW_FEED_PLACE_MAX = 1024, QW_FEED_PATH_MAX = 512, QW_FEED_WORD_MAX = 1200, QW_FEED_TAG_MAX = 256 };

enum qw_feed_kind { QW_FEED_KIND_AUTO, QW_FEED_KIND_TAXII, QW_FEED_KIND_MISP, QW_FEED_KIND_COUNT };

struct qw_feed_spec {
	char name[QW_NAME_MAX + 1];
	char place[QW_FEED_PLACE_MAX];    /* a path, or http:// or https:// */
	uint64_t kind;                    /* enum qw_feed_kind: auto: what came tells what it is */
	char tenant[QW_NAME_MAX + 1];     /* whose own channel it is for; "": for all */
	char source[64];                  /* "": the feed's name */
	uint64_t every;                   /* seconds; 0: by hand only */
	uint64_t confidence;              /* of entries that say none */
	enum qw_tlp tlp;                  /* of entries that say none */
	uint64_t days;                    /* that entries without an end of their own stay; 0: while the feed has them */
	uint64_t keep;                    /* percent of the last good set that the next must have */
	uint64_t most;                    /* entries */
	uint64_t megabytes;               /* of content */
	uint64_t timeout;                 /* seconds that it may take */
	char headers[QW_FEED_PATH_MAX];   /* file of header lines for HTTP, such as "Authorization: …"; "": none */
	char authority[QW_FEED_PATH_MAX]; /* file of certificates that the server's must be signed by; "": the system's */
	char etag[QW_FEED_TAG_MAX];       /* of what came last, as the server gave them; quaywatch-fetch's alone */
	char modified[QW_FEED_TAG_MAX];
	bool shrunk;                      /* this time it may shrink as it likes; quaywatch-fetch's alone */
};

/* All defaults.  False: not a name (name.h). */
bool qw_feed_spec_init(struct qw_feed_spec *out, const char *name);

/* One word.  False: why says what is wrong. */
enum { QW_FEED_WHY_MAX = 400 };
bool qw_feed_spec_word(struct qw_feed_spec *spec, const char *word, char why[QW_FEED_WHY_MAX]);

/* All words were given: what they say together.  False: why says what is wrong. */
bool qw_feed_spec_check(const struct qw_feed_spec *spec, char why[QW_FEED_WHY_MAX]);

bool qw_feed_is_remote(const struct qw_feed_spec *spec);

/* The words that make it, those that say the default left out; at most QW_FEED_WORDS. */
enum { QW_FEED_WORDS = 24 };
size_t qw_feed_spec_words(const struct qw_feed_spec *spec, char out[QW_FEED_WORDS][QW_FEED_WORD_MAX]);

/* "[a,b]" as a configuration keeps a list, or one word: each in turn.  False: not such a list. */
bool qw_feed_spec_list(struct qw_feed_spec *spec, const char *list, char why[QW_FEED_WHY_MAX]);
