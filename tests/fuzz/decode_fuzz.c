/* SPDX-License-Identifier: Apache-2.0 */
/* decode - input: a byte that picks the link type, a byte of switches, the frame. */
#include <stdlib.h>

#include "sensor/decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct qw_decoded *decoded, const uint8_t *data, size_t size)
{
	if ((decoded->drop == QW_DROP_NONE) != (decoded->count > 0) || decoded->count > QW_LAYERS_MAX)
		abort();
	for (uint32_t i = 0; i < decoded->count; i++) {
		const struct qw_packet *view = &decoded->view[i];
		if (view->payload < data || view->payload + view->payload_len > data + size)
			abort();
		if ((view->flags & QW_PACKET_IP) && (view->net < data || view->net + view->net_len > data + size))
			abort();
		if ((view->flags & QW_PACKET_TRANSPORT) && view->transport + view->transport_len != view->payload)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t links[] = {1, 0, 9, 12, 50, 51, 101, 108, 113, 228, 229, 276};
	static struct qw_decoded decoded;
	if (size < 2)
		return 0;
	struct qw_decode_options options = {data[1] & 1, data[1] & 2, data[1] & 4};
	uint32_t len = (uint32_t)size - 2;
	struct qw_frame frame = {.data = data + 2, .len = len, .wire_len = len + (data[1] & 8)};

	frame.link = links[data[0] % (sizeof(links) / sizeof(links[0]))];
	qw_decode(&decoded, &frame, &options);
	check(&decoded, frame.data, len);
	if (decoded.count) {
		struct qw_packet like = decoded.view[decoded.count - 1];
		qw_decode_reassembled(&decoded, frame.data, len, &like, &options);
		check(&decoded, frame.data, len);
	}
	return 0;
}
