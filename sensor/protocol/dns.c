/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns - queries and answers over UDP and TCP.
 *
 * Each DNS message is a transaction of its own, as in Suricata: queries fill
 * dns.query; the names of responses are looked up as indicators, and fill the
 * buffers of their sections.
 */
#include "sensor/protocol/dns_message.h"

#include "quaywatch/rule_event.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/store.h"

enum {
	PORT_DNS = 53,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	TCP_MESSAGE_MAX = 2 + UINT16_MAX,
	BAD_MAX = 4, /* unreadable datagrams until the flow is given up */
	OPCODE_UPDATE = 5,
	OPCODE_LAST = 6, /* stateful operations, RFC 8490 */
	TYPES_MAX = 24, /* of records, that rules see */
	FLAG_RESPONSE = 0x8000,
	FLAG_Z = 0x0040,
	FLAGS_RCODE = 0x000f,
};

struct dns {
	uint64_t transactions;
	struct qw_store held[2]; /* TCP: a message that is not whole yet */
	uint8_t bad;
};

/* ---- publishing */

static bool port_is(const struct qw_flow *flow, uint16_t port)
{
	return flow->key.low_port == port || flow->key.high_port == port;
}

struct outlet {
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
	struct qw_message message;
};

/* More fields than one message holds go out in several; the numbers, which come first, are in each. */
static void add(struct outlet *outlet, enum qw_buffer buffer, enum qw_sight sight, struct qw_slice value)
{
	struct qw_message *message = &outlet->message;
	if (message->count == QW_FIELDS_MAX) {
		outlet->sink->publish(outlet->sink->ctx, outlet->flow, message);
		message->count = message->numbers;
		for (uint16_t i = 0; i < message->count; i++)
			message->field[i].fresh = false;
	}
	qw_message_add(message, buffer, sight, value, true);
}

static bool same(struct qw_slice a, struct qw_slice b)
{
	return a.len == b.len && a.data && b.data && memcmp(a.data, b.data, a.len) == 0;
}

/* A name that indicators are asked about once, however often the message repeats it. */
static enum qw_sight name_sight(const struct qw_dns_detail *detail, struct qw_slice name)
{
	return name.len == 0 || same(name, detail->name) ? QW_SIGHT_NONE : QW_SIGHT_NAME;
}

static void add_numbers(struct outlet *outlet, const struct qw_dns_message *parsed)
{
	const struct qw_dns_detail *detail = &parsed->detail;
	uint16_t count = detail->response ? detail->answers : parsed->questions;
	qw_message_number(&outlet->message, QW_BUFFER_DNS_OPCODE, detail->opcode, true);
	qw_message_number(&outlet->message, QW_BUFFER_DNS_RCODE, detail->rcode, true);
	for (uint16_t i = 0; i < count && i < TYPES_MAX; i++)
		qw_message_number(&outlet->message, QW_BUFFER_DNS_RRTYPE,
				  detail->response ? detail->answer[i].type : parsed->question[i].type, true);
}

/* What is wrong with the message; multicast DNS has no clients and servers. */
static void add_events(struct outlet *outlet, const struct qw_dns_message *parsed)
{
	static const struct {
		uint8_t flaw, event;
	} rows[] = {
	    {QW_DNS_FLAW_BODY, QW_AE_DNS_MALFORMED_DATA},
	    {QW_DNS_FLAW_AUTHORITIES, QW_AE_DNS_INVALID_AUTHORITIES},
	    {QW_DNS_FLAW_ADDITIONALS, QW_AE_DNS_INVALID_ADDITIONALS},
	    {QW_DNS_FLAW_LONG_NAME, QW_AE_DNS_NAME_TOO_LONG},
	    {QW_DNS_FLAW_LOOP, QW_AE_DNS_INFINITE_LOOP},
	    {QW_DNS_FLAW_LABELS, QW_AE_DNS_TOO_MANY_LABELS},
	};
	const struct qw_dns_detail *detail = &parsed->detail;
	struct qw_message *message = &outlet->message;
	bool up = message->direction == QW_TO_SERVER;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (parsed->flaws & rows[i].flaw)
			qw_message_number(message, QW_BUFFER_APP_EVENT, rows[i].event, true);
	if (detail->flags & FLAG_Z)
		qw_message_number(message, QW_BUFFER_APP_EVENT, QW_AE_DNS_Z_FLAG_SET, true);
	if (detail->opcode > OPCODE_LAST)
		qw_message_number(message, QW_BUFFER_APP_EVENT, QW_AE_DNS_INVALID_OPCODE, true);
	if (up == detail->response && !port_is(outlet->flow, PORT_MDNS) && !(parsed->flaws & QW_DNS_FLAW_BODY))
		qw_message_number(message, QW_BUFFER_APP_EVENT, up ? QW_AE_DNS_NOT_REQUEST : QW_AE_DNS_NOT_RESPONSE, true);
}

static void add_questions(struct outlet *outlet, const struct qw_dns_message *parsed)
{
	for (uint16_t i = 0; i < parsed->questions; i++) {
		struct qw_slice name = parsed->question[i].name;
		add(outlet, QW_BUFFER_DNS_QUESTION_NAME, QW_SIGHT_NAME, name);
		add(outlet, parsed->detail.response ? QW_BUFFER_DNS_RESPONSE_NAME : QW_BUFFER_DNS_QUERY, QW_SIGHT_NONE,
		    name);
	}
}

static void add_others(struct outlet *outlet, const struct qw_dns_message *parsed)
{
	for (uint16_t i = 0; i < parsed->others; i++) {
		const struct qw_dns_other *other = &parsed->other[i];
		add(outlet, other->additional ? QW_BUFFER_DNS_ADDITIONAL_NAME : QW_BUFFER_DNS_AUTHORITY_NAME,
		    QW_SIGHT_NONE, other->name);
		if (parsed->detail.response) {
			add(outlet, QW_BUFFER_DNS_RESPONSE_NAME, QW_SIGHT_NONE, other->name);
			add(outlet, QW_BUFFER_DNS_RESPONSE_NAME, QW_SIGHT_NONE, other->target);
		}
	}
}

static void add_answers(struct outlet *outlet, const struct qw_dns_detail *detail)
{
	for (uint16_t i = 0; i < detail->answers; i++) {
		const struct qw_dns_answer *answer = &detail->answer[i];
		bool repeated = i > 0 && same(answer->name, detail->answer[i - 1].name);
		if (!repeated)
			add(outlet, QW_BUFFER_DNS_ANSWER_NAME, name_sight(detail, answer->name), answer->name);
		if (!repeated && detail->response)
			add(outlet, QW_BUFFER_DNS_RESPONSE_NAME, QW_SIGHT_NONE, answer->name);
		if (answer->is_address)
			add(outlet, QW_BUFFER_COUNT, QW_SIGHT_ADDRESS, qw_slice(answer->address.bytes, 16));
		if (qw_dns_type_names(answer->type))
			add(outlet, detail->response ? QW_BUFFER_DNS_RESPONSE_NAME : QW_BUFFER_COUNT,
			    answer->type == QW_DNS_SOA ? QW_SIGHT_NONE : name_sight(detail, answer->data), answer->data);
	}
}

static void publish(struct dns *dns, struct outlet *outlet, const struct qw_dns_message *parsed,
		    enum qw_direction direction)
{
	qw_message_begin(&outlet->message, QW_APP_DNS, direction, ++dns->transactions);
	add_numbers(outlet, parsed);
	add_events(outlet, parsed);
	add_questions(outlet, parsed);
	add_answers(outlet, &parsed->detail);
	add_others(outlet, parsed);
	outlet->message.last = true;
	outlet->message.detail = &parsed->detail;
	outlet->sink->publish(outlet->sink->ctx, outlet->flow, &outlet->message);
}

/* What does not read as a message at all is one that says so. */
static void publish_unreadable(struct dns *dns, struct outlet *outlet, const struct qw_dns_message *parsed,
			       enum qw_direction direction)
{
	outlet->message.app = QW_APP_DNS;
	outlet->message.direction = direction;
	outlet->message.transaction = ++dns->transactions;
	outlet->message.last = true;
	add_events(outlet, parsed);
	outlet->sink->publish(outlet->sink->ctx, outlet->flow, &outlet->message);
}

static bool read_message(struct dns *dns, struct qw_flow *flow, enum qw_direction direction, struct qw_bytes data,
			 const struct qw_message_sink *sink)
{
	struct qw_dns_message parsed;
	struct outlet outlet = {.flow = flow, .sink = sink};
	if (qw_dns_message_parse(&parsed, data.at, data.left) != QW_OK) {
		publish_unreadable(dns, &outlet, &parsed, direction);
		return false;
	}
	if (parsed.cut)
		qw_parser_cut(dns);
	publish(dns, &outlet, &parsed, direction);
	return true;
}

/* ---- is it DNS? */

/* Of what is_plausible asks, what the header alone tells: most datagrams are no DNS, and need not be read. */
static bool may_be(const uint8_t *data, size_t len)
{
	if (len < QW_DNS_HEADER_BYTES)
		return false;
	uint16_t flags = qw_be16(data + 2);
	bool asks_only = qw_be16(data + 6) == 0 && (flags & FLAGS_RCODE) == 0;
	return qw_be16(data + 4) == 1 && !(flags & FLAG_Z) && (flags >> 11 & 15) <= OPCODE_UPDATE &&
	       (flags & FLAG_RESPONSE || asks_only);
}

/* What a resolver would send, to the last byte. */
static bool is_plausible(const struct qw_dns_message *message)
{
	const struct qw_dns_detail *detail = &message->detail;
	if (!message->whole || message->questions != 1 || detail->flags & FLAG_Z || detail->opcode > OPCODE_UPDATE)
		return false;
	if (detail->type == 0 || message->text_len == 0 || detail->name.len > 255)
		return false;
	return detail->response || (detail->answers == 0 && detail->rcode == 0);
}

static bool is_dns(const struct qw_flow *flow, const uint8_t *data, size_t len)
{
	struct qw_dns_message message;
	bool ported = port_is(flow, PORT_DNS) || port_is(flow, PORT_MDNS) || port_is(flow, PORT_LLMNR);
	if (!ported && !may_be(data, len))
		return false;
	if (qw_dns_message_parse(&message, data, len) != QW_OK || message.detail.opcode > OPCODE_UPDATE + 1)
		return false;
	if (port_is(flow, PORT_MDNS) || port_is(flow, PORT_LLMNR))
		return message.whole;
	return port_is(flow, PORT_DNS) ? message.questions > 0 || message.detail.response : is_plausible(&message);
}

static int probe_udp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return is_dns(flow, data, len) ? 1 : port_is(flow, PORT_DNS) ? -1 : 0;
}

static int probe_tcp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len), message;
	uint16_t announced;
	if (!qw_bytes_be16(&in, &announced))
		return -1;
	if (announced < QW_DNS_HEADER_BYTES)
		return 0;
	if (qw_bytes_take(&in, announced, &message))
		return is_dns(flow, message.at, message.left);
	if (in.left < QW_DNS_HEADER_BYTES)
		return -1;
	/* opcode and the number of questions tell enough while waiting */
	if ((in.at[2] >> 3 & 15) > OPCODE_UPDATE + 1 || qw_be16(in.at + 4) != 1)
		return 0;
	return port_is(flow, PORT_DNS) ? 1 : -1;
}

static enum qw_speaker speaker_udp(const uint8_t *data, size_t len)
{
	struct qw_dns_message message;
	if (qw_dns_message_parse(&message, data, len) != QW_OK || !is_plausible(&message))
		return QW_SPEAKER_UNKNOWN;
	return message.detail.response ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
}

static enum qw_speaker speaker_tcp(const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len), message;
	uint16_t announced;
	if (!qw_bytes_be16(&in, &announced) || !qw_bytes_take(&in, announced, &message))
		return QW_SPEAKER_UNKNOWN;
	return speaker_udp(message.at, message.left);
}

/* ---- feeding */

static enum qw_parse feed_udp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct dns *dns = state;
	if (!read_message(dns, flow, direction, qw_bytes(data, len), sink) && ++dns->bad >= BAD_MAX &&
	    !port_is(flow, PORT_DNS))
		return QW_PARSE_STOP;
	return QW_PARSE_MORE;
}

/* Takes one whole message off the front; false: it is not all there. */
static bool next_framed(struct qw_bytes *in, struct qw_bytes *message)
{
	struct qw_bytes at = *in;
	uint16_t len;
	if (!qw_bytes_be16(&at, &len) || !qw_bytes_take(&at, len, message))
		return false;
	*in = at;
	return true;
}

static enum qw_parse feed_tcp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct dns *dns = state;
	struct qw_store *held = &dns->held[direction];
	struct qw_bytes in = qw_bytes(data, len), message;

	/* What waits is completed first, in parts: its length, then its body. */
	while (held->len && in.left) {
		size_t whole = held->len < 2 ? 2 : 2 + (size_t)qw_be16(held->at);
		size_t part = whole - held->len < in.left ? whole - held->len : in.left;
		if (!qw_store_put(dns, held, in.at, part, TCP_MESSAGE_MAX) || !qw_bytes_skip(&in, part))
			return QW_PARSE_STOP;
		struct qw_bytes all = qw_bytes(held->at, held->len);
		if (!next_framed(&all, &message))
			continue;
		if (!read_message(dns, flow, direction, message, sink))
			return QW_PARSE_STOP;
		held->len = 0;
	}
	while (next_framed(&in, &message)) {
		if (!read_message(dns, flow, direction, message, sink))
			return QW_PARSE_STOP;
	}
	if (in.left == 0 && held->len == 0)
		qw_store_free(dns, held);
	return in.left == 0 || qw_store_put(dns, held, in.at, in.left, TCP_MESSAGE_MAX) ? QW_PARSE_MORE : QW_PARSE_STOP;
}

static void fini(void *state)
{
	struct dns *dns = state;
	qw_store_free(dns, &dns->held[0]);
	qw_store_free(dns, &dns->held[1]);
}

const struct qw_parser_ops qw_parser_dns_udp = {
	.app = QW_APP_DNS,
	.datagram = true,
	.patient = true,
	.probe = probe_udp,
	.speaker = speaker_udp,
	.state_bytes = sizeof(struct dns),
	.feed = feed_udp,
};

const struct qw_parser_ops qw_parser_dns_tcp = {
	.app = QW_APP_DNS,
	.probe = probe_tcp,
	.speaker = speaker_tcp,
	.state_bytes = sizeof(struct dns),
	.feed = feed_tcp,
	.fini = fini,
};
