/* SPDX-License-Identifier: Apache-2.0 */
/* dnp3_object - how long a point of each group and variation is. */
#pragma once

#include <stdint.h>

enum qw_dnp3_size {
	QW_DNP3_SIZE_UNKNOWN = -1,
	QW_DNP3_SIZE_BITS = -2,      /* one bit a point */
	QW_DNP3_SIZE_TWO_BITS = -3,
	QW_DNP3_SIZE_ATTRIBUTE = -4, /* type, length, then as many bytes */
};

/* Bytes, or one of the above. */
int qw_dnp3_point_size(uint8_t group, uint8_t variation);
