/* SPDX-License-Identifier: Apache-2.0 */
/*
 * distinct - how many different things there were: exactly up to 64, about (7 % of error) beyond.
 *
 * Beyond it is HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with 256
 * registers, in the memory of the exact set.  Things are hashes of 32 bits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QW_DISTINCT_EXACT = 64, QW_DISTINCT_REGISTERS = 256 };

/* All zero: nothing yet. */
struct qw_distinct {
	uint16_t exact_count;
	bool sketched;
	union {
		uint32_t exact[QW_DISTINCT_EXACT];
		uint8_t registers[QW_DISTINCT_REGISTERS];
	};
};

/* `hash` is of a good function: any of its bits counts. */
void qw_distinct_add(struct qw_distinct *distinct, uint32_t hash);
uint32_t qw_distinct_count(const struct qw_distinct *distinct);
