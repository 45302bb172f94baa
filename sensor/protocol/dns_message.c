/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dns_message.h"

#include "quaywatch/text.h"

enum {
	POINTERS_MAX = 128, /* in one name: whoever needs more is running in circles */
	LABELS_MAX = 255,
	POINTER = 0xc0,
	FLAG_RESPONSE = 0x8000,
	RECORDS_MAX = 512,  /* that are walked over, of all sections */
};

/* Where one message is being read. */
struct reader {
	struct qw_dns_message *out;
	const uint8_t *data; /* the whole message: pointers lead anywhere in it */
	size_t len;
	struct qw_bytes in;
};

static bool label(struct qw_text *text, struct qw_bytes *in, uint8_t len, bool first)
{
	struct qw_bytes bytes;
	if (!qw_bytes_take(in, len, &bytes))
		return false;
	if (!first)
		qw_text_char(text, '.');
	qw_text_put(text, bytes.at, bytes.left);
	return true;
}

/*
 * Reads the name at *in into text.  *in moves behind it, not to where
 * pointers lead.
 */
static bool name_text(const struct reader *reader, struct qw_bytes *in, struct qw_text *text)
{
	struct qw_bytes at = *in;
	bool jumped = false;
	unsigned labels = 0;

	/* A name too long to keep is followed only as far as needed to get behind it. */
	for (unsigned pointers = 0; !(jumped && text->cut);) {
		uint8_t len, low;
		if (!qw_bytes_u8(&at, &len))
			return false;
		if (len == 0)
			break;
		if (len < 64) {
			if (++labels > LABELS_MAX)
				reader->out->flaws |= QW_DNS_FLAW_LABELS;
			if (!label(text, &at, len, text->len == 0))
				return false;
			continue;
		}
		if ((len & POINTER) != POINTER || !qw_bytes_u8(&at, &low))
			return false;
		if (++pointers > POINTERS_MAX) {
			reader->out->flaws |= QW_DNS_FLAW_LOOP;
			return false;
		}
		if (!jumped)
			*in = at;
		jumped = true;
		at = qw_bytes(reader->data, reader->len);
		if (!qw_bytes_skip(&at, (size_t)(len & ~POINTER) << 8 | low))
			return false;
	}
	if (!jumped)
		*in = at;
	return true;
}

/* As name_text, kept in the message.  A name that finds no room is passed over, with data NULL. */
static bool name(struct reader *reader, struct qw_bytes *in, struct qw_slice *out)
{
	struct qw_dns_message *message = reader->out;
	size_t room = sizeof(message->text) - message->text_len;
	struct qw_text text;
	qw_text_init(&text, message->text + message->text_len, room < QW_DNS_NAME_MAX ? room : QW_DNS_NAME_MAX);
	if (!name_text(reader, in, &text))
		return false;
	*out = qw_slice(text.at, text.len);
	if (text.cut) {
		message->cut = true;
		if (text.size == QW_DNS_NAME_MAX)
			message->flaws |= QW_DNS_FLAW_LONG_NAME;
		*out = qw_slice(NULL, 0);
		return true;
	}
	message->text_len += text.len;
	return true;
}

static bool question(struct reader *reader)
{
	struct qw_dns_question question;
	uint16_t class;
	if (!name(reader, &reader->in, &question.name) || !qw_bytes_be16(&reader->in, &question.type) ||
	    !qw_bytes_be16(&reader->in, &class))
		return false;
	if (reader->out->questions < QW_DNS_QUESTIONS_MAX)
		reader->out->question[reader->out->questions++] = question;
	else
		reader->out->cut = true;
	return true;
}

/* Bytes of rdata before the name that some types hold; -1: the type holds none. */
static int name_offset(uint16_t type)
{
	switch (type) {
	case QW_DNS_NS:
	case QW_DNS_CNAME:
	case QW_DNS_SOA:
	case QW_DNS_PTR:
	case QW_DNS_DNAME: return 0;
	case QW_DNS_MX: return 2;
	case QW_DNS_SRV: return 6;
	default: return -1;
	}
}

bool qw_dns_type_names(uint16_t type)
{
	return name_offset(type) >= 0;
}

/* The name in rdata, if the type holds one; else *out stays. */
static void target(struct reader *reader, uint16_t type, struct qw_bytes data, struct qw_slice *out)
{
	int offset = name_offset(type);
	if (offset >= 0 && qw_bytes_skip(&data, (size_t)offset) && !name(reader, &data, out))
		*out = qw_slice(NULL, 0);
}

static void rdata(struct reader *reader, struct qw_dns_answer *answer, struct qw_bytes data)
{
	answer->data = qw_slice(data.at, data.left);
	target(reader, answer->type, data, &answer->data);
	if (answer->type == QW_DNS_A && data.left == 4)
		answer->address = qw_address_v4(data.at);
	else if (answer->type == QW_DNS_AAAA && data.left == 16)
		answer->address = qw_address_v6(data.at);
	else
		return;
	answer->is_address = true;
}

static bool keep_answer(struct reader *reader, struct qw_dns_answer *answer, struct qw_bytes data)
{
	struct qw_dns_detail *detail = &reader->out->detail;
	if (detail->answers == QW_DNS_ANSWERS_MAX) {
		detail->more += detail->more < UINT16_MAX;
		return false;
	}
	rdata(reader, answer, data);
	detail->answer[detail->answers++] = *answer;
	return true;
}

static bool keep_other(struct reader *reader, const struct qw_dns_answer *answer, struct qw_bytes data, bool additional)
{
	struct qw_dns_message *out = reader->out;
	if (answer->type == QW_DNS_OPT)
		return false;
	if (out->others == QW_DNS_OTHERS_MAX) {
		out->cut = true;
		return false;
	}
	struct qw_dns_other *other = &out->other[out->others++];
	*other = (struct qw_dns_other){.name = answer->name, .additional = additional};
	target(reader, answer->type, data, &other->target);
	return true;
}

enum section { ANSWERS, AUTHORITIES, ADDITIONALS };

static bool record(struct reader *reader, enum section section)
{
	struct qw_dns_answer answer = {0};
	struct qw_bytes data;
	uint16_t class, len;
	size_t text_len = reader->out->text_len;

	if (!name(reader, &reader->in, &answer.name) || !qw_bytes_be16(&reader->in, &answer.type) ||
	    !qw_bytes_be16(&reader->in, &class) || !qw_bytes_be32(&reader->in, &answer.ttl_seconds) ||
	    !qw_bytes_be16(&reader->in, &len) || !qw_bytes_take(&reader->in, len, &data))
		return false;
	bool kept = section == ANSWERS ? keep_answer(reader, &answer, data)
				       : keep_other(reader, &answer, data, section == ADDITIONALS);
	if (!kept)
		reader->out->text_len = text_len;
	return true;
}

static bool records(struct reader *reader, const uint16_t counts[3])
{
	static const uint8_t flaws[] = {QW_DNS_FLAW_BODY, QW_DNS_FLAW_AUTHORITIES, QW_DNS_FLAW_ADDITIONALS};
	unsigned walked = 0;
	for (enum section section = ANSWERS; section <= ADDITIONALS; section++) {
		for (uint16_t i = 0; i < counts[section]; i++) {
			if (walked++ == RECORDS_MAX) {
				reader->out->cut = true;
				return false;
			}
			if (!record(reader, section)) {
				reader->out->flaws |= flaws[section];
				return false;
			}
		}
	}
	return true;
}

enum qw_err qw_dns_message_parse(struct qw_dns_message *out, const uint8_t *data, size_t len)
{
	struct reader reader = {out, data, len, qw_bytes(data, len)};
	struct qw_dns_detail *detail = &out->detail;
	uint16_t questions, counts[3];

	*detail = (struct qw_dns_detail){0};
	out->questions = out->others = 0;
	out->whole = out->cut = false;
	out->text_len = 0;
	out->flaws = QW_DNS_FLAW_BODY; /* until the questions are read */
	if (!qw_bytes_be16(&reader.in, &detail->id) || !qw_bytes_be16(&reader.in, &detail->flags) ||
	    !qw_bytes_be16(&reader.in, &questions) || !qw_bytes_be16(&reader.in, &counts[ANSWERS]) ||
	    !qw_bytes_be16(&reader.in, &counts[AUTHORITIES]) || !qw_bytes_be16(&reader.in, &counts[ADDITIONALS]))
		return QW_ETRUNC;
	detail->response = detail->flags & FLAG_RESPONSE;
	detail->opcode = detail->flags >> 11 & 15;
	detail->rcode = detail->flags & 15;
	for (uint16_t i = 0; i < questions; i++) {
		if (!question(&reader))
			return QW_EFORMAT;
	}
	if (out->questions) {
		detail->name = out->question[0].name;
		detail->type = out->question[0].type;
	}
	out->flaws &= (uint8_t)~QW_DNS_FLAW_BODY;
	out->whole = records(&reader, counts) && reader.in.left == 0;
	return QW_OK;
}
