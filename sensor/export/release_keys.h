/* SPDX-License-Identifier: Apache-2.0 */
/* release_keys - the one table of what the release policy does with each field of an event. */
#pragma once

#include "quaywatch/event.h"

enum qw_release_way {
	QW_WAY_UNDECIDED, /* it never leaves: nobody has said yet what it may tell */
	QW_WAY_KEEP,      /* tells of no host and no name */
	QW_WAY_TEXT,      /* searched for addresses and names */
	QW_WAY_ADDRESS,
	QW_WAY_MAC,
	QW_WAY_OBJECT,    /* JSON, searched as text */
	QW_WAY_NAME,      /* all of it is a name of ours */
	QW_WAY_HOST,      /* a name of ours where it has no dot */
	QW_WAY_WORDS,     /* a sentence with names of ours */
	QW_WAY_MADE_OF_ADDRESSES,
	QW_WAY_PAYLOAD,
	QW_WAY_VALUE,     /* what was written to a machine */
	QW_WAY_INDICATOR_ID,
	QW_WAY_INDICATOR_VALUE,
	QW_WAY_WAYS
};

extern const enum qw_release_way qw_release_ways[QW_KEY_COUNT];
