/* SPDX-License-Identifier: Apache-2.0 */
/* Frames with their lengths before them; what fragments make must decode again within its bounds. */
#include <stdlib.h>

#include "quaywatch/bytes.h"
#include "sensor/decode/decode.h"
#include "sensor/flow/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct qw_decode_options decode_options = {.verify_checksums = false};

static uint64_t add(struct qw_defrag *defrag, const struct qw_packet *fragment)
{
	const uint8_t *whole;
	uint32_t len;
	struct qw_decoded again;
	enum qw_defrag_result result = qw_defrag_add(defrag, fragment, &whole, &len);
	if (result != QW_DEFRAG_WHOLE)
		return result == QW_DEFRAG_WAITS;
	if (len < fragment->net_header_len || len > 65535 + 40)
		abort();
	qw_decode_reassembled(&again, whole, len, fragment, &decode_options);
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qw_defrag_options options = {.datagrams = 4, .bytes = 8 * 1536, .wait = {QW_NS_PER_S}};
	struct qw_bytes in = qw_bytes(data, size), bytes;
	struct qw_decoded decoded;
	struct qw_defrag *defrag;
	struct qw_defrag_counters counters;
	uint64_t accepted = 0;
	uint16_t len;
	if (qw_defrag_new(&defrag, &options))
		return 0;
	while (qw_bytes_be16(&in, &len) && qw_bytes_take(&in, len, &bytes)) {
		struct qw_frame frame = {
		    .data = bytes.at, .len = (uint32_t)bytes.left, .wire_len = (uint32_t)bytes.left, .link = 1};
		qw_decode(&decoded, &frame, &decode_options);
		for (uint32_t at = 0; !decoded.drop && at < decoded.count; at++)
			if (decoded.view[at].flags & QW_PACKET_FRAGMENT)
				accepted += add(defrag, &decoded.view[at]);
	}
	qw_defrag_counters(defrag, &counters);
	uint64_t vain = counters.timed_out + counters.crowded_out + counters.crowded_out_inner + counters.discarded;
	if (vain + counters.waiting_fragments > accepted)
		abort();
	qw_defrag_free(defrag);
	return 0;
}
