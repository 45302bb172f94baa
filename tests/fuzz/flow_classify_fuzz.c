/* SPDX-License-Identifier: Apache-2.0 */
/* Frames with their lengths before them, by the packet path's own way: decode, flow table, classification. */
#include <stdlib.h>

#include "quaywatch/bytes.h"
#include "sensor/decode/decode.h"
#include "sensor/flow/classify.h"
#include "sensor/flow/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_end(void *ctx, struct qw_flow *flow, enum qw_flow_end why)
{
	char name[QW_CLASS_NAME_MAX], id[QW_COMMUNITY_ID_LEN + 1];
	qw_classify_end(ctx, flow);
	qw_class_name(ctx, flow, name);
	qw_flow_community_id(flow, id);
	if (flow->ndpi)
		abort();
}

static void classify(struct qw_flow_table *table, struct qw_classifier *classifier, const struct qw_packet *packet)
{
	struct qw_flow_key key;
	enum qw_direction direction;
	if (!(packet->flags & QW_PACKET_IP) || (packet->flags & QW_PACKET_FRAGMENT))
		return;
	uint64_t hash = qw_flow_hash(table, packet, &key);
	struct qw_flow *flow = qw_flow_find(table, packet, hash, &key, &direction);
	if (!(flow->flags & QW_FLOW_CLASSIFIED))
		qw_classify(classifier, flow, direction, packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qw_classifier *classifier; /* takes 20 ms to make */
	if (!classifier && qw_classifier_new(&classifier))
		return 0;
	const struct qw_decode_options decode_options = {.verify_checksums = false};
	const struct qw_flow_timeouts timeouts = {.fresh = {QW_NS_PER_S}, .established = {QW_NS_PER_S}};
	const struct qw_flow_table_options options = {
	    .flows = 8, .midstream = true, .timeouts = timeouts, .ended = on_end, .ctx = classifier};
	struct qw_bytes in = qw_bytes(data, size), bytes;
	struct qw_decoded decoded;
	struct qw_flow_table *table;
	uint16_t len;
	if (qw_flow_table_new(&table, &options))
		return 0;
	while (qw_bytes_be16(&in, &len) && qw_bytes_take(&in, len, &bytes)) {
		struct qw_frame frame = {
		    .data = bytes.at, .len = (uint32_t)bytes.left, .wire_len = (uint32_t)bytes.left, .link = 1};
		qw_decode(&decoded, &frame, &decode_options);
		for (uint32_t at = 0; !decoded.drop && at < decoded.count; at++)
			classify(table, classifier, &decoded.view[at]);
	}
	qw_flow_table_free(table);
	return 0;
}
