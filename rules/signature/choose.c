/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/compile.h"

#include <string.h>

#include "rules/signature/buffers.h"

/*
 * How seldom a byte is, in protocols and text: 1 is everywhere.  By class, not
 * by a measured table: what matters is that zeroes, blanks and vowels do not
 * win over a name.
 */
static unsigned rarity(uint8_t byte)
{
	static const char common[] = " \r\n\t/.:=-<>\"etaoinsr";
	if (byte == 0)
		return 1;
	if (byte == 0xff || memchr(common, byte, sizeof(common) - 1))
		return 3;
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))
		return 5;
	if (byte >= 0x20 && byte < 0x7f)
		return 7;
	return 6;
}

static unsigned score_of(const uint8_t *data, size_t len)
{
	unsigned score = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned one = rarity(data[i]);
		score += i && data[i] == data[i - 1] ? 1 : one;
	}
	return score;
}

/* The best piece of at most QW_PIECE_MAX bytes. */
static struct qw_word best_piece(const uint8_t *data, size_t len)
{
	size_t width = len < QW_PIECE_MAX ? len : QW_PIECE_MAX, best = 0;
	unsigned most = score_of(data, width);
	for (size_t at = 1; at + width <= len; at++) {
		unsigned score = score_of(data + at, width);
		if (score > most)
			most = score, best = at;
	}
	return (struct qw_word){(const char *)data + best, width};
}

/* Do these transforms leave literals recognisable?  *nocase, *skip: how. */
static bool transparent(const struct qw_list *list, bool *nocase, bool *dotted)
{
	*nocase = *dotted = false;
	for (unsigned i = 0; i < list->transform_count; i++) {
		switch (list->transforms[i].kind) {
		case QW_TRANSFORM_LOWER:
		case QW_TRANSFORM_UPPER:
		case QW_TRANSFORM_HEADER_LOWER: *nocase = true; break;
		case QW_TRANSFORM_DOT_PREFIX: *dotted = true; break;
		case QW_TRANSFORM_SLICE: break;
		default: return false;
		}
	}
	return true;
}

bool qw_list_is_coded(const struct qw_list *list)
{
	bool nocase, dotted;
	return !transparent(list, &nocase, &dotted);
}

static bool has_letters(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((data[i] | 0x20) >= 'a' && (data[i] | 0x20) <= 'z')
			return true;
	return false;
}

/*
 * Bytes that say something.  Literals of zeroes occur everywhere in binary
 * data: with those of ET Open among them, a scan of OT traffic takes twice to
 * three times as long, so the few rules that have none better go without.
 */
static bool is_telling(enum qw_buffer buffer, const uint8_t *data, size_t len)
{
	size_t telling = 0;
	for (size_t i = 0; i < len; i++)
		telling += data[i] != 0;
	return len >= qw_literal_least(buffer) && telling >= QW_LITERAL_TELLING;
}

/* Hyperscan looks for a literal's end first: zeroes there are no help. */
static size_t without_zeroes(const uint8_t *data, size_t len)
{
	while (len > 4 && data[len - 1] == 0)
		len--;
	return len;
}

static struct qw_word last_piece(const uint8_t *data, size_t len)
{
	size_t width = len < QW_PIECE_MAX ? len : QW_PIECE_MAX;
	return (struct qw_word){(const char *)data + len - width, width};
}

/* The literal that a content gives, and what it is worth; 0: none.  wants: of the rule, which may ask for its end. */
static unsigned consider(const struct qw_signature_builder *builder, const struct qw_list *list, const struct qw_op *op,
			 uint16_t wants, struct qw_choice *out)
{
	bool nocase, dotted;
	if (op->kind != QW_OP_CONTENT || op->flags & QW_OP_NEGATED || !transparent(list, &nocase, &dotted))
		return 0;
	const uint8_t *data = qw_vector_at(&builder->blob, op->content.data);
	size_t len = op->content.len;
	if (op->content.chop_len)
		data += op->content.chop_offset, len = op->content.chop_len;
	if (dotted && data[0] == '.')
		data++, len--; /* the dot may be the one that was put before the buffer */
	if (!(wants & (QW_WANTS_PROVED | QW_WANTS_NEAR)))
		len = without_zeroes(data, len);
	struct qw_word piece = wants & QW_WANTS_NEAR ? last_piece(data, len) : best_piece(data, len);
	if (!is_telling(list->buffer, (const uint8_t *)piece.at, piece.len))
		return 0;
	*out = (struct qw_choice){.buffer = list->buffer, .len = (uint8_t)piece.len};
	out->nocase = (nocase || op->flags & QW_OP_NOCASE) && has_letters((const uint8_t *)piece.at, piece.len);
	memcpy(out->bytes, piece.at, piece.len);
	for (size_t i = 0; out->nocase && i < piece.len; i++)
		if (out->bytes[i] >= 'A' && out->bytes[i] <= 'Z')
			out->bytes[i] |= 0x20;
	return score_of(out->bytes, out->len) + (op->flags & QW_OP_FAST ? 10000 : 0);
}

static bool is_app(unsigned buffer)
{
	return buffer != QW_BUFFER_PAYLOAD && !qw_buffer_trait((enum qw_buffer)buffer)->header;
}

static bool is_upward(const struct qw_list *list)
{
	return list->absent == QW_PRESENT &&
	       (list->side == QW_UPWARD || qw_buffer_trait((enum qw_buffer)list->buffer)->way == QW_UPWARD);
}

static bool looks_into_apps(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		if (is_app(list->buffer))
			return true;
	}
	return false;
}

/* A rule on both sides of a transaction is found by what its client says: that comes first, and what follows is kept. */
static bool is_late(const struct qw_signature_builder *builder, const struct qw_sig *sig, const struct qw_list *list)
{
	bool upward = false;
	if (!(sig->flags & QW_SIG_BOTH))
		return false;
	for (uint32_t i = 0; i < sig->lists.count; i++)
		upward |= is_upward(qw_vector_at(&builder->lists, sig->lists.first + i));
	return upward && !is_upward(list);
}

void qw_choose(const struct qw_signature_builder *builder, const struct qw_sig *sig, struct qw_choice *out)
{
	unsigned best = 0;
	bool app = looks_into_apps(builder, sig);
	out->len = 0;
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		bool header = qw_buffer_trait((enum qw_buffer)list->buffer)->header;
		/* Application fields come with their messages, where all of a rule's buffers can be seen. */
		if (header || list->absent != QW_PRESENT || list->or_failed || (app && !is_app(list->buffer)) || is_late(builder, sig, list))
			continue;
		for (uint32_t j = 0; j < list->ops.count; j++) {
			const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + j);
			struct qw_choice choice;
			if (op->kind == QW_OP_BASE64)
				break;
			unsigned score = consider(builder, list, op, sig->wants, &choice);
			if (score > best)
				best = score, *out = choice;
		}
	}
}

/* The first buffer that a rule on messages asks for, if there is one that is not coarse. */
static unsigned message_carrier(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	unsigned coarse = QW_BUFFER_COUNT;
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		if (is_late(builder, sig, list) || list->absent != QW_PRESENT || !is_app(list->buffer))
			continue;
		if (!qw_buffer_trait((enum qw_buffer)list->buffer)->coarse)
			return list->buffer;
		coarse = coarse == QW_BUFFER_COUNT ? list->buffer : coarse;
	}
	return coarse;
}

unsigned qw_carrier(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	unsigned carrier = message_carrier(builder, sig);
	if (carrier != QW_BUFFER_COUNT)
		return carrier;
	bool app = looks_into_apps(builder, sig);
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		if (is_late(builder, sig, list))
			continue;
		if (list->absent == QW_PRESENT && list->buffer == QW_BUFFER_PAYLOAD && !app)
			carrier = list->buffer;
		if (list->absent != QW_PRESENT && is_app(list->buffer))
			carrier = qw_buffer_trait((enum qw_buffer)list->buffer)->way == QW_DOWNWARD
				      ? QW_BUFFER_HTTP_STAT_CODE
				      : QW_BUFFER_HTTP_METHOD;
	}
	return carrier;
}
