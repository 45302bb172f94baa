/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dnp3_object.h"

enum { VARIATIONS = 16, GROUPS = 256, BITS = 254, TWO_BITS = 253 };

/* Bytes of variations 1, 2, …; 0: unknown, unless the group is empty. */
static const uint8_t sizes[GROUPS][VARIATIONS] = {
	[1] = {BITS, 1},
	[2] = {1, 7, 3},
	[3] = {TWO_BITS, 1},
	[4] = {1, 7, 3},
	[10] = {BITS, 1},
	[11] = {1, 7},
	[12] = {11, 11, BITS},
	[13] = {1, 7},
	[20] = {5, 3, 5, 3, 4, 2, 4, 2},
	[21] = {5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2},
	[22] = {5, 3, 5, 3, 11, 9, 11, 9},
	[23] = {5, 3, 5, 3, 11, 9, 11, 9},
	[30] = {5, 3, 4, 2, 5, 9},
	[31] = {5, 3, 11, 9, 4, 2, 5, 9},
	[32] = {5, 3, 11, 9, 5, 9, 11, 15},
	[33] = {5, 3, 11, 9, 5, 9, 11, 15},
	[34] = {2, 4, 4},
	[40] = {5, 3, 5, 9},
	[41] = {5, 3, 5, 9},
	[42] = {5, 3, 11, 9, 5, 9, 11, 15},
	[43] = {5, 3, 11, 9, 5, 9, 11, 15},
	[50] = {6, 10, 6, 11},
	[51] = {6, 6},
	[52] = {2, 2},
	[80] = {BITS},
	[81] = {3},
	[101] = {2, 4, 8},
	[102] = {1},
	[120] = {0, 0, 6, 2},
	[121] = {7},
	[122] = {7, 13},
};

static int is_string(uint8_t group)
{
	return group >= 110 && group <= 113;
}

int qw_dnp3_point_size(uint8_t group, uint8_t variation)
{
	if (group == 0)
		return QW_DNP3_SIZE_ATTRIBUTE;
	if (group == 60)
		return 0; /* classes: they stand for points, and have none */
	if (is_string(group))
		return variation;
	if (variation == 0)
		return 0; /* any variation: only asked for */
	uint8_t size = variation <= VARIATIONS ? sizes[group][variation - 1] : 0;
	switch (size) {
	case 0: return QW_DNP3_SIZE_UNKNOWN;
	case BITS: return QW_DNP3_SIZE_BITS;
	case TWO_BITS: return QW_DNP3_SIZE_TWO_BITS;
	default: return size;
	}
}
