/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snmp - versions 1, 2c and 3 (RFC 1157, 3416, 3412, 3414) over UDP.
 *
 * Each message is a transaction of its own, as in Suricata.  Of version 3 the
 * user's name is always readable, the rest unless it is encrypted.
 */
#include "sensor/protocol/ber.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/store.h"

#include "quaywatch/address.h"

enum {
	PORT_SNMP = 161,
	PORT_TRAP = 162,
	BAD_MAX = 4, /* unreadable datagrams until the flow is given up */
	SECURITY_USM = 3,
	PDU_LAST = 8,
	PDU_RESPONSE = 2,
	PDU_TRAP_V1 = 4,
	PDU_INFORM = 6,
	PDU_TRAP_V2 = 7,
	ADDRESS = 0x40, /* [APPLICATION 0], primitive */
	VARIABLES_MAX = 64,
	TEXT_MAX = 768,
};

/* snmpTrapOID.0, 1.3.6.1.6.3.1.1.4.1.0: what a notification of version 2 and later is. */
static const uint8_t TRAP_OID[] = {0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0};

struct snmp {
	uint64_t transactions;
	uint8_t bad;
};

/* Slices with data NULL and numbers below 0: not there. */
struct found {
	int64_t version, pdu_type, trap_type;
	struct qw_slice community, user;
	struct qw_bytes trap_oid, trap_address;
};

static struct qw_slice slice_of(struct qw_bytes bytes)
{
	return qw_slice(bytes.at, bytes.left);
}

/* The value of snmpTrapOID.0, among the first variables. */
static void notification(struct found *out, struct qw_bytes list)
{
	struct qw_bytes variable, name, value;
	for (unsigned i = 0; i < VARIABLES_MAX && qw_ber_take(&list, QW_BER_SEQUENCE, &variable); i++) {
		if (!qw_ber_take(&variable, QW_BER_OID, &name) || !qw_ber_take(&variable, QW_BER_OID, &value))
			continue;
		if (name.left != sizeof(TRAP_OID) || memcmp(name.at, TRAP_OID, sizeof(TRAP_OID)) != 0)
			continue;
		out->trap_oid = value;
		return;
	}
}

static bool trap_v1(struct found *out, struct qw_bytes in)
{
	return qw_ber_take(&in, QW_BER_OID, &out->trap_oid) && qw_ber_take(&in, ADDRESS, &out->trap_address) &&
	       qw_ber_integer(&in, QW_BER_INTEGER, &out->trap_type);
}

static bool pdu(struct found *out, struct qw_bytes in)
{
	struct qw_ber element;
	struct qw_bytes list;
	int64_t number;
	if (!qw_ber_next(&in, &element) || element.tag < QW_BER_CONTEXT(0) || element.tag > QW_BER_CONTEXT(PDU_LAST))
		return false;
	out->pdu_type = element.tag - QW_BER_CONTEXT(0);
	in = element.body;
	if (out->pdu_type == PDU_TRAP_V1)
		return trap_v1(out, in);
	/* request id, error status, error index */
	for (int i = 0; i < 3; i++) {
		if (!qw_ber_integer(&in, QW_BER_INTEGER, &number))
			return false;
	}
	if (!qw_ber_take(&in, QW_BER_SEQUENCE, &list))
		return false;
	if (out->pdu_type == PDU_TRAP_V2 || out->pdu_type == PDU_INFORM)
		notification(out, list);
	return true;
}

/* The user's name out of the security parameters. */
static bool user(struct found *out, struct qw_bytes in)
{
	struct qw_bytes parameters, skipped, name;
	int64_t number;
	if (!qw_ber_take(&in, QW_BER_SEQUENCE, &parameters) || !qw_ber_take(&parameters, QW_BER_OCTETS, &skipped) ||
	    !qw_ber_integer(&parameters, QW_BER_INTEGER, &number) ||
	    !qw_ber_integer(&parameters, QW_BER_INTEGER, &number) || !qw_ber_take(&parameters, QW_BER_OCTETS, &name))
		return false;
	out->user = slice_of(name);
	return true;
}

static bool version_3(struct found *out, struct qw_bytes in)
{
	struct qw_bytes head, flags, security, scoped, skipped;
	int64_t number, model;
	if (!qw_ber_take(&in, QW_BER_SEQUENCE, &head) || !qw_ber_integer(&head, QW_BER_INTEGER, &number) ||
	    !qw_ber_integer(&head, QW_BER_INTEGER, &number) || !qw_ber_take(&head, QW_BER_OCTETS, &flags) ||
	    !qw_ber_integer(&head, QW_BER_INTEGER, &model) || !qw_ber_take(&in, QW_BER_OCTETS, &security))
		return false;
	if (model == SECURITY_USM && !user(out, security))
		return false;
	if (qw_ber_take(&in, QW_BER_OCTETS, &skipped)) /* encrypted */
		return true;
	return qw_ber_take(&in, QW_BER_SEQUENCE, &scoped) && qw_ber_take(&scoped, QW_BER_OCTETS, &skipped) &&
	       qw_ber_take(&scoped, QW_BER_OCTETS, &skipped) && pdu(out, scoped);
}

/* False: it is not SNMP, or not all of it reads; what was read before is in *out. */
static bool parse(struct found *out, struct qw_bytes in)
{
	struct qw_bytes message, community;
	int64_t version;
	*out = (struct found){.version = -1, .pdu_type = -1, .trap_type = -1};
	if (!qw_ber_take(&in, QW_BER_SEQUENCE, &message) || !qw_ber_integer(&message, QW_BER_INTEGER, &version) ||
	    (version != 0 && version != 1 && version != 3))
		return false;
	out->version = version == 3 ? 3 : version + 1;
	if (version == 3)
		return version_3(out, message);
	if (!qw_ber_take(&message, QW_BER_OCTETS, &community))
		return false;
	out->community = slice_of(community);
	return pdu(out, message);
}

static void add_trap(struct qw_message *message, struct qw_text *text, const struct found *found)
{
	if (found->trap_oid.at) {
		qw_ber_oid_text(text, found->trap_oid);
		qw_message_add(message, QW_BUFFER_SNMP_TRAP_OID, QW_SIGHT_NONE, qw_slice(text->at, text->len), true);
	}
	if (found->trap_address.left == 4) {
		struct qw_address address = qw_address_v4(found->trap_address.at);
		size_t from = text->len;
		qw_text_address(text, &address);
		qw_message_add(message, QW_BUFFER_SNMP_TRAP_ADDRESS, QW_SIGHT_NONE,
			       qw_slice(text->at + from, text->len - from), true);
	}
}

static void add_number(struct qw_message *message, enum qw_buffer buffer, int64_t value)
{
	if (value >= 0)
		qw_message_number(message, buffer, (uint64_t)value, true);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct snmp *snmp = state;
	struct qw_message message = {.app = QW_APP_SNMP, .direction = direction, .last = true};
	struct found found;
	struct qw_text text;
	char memory[TEXT_MAX];

	/* Damage behind the community leaves what was read before it. */
	if (!parse(&found, qw_bytes(data, len)) && !found.community.data && !found.user.data)
		return ++snmp->bad == BAD_MAX ? QW_PARSE_STOP : QW_PARSE_MORE;
	message.transaction = ++snmp->transactions;
	add_number(&message, QW_BUFFER_SNMP_VERSION, found.version);
	add_number(&message, QW_BUFFER_SNMP_PDU_TYPE, found.pdu_type);
	add_number(&message, QW_BUFFER_SNMP_TRAP_TYPE, found.trap_type);
	qw_message_add(&message, QW_BUFFER_SNMP_COMMUNITY, QW_SIGHT_NONE, found.community, true);
	qw_message_add(&message, QW_BUFFER_SNMP_USM, QW_SIGHT_NONE, found.user, true);
	qw_text_init(&text, memory, sizeof(memory));
	add_trap(&message, &text, &found);
	if (text.cut)
		qw_parser_cut(snmp);
	sink->publish(sink->ctx, flow, &message);
	return QW_PARSE_MORE;
}

/* Away from its ports a message must read to its end and fill its datagram. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len), message;
	struct found found;
	if (data[0] != QW_BER_SEQUENCE || !parse(&found, in))
		return 0;
	uint16_t low = flow->key.low_port, high = flow->key.high_port;
	if (low == PORT_SNMP || high == PORT_SNMP || low == PORT_TRAP || high == PORT_TRAP)
		return 1;
	return qw_ber_take(&in, QW_BER_SEQUENCE, &message) && in.left == 0;
}

/* Notifications go the other way, but are no answers. */
static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	struct found found;
	if (data[0] != QW_BER_SEQUENCE || !parse(&found, qw_bytes(data, len)) || found.pdu_type != PDU_RESPONSE)
		return QW_SPEAKER_UNKNOWN;
	return QW_SPEAKER_SERVER;
}

const struct qw_parser_ops qw_parser_snmp = {
	.app = QW_APP_SNMP,
	.datagram = true,
	.starts = {1, {{QW_BER_SEQUENCE, QW_BER_SEQUENCE}}},
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct snmp),
	.feed = feed,
};
