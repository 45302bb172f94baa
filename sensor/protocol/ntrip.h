/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntrip - sessions in which corrections for satellite positioning are asked for, sent and delivered.
 *
 * A client asks as in HTTP, and the HTTP parser reads it as that; what it
 * finds to be NTRIP it tells by way of this, too.  A station that delivers
 * speaks NTRIP 1's own language, which has a parser of its own.
 */
#pragma once

#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_guest.h"

/* What is kept of a session's corrections; all zero: none came. */
struct qw_ntrip {
	struct qw_ot_frames frames;
	uint8_t damaged; /* frames in a row */
	bool over;       /* they are of another kind: not read any more */
	bool answered;
};

/* A message of the session: "request", "answer" … */
void qw_ntrip_publish(const struct qw_ot_guest *guest, const struct qw_ot_detail *detail);

/* The answer's first line, whatever language: what it says goes into an event. */
void qw_ntrip_answer(const struct qw_ot_guest *guest, struct qw_ntrip *ntrip, struct qw_slice line);

/* A piece of the corrections: each frame of RTCM 3 is told. */
void qw_ntrip_take(const struct qw_ot_guest *guest, struct qw_ntrip *ntrip, struct qw_bytes in);

static inline void qw_ntrip_free(void *state, struct qw_ntrip *ntrip)
{
	qw_ot_frames_lose(state, &ntrip->frames);
}
