/* SPDX-License-Identifier: Apache-2.0 */
/* tls - versions, states and dates of TLS. */
#include <string.h>

#include "quaywatch/time.h"
#include "rules/signature/keyword.h"

enum { DRAFT_FIRST = 0x7f00, DRAFT_LAST = 0x7fff, TLS_13 = 0x0304 };

static const struct qw_number_name VERSIONS[] = {
	{"1.0", 0x0301}, {"1.1", 0x0302}, {"1.2", 0x0303}, {"1.3", TLS_13}, {NULL, 0},
};

static const struct qw_number_name SSL_VERSIONS[] = {
	{"sslv2", 0x0002},  {"sslv3", 0x0300},  {"tls1.0", 0x0301}, {"tls1.1", 0x0302},
	{"tls1.2", 0x0303}, {"tls1.3", TLS_13}, {NULL, 0},
};

/* The bits of sensor/protocol/tls.c. */
static const struct qw_number_name STATES[] = {
	{"client_hello", 1}, {"server_hello", 2}, {"client_keyx", 4}, {"server_keyx", 8}, {"unknown", 16}, {NULL, 0},
};

static const struct qw_number_name *find(const struct qw_number_name *names, struct qw_word word)
{
	for (; names->name; names++) {
		if (qw_word_is(word, names->name))
			return names;
	}
	return NULL;
}

/* Version 1.3 is its drafts too. */
static enum qw_err put_version(struct qw_parse *parse, struct qw_op *op, uint64_t version)
{
	enum qw_err err = qw_number_range(parse, op, version, version);
	return err || version != TLS_13 ? err : qw_number_range(parse, op, DRAFT_FIRST, DRAFT_LAST);
}

/* 1.2, or a number that is one version alone */
QW_KEYWORD(tls_version)
{
	const struct qw_number_name *known = find(VERSIONS, value);
	struct qw_op *op;
	uint64_t number;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_TLS_VERSION, &op);
	if (err)
		return err;
	if (known)
		return put_version(parse, op, known->value);
	if (value.len < 3 || value.at[0] != '0' || !qw_word_u64(value, UINT16_MAX, &number))
		return qw_refuse(parse, value.at, "'%.*s' is no version of TLS; 1.0 to 1.3, or 0x0303", (int)value.len,
				 value.at);
	return qw_number_range(parse, op, number, number);
}

/*
 * Names between separators, all of them with "!" or none: the buffer's value
 * is one of them, or none of them.
 */
static enum qw_err read_names(struct qw_parse *parse, struct qw_op *op, struct qw_word value, char separator,
			      const struct qw_number_name *names)
{
	struct qw_word word;
	bool first = true;
	while (qw_word_cut(&value, separator, &word)) {
		bool negated = qw_word_eat(&word, '!');
		const struct qw_number_name *known = find(names, word);
		if (!known)
			return qw_refuse(parse, word.at, "%.*s knows no '%.*s'", (int)parse->keyword.len,
					 parse->keyword.at, (int)word.len, word.at);
		if (!first && negated != !!(op->flags & QW_OP_NEGATED))
			return qw_refuse(parse, word.at, "either all of %.*s are negated or none",
					 (int)parse->keyword.len, parse->keyword.at);
		op->flags |= negated ? QW_OP_NEGATED : 0;
		first = false;
		enum qw_err err = put_version(parse, op, known->value);
		if (err)
			return err;
	}
	return QW_OK;
}

QW_KEYWORD(ssl_version)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_TLS_VERSION, &op);
	return err ? err : read_names(parse, op, value, ',', SSL_VERSIONS);
}

QW_KEYWORD(ssl_state)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_TLS_STATE, &op);
	return err ? err : read_names(parse, op, value, '|', STATES);
}

/* ---- dates */

/*
 * Year, month, day, hour, minute and second, from the left as many as are
 * given: "2015", "2015-10", "2015-10-22 23:59:59", "2015-10-22T23".  Other
 * digits alone are seconds since 1970.
 */
static bool read_date(struct qw_word word, uint64_t *seconds)
{
	static const char *const separators[] = {"", "-", "-", " T", ":", ":"};
	static const uint64_t most[] = {9999, 12, 31, 23, 59, 59};
	uint64_t part[6] = {0, 1, 1, 0, 0, 0};
	int64_t at;
	if (word.len != 4 && qw_word_u64(word, INT64_MAX, seconds))
		return true;
	for (unsigned i = 0; i < 6 && word.len; i++) {
		size_t width = i == 0 ? 4 : 2;
		if (i > 0 && (!strchr(separators[i], word.at[0]) || word.at[0] == '\0'))
			return false;
		if (i > 0)
			word.at++, word.len--;
		if (word.len < width || !qw_word_u64((struct qw_word){word.at, width}, most[i], &part[i]))
			return false;
		word.at += width;
		word.len -= width;
	}
	if (word.len || !qw_time_compose((unsigned)part[0], (unsigned)part[1], (unsigned)part[2],
					 (unsigned)(part[3] * 3600 + part[4] * 60 + part[5]), &at))
		return false;
	*seconds = at > 0 ? (uint64_t)at : 0;
	return true;
}

/* DATE, <DATE, >DATE or DATE<>DATE; all include the dates named */
QW_KEYWORD(tls_date)
{
	struct qw_op *op;
	struct qw_word from = value, to = {NULL, 0};
	uint64_t low, high;
	enum qw_err err = qw_draft_number(parse, (enum qw_buffer)row->number, &op);
	if (err)
		return err;
	bool before = qw_word_eat(&from, '<'), after = !before && qw_word_eat(&from, '>');
	for (size_t i = 1; i + 1 < from.len && !to.at; i++) {
		if (from.at[i] == '<' && from.at[i + 1] == '>')
			to = qw_word_trim((struct qw_word){from.at + i + 2, from.len - i - 2}), from.len = i;
	}
	from = qw_word_trim(from);
	if (!read_date(from, &low) || (to.at && (before || after || !read_date(to, &high) || high <= low)))
		return qw_refuse(parse, value.at, "'%.*s' is no date or range; 2015-10-22, <2015-10-22, 2015<>2016-06",
				 (int)value.len, value.at);
	return qw_number_range(parse, op, before ? 1 : low, to.at ? high : after ? UINT64_MAX : low);
}
