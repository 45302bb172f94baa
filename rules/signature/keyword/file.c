/* SPDX-License-Identifier: Apache-2.0 */
/* file - names, sizes and digests of files, and how FTP carries them. */
#include "rules/signature/keyword.h"

#include <ctype.h>
#include <string.h>

#include "quaywatch/text.h"
#include "rules/signature/digests.h"

enum { SIZE_TEXT_MAX = 96 };

/* ---- names */

/* A content of a file's name, in any case; behind a dot and at the end if it is the extension. */
static enum qw_err name_holds(struct qw_parse *parse, struct qw_word value, bool extension)
{
	struct qw_op *op;
	struct qw_word inside, rest;
	uint32_t list, dot;
	bool negated = qw_word_eat(&value, '!');
	if (!qw_unquote(value, &inside, &rest) || rest.at)
		return qw_refuse(parse, value.at, "%.*s takes one text between quotes", (int)parse->keyword.len,
				 parse->keyword.at);
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_FILE_NAME, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_CONTENT, &op);
	if (!err && extension)
		err = qw_draft_put(parse, ".", 1, &dot);
	if (!err)
		err = qw_content_decode(parse, inside, op);
	if (err)
		return err;
	op->flags = QW_OP_NOCASE | (negated ? QW_OP_NEGATED : 0);
	if (extension) {
		op->flags |= QW_OP_ENDS;
		op->content.data = dot; /* the text was put right behind it */
		op->content.len++;
	}
	return QW_OK;
}

QW_KEYWORD(filename)
{
	return name_holds(parse, value, false);
}

QW_KEYWORD(fileext)
{
	return name_holds(parse, value, true);
}

/* ---- sizes */

static uint64_t unit_of(struct qw_word word)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {{"b", 1},		 {"k", 1 << 10},   {"kb", 1 << 10},  {"kib", 1 << 10}, {"m", 1 << 20},
		     {"mb", 1 << 20},	 {"mib", 1 << 20}, {"g", 1ull << 30}, {"gb", 1ull << 30}, {"gib", 1ull << 30}};
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (qw_word_is(word, units[i].name))
			return units[i].bytes;
	return 0;
}

/* A run of one kind of characters from *at on, which is left behind it. */
static struct qw_word run_of(struct qw_word value, size_t *at, int (*kind)(int))
{
	size_t from = *at;
	while (*at < value.len && kind((unsigned char)value.at[*at]))
		++*at;
	return (struct qw_word){value.at + from, *at - from};
}

/* ">100KB" as ">102400": what follows a number up to the next sign is its unit. */
static bool in_bytes(struct qw_word value, struct qw_text *out)
{
	for (size_t at = 0; at < value.len;) {
		if (!isdigit((unsigned char)value.at[at])) {
			qw_text_char(out, value.at[at++]);
			continue;
		}
		struct qw_word digits = run_of(value, &at, isdigit);
		(void)run_of(value, &at, isblank);
		struct qw_word name = run_of(value, &at, isalpha);
		uint64_t number, unit = name.len ? unit_of(name) : 1;
		if (unit == 0 || !qw_word_u64(digits, INT64_MAX / unit, &number))
			return false;
		qw_text_u64(out, number * unit);
	}
	return !out->cut;
}

/* "Larger than" can be said before the file is whole; all else cannot. */
QW_KEYWORD(filesize)
{
	char memory[SIZE_TEXT_MAX];
	struct qw_text text;
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_FILE_SIZE, &op);
	if (err)
		return err;
	qw_text_init(&text, memory, sizeof(memory));
	if (!in_bytes(value, &text) || !qw_word_test((struct qw_word){memory, text.len}, INT64_MAX, op))
		return qw_refuse(parse, value.at, "'%.*s' is not a size; N, >N, <N or N<>M, with KB, MB or GB if wanted",
				 (int)value.len, value.at);
	if (op->compare == QW_CMP_GT || op->compare == QW_CMP_GE)
		parse->draft->lists[parse->draft->list_count - 1].list.buffer = QW_BUFFER_FILE_SEEN;
	return QW_OK;
}

/* Nothing is stored; but a rule that says so is about files. */
QW_KEYWORD(filestore)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_FILE_SEEN, &op);
	if (!err)
		op->compare = QW_CMP_GE; /* than 0 */
	return err;
}

/* ---- digests */

QW_KEYWORD(filedigest)
{
	struct qw_op *op;
	uint32_t list;
	bool negated = qw_word_eat(&value, '!');
	enum qw_err err = qw_draft_new_list(parse, (enum qw_buffer)row->number, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_DIGEST, &op);
	if (!err)
		err = qw_digest_list_read(parse, value, row->max, op);
	if (!err)
		op->flags = negated ? QW_OP_NEGATED : 0;
	return err;
}

/* ---- FTP: words that stand for numbers of quaywatch/buffer.h */

static enum qw_err one_of(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			  const struct qw_number_name *names)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, buffer, &op);
	if (err)
		return err;
	op->compare = QW_CMP_EQ;
	for (const struct qw_number_name *name = names; name->name; name++) {
		if (!qw_word_is(value, name->name))
			continue;
		op->number.a = name->value;
		return QW_OK;
	}
	return qw_refuse(parse, value.at, "%.*s knows no '%.*s'; %s or %s", (int)parse->keyword.len, parse->keyword.at,
			 (int)value.len, value.at, names[0].name, names[1].name);
}

QW_KEYWORD(ftpdata_command)
{
	static const struct qw_number_name names[] = {{"retr", QW_FTP_RETR}, {"stor", QW_FTP_STOR}, {0}};
	return one_of(parse, QW_BUFFER_FTPDATA_COMMAND, value, names);
}

QW_KEYWORD(ftp_mode)
{
	static const struct qw_number_name names[] = {{"active", QW_FTP_ACTIVE}, {"passive", QW_FTP_PASSIVE}, {0}};
	return one_of(parse, QW_BUFFER_FTP_MODE, value, names);
}

QW_KEYWORD(ftp_reply_received)
{
	static const struct qw_number_name names[] = {{"yes", 1}, {"no", 0}, {"on", 1}, {"off", 0}, {"true", 1},
						      {"false", 0}, {"1", 1}, {"0", 0}, {0}};
	return one_of(parse, QW_BUFFER_FTP_REPLY_RECEIVED, value, names);
}

QW_KEYWORD(ftp_bounce)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_FTP_BOUNCE, &op);
	if (!err) {
		op->compare = QW_CMP_EQ;
		op->number.a = 1;
	}
	return err;
}
