/* SPDX-License-Identifier: Apache-2.0 */
/* bytes - numbers put into packets; only for the forge. */
#pragma once

#include <stdint.h>

static inline void forge_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void forge_put32(uint8_t *at, uint32_t value)
{
	forge_put16(at, value >> 16);
	forge_put16(at + 2, value & 0xffff);
}

static inline uint16_t forge_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void forge_require(int holds)
{
	if (!holds)
		__builtin_trap();
}
