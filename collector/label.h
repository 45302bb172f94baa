/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label - where a TLP label lets an indicator go.
 *
 * FIRST, "Traffic Light Protocol (TLP) version 2.0", 2022: RED is for the eyes
 * of who got it, AMBER+STRICT for its organisation, AMBER for that and its
 * clients, which are the port's members here, GREEN for the community, CLEAR
 * for everybody.  Pure; any thread.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/indicator.h"

enum qw_label_place {
	QW_PLACE_TENANT,    /* a tenant's own channel */
	QW_PLACE_COMMUNITY, /* the channel of all members */
	QW_PLACE_WORLD,     /* what leaves the port, as exports do */
	QW_PLACES
};

bool qw_label_permits(enum qw_tlp tlp, enum qw_label_place place);

/* The place that a channel is. */
enum qw_label_place qw_label_place_of(const char *channel);

/* What the label allows, for people: "TLP:RED stays with who got it". */
const char *qw_label_text(enum qw_tlp tlp);
