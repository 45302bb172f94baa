/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/seen.h"

#include <stddef.h>
#include <string.h>

/* What a field is made into, and where that stands in struct qw_seen. */
enum shape {
	IGNORED,
	TEXT,
	NUMBER,     /* uint64_t */
	SIGNED,     /* int64_t */
	SHORT,      /* uint16_t */
	BYTE,       /* uint8_t */
	WORD,       /* uint32_t */
	SPAN,       /* struct qw_time */
	FLAG,       /* bool: the key is there */
	ADDRESS,
	MAC,
	TENTHS,     /* int32_t, of a decimal: so many digits behind the point */
	HUNDREDTHS,
	DEGREES,    /* seven digits */
	COUNTED,    /* int32_t, of a number */
};

struct row {
	uint8_t shape;
	uint16_t at;
	uint16_t has; /* of a bool that says that it is there; 0: none is */
};

#define AT(member) offsetof(struct qw_seen, member)

static const struct row rows[QW_KEY_COUNT] = {
	[QW_KEY_FLOW_ID] = {NUMBER, AT(flow_id)},
	[QW_KEY_VLAN] = {SHORT, AT(vlan)},
	[QW_KEY_SRC_IP] = {ADDRESS, AT(src.address), AT(src.known)},
	[QW_KEY_SRC_PORT] = {SHORT, AT(src.port)},
	[QW_KEY_DEST_IP] = {ADDRESS, AT(dst.address), AT(dst.known)},
	[QW_KEY_DEST_PORT] = {SHORT, AT(dst.port)},
	[QW_KEY_PROTO] = {BYTE, AT(proto)},
	[QW_KEY_ETHER_SRC] = {MAC, AT(src.mac), AT(src.has_mac)},
	[QW_KEY_ETHER_DEST] = {MAC, AT(dst.mac), AT(dst.has_mac)},
	[QW_KEY_ICMP_TYPE] = {BYTE, AT(icmp_type), AT(has_icmp)},
	[QW_KEY_ALERT_GID] = {WORD, AT(gid)},
	[QW_KEY_ALERT_SIGNATURE_ID] = {WORD, AT(sid)},
	[QW_KEY_ALERT_SIGNATURE] = {TEXT, AT(signature)},
	[QW_KEY_APP_PROTO] = {TEXT, AT(app)},
	[QW_KEY_DNS_RRNAME] = {TEXT, AT(dns_name)},
	[QW_KEY_TLS_SNI] = {TEXT, AT(tls_sni)},
	[QW_KEY_TLS_JA3_HASH] = {TEXT, AT(tls_ja3)},
	[QW_KEY_TLS_JA4] = {TEXT, AT(tls_ja4)},
	[QW_KEY_TLS_FINGERPRINT] = {TEXT, AT(tls_fingerprint)},
	[QW_KEY_HTTP_HOSTNAME] = {TEXT, AT(http_host)},
	[QW_KEY_HTTP_URL] = {TEXT, AT(http_url)},
	[QW_KEY_HTTP_USER_AGENT] = {TEXT, AT(http_user_agent)},
	[QW_KEY_OT_PROTOCOL] = {TEXT, AT(ot.protocol)},
	[QW_KEY_OT_FUNCTION] = {SIGNED, AT(ot.function)},
	[QW_KEY_OT_KIND] = {TEXT, AT(ot.kind)},
	[QW_KEY_OT_NAME] = {TEXT, AT(ot.name)},
	[QW_KEY_OT_UNIT] = {NUMBER, AT(ot.unit), AT(ot.has_unit)},
	[QW_KEY_OT_SERVICE] = {SIGNED, AT(ot.service)},
	[QW_KEY_OT_SERVICE_NAME] = {TEXT, AT(ot.service_name)},
	[QW_KEY_OT_SLOT] = {NUMBER, AT(ot.unit), AT(ot.has_unit)},
	[QW_KEY_OT_ADDRESS] = {NUMBER, AT(ot.address), AT(ot.has_address)},
	[QW_KEY_OT_QUANTITY] = {NUMBER, AT(ot.quantity)},
	[QW_KEY_OT_OBJECTS] = {TEXT, AT(ot.objects)},
	[QW_KEY_OT_TIME] = {TEXT, AT(ot.clock)},
	[QW_KEY_OT_IP] = {ADDRESS, AT(ot.ip), AT(ot.has_ip)},
	[QW_KEY_OT_GATEWAY] = {ADDRESS, AT(ot.gateway), AT(ot.has_gateway)},
	[QW_KEY_OT_MAC] = {MAC, AT(ot.mac), AT(ot.has_mac)},
	[QW_KEY_OT_TARGET_IP] = {ADDRESS, AT(ot.target_ip), AT(ot.has_target_ip)},
	[QW_KEY_OT_BEFORE_MAC] = {MAC, AT(ot.before_mac), AT(ot.has_before_mac)},
	[QW_KEY_OT_INDICATIONS] = {TEXT, AT(ot.indications)},
	[QW_KEY_OT_MESSAGE_TYPE] = {SIGNED, AT(ot.message_type)},
	[QW_KEY_OT_TALKER] = {TEXT, AT(ot.talker)},
	[QW_KEY_OT_FORMATTER] = {TEXT, AT(ot.formatter)},
	[QW_KEY_OT_SENDER] = {TEXT, AT(ot.sender)},
	[QW_KEY_OT_RECEIVER] = {TEXT, AT(ot.receiver)},
	[QW_KEY_OT_MMSI] = {NUMBER, AT(ot.mmsi)},
	[QW_KEY_OT_DATE] = {TEXT, AT(ot.date)},
	[QW_KEY_OT_LATITUDE] = {DEGREES, AT(ot.latitude)},
	[QW_KEY_OT_LONGITUDE] = {DEGREES, AT(ot.longitude), AT(ot.has_position)},
	[QW_KEY_OT_SPEED] = {TENTHS, AT(ot.speed)},
	[QW_KEY_OT_COURSE] = {TENTHS, AT(ot.course)},
	[QW_KEY_OT_HEADING] = {TENTHS, AT(ot.heading)},
	[QW_KEY_OT_HDOP] = {HUNDREDTHS, AT(ot.hdop)},
	[QW_KEY_OT_QUALITY] = {COUNTED, AT(ot.quality)},
	[QW_KEY_OT_SATELLITES] = {COUNTED, AT(ot.satellites)},
	[QW_KEY_OT_VENDOR] = {TEXT, AT(ot.vendor)},
	[QW_KEY_OT_PRODUCT] = {TEXT, AT(ot.product)},
	[QW_KEY_OT_REVISION] = {TEXT, AT(ot.revision)},
	[QW_KEY_OT_SERIAL] = {NUMBER, AT(ot.serial_value)},
	[QW_KEY_OT_SERIAL_NUMBER] = {TEXT, AT(ot.serial)},
	[QW_KEY_OT_SERIAL_TEXT] = {TEXT, AT(ot.serial)},
	[QW_KEY_OT_DEVICE_NAME] = {TEXT, AT(ot.device_name)},
	[QW_KEY_OT_DESCRIPTION] = {TEXT, AT(ot.description)},
	[QW_KEY_FLOW_PKTS_TOSERVER] = {NUMBER, AT(flow.packets[0])},
	[QW_KEY_FLOW_PKTS_TOCLIENT] = {NUMBER, AT(flow.packets[1])},
	[QW_KEY_FLOW_BYTES_TOSERVER] = {NUMBER, AT(flow.bytes[0])},
	[QW_KEY_FLOW_BYTES_TOCLIENT] = {NUMBER, AT(flow.bytes[1])},
	[QW_KEY_FLOW_START] = {SPAN, AT(flow.start)},
	[QW_KEY_FLOW_STATE] = {TEXT, AT(flow.state)},
	[QW_KEY_FLOW_REASON] = {FLAG, AT(flow.ends)},
	[QW_KEY_WATCH_BEGINS] = {FLAG, AT(flow.begins)},
	[QW_KEY_WATCH_ONLY] = {FLAG, AT(watch_only)},
	[QW_KEY_WATCH_COUNT] = {NUMBER, AT(repeats)},
	[QW_KEY_WATCH_SHORTEST] = {SPAN, AT(shortest)},
	[QW_KEY_WATCH_LONGEST] = {SPAN, AT(longest)},
	[QW_KEY_WATCH_SINCE] = {SPAN, AT(since)},
	[QW_KEY_WATCH_PRINT] = {NUMBER, AT(print)},
	[QW_KEY_WATCH_SILENT] = {SPAN, AT(silent)},
};

void qw_seen_init(struct qw_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	seen->to_server = true;
	seen->ot.function = seen->ot.service = seen->ot.message_type = QW_SEEN_NO_NUMBER;
	seen->ot.speed = seen->ot.course = seen->ot.heading = QW_SEEN_NO_NUMBER;
	seen->ot.quality = seen->ot.satellites = seen->ot.hdop = QW_SEEN_NO_NUMBER;
}

/* ---- one field */

static bool take_number(const uint8_t *data, size_t len, uint64_t *out)
{
	if (len > sizeof(*out))
		return false;
	*out = 0;
	memcpy(out, data, len);
	return true;
}

/* A decimal with so many digits behind the point, what is beyond cut off; what is too large for it is damaged. */
static bool take_decimal(const uint8_t *data, size_t len, unsigned digits, int32_t *out)
{
	enum { DIGITS_MAX = 18 };
	int64_t value;

	if (len != sizeof(value) + 1 || data[sizeof(value)] > DIGITS_MAX)
		return false;
	memcpy(&value, data, sizeof(value));
	for (unsigned have = data[sizeof(value)]; have > digits; have--)
		value /= 10;
	for (unsigned have = data[sizeof(value)]; have < digits; have++)
		if (__builtin_mul_overflow(value, 10, &value))
			return false;
	if (value < INT32_MIN || value > INT32_MAX)
		return false;
	*out = (int32_t)value;
	return true;
}

static bool take_exactly(void *place, size_t size, const uint8_t *data, size_t len)
{
	if (len != size)
		return false;
	memcpy(place, data, len);
	return true;
}

static bool take_integer(enum shape shape, void *place, const uint8_t *data, size_t len)
{
	uint64_t number;

	if (!take_number(data, len, &number))
		return false;
	switch (shape) {
	case BYTE: *(uint8_t *)place = (uint8_t)number; return number <= UINT8_MAX;
	case SHORT: *(uint16_t *)place = (uint16_t)number; return number <= UINT16_MAX;
	case WORD: *(uint32_t *)place = (uint32_t)number; return number <= UINT32_MAX;
	case COUNTED: *(int32_t *)place = (int32_t)(number & INT32_MAX); return number <= INT32_MAX;
	case SIGNED: *(int64_t *)place = (int64_t)number; return true;
	case SPAN: *(struct qw_time *)place = qw_time_ns((int64_t)number); return true;
	default: *(uint64_t *)place = number; return true;
	}
}

static bool take(enum shape shape, void *place, const uint8_t *data, size_t len)
{
	switch (shape) {
	case IGNORED: return true;
	case TEXT: *(struct qw_slice *)place = qw_slice(data, len); return true;
	case FLAG: *(bool *)place = true; return true;
	case ADDRESS: return take_exactly(place, sizeof(struct qw_address), data, len);
	case MAC: return take_exactly(place, 6, data, len);
	case TENTHS: return take_decimal(data, len, 1, place);
	case HUNDREDTHS: return take_decimal(data, len, 2, place);
	case DEGREES: return take_decimal(data, len, 7, place);
	default: return take_integer(shape, place, data, len);
	}
}

static bool is_word(const uint8_t *data, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(data, word, len) == 0;
}

/* Words that say yes or no. */
static void take_word(struct qw_seen *seen, enum qw_event_key key, const uint8_t *data, size_t len)
{
	switch (key) {
	case QW_KEY_DIRECTION: seen->to_server = !is_word(data, len, "to_client"); break;
	case QW_KEY_DNS_TYPE: seen->dns_answer = is_word(data, len, "answer"); break;
	case QW_KEY_OT_DIRECTION: seen->ot.response = is_word(data, len, "response"); break;
	case QW_KEY_OT_STATUS: seen->ot.failed = is_word(data, len, "error"); break;
	default: break;
	}
}

static bool take_field(struct qw_seen *seen, enum qw_event_key key, const uint8_t *data, size_t len)
{
	const struct row *row = &rows[key];
	char *base = (char *)seen;

	if (key == QW_KEY_VLAN && seen->vlan)
		return true; /* the outermost comes first */
	if (key == QW_KEY_OT_SLOT && seen->ot.has_unit)
		return true;
	take_word(seen, key, data, len);
	if (!take((enum shape)row->shape, base + row->at, data, len))
		return false;
	if (row->has)
		*(bool *)(base + row->has) = true;
	return true;
}

enum qw_err qw_seen_read(struct qw_seen *out, const void *data, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *event;
	enum qw_event_key key;
	const uint8_t *field;
	size_t len;
	enum qw_err err = qw_event_open(&reader, data, size, &event);

	if (err != QW_OK)
		return err;
	qw_seen_init(out);
	out->type = (enum qw_event_type)event->type;
	out->time = qw_time_ns(event->time_ns);
	while (qw_event_next(&reader, &key, &field, &len))
		if (!take_field(out, key, field, len))
			return QW_EFORMAT;
	out->flow.begins &= out->type == QW_EVENT_FLOW;
	out->flow.ends &= out->type == QW_EVENT_FLOW;
	return reader.left == 0 ? QW_OK : QW_EFORMAT;
}
