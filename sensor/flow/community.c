/* SPDX-License-Identifier: Apache-2.0 */
/* community - Community ID 1.0 of a flow, as Corelight's community-id-spec has it, seed 0. */
#include <string.h>

#include "quaywatch/digest.h"
#include "quaywatch/packet.h"
#include "quaywatch/text.h"
#include "sensor/flow/table.h"

enum { INPUT_MOST = 2 + 16 + 16 + 2 + 4 };

/* ICMP has a type for a port; one-way types pair with their code. */
struct pair {
	uint8_t type, answer;
};

static const struct pair icmp_pairs[] = {
    {8, 0}, {0, 8}, {13, 14}, {14, 13}, {15, 16}, {16, 15}, {10, 9}, {9, 10}, {17, 18}, {18, 17},
};

static const struct pair icmpv6_pairs[] = {
    {128, 129}, {129, 128}, {133, 134}, {134, 133}, {135, 136}, {136, 135},
    {130, 131}, {131, 130}, {139, 140}, {140, 139}, {144, 145}, {145, 144},
};

struct side {
	const uint8_t *address;
	uint16_t port;
};

static bool find_answer(const struct pair *pairs, size_t count, uint8_t type, uint16_t *answer)
{
	for (size_t row = 0; row < count; row++) {
		if (pairs[row].type != type)
			continue;
		*answer = pairs[row].answer;
		return true;
	}
	return false;
}

/*
 * Fills in the ports of an ICMP flow: the client's is the first packet's type,
 * unless that was an answer to something unseen.  True: it goes one way, so
 * its ends keep their places.
 */
static bool icmp_ports(const struct qw_flow *flow, struct side *client, struct side *server)
{
	enum { ECHO_REPLY = 0, ECHO_REPLY_V6 = 129 };
	bool v4 = flow->key.proto == QW_PROTO_ICMP;
	const struct pair *pairs = v4 ? icmp_pairs : icmpv6_pairs;
	size_t count = v4 ? sizeof(icmp_pairs) / sizeof(icmp_pairs[0]) : sizeof(icmpv6_pairs) / sizeof(icmpv6_pairs[0]);
	bool answered_first = flow->icmp_type == (v4 ? ECHO_REPLY : ECHO_REPLY_V6);
	struct side *sender = answered_first ? server : client, *receiver = answered_first ? client : server;
	sender->port = flow->icmp_type;
	receiver->port = flow->icmp_code;
	return !find_answer(pairs, count, flow->icmp_type, &receiver->port);
}

static size_t put(uint8_t *out, const struct side *low, const struct side *high, size_t address_len, uint8_t proto)
{
	uint8_t *at = out;
	*at++ = 0;
	*at++ = 0; /* the seed */
	memcpy(at, low->address, address_len);
	memcpy(at + address_len, high->address, address_len);
	at += 2 * address_len;
	*at++ = proto;
	*at++ = 0;
	*at++ = (uint8_t)(low->port >> 8);
	*at++ = (uint8_t)low->port;
	*at++ = (uint8_t)(high->port >> 8);
	*at++ = (uint8_t)high->port;
	return (size_t)(at - out);
}

static bool has_ports(uint8_t proto)
{
	return proto == QW_PROTO_TCP || proto == QW_PROTO_UDP || proto == QW_PROTO_SCTP || proto == QW_PROTO_ICMP ||
	       proto == QW_PROTO_ICMPV6;
}

void qw_flow_community_id(const struct qw_flow *flow, char out[QW_COMMUNITY_ID_LEN + 1])
{
	const struct qw_address *client = qw_flow_client(flow), *server = qw_flow_server(flow);
	bool v4 = qw_address_is_v4(client) && qw_address_is_v4(server);
	size_t skip = v4 ? 12 : 0, address_len = 16 - skip;
	struct side low = {client->bytes + skip, qw_flow_client_port(flow)};
	struct side high = {server->bytes + skip, qw_flow_server_port(flow)};
	bool one_way = false;
	if (flow->key.proto == QW_PROTO_ICMP || flow->key.proto == QW_PROTO_ICMPV6)
		one_way = icmp_ports(flow, &low, &high);
	int order = memcmp(low.address, high.address, address_len);
	if (!one_way && (order > 0 || (order == 0 && low.port > high.port))) {
		struct side swapped = low;
		low = high;
		high = swapped;
	}
	uint8_t input[INPUT_MOST], digest[QW_SHA1_BYTES];
	size_t len = put(input, &low, &high, address_len, flow->key.proto);
	qw_sha1(input, has_ports(flow->key.proto) ? len : len - 4, digest);
	struct qw_text text;
	qw_text_init(&text, out, QW_COMMUNITY_ID_LEN);
	qw_text_literal(&text, "1:");
	qw_text_base64(&text, digest, sizeof(digest));
	out[QW_COMMUNITY_ID_LEN] = 0;
}
