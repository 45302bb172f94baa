/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/checksum.h"

#include <arpa/inet.h>

enum { BLOCK = 64 };

/*
 * Words of 32 bits in sums of 64: no carry to look after below 16 GB, and the
 * compiler makes vectors of it.
 */
static uint64_t sum_block(const uint8_t *data)
{
	uint32_t word[BLOCK / 4];
	uint64_t sum = 0;

	memcpy(word, data, BLOCK);
	for (unsigned i = 0; i < BLOCK / 4; i++)
		sum += word[i];
	return sum;
}

uint64_t qw_sum_add(uint64_t sum, const uint8_t *data, size_t len)
{
	for (; len >= BLOCK; len -= BLOCK, data += BLOCK)
		sum += sum_block(data);
	for (; len >= 4; len -= 4, data += 4) {
		uint32_t word;
		memcpy(&word, data, 4);
		sum += word;
	}
	uint32_t rest = 0;
	memcpy(&rest, data, len);
	return sum + rest;
}

uint64_t qw_sum_pseudo(const struct qw_packet *view, uint8_t proto, uint32_t len)
{
	uint64_t sum = (uint64_t)htonl(len) + htonl(proto);

	if (view->version == 4) {
		sum = qw_sum_add(sum, view->src.bytes + 12, 4);
		return qw_sum_add(sum, view->dst.bytes + 12, 4);
	}
	sum = qw_sum_add(sum, view->src.bytes, 16);
	return qw_sum_add(sum, view->dst.bytes, 16);
}
