/* SPDX-License-Identifier: Apache-2.0 */
/*
 * position - where something says it is, whatever said it: a sentence of NMEA 0183, a report of AIS.
 *
 * All of it in whole numbers.  A member means something only while its bit
 * stands in `has`.  Who said it is the flow's address, the talker and, of AIS,
 * the MMSI.
 */
#pragma once

#include <stdint.h>

enum qw_position_has {
	QW_POSITION_PLACE = 1 << 0, /* latitude and longitude */
	QW_POSITION_TIME = 1 << 1,
	QW_POSITION_DATE = 1 << 2,
	QW_POSITION_SPEED = 1 << 3,
	QW_POSITION_COURSE = 1 << 4,
	QW_POSITION_HEADING = 1 << 5,
	QW_POSITION_TURN = 1 << 6,
	QW_POSITION_ALTITUDE = 1 << 7,
	QW_POSITION_QUALITY = 1 << 8,
	QW_POSITION_SATELLITES = 1 << 9,
	QW_POSITION_HDOP = 1 << 10,
	QW_POSITION_MMSI = 1 << 11,
	QW_POSITION_SECOND = 1 << 12, /* time is the second of the minute alone, as AIS has it, in milliseconds */
	QW_POSITION_MAGNETIC = 1 << 13, /* the heading is to magnetic north */
	QW_POSITION_IN_VIEW = 1 << 14,
	QW_POSITION_SIGNAL = 1 << 15,
};

/* As GGA numbers them; the letters of other sentences and AIS's accuracy are put into the same numbers. */
enum qw_position_quality {
	QW_QUALITY_NONE,
	QW_QUALITY_AUTONOMOUS,
	QW_QUALITY_DIFFERENTIAL,
	QW_QUALITY_PRECISE,
	QW_QUALITY_RTK,
	QW_QUALITY_RTK_FLOAT,
	QW_QUALITY_ESTIMATED,
	QW_QUALITY_MANUAL,
	QW_QUALITY_SIMULATED,
};

struct qw_position {
	int32_t latitude, longitude; /* 1e-7 degrees, to north and east */
	uint32_t time;       /* of the fix: milliseconds since midnight, UTC */
	uint32_t date;       /* 20261123 */
	uint32_t speed;      /* 1e-3 knots over ground */
	int32_t altitude;    /* millimetres above the sea */
	uint32_t mmsi;
	uint16_t course;     /* 1e-2 degrees over ground, true */
	uint16_t heading;    /* 1e-2 degrees */
	int16_t turn;        /* 1e-1 degrees a minute, to starboard */
	uint16_t hdop;       /* 1e-2 */
	uint16_t has;        /* enum qw_position_has */
	uint8_t quality;     /* enum qw_position_quality */
	uint8_t satellites;  /* in use */
	uint8_t in_view;     /* satellites above the horizon, of one system */
	uint8_t signal;      /* of the best of those that the sentence names: C/N0 in dB-Hz */
	char talker[2];      /* "GP"; of AIS, who handed it on: "AI" */
	char formatter[3];   /* "RMC"; of AIS "VDM", "VDO": another's, one's own */
	uint8_t ais;         /* type of the AIS message; 0: a sentence's own */
};

_Static_assert(sizeof(struct qw_position) == 48, "a position is small");
