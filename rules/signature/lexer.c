/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/lexer.h"

#include <string.h>

struct joint {
	uint32_t from; /* first joined character of the line */
	uint32_t line, column;
};

void qw_lexer_init(struct qw_lexer *lexer, const char *text, size_t len)
{
	*lexer = (struct qw_lexer){.at = text, .end = text + len};
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		lexer->at += 3;
	qw_vector_init(&lexer->joined, 1);
	qw_vector_init(&lexer->joints, sizeof(struct joint));
}

void qw_lexer_fini(struct qw_lexer *lexer)
{
	qw_vector_fini(&lexer->joined);
	qw_vector_fini(&lexer->joints);
}

/* The next line without its end, and whether a backslash continues it. */
static struct qw_word next_line(struct qw_lexer *lexer, bool *continued)
{
	const char *end = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
	struct qw_word line = {lexer->at, (size_t)((end ? end : lexer->end) - lexer->at)};
	lexer->at = end ? end + 1 : lexer->end;
	lexer->line++;
	size_t len = line.len;
	while (len && (line.at[len - 1] == ' ' || line.at[len - 1] == '\t' || line.at[len - 1] == '\r'))
		len--;
	*continued = len && line.at[len - 1] == '\\';
	if (*continued)
		line.len = len - 1;
	return line;
}

static bool join(struct qw_lexer *lexer, struct qw_word line)
{
	struct joint joint = {(uint32_t)lexer->joined.count, lexer->line, 1};
	return qw_vector_put(&lexer->joints, &joint, 1) != UINT32_MAX &&
	       qw_vector_put(&lexer->joined, line.at, line.len) != UINT32_MAX;
}

/* Puts a rule that is spread over lines into one piece. */
static enum qw_err join_lines(struct qw_lexer *lexer, struct qw_word line, struct qw_statement *out)
{
	bool continued = true;
	lexer->joined.count = lexer->joints.count = 0;
	if (!join(lexer, line))
		return QW_ENOMEM;
	while (continued && lexer->at < lexer->end)
		if (!join(lexer, next_line(lexer, &continued)))
			return QW_ENOMEM;
	out->text = qw_word_trim((struct qw_word){lexer->joined.rows, lexer->joined.count});
	return QW_OK;
}

enum qw_err qw_lexer_next(struct qw_lexer *lexer, struct qw_statement *out)
{
	while (lexer->at < lexer->end) {
		bool continued;
		struct qw_word line = next_line(lexer, &continued);
		struct qw_word text = qw_word_trim(line);
		if ((text.len == 0 && !continued) || (text.len && text.at[0] == '#'))
			continue;
		*out = (struct qw_statement){text, lexer, lexer->line, (uint32_t)(text.at - line.at) + 1};
		lexer->joints.count = 0;
		if (continued) {
			enum qw_err err = join_lines(lexer, line, out);
			if (err)
				return err;
		}
		if (out->text.len)
			return QW_OK;
	}
	return QW_ENOENT;
}

struct qw_place qw_statement_place(const struct qw_statement *statement, const char *at)
{
	const struct qw_vector *joints = &statement->lexer->joints;
	if (joints->count == 0)
		return (struct qw_place){statement->line, statement->column + (uint32_t)(at - statement->text.at)};
	uint32_t offset = (uint32_t)(at - (const char *)statement->lexer->joined.rows);
	const struct joint *joint = joints->rows;
	for (size_t i = joints->count - 1; i > 0; i--) {
		const struct joint *here = qw_vector_at(joints, i);
		if (here->from <= offset) {
			joint = here;
			break;
		}
	}
	return (struct qw_place){joint->line, joint->column + offset - joint->from};
}

/* A quote closes where a value can end or a list can go on: `pcre:"/a"b/"` holds one inside. */
static bool quote_closes(const char *at, const char *end)
{
	do
		at++;
	while (at < end && (*at == ' ' || *at == '\t'));
	return at == end || *at == ';' || *at == ',';
}

/* … and opens only where one can begin: `content:!"x"`, `"x","y"`; not in `5" disk`. */
static bool quote_opens(const char *value, const char *at)
{
	while (at > value && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == value || at[-1] == '!' || at[-1] == ',';
}

/* The end of a value: a semicolon outside quotes that no backslash precedes; end where there is none. */
static const char *value_end(const char *value, const char *end, const char **open)
{
	*open = NULL;
	for (const char *at = value; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '"' && !*open && quote_opens(value, at))
			*open = at;
		else if (*at == '"' && *open && quote_closes(at, end))
			*open = NULL;
		else if (*at == ';' && !*open)
			return at;
	}
	return end;
}

/* Names end at a colon, a semicolon or the end. */
static const char *name_end(const char *at, const char *end)
{
	while (at < end && *at != ':' && *at != ';')
		at++;
	return at;
}

enum qw_err qw_option_next(struct qw_word *rest, struct qw_option *out, const char **why, const char **where)
{
	struct qw_word left = qw_word_trim(*rest);
	while (qw_word_eat(&left, ';'))
		;
	if (left.len == 0)
		return QW_ENOENT;

	const char *end = left.at + left.len;
	const char *at = name_end(left.at, end);
	const char *open = NULL;
	*out = (struct qw_option){.name = qw_word_trim((struct qw_word){left.at, (size_t)(at - left.at)})};
	if (at < end && *at == ':') {
		const char *value = at + 1;
		at = value_end(value, end, &open);
		out->value = qw_word_trim((struct qw_word){value, (size_t)(at - value)});
	}
	*where = open ? open : left.at;
	*why = open ? "the quote that opens here is not closed" : "the option that begins here does not end with ';'";
	if (open || at == end)
		return QW_EFORMAT;
	if (out->name.len == 0) {
		*why = "a keyword is missing before ':'";
		return QW_EFORMAT;
	}
	*rest = (struct qw_word){at + 1, (size_t)(end - at - 1)};
	return QW_OK;
}

bool qw_unquote(struct qw_word value, struct qw_word *inside, struct qw_word *rest)
{
	*rest = (struct qw_word){NULL, 0};
	if (value.len == 0 || value.at[0] != '"') {
		*inside = value;
		return true;
	}
	const char *end = value.at + value.len;
	for (const char *at = value.at + 1; at < end; at++) {
		if (*at == '\\' && at + 1 < end) {
			at++;
			continue;
		}
		if (*at != '"' || !quote_closes(at, end))
			continue;
		*inside = (struct qw_word){value.at + 1, (size_t)(at - value.at) - 1};
		struct qw_word tail = qw_word_trim((struct qw_word){at + 1, (size_t)(end - at - 1)});
		if (qw_word_eat(&tail, ','))
			*rest = tail;
		return true;
	}
	return false;
}
