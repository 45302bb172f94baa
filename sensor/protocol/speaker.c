/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/speaker.h"

#include "quaywatch/packet.h"
#include "sensor/protocol/parser.h"

enum qw_speaker qw_parser_speaker(const struct qw_flow *flow, const uint8_t *data, size_t len)
{
	bool datagram = flow->key.proto == QW_PROTO_UDP;
	enum qw_speaker speaker = QW_SPEAKER_UNKNOWN;

	for (size_t i = 0; i < qw_parser_count && len && speaker == QW_SPEAKER_UNKNOWN; i++)
		if (qw_parsers[i]->speaker && qw_parsers[i]->datagram == datagram)
			speaker = qw_parsers[i]->speaker(data, len);
	return speaker;
}
