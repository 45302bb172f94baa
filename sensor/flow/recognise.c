/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/recognise.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Looks at the bytes: are they of the protocol?  May set *host. */
typedef bool looks_like(struct qw_bytes in, struct qw_slice *host);

static bool starts_with(struct qw_bytes in, const char *text, size_t len)
{
	return in.left >= len && memcmp(in.at, text, len) == 0;
}

#define STARTS_WITH(in, text) starts_with(in, text, sizeof(text) - 1)

/* ---- TLS: a whole ClientHello's head, and the name in it */

static bool take_u8_block(struct qw_bytes *in)
{
	uint8_t len;
	return qw_bytes_u8(in, &len) && qw_bytes_skip(in, len);
}

static bool take_u16_block(struct qw_bytes *in)
{
	uint16_t len;
	return qw_bytes_be16(in, &len) && qw_bytes_skip(in, len);
}

static void find_server_name(struct qw_bytes extensions, struct qw_slice *host)
{
	uint16_t type, len;
	struct qw_bytes body;
	while (qw_bytes_be16(&extensions, &type) && qw_bytes_be16(&extensions, &len) &&
	       qw_bytes_take(&extensions, len, &body)) {
		if (type != 0)
			continue;
		/* list length, kind of name (0: host), length */
		if (qw_bytes_skip(&body, 3) && qw_bytes_be16(&body, &len) && body.left >= len)
			*host = qw_slice(body.at, len);
		return;
	}
}

static bool looks_like_tls(struct qw_bytes in, struct qw_slice *host)
{
	enum { HANDSHAKE = 22, CLIENT_HELLO = 1, MAJOR = 3, RANDOM_LEN = 32, HELLO_LEAST = 41 };
	uint8_t type, major, minor, message;
	uint16_t record_len, version, extensions_len;
	uint32_t message_len;
	if (!qw_bytes_u8(&in, &type) || !qw_bytes_u8(&in, &major) || !qw_bytes_u8(&in, &minor) ||
	    !qw_bytes_be16(&in, &record_len) || !qw_bytes_u8(&in, &message) || !qw_bytes_be24(&in, &message_len) ||
	    !qw_bytes_be16(&in, &version))
		return false;
	if (type != HANDSHAKE || major != MAJOR || minor > 4 || message != CLIENT_HELLO || message_len < HELLO_LEAST ||
	    message_len + 4 != record_len || version >> 8 != MAJOR)
		return false;
	if (!qw_bytes_skip(&in, RANDOM_LEN) || !take_u8_block(&in) || !take_u16_block(&in) || !take_u8_block(&in))
		return false;
	if (qw_bytes_be16(&in, &extensions_len))
		find_server_name(in, host);
	return true;
}

/* Another record: the middle of a connection. */
static bool looks_like_tls_record(struct qw_bytes in, struct qw_slice *host)
{
	enum { TYPE_FIRST = 20, TYPE_LAST = 23, MAJOR = 3, RECORD_MOST = 16384 + 2048 };
	(void)host;
	if (in.left < 5 || in.at[0] < TYPE_FIRST || in.at[0] > TYPE_LAST || in.at[1] != MAJOR || in.at[2] > 4)
		return false;
	uint16_t len = qw_be16(in.at + 3);
	return len > 0 && len <= RECORD_MOST && (in.at[0] != 22 || in.left < 6 || in.at[5] != 1);
}

/* ---- HTTP: a request line of a path, or a status line */

static bool is_method(struct qw_bytes in)
{
	return STARTS_WITH(in, "GET /") || STARTS_WITH(in, "POST /") || STARTS_WITH(in, "HEAD /") ||
	       STARTS_WITH(in, "PUT /");
}

static struct qw_slice line_of(struct qw_bytes *in)
{
	const uint8_t *end = memchr(in->at, '\n', in->left);
	size_t len = end ? (size_t)(end - in->at) : in->left;
	struct qw_slice line = qw_slice(in->at, len);
	(void)qw_bytes_skip(in, end ? len + 1 : len);
	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool line_ends_with_version(struct qw_slice line)
{
	static const char version[] = " HTTP/1.";
	const size_t len = sizeof(version) - 1;
	return line.len > len && memcmp(line.data + line.len - len - 1, version, len) == 0;
}

static bool looks_like_http(struct qw_bytes in, struct qw_slice *host)
{
	static const char name[] = "host: ";
	const size_t name_len = sizeof(name) - 1;
	if (!is_method(in) || !line_ends_with_version(line_of(&in)))
		return false;
	while (in.left) {
		struct qw_slice line = line_of(&in);
		if (line.len == 0)
			break;
		if (line.len <= name_len || strncasecmp((const char *)line.data, name, name_len) != 0)
			continue;
		*host = qw_slice(line.data + name_len, line.len - name_len);
		break;
	}
	return true;
}

/* An answer whose question was not seen. */
static bool looks_like_http_answer(struct qw_bytes in, struct qw_slice *host)
{
	(void)host;
	return STARTS_WITH(in, "HTTP/1.1 ") || STARTS_WITH(in, "HTTP/1.0 ");
}

/* ---- names: DNS and what is built like it */

static bool take_name(struct qw_bytes *in, struct qw_slice *name)
{
	enum { LABEL_MOST = 63 };
	const uint8_t *from = in->at;
	uint8_t len;
	while (qw_bytes_u8(in, &len) && len != 0)
		if (len > LABEL_MOST || !qw_bytes_skip(in, len))
			return false;
	*name = qw_slice(from, (size_t)(in->at - from));
	return name->len > 1 && in->at[-1] == 0;
}

static bool looks_like_dns(struct qw_bytes in, struct qw_slice *host)
{
	enum { RESPONSE = 0x8000, OPCODE = 0x7800, RESERVED = 0x0040, INTERNET = 1, ADDITIONAL_MOST = 4 };
	uint16_t id, flags, questions, answers, authorities, additional, type, class;
	if (!qw_bytes_be16(&in, &id) || !qw_bytes_be16(&in, &flags) || !qw_bytes_be16(&in, &questions) ||
	    !qw_bytes_be16(&in, &answers) || !qw_bytes_be16(&in, &authorities) || !qw_bytes_be16(&in, &additional))
		return false;
	if (questions != 1 || (flags & (OPCODE | RESERVED)))
		return false;
	if (!(flags & RESPONSE) && (answers || authorities || additional > ADDITIONAL_MOST))
		return false;
	return take_name(&in, host) && qw_bytes_be16(&in, &type) && qw_bytes_be16(&in, &class) &&
	       (class & 0x7fff) == INTERNET;
}

static bool looks_like_netbios_name(struct qw_bytes in, struct qw_slice *host)
{
	enum { OPERATIONS = 0x7800, NAME_LEN = 32, FLAGS_AT = 2, QUESTIONS_AT = 4, LENGTH_AT = 12, LEAST = 50 };
	(void)host;
	return in.left >= LEAST && qw_be16(in.at + QUESTIONS_AT) == 1 && in.at[LENGTH_AT] == NAME_LEN &&
	       !(qw_be16(in.at + FLAGS_AT) & 0x8000);
}

/* ---- one datagram says it */

static bool looks_like_ssdp(struct qw_bytes in, struct qw_slice *host)
{
	(void)host;
	return STARTS_WITH(in, "M-SEARCH * HTTP/1.1") || STARTS_WITH(in, "NOTIFY * HTTP/1.1");
}

static bool looks_like_ntp(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEN = 48, VERSION_LEAST = 2, VERSION_MOST = 4, MODE_MOST = 5 };
	(void)host;
	uint8_t first = in.left == LEN ? in.at[0] : 0;
	uint8_t version = first >> 3 & 7, mode = first & 7;
	return version >= VERSION_LEAST && version <= VERSION_MOST && mode >= 1 && mode <= MODE_MOST;
}

static bool looks_like_dhcp(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 244, COOKIE_AT = 236 };
	(void)host;
	return in.left >= LEAST && (in.at[0] == 1 || in.at[0] == 2) && in.at[1] == 1 && in.at[2] == 6 &&
	       qw_be32(in.at + COOKIE_AT) == 0x63825363;
}

/* ---- greetings and frames of TCP services */

static bool looks_like_ssh(struct qw_bytes in, struct qw_slice *host)
{
	(void)host;
	return STARTS_WITH(in, "SSH-2.0-") || STARTS_WITH(in, "SSH-1.99-");
}

/* ---- OT */

static bool looks_like_modbus(struct qw_bytes in, struct qw_slice *host)
{
	enum { HEADER = 6, LEAST = 8, FUNCTION_AT = 7 };
	(void)host;
	return in.left >= LEAST && qw_be16(in.at + 2) == 0 && qw_be16(in.at + 4) == in.left - HEADER &&
	       in.at[FUNCTION_AT] != 0;
}

static bool looks_like_dnp3(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 10, LENGTH_LEAST = 5 };
	(void)host;
	return in.left >= LEAST && in.at[0] == 0x05 && in.at[1] == 0x64 && in.at[2] >= LENGTH_LEAST;
}

/* TPKT, COTP data, S7's magic. */
static bool looks_like_s7comm(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 17, COTP_DATA = 0xf0, MAGIC = 0x32 };
	(void)host;
	return in.left >= LEAST && in.at[0] == 3 && in.at[1] == 0 && qw_be16(in.at + 2) == in.left && in.at[4] == 2 &&
	       in.at[5] == COTP_DATA && in.at[7] == MAGIC;
}

static bool looks_like_enip(struct qw_bytes in, struct qw_slice *host)
{
	enum { HEADER = 24 };
	(void)host;
	uint16_t command = in.left >= HEADER ? qw_le16(in.at) : 0xffff;
	bool known = command == 0x04 || (command >= 0x63 && command <= 0x66) || command == 0x6f || command == 0x70;
	return known && qw_le16(in.at + 2) == in.left - HEADER && qw_le32(in.at + 8) == 0;
}

static bool looks_like_iec104(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 6, START = 0x68 };
	(void)host;
	return in.left >= LEAST && in.at[0] == START && in.at[1] == in.left - 2;
}

/* ---- what nDPI has no name for, and would try all its dissectors on, packet after packet */

static bool looks_like_bacnet(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 4, BACNET_IP = 0x81 };
	(void)host;
	return in.left >= LEAST && in.at[0] == BACNET_IP && qw_be16(in.at + 2) == in.left;
}

static bool looks_like_opcua(struct qw_bytes in, struct qw_slice *host)
{
	enum { LEAST = 8 };
	(void)host;
	return in.left >= LEAST && qw_le32(in.at + 4) >= LEAST &&
	       (STARTS_WITH(in, "HELF") || STARTS_WITH(in, "ACKF") || STARTS_WITH(in, "OPNF") ||
		STARTS_WITH(in, "MSGF"));
}

static bool looks_like_hart_ip(struct qw_bytes in, struct qw_slice *host)
{
	enum { HEADER = 8, VERSION = 1, TYPE_MOST = 2 };
	(void)host;
	return in.left >= HEADER && in.at[0] == VERSION && in.at[1] <= TYPE_MOST && qw_be16(in.at + 6) == in.left;
}

static bool looks_like_service_location(struct qw_bytes in, struct qw_slice *host)
{
	enum { HEADER = 14, VERSION = 2 };
	(void)host;
	return in.left >= HEADER && in.at[0] == VERSION && qw_be24(in.at + 2) == in.left;
}

/* ---- the rows */

/* port 0: any.  Either end's. */
struct row {
	uint16_t port;
	uint8_t known;
	looks_like *looks;
};

static const struct row tcp_rows[] = {
    {443, QW_KNOWN_TLS, looks_like_tls},        {443, QW_KNOWN_TLS, looks_like_tls_record},
    {80, QW_KNOWN_HTTP, looks_like_http},       {80, QW_KNOWN_HTTP, looks_like_http_answer},
    {8080, QW_KNOWN_HTTP, looks_like_http},     {502, QW_KNOWN_MODBUS, looks_like_modbus},
    {20000, QW_KNOWN_DNP3, looks_like_dnp3},    {102, QW_KNOWN_S7COMM, looks_like_s7comm},
    {44818, QW_KNOWN_ENIP, looks_like_enip},    {4840, QW_KNOWN_UNNAMED, looks_like_opcua},
    {2404, QW_KNOWN_IEC104, looks_like_iec104}, {22, QW_KNOWN_SSH, looks_like_ssh},
};

static const struct row udp_rows[] = {
    {53, QW_KNOWN_DNS, looks_like_dns},           {5353, QW_KNOWN_MDNS, looks_like_dns},
    {5355, QW_KNOWN_LLMNR, looks_like_dns},       {137, QW_KNOWN_NETBIOS, looks_like_netbios_name},
    {1900, QW_KNOWN_SSDP, looks_like_ssdp},       {123, QW_KNOWN_NTP, looks_like_ntp},
    {67, QW_KNOWN_DHCP, looks_like_dhcp},         {44818, QW_KNOWN_ENIP, looks_like_enip},
    {20000, QW_KNOWN_DNP3, looks_like_dnp3},      {47808, QW_KNOWN_UNNAMED, looks_like_bacnet},
    {5094, QW_KNOWN_UNNAMED, looks_like_hart_ip}, {427, QW_KNOWN_UNNAMED, looks_like_service_location},
};

static const struct {
	uint8_t proto;
	uint8_t known;
} proto_rows[] = {
    {QW_PROTO_ICMP, QW_KNOWN_ICMP},
    {QW_PROTO_ICMPV6, QW_KNOWN_ICMPV6},
    {2, QW_KNOWN_IGMP},
    {QW_PROTO_GRE, QW_KNOWN_GRE},
    {50, QW_KNOWN_IPSEC},
    {51, QW_KNOWN_IPSEC},
    {89, QW_KNOWN_OSPF},
    {QW_PROTO_SCTP, QW_KNOWN_SCTP},
    {112, QW_KNOWN_VRRP},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static enum qw_known ask(const struct row *rows, size_t count, const struct qw_packet *packet, struct qw_slice *host)
{
	struct qw_bytes in = qw_bytes(packet->payload, packet->payload_len);
	for (const struct row *row = rows; row < rows + count; row++) {
		bool port = row->port == packet->sport || row->port == packet->dport;
		if (port && row->looks(in, host))
			return (enum qw_known)row->known;
	}
	return QW_KNOWN_NOT;
}

enum qw_known qw_recognise(const struct qw_packet *packet, struct qw_slice *host)
{
	*host = qw_slice(NULL, 0);
	if (packet->proto == QW_PROTO_TCP)
		return ask(tcp_rows, COUNT(tcp_rows), packet, host);
	if (packet->proto == QW_PROTO_UDP)
		return ask(udp_rows, COUNT(udp_rows), packet, host);
	for (size_t row = 0; row < COUNT(proto_rows); row++)
		if (proto_rows[row].proto == packet->proto)
			return (enum qw_known)proto_rows[row].known;
	return QW_KNOWN_NOT;
}
