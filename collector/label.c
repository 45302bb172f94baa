/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/label.h"

#include <string.h>

#include "collector/channels.h"

static const struct {
	bool to[QW_PLACES]; /* tenant, community, world */
	const char *text;
} rows[QW_TLP_COUNT] = {
    [QW_TLP_CLEAR] = {{true, true, true}, "TLP:CLEAR may go anywhere"},
    [QW_TLP_GREEN] = {{true, true, false}, "TLP:GREEN may go to all members, and not beyond"},
    [QW_TLP_AMBER] = {{true, true, false}, "TLP:AMBER may go to all members, and not beyond"},
    [QW_TLP_AMBER_STRICT] = {{true, false, false}, "TLP:AMBER+STRICT may go to its own organisation alone: --tenant"},
    [QW_TLP_RED] = {{false, false, false}, "TLP:RED stays with who got it: no channel takes it"},
};

bool qw_label_permits(enum qw_tlp tlp, enum qw_label_place place)
{
	return tlp < QW_TLP_COUNT && place < QW_PLACES && rows[tlp].to[place];
}

enum qw_label_place qw_label_place_of(const char *channel)
{
	return strcmp(channel, QW_COMMUNITY) == 0 ? QW_PLACE_COMMUNITY : QW_PLACE_TENANT;
}

const char *qw_label_text(enum qw_tlp tlp)
{
	return tlp < QW_TLP_COUNT ? rows[tlp].text : "not a TLP label";
}
