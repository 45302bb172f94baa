/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/facts.h"

#include "quaywatch/address.h"
#include "rules/signature/words.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58, TCP_FIXED = 20, IPV4_FIXED = 20, TCP_MSS = 2, OPTION_ANY = 255 };

static bool is_icmp(const struct qw_facts *facts)
{
	return (facts->proto == ICMP || facts->proto == ICMPV6) && facts->transport_header.len >= 2;
}

/* A word of an ICMP header that only some types have. */
static bool icmp_word(const struct qw_facts *facts, size_t at, uint64_t *out)
{
	static const uint8_t v4[] = {0, 8, 13, 14, 15, 16, 17, 18}, v6[] = {128, 129};
	bool six = facts->proto == ICMPV6;
	bool has = false;
	for (size_t i = 0; i < (six ? sizeof(v6) : sizeof(v4)); i++)
		has |= (six ? v6 : v4)[i] == facts->icmp_type;
	if (!is_icmp(facts) || !has || facts->transport_header.len < at + 2)
		return false;
	*out = qw_be16(facts->transport_header.data + at);
	return true;
}

static bool mss_of(const struct qw_facts *facts, uint64_t *out)
{
	if (facts->proto != TCP || facts->transport_header.len < TCP_FIXED)
		return false;
	struct qw_bytes in =
			    qw_bytes(facts->transport_header.data + TCP_FIXED, facts->transport_header.len - TCP_FIXED),
			body;
	uint8_t kind, len;
	while (qw_bytes_u8(&in, &kind) && kind != 0) {
		if (kind == 1)
			continue;
		if (!qw_bytes_u8(&in, &len) || len < 2 || !qw_bytes_take(&in, (size_t)len - 2, &body))
			return false;
		uint16_t mss;
		if (kind == TCP_MSS && qw_bytes_be16(&body, &mss)) {
			*out = mss;
			return true;
		}
	}
	return false;
}

static bool is_ipv4(const struct qw_facts *facts)
{
	return facts->network_header.len >= IPV4_FIXED && facts->network_header.data[0] >> 4 == 4;
}

static bool icmp_field(const struct qw_facts *facts, enum qw_field field, uint64_t *out)
{
	switch (field) {
	case QW_FIELD_ITYPE: *out = facts->icmp_type; return is_icmp(facts);
	case QW_FIELD_ICODE: *out = facts->icmp_code; return is_icmp(facts);
	case QW_FIELD_ICMP_ID: return icmp_word(facts, 4, out);
	case QW_FIELD_ICMP_SEQ: return icmp_word(facts, 6, out);
	case QW_FIELD_ICMP_MTU:
		if (facts->proto != ICMPV6 || facts->icmp_type != 2 || facts->transport_header.len < 8)
			return false;
		*out = qw_be32(facts->transport_header.data + 4);
		return true;
	default: return false;
	}
}

static bool field_of(const struct qw_facts *facts, enum qw_field field, uint64_t *out)
{
	bool net = facts->network_header.len > 0, tcp = facts->proto == TCP && facts->transport_header.len > 0;
	switch (field) {
	case QW_FIELD_DSIZE: *out = facts->payload_len; return facts->flags & QW_FACT_PACKET;
	case QW_FIELD_TTL: *out = facts->ttl; return net;
	case QW_FIELD_PROTO: *out = facts->proto; return facts->proto != 0;
	case QW_FIELD_WINDOW: *out = facts->tcp_window; return tcp;
	case QW_FIELD_SEQ: *out = facts->tcp_seq; return tcp;
	case QW_FIELD_ACK: *out = facts->tcp_ack; return tcp;
	case QW_FIELD_IP_ID: *out = facts->ip_id; return is_ipv4(facts);
	case QW_FIELD_FRAGMENT_OFFSET:
		if (!is_ipv4(facts))
			return false;
		*out = qw_be16(facts->network_header.data + 6) & 0x1fff;
		return true;
	case QW_FIELD_MSS: return mss_of(facts, out);
	case QW_FIELD_VLAN_LAYERS: *out = facts->vlan_count; return true;
	default: return icmp_field(facts, field, out);
	}
}

bool qw_flags_match(const struct qw_op *op, uint8_t flags)
{
	uint8_t seen = flags & (uint8_t)~op->bits.ignore, value = op->bits.value & (uint8_t)~op->bits.ignore;
	switch (op->bits.mode) {
	case '+': return (seen & value) == value && value != 0;
	case '*': return (seen & value) != 0;
	case '!': return (seen & value) != value;
	default: return seen == value;
	}
}

static bool fragment_bits(const struct qw_op *op, const struct qw_facts *facts)
{
	if (!is_ipv4(facts))
		return false;
	return qw_flags_match(op, facts->network_header.data[6] >> 5);
}

static bool ip_option(const struct qw_op *op, const struct qw_facts *facts)
{
	if (!is_ipv4(facts))
		return false;
	struct qw_bytes in = qw_bytes(facts->network_header.data + IPV4_FIXED, facts->network_header.len - IPV4_FIXED);
	uint8_t kind, len;
	while (qw_bytes_u8(&in, &kind)) {
		if (op->bits.value == OPTION_ANY || kind == op->bits.value)
			return true;
		if (kind == 0)
			return false;
		if (kind != 1 && (!qw_bytes_u8(&in, &len) || len < 2 || !qw_bytes_skip(&in, (size_t)len - 2)))
			return false;
	}
	return false;
}

static bool vlan(const struct qw_op *op, const struct qw_facts *facts)
{
	unsigned count = facts->vlan_count < 3 ? facts->vlan_count : 3, hits = 0;
	int32_t layer = op->number.layer;
	for (unsigned i = 0; i < count; i++) {
		bool here = layer == QW_LAYER_ANY || layer == QW_LAYER_ALL ||
			    (layer >= 0 ? layer : (int32_t)count + layer) == (int32_t)i;
		hits += here && qw_compare(op->compare, facts->vlan[i], op->number.a, op->number.b);
	}
	return layer == QW_LAYER_ALL ? count && hits == count : hits > 0;
}

/* Of what is not known yet, nothing is said either way. */
static bool app_is(const struct qw_op *op, enum qw_app app)
{
	if (op->apps >> app & 1)
		return !(op->flags & QW_OP_NEGATED);
	return app != QW_APP_UNKNOWN && op->flags & QW_OP_NEGATED;
}

static bool application(const struct qw_op *op, const struct qw_facts *facts)
{
	bool up = app_is(op, facts->side_apps[0]), down = app_is(op, facts->side_apps[1]);
	switch ((enum qw_app_mode)op->compare) {
	case QW_APP_MODE_DIRECTION: return facts->flags & QW_FACT_TO_CLIENT ? down : up;
	case QW_APP_MODE_FINAL: return app_is(op, facts->app);
	case QW_APP_MODE_ORIGINAL: return app_is(op, facts->app_original);
	case QW_APP_MODE_TO_SERVER: return up;
	case QW_APP_MODE_TO_CLIENT: return down;
	case QW_APP_MODE_EITHER: return up || down;
	case QW_APP_MODE_BOTH: return up && down;
	}
	return false;
}

bool qw_fact_match(const struct qw_op *op, const struct qw_facts *facts)
{
	uint64_t value = 0;
	switch ((enum qw_op_kind)op->kind) {
	case QW_OP_FIELD:
		return field_of(facts, (enum qw_field)op->number.field, &value) &&
		       qw_compare(op->compare, value, op->number.a, op->number.b);
	case QW_OP_TCP_FLAGS:
		return facts->proto == TCP && facts->transport_header.len && qw_flags_match(op, facts->tcp_flags);
	case QW_OP_FRAGMENT_BITS: return fragment_bits(op, facts);
	case QW_OP_SAME_IP: return facts->proto && qw_address_equal(&facts->src, &facts->dst);
	case QW_OP_IP_OPTION: return ip_option(op, facts);
	case QW_OP_APP: return application(op, facts);
	case QW_OP_VLAN: return vlan(op, facts);
	case QW_OP_EVENT: return facts->events && qw_packet_events_has(facts->events, (unsigned)op->number.a);
	default: return false;
	}
}

/* As on the wire: four bytes of IPv4, sixteen of IPv6. */
static bool end_of(const struct qw_facts *facts, const struct qw_address *address, struct qw_slice *out)
{
	bool v4 = qw_address_is_v4(address);
	*out = qw_slice(address->bytes + (v4 ? 12 : 0), v4 ? 4 : sizeof(address->bytes));
	return facts->proto != 0;
}

bool qw_fact_header(const struct qw_facts *facts, enum qw_buffer buffer, struct qw_slice *out)
{
	if (buffer == QW_BUFFER_IP_SRC || buffer == QW_BUFFER_IP_DST)
		return end_of(facts, buffer == QW_BUFFER_IP_SRC ? &facts->src : &facts->dst, out);

	static const struct {
		uint8_t proto, version;
	} wants[QW_BUFFER_COUNT] = {
		[QW_BUFFER_IPV4_HDR] = {0, 4},	      [QW_BUFFER_IPV6_HDR] = {0, 6},
		[QW_BUFFER_TCP_HDR] = {TCP, 0},	      [QW_BUFFER_UDP_HDR] = {UDP, 0},
		[QW_BUFFER_ICMPV4_HDR] = {ICMP, 0},   [QW_BUFFER_ICMPV6_HDR] = {ICMPV6, 0},
	};
	if (buffer == QW_BUFFER_ETHER_HDR) {
		*out = facts->link_header;
		return out->len > 0;
	}
	const struct qw_slice *header = wants[buffer].version ? &facts->network_header : &facts->transport_header;
	if (header->len == 0 || (wants[buffer].proto && wants[buffer].proto != facts->proto) ||
	    (wants[buffer].version && header->data[0] >> 4 != wants[buffer].version))
		return false;
	*out = *header;
	return true;
}
