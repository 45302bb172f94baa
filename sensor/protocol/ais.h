/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ais - messages of AIS (ITU-R M.1371) out of the characters that VDM and VDO carry.
 *
 * Each character is six bits; the last of them may be filled up.  A message of
 * a length that its type cannot have is told as malformed, and read as far as
 * it goes.
 */
#pragma once

#include "quaywatch/position.h"
#include "quaywatch/text.h"
#include "sensor/protocol/nmea_sentence.h"

enum {
	QW_AIS_CHARS_MAX = 224,  /* of a whole message: five slots are 1 208 bits at most */
	QW_AIS_NAME_MAX = 36,    /* characters, of an aid to navigation with its extension */
	QW_AIS_TEXT_MAX = 164,
	QW_AIS_NO_STATUS = 255,
};

enum { QW_AIS_SLOTS_MAX = 4 };

/* What a shore station makes others do: reserves slots (type 20), sends them to other channels (22), or groups of them (23). */
struct qw_ais_order {
	bool addressed;              /* to the two stations, not to an area */
	bool low_power;
	bool has_area;
	uint8_t mode;                /* on which of both channels is sent */
	uint8_t zone;                /* sea miles around the area where both are in force */
	uint8_t station_type, ship_type;
	uint8_t interval, quiet;     /* between reports, by the standard's table; minutes of silence */
	uint16_t channel[2];
	uint32_t mmsi[2];
	int32_t latitude[2], longitude[2]; /* 1e-7 degrees: north-east, south-west */
	uint8_t slots;
	struct qw_ais_slots {
		uint16_t offset, every;
		uint8_t count, minutes;
	} slot[QW_AIS_SLOTS_MAX];
};

/* All of one message; numbers are 0 and texts empty where it has none. */
struct qw_ais {
	uint8_t type, repeat, part;  /* part: of type 24, 1 is B */
	uint8_t status;              /* of navigation; QW_AIS_NO_STATUS */
	uint8_t ship_type, draught;  /* draught: 1e-1 metres */
	uint8_t aid_type;
	bool malformed;
	bool is_virtual, off_position; /* of aids to navigation */
	uint32_t mmsi, imo, mothership;
	uint16_t bow, stern;         /* metres from where the antenna is */
	uint8_t port, starboard;
	uint8_t eta_month, eta_day, eta_hour, eta_minute;
	bool has_eta;
	struct qw_position position;
	struct qw_ais_order order;
	char call_sign[8], vendor[4];
	char name[QW_AIS_NAME_MAX], destination[21], text[QW_AIS_TEXT_MAX];
};

/* `fill` bits at the end are not the message's.  False: too short to say even who sent it, or not of such characters. */
bool qw_ais_read(struct qw_ais *ais, struct qw_slice chars, unsigned fill);

/* ---- messages that need several sentences */

enum { QW_AIS_GATHERED_MAX = 4 };

struct qw_ais_gathered {
	int64_t since; /* seconds */
	uint8_t sequence, channel, parts, next; /* next 0: the place is free */
	uint16_t len;
	char talker[2], formatter[3];
	char chars[QW_AIS_CHARS_MAX];
};

struct qw_ais_gather {
	uint8_t oldest;
	bool cut; /* a message was given up for want of a place */
	struct qw_ais_gathered place[QW_AIS_GATHERED_MAX];
};

enum qw_ais_found { QW_AIS_WHOLE, QW_AIS_PART, QW_AIS_ODD };

/* Of one sentence: is it alone, a part of several, or neither (its numbers are nonsense)? */
struct qw_ais_envelope {
	uint32_t parts, number, sequence, fill;
	uint8_t channel; /* 'A', 'B'; 0: not told */
	struct qw_slice chars;
};

bool qw_ais_envelope_read(struct qw_ais_envelope *envelope, const struct qw_nmea_sentence *sentence);

/*
 * Puts a part to those before it.  QW_AIS_WHOLE: *chars is all of it, until the
 * next call.  QW_AIS_ODD: parts before it were not seen, or it is too long.
 */
enum qw_ais_found qw_ais_gather(struct qw_ais_gather *gather, const struct qw_ais_envelope *envelope,
				const struct qw_nmea_sentence *sentence, int64_t now, struct qw_slice *chars);
