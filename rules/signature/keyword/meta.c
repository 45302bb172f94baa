/* SPDX-License-Identifier: Apache-2.0 */
/* meta - what a rule says of itself. */
#include "rules/signature/keyword.h"

#include "rules/signature/classes.h"

/* Takes the backslash from \" \; \\ and \: of a text, in place of the blob. */
static enum qw_err put_text(struct qw_parse *parse, struct qw_word value, uint32_t *offset)
{
	struct qw_draft *draft = parse->draft;
	enum qw_err err = qw_draft_put(parse, value.at, value.len, offset);
	if (err)
		return err;
	uint8_t *text = draft->blob + *offset;
	size_t kept = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (text[i] == '\\' && i + 1 < value.len &&
		    (text[i + 1] == '"' || text[i + 1] == ';' || text[i + 1] == '\\' || text[i + 1] == ':'))
			i++;
		text[kept++] = text[i];
	}
	draft->blob_len = *offset + (uint32_t)kept;
	uint32_t end;
	return qw_draft_put(parse, "", 1, &end);
}

/* A quote in the middle of a message: most likely the ';' before the next option is missing. */
static const char *stray_quote(struct qw_word value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"')
			return value.at + i;
		i += value.at[i] == '\\';
	}
	return NULL;
}

QW_KEYWORD(msg)
{
	bool quoted = value.at[-1] == '"'; /* what stands before a value is its quote, or the colon */
	const char *stray = quoted ? stray_quote(value) : NULL;

	if (stray)
		return qw_refuse(parse, stray, "a quote inside msg: a ';' is missing after it, or it is to be written as \\\"");
	return put_text(parse, value, &parse->draft->sig.msg);
}

QW_KEYWORD(id)
{
	struct qw_sig *sig = &parse->draft->sig;
	uint32_t *const targets[] = {[QW_ID_SID] = &sig->sid, [QW_ID_GID] = &sig->gid, [QW_ID_REV] = &sig->rev};
	uint64_t number;
	if (!qw_word_u64(value, UINT32_MAX, &number) || (row->number == QW_ID_SID && number == 0))
		return qw_refuse(parse, value.at, "'%.*s' is not a number that %s can have", (int)value.len, value.at,
				 row->name);
	if (row->number == QW_ID_SID && parse->draft->sid_at)
		return qw_refuse(parse, value.at, "the rule has two sids");
	if (row->number == QW_ID_SID)
		parse->draft->sid_at = value.at;
	*targets[row->number] = (uint32_t)number;
	return QW_OK;
}

QW_KEYWORD(classtype)
{
	struct qw_sig *sig = &parse->draft->sig;
	const struct qw_class *class = qw_classes_find(parse->classes, value);
	if (!class) {
		qw_remark(parse, value.at, "classtype '%.*s' is not known; priority 3 is used", (int)value.len,
			  value.at);
		return QW_OK;
	}
	if (!parse->draft->has_priority)
		sig->priority = class->priority;
	return qw_draft_text(parse, (struct qw_word){class->description, class->description_len}, &sig->category);
}

QW_KEYWORD(priority)
{
	uint64_t number;
	if (!qw_word_u64(value, 255, &number) || number == 0)
		return qw_refuse(parse, value.at, "'%.*s' is not a priority; 1 (worst) to 255", (int)value.len,
				 value.at);
	parse->draft->sig.priority = (uint8_t)number;
	parse->draft->has_priority = true;
	return QW_OK;
}

QW_KEYWORD(reference)
{
	struct qw_text *text = &parse->draft->references;
	struct qw_word rest = value, type;
	if (!qw_word_cut(&rest, ',', &type) || !rest.at || type.len == 0)
		return qw_refuse(parse, value.at, "a reference is TYPE,VALUE");
	rest = qw_word_trim(rest);
	if (text->len)
		qw_text_char(text, '\n');
	qw_text_put(text, type.at, type.len);
	qw_text_char(text, ',');
	qw_text_put(text, rest.at, rest.len);
	return text->cut ? qw_refuse(parse, value.at, "the rule's references are too long") : QW_OK;
}

static enum qw_err read_share(struct qw_parse *parse, struct qw_word rest)
{
	static const struct {
		char name[8];
		uint8_t bit;
	} shares[] = {{"src_ip", QW_SHARE_SRC_IP},
		      {"dest_ip", QW_SHARE_DEST_IP},
		      {"domain", QW_SHARE_DOMAIN},
		      {"ja3", QW_SHARE_JA3}};
	struct qw_word word;
	while (qw_word_cut(&rest, '|', &word)) {
		uint8_t bit = 0;
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
			if (qw_word_is(word, shares[i].name))
				bit = shares[i].bit;
		if (!bit)
			return qw_refuse(parse, word.at,
					 "'%.*s' cannot be shared; known are src_ip, dest_ip, domain, ja3",
					 (int)word.len, word.at);
		parse->draft->sig.share |= bit;
	}
	return QW_OK;
}

QW_KEYWORD(metadata)
{
	struct qw_text *text = &parse->draft->metadata;
	struct qw_word rest = value, piece, key;
	while (qw_word_cut(&rest, ',', &piece)) {
		struct qw_word words = piece;
		if (!qw_word_next(&words, &key))
			continue;
		words = qw_word_trim(words);
		if (text->len)
			qw_text_literal(text, ", ");
		qw_text_put(text, key.at, key.len);
		if (words.len)
			qw_text_char(text, ' ');
		qw_text_put(text, words.at, words.len);
		if (qw_word_is(key, "quaywatch_share")) {
			enum qw_err err = read_share(parse, words);
			if (err)
				return err;
		}
	}
	return text->cut ? qw_refuse(parse, value.at, "the rule's metadata is too long") : QW_OK;
}

QW_KEYWORD(target)
{
	if (!qw_word_is(value, "src_ip") && !qw_word_is(value, "dest_ip"))
		return qw_refuse(parse, value.at, "'%.*s' is not a target; src_ip or dest_ip", (int)value.len,
				 value.at);
	parse->draft->sig.flags |= qw_word_is(value, "src_ip") ? QW_SIG_TARGET_SRC : QW_SIG_TARGET_DEST;
	return QW_OK;
}

QW_KEYWORD(noalert)
{
	parse->draft->sig.wants |= QW_WANTS_SILENCE;
	return QW_OK;
}

QW_KEYWORD(nothing)
{
	return QW_OK;
}
