/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nmea_talk - sentences of one conversation, and what must be remembered from one to the next.
 *
 * Sources of IEC 61162-450 number their lines, and what is not seen is told
 * with the line behind it.  VDM and VDO carry AIS: the sentence that completes
 * a message of it is told as that message.
 */
#pragma once

#include "sensor/protocol/ais.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/ot_guest.h"

enum { QW_NMEA_SOURCES_MAX = 8, QW_NMEA_SOURCE_MAX = 15 };

/* Who numbers its lines, and what number comes next. */
struct qw_nmea_source {
	char name[QW_NMEA_SOURCE_MAX];
	uint8_t len;
	uint16_t next; /* 0: the place is free */
};

/* All zero: nothing was said yet. */
struct qw_nmea_talk {
	struct qw_lines lines[2];
	struct qw_ais_gather *gather; /* while messages of several sentences come */
	uint8_t oldest;
	uint8_t bad[2]; /* lines in a row that are no sentences */
	struct qw_nmea_source source[QW_NMEA_SOURCES_MAX];
};

/* A piece of a stream of lines. */
void qw_nmea_take(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_bytes in);

/* A line by itself; of any length. */
void qw_nmea_take_line(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk, struct qw_slice line);

/* No more will come of the guest's direction: a last sentence may have no line end. */
void qw_nmea_end(const struct qw_ot_guest *guest, struct qw_nmea_talk *talk);

void qw_nmea_free(void *state, struct qw_nmea_talk *talk);

/* Has no sentence come for so long that it is another protocol? */
static inline bool qw_nmea_is_lost(const struct qw_nmea_talk *talk, enum qw_direction direction)
{
	return talk->bad[direction] >= 16;
}
