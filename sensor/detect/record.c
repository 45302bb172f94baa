/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/record.h"

#include <stdio.h>

#include "quaywatch/ot.h"
#include "quaywatch/text.h"

static void put(struct qw_event_writer *writer, enum qw_event_key key, struct qw_slice value)
{
	if (value.len)
		qw_event_put(writer, key, value.data, value.len);
}

/* RFC 1035, 3596, 2782, 6891, 9460 …: the names EVE uses. */
static const struct {
	uint16_t type;
	const char *name;
} types[] = {
	{1, "A"},      {2, "NS"},      {5, "CNAME"},   {6, "SOA"},   {12, "PTR"},  {13, "HINFO"}, {15, "MX"},
	{16, "TXT"},   {28, "AAAA"},   {33, "SRV"},    {35, "NAPTR"}, {41, "OPT"}, {43, "DS"},    {46, "RRSIG"},
	{47, "NSEC"},  {48, "DNSKEY"}, {64, "SVCB"},   {65, "HTTPS"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"},
};

static const char *const rcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
				     "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"};

static void put_type(struct qw_event_writer *writer, enum qw_event_key key, uint16_t type)
{
	char number[16];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == type) {
			qw_event_put_text(writer, key, types[i].name);
			return;
		}
	}
	snprintf(number, sizeof(number), "TYPE%u", type);
	qw_event_put_text(writer, key, number);
}

static void put_answer(struct qw_event_writer *writer, const struct qw_dns_answer *answer)
{
	char memory[QW_ADDRESS_TEXT_MAX];
	struct qw_text text;

	qw_event_put(writer, QW_KEY_DNS_ANSWER_RRNAME, answer->name.data, answer->name.len);
	put_type(writer, QW_KEY_DNS_ANSWER_RRTYPE, answer->type);
	qw_event_put_u64(writer, QW_KEY_DNS_ANSWER_TTL, answer->ttl_seconds);
	if (!answer->is_address) {
		put(writer, QW_KEY_DNS_ANSWER_RDATA, answer->data);
		return;
	}
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_address(&text, &answer->address);
	qw_event_put(writer, QW_KEY_DNS_ANSWER_RDATA, text.at, text.len);
}

static void put_dns(struct qw_event_writer *writer, const struct qw_dns_detail *dns)
{
	char flags[8];

	qw_event_put_text(writer, QW_KEY_DNS_TYPE, dns->response ? "answer" : "query");
	qw_event_put_u64(writer, QW_KEY_DNS_ID, dns->id);
	if (dns->response) {
		snprintf(flags, sizeof(flags), "%x", dns->flags);
		qw_event_put_text(writer, QW_KEY_DNS_FLAGS, flags);
	}
	put(writer, QW_KEY_DNS_RRNAME, dns->name);
	put_type(writer, QW_KEY_DNS_RRTYPE, dns->type);
	if (dns->response)
		qw_event_put_text(writer, QW_KEY_DNS_RCODE,
				  dns->rcode < sizeof(rcodes) / sizeof(rcodes[0]) ? rcodes[dns->rcode] : "RESERVED");
	qw_event_put_u64(writer, QW_KEY_DNS_OPCODE, dns->opcode);
	for (unsigned i = 0; i < dns->answers && i < QW_DNS_ANSWERS_MAX; i++)
		put_answer(writer, &dns->answer[i]);
}

static void put_http(struct qw_event_writer *writer, const struct qw_http_detail *http)
{
	put(writer, QW_KEY_HTTP_HOSTNAME, http->host);
	if (http->port)
		qw_event_put_u64(writer, QW_KEY_HTTP_PORT, http->port);
	put(writer, QW_KEY_HTTP_URL, http->uri);
	put(writer, QW_KEY_HTTP_USER_AGENT, http->user_agent);
	put(writer, QW_KEY_HTTP_REFERER, http->referer);
	put(writer, QW_KEY_HTTP_CONTENT_TYPE, http->content_type);
	put(writer, QW_KEY_HTTP_METHOD, http->method);
	put(writer, QW_KEY_HTTP_PROTOCOL, http->protocol);
	if (http->status)
		qw_event_put_u64(writer, QW_KEY_HTTP_STATUS, http->status);
	qw_event_put_u64(writer, QW_KEY_HTTP_LENGTH, http->response_bytes);
}

static void put_tls(struct qw_event_writer *writer, const struct qw_tls_detail *tls)
{
	put(writer, QW_KEY_TLS_SUBJECT, tls->subject);
	put(writer, QW_KEY_TLS_ISSUERDN, tls->issuer);
	put(writer, QW_KEY_TLS_SERIAL, tls->serial);
	put(writer, QW_KEY_TLS_FINGERPRINT, tls->fingerprint);
	put(writer, QW_KEY_TLS_SNI, tls->sni);
	put(writer, QW_KEY_TLS_VERSION, tls->version);
	put(writer, QW_KEY_TLS_ALPN, tls->alpn);
	put(writer, QW_KEY_TLS_JA3_HASH, tls->ja3);
	put(writer, QW_KEY_TLS_JA3_STRING, tls->ja3_string);
	put(writer, QW_KEY_TLS_JA3S_HASH, tls->ja3s);
	put(writer, QW_KEY_TLS_JA3S_STRING, tls->ja3s_string);
	put(writer, QW_KEY_TLS_JA4, tls->ja4);
}

static void put_ot(struct qw_event_writer *writer, const struct qw_ot_detail *ot)
{
	qw_event_put_text(writer, QW_KEY_OT_PROTOCOL, ot->protocol);
	if (ot->function != QW_OT_NO_NUMBER)
		qw_event_put_u64(writer, QW_KEY_OT_FUNCTION, (uint64_t)ot->function);
	qw_event_put_text(writer, QW_KEY_OT_KIND, ot->kind);
	qw_event_put_text(writer, QW_KEY_OT_NAME, qw_number_name(ot->names, (uint64_t)ot->function));
	qw_event_put_text(writer, QW_KEY_OT_DIRECTION, ot->response ? "response" : "request");
	if (ot->response)
		qw_event_put_text(writer, QW_KEY_OT_STATUS, ot->failed ? "error" : "ok");
	if (ot->error != QW_OT_NO_NUMBER)
		qw_event_put_u64(writer, QW_KEY_OT_ERROR, (uint64_t)ot->error);
	qw_event_put_text(writer, QW_KEY_OT_ERROR_NAME, qw_number_name(ot->error_names, (uint64_t)ot->error));
	for (unsigned i = 0; i < ot->count; i++) {
		const struct qw_ot_value *value = &ot->value[i];
		if (value->text.data)
			qw_event_put(writer, value->key, value->text.data, value->text.len);
		else if (value->decimal)
			qw_event_put_decimal(writer, value->key, (int64_t)value->number, value->decimals);
		else
			qw_event_put_u64(writer, value->key, value->number);
	}
}

/* Industrial protocols stand together at the end of the list of applications; MQTT is one of them as somebody uses it. */
static bool is_ot(enum qw_app app)
{
	return app == QW_APP_MQTT || (app >= QW_APP_MODBUS && app < QW_APP_COUNT);
}

enum qw_event_type qw_record_type(const struct qw_message *message)
{
	if (!qw_message_is_told(message))
		return QW_EVENT_COUNT;
	switch (message->app) {
	case QW_APP_DNS: return QW_EVENT_DNS;
	case QW_APP_HTTP: return message->last && message->direction == QW_TO_CLIENT ? QW_EVENT_HTTP : QW_EVENT_COUNT;
	case QW_APP_TLS:
	case QW_APP_QUIC: return message->last ? QW_EVENT_TLS : QW_EVENT_COUNT;
	default: return is_ot(message->app) ? QW_EVENT_OT : QW_EVENT_COUNT;
	}
}

void qw_record_message(struct qw_event_writer *writer, const struct qw_message *message)
{
	const void *detail = qw_message_detail(message);

	if (!detail)
		return;
	switch (message->app) {
	case QW_APP_DNS: put_dns(writer, detail); break;
	case QW_APP_HTTP: put_http(writer, detail); break;
	case QW_APP_TLS:
	case QW_APP_QUIC: put_tls(writer, detail); break;
	default:
		if (is_ot(message->app))
			put_ot(writer, detail);
		break;
	}
}
