/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nmea_sentence - one line of NMEA 0183 (IEC 61162-1) or IEC 61162-450, taken apart.
 *
 *	\s:GP0001,n:12*1C\$GPGLL,5157.1,N,00401.2,E,120000,A*2F
 *
 * Everything points into the line.  What is wrong with it is told in `flaws`;
 * a sentence whose checksum is wrong has no fields to be believed.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"

enum {
	QW_NMEA_FIELDS_MAX = 32,
	QW_NMEA_LONGEST = 82,      /* of a sentence with its two bytes of line end, says the standard */
	QW_NMEA_LINE_MAX = 1024,   /* that is read at all */
};

enum qw_nmea_flaw {
	QW_NMEA_BAD_CHECKSUM = 1,
	QW_NMEA_NO_CHECKSUM = 2,
	QW_NMEA_MALFORMED = 4, /* bytes that no sentence has, an address that is none */
	QW_NMEA_TOO_LONG = 8,
	QW_NMEA_BAD_TAG = 16,  /* of its block of tags */
	QW_NMEA_GAP = 32,      /* lines before this one were not seen */
};

/* Of the block of tags before a sentence; empty where they are not there. */
struct qw_nmea_tag {
	struct qw_slice source, destination, group, text;
	int32_t line; /* its number; -1: none */
	int64_t time; /* seconds since 1970; -1: none */
};

struct qw_nmea_sentence {
	uint8_t flaws; /* enum qw_nmea_flaw */
	bool proprietary, query, cut; /* cut: it has more fields */
	uint8_t fields; /* more are left out */
	struct qw_nmea_tag tag;
	struct qw_slice talker, formatter; /* of a proprietary one: "P", and its maker with what follows */
	struct qw_slice body; /* all fields with their commas */
	struct qw_slice field[QW_NMEA_FIELDS_MAX]; /* 0 is the one behind the address */
};

/* False: no sentence begins in the line, which is without its end. */
bool qw_nmea_read(struct qw_nmea_sentence *sentence, struct qw_slice line);

/* Does it look like one: known to the standard, or with a checksum that is right? */
bool qw_nmea_is_certain(const struct qw_nmea_sentence *sentence);

/* May the text be the beginning of a line? */
bool qw_nmea_may_begin(const uint8_t *data, size_t len);

/* The field; empty where there are not so many.  Counted from 1, as the standard does. */
static inline struct qw_slice qw_nmea_field(const struct qw_nmea_sentence *sentence, unsigned number)
{
	return number && number <= sentence->fields ? sentence->field[number - 1] : qw_slice(NULL, 0);
}
