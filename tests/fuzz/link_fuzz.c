/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte chooses the protocol.  Then frames: two bytes (0x8000: time
 * goes by before it, 0x4000: from another station, the rest a length), and as
 * many bytes.
 */
#include "sensor/protocol/link.h"
#include "tests/fuzz/protocol_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void publish(void *ctx, const struct qw_packet *packet, const struct qw_message *message)
{
	if (!packet->mac || !message->alone)
		abort();
	fuzz_publish(ctx, NULL, message);
}

static void feed(struct qw_links *links, struct qw_packet *packet, struct qw_bytes frame)
{
	const struct qw_link_sink sink = {NULL, publish};
	uint8_t *exact = malloc(frame.left ? frame.left : 1);
	if (!exact)
		abort();
	memcpy(exact, frame.at, frame.left);
	packet->payload = exact;
	packet->payload_len = (uint32_t)frame.left;
	qw_links_feed(links, packet, &sink);
	packet->payload = NULL;
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qw_link_sink sink = {NULL, publish};
	uint8_t header[QW_LINK_HEADER] = {1, 2, 3, 4, 5, 6, 7};
	struct qw_packet packet = {.mac = header, .flags = QW_PACKET_ETHERNET, .time = qw_time_seconds(1)};
	struct qw_bytes in = qw_bytes(data, size), frame;
	static struct qw_links *links; /* made once: what is remembered is forgotten while nobody looks */
	uint8_t protocol;
	uint16_t head;
	if (!qw_bytes_u8(&in, &protocol))
		return 0;
	if (!links && qw_links_new(&links) != QW_OK)
		abort();
	qw_links_want(links, 0);
	qw_links_want(links, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS | QW_OT_WANT_VALUES);
	packet.ether_type = qw_link_protocols[protocol % QW_LINK_PROTOCOLS]->ether_type;
	while (qw_bytes_be16(&in, &head)) {
		size_t len = head & 0x3fff;
		header[11] = head & 0x4000 ? 1 : 2;
		packet.time.ns += head & 0x8000 ? 1100 * QW_NS_PER_MS : QW_NS_PER_US;
		qw_links_tick(links, packet.time, &sink);
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &frame))
			break;
		feed(links, &packet, frame);
	}
	return 0;
}
