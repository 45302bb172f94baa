/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ais_watch - what is wrong with what AIS says: stations that are none, ships at two places, control that nobody may give.
 *
 *  number    MMSI by the forms of ITU-R M.585-9, annex 1: a ship begins with
 *            its country's three digits (MID, 201 to 775), a coast station with
 *            00 and a MID, a group with 0, an aircraft with 111, a handheld
 *            with 8, a craft of a ship with 98, an aid to navigation with 99,
 *            and 970, 972, 974, 979 are distress and fishing gear.  Told after
 *            three messages; real ships have wrong ones too.
 *  place     further than 60 knots allow (of what reports more: 1.5 times that,
 *            and 10 knots), beyond 2 km, while reports may be 30 s late: faster than
 *            any ship, wider than relays and shore networks delay.  Held for 5
 *            reports and 30 s: it jumped.  Back and forth three times, the other
 *            place always following from itself: two stations under one number.
 *            Aircraft are not looked at.  (Faults of communication come first:
 *            in a study of 966 million messages that filter left 1.4 % of the
 *            alarms.)
 *  control   messages 4, 16, 17, 20, 22 and 23 are a base station's (ITU-R
 *            M.1371-5, annex 8); from another's number they are told at once,
 *            from a base station that never sent them after watch.ais.learn.
 *  aids      message 21 is of a number that begins with 99; a new one after
 *            learning is told, and a virtual one higher.
 */
#pragma once

#include "sensor/watch/watcher.h"

extern const struct qw_watcher_ops qw_ais_watch;

enum qw_ais_finding {
	QW_AIS_BAD_MMSI,
	QW_AIS_DUPLICATE,
	QW_AIS_JUMP,
	QW_AIS_CONTROL_BY_SHIP,
	QW_AIS_NEW_STATION,
	QW_AIS_NEW_CONTROL,
	QW_AIS_AID_NUMBER,
	QW_AIS_NEW_AID,
	QW_AIS_NEW_VIRTUAL_AID,
	QW_AIS_FINDINGS
};

enum qw_mmsi_kind {
	QW_MMSI_INVALID,
	QW_MMSI_SHIP,
	QW_MMSI_GROUP,
	QW_MMSI_COAST,
	QW_MMSI_AIRCRAFT,
	QW_MMSI_HANDHELD,
	QW_MMSI_CRAFT,
	QW_MMSI_AID,
	QW_MMSI_DISTRESS, /* and fishing gear */
};
enum qw_mmsi_kind qw_mmsi_kind(uint64_t mmsi);
