/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/known.h"

/* What both sides of a transaction can say, each for itself. */
static const bool OF_EITHER_SIDE[QW_BUFFER_COUNT + 1] = {
	[QW_BUFFER_HTTP_COOKIE] = true,
	[QW_BUFFER_HTTP_HEADER] = true,
	[QW_BUFFER_HTTP_HEADER_RAW] = true,
	[QW_BUFFER_HTTP_HEADER_NAMES] = true,
	[QW_BUFFER_HTTP_CONTENT_LEN] = true,
	[QW_BUFFER_HTTP_CONTENT_TYPE] = true,
	[QW_BUFFER_HTTP_START] = true,
	[QW_BUFFER_HTTP_PROTOCOL] = true,
	[QW_BUFFER_FILE_NAME] = true,
	[QW_BUFFER_TLS_ALPN] = true,
	[QW_BUFFER_TLS_VERSION] = true,
	[QW_BUFFER_TLS_RANDOM] = true,
	[QW_BUFFER_TLS_CERT_SUBJECT] = true,
	[QW_BUFFER_TLS_CERT_ISSUER] = true,
	[QW_BUFFER_TLS_CERT_SERIAL] = true,
	[QW_BUFFER_TLS_CERT_FINGERPRINT] = true,
	[QW_BUFFER_TLS_NOT_BEFORE] = true,
	[QW_BUFFER_TLS_NOT_AFTER] = true,
	[QW_BUFFER_TLS_EXPIRED] = true,
	[QW_BUFFER_SSH_PROTO] = true,
	[QW_BUFFER_SSH_SOFTWARE] = true,
	[QW_BUFFER_COUNT] = true, /* indicators look at what is fresh */
};

void qw_known_add(void *state, struct qw_known *known, enum qw_buffer buffer, enum qw_sight sight,
		  struct qw_slice value)
{
	if (!value.data)
		return;
	if (known->count == QW_KNOWN_MAX) {
		qw_parser_cut(state);
		return;
	}
	uint32_t at = known->bytes.len;
	if (qw_store_put(state, &known->bytes, value.data, value.len, QW_KNOWN_BYTES_MAX))
		known->field[known->count++] =
		    (struct qw_known_field){at, (uint32_t)value.len, (uint8_t)buffer, (uint8_t)sight};
}

static struct qw_slice value_of(const struct qw_known *known, const struct qw_known_field *field)
{
	/* The empty value of a store that never needed memory is still a value. */
	return known->bytes.at ? qw_slice(known->bytes.at + field->at, field->len) : qw_slice("", 0);
}

void qw_known_tell(struct qw_known *known, struct qw_message *message)
{
	uint8_t i = 0;
	for (; i < known->count && message->count < QW_FIELDS_MAX; i++) {
		const struct qw_known_field *field = &known->field[i];
		qw_message_add(message, field->buffer, field->sight, value_of(known, field), i >= known->told);
	}
	if (i > known->told)
		known->told = i; /* what found no room stays fresh */
}

void qw_known_tell_other(const struct qw_known *other, struct qw_message *message)
{
	for (uint8_t i = 0; i < other->count; i++) {
		const struct qw_known_field *field = &other->field[i];
		if (!OF_EITHER_SIDE[field->buffer])
			qw_message_add(message, field->buffer, field->sight, value_of(other, field), false);
	}
}

struct qw_slice qw_known_find(const struct qw_known *known, enum qw_buffer buffer)
{
	for (uint8_t i = 0; i < known->count; i++) {
		if (known->field[i].buffer == buffer)
			return value_of(known, &known->field[i]);
	}
	return qw_slice(NULL, 0);
}

void qw_known_free(void *state, struct qw_known *known)
{
	qw_store_free(state, &known->bytes);
	known->count = known->told = 0;
}
