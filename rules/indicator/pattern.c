/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

enum { LITERAL_MAX = 4096, PATH_MAX_LEN = 256, DEPTH_MAX = 64, WORD_MAX = 12 };

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_PATH, TOKEN_STRING, TOKEN_NUMBER, TOKEN_MARK, TOKEN_BAD };

struct token {
	enum token_kind kind;
	struct qw_slice text; /* a string without quotes, escapes still in it */
	char mark;            /* MARK: its first character; "!=" is '!', "<=" is '<' */
};

struct parser {
	struct qw_slice rest;
	struct token token; /* the one to look at */
	qw_pattern_sink *sink;
	void *ctx;
	const char *why;
	unsigned depth;
	/* of the observation being read */
	char address[64];
	size_t address_len;
	unsigned port;
};

static const struct {
	const char *path;
	enum qw_observable_type type;
} PATHS[] = {
	{"ipv4-addr:value", QW_OBS_IP},
	{"ipv6-addr:value", QW_OBS_IP},
	{"domain-name:value", QW_OBS_DOMAIN},
	{"domain-name:resolves_to_refs[*].value", QW_OBS_IP},
	{"url:value", QW_OBS_URL},
	{"mac-addr:value", QW_OBS_MAC},
	{"file:hashes.md5", QW_OBS_MD5},
	{"file:hashes.sha1", QW_OBS_SHA1},
	{"file:hashes.sha256", QW_OBS_SHA256},
	{"artifact:hashes.md5", QW_OBS_MD5},
	{"artifact:hashes.sha1", QW_OBS_SHA1},
	{"artifact:hashes.sha256", QW_OBS_SHA256},
	{"x509-certificate:hashes.sha1", QW_OBS_CERT_SHA1},
	{"network-traffic:dst_ref.value", QW_OBS_IP},
	{"network-traffic:src_ref.value", QW_OBS_IP},
	{"network-traffic:extensions.httprequestext.request_header.useragent", QW_OBS_USER_AGENT},
	{"network-traffic:extensions.httprequestext.request_value", QW_OBS_URL},
	{"network-traffic:extensions.xtlsext.ja3", QW_OBS_JA3},
	{"network-traffic:extensions.xtlsext.ja4", QW_OBS_JA4},
	{"software:ja3", QW_OBS_JA3},
};

/* ---- tokens */

static struct qw_slice skip(struct qw_slice in, size_t len)
{
	return qw_slice(in.data + len, in.len - len);
}

static bool is_path_char(uint8_t c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '*';
}

/* A quoted part, from its quote; the length with both quotes, 0: it does not end. */
static size_t quoted_len(struct qw_slice in)
{
	for (size_t at = 1; at < in.len; at++) {
		if (in.data[at] == '\\')
			at++;
		else if (in.data[at] == '\'')
			return at + 1;
	}
	return 0;
}

/* A word, or an object path with its quoted and indexed parts: file:hashes.'SHA-256', a[0].b, a[*]. */
static size_t path_len(struct qw_slice in)
{
	size_t at = 0;
	bool colon = false;
	while (at < in.len) {
		uint8_t c = in.data[at];
		if (c == '\'' && colon && in.data[at - 1] == '.') {
			size_t len = quoted_len(skip(in, at));
			if (len == 0)
				return 0;
			at += len;
		} else if (c == '[' && colon) {
			const uint8_t *end = memchr(in.data + at, ']', in.len - at);
			if (!end)
				return 0;
			at = (size_t)(end - in.data) + 1;
		} else if (is_path_char(c)) {
			colon = colon || c == ':';
			at++;
		} else {
			break;
		}
	}
	return at;
}

static void set_token(struct parser *parser, enum token_kind kind, size_t before, size_t len, size_t after)
{
	parser->token.kind = kind;
	parser->token.text = qw_slice(parser->rest.data + before, len);
	parser->rest = skip(parser->rest, before + len + after);
}

static void next_quoted(struct parser *parser, size_t prefix)
{
	size_t len = quoted_len(skip(parser->rest, prefix));
	if (len == 0)
		parser->token.kind = TOKEN_BAD;
	else
		set_token(parser, TOKEN_STRING, prefix + 1, len - 2, 1);
}

static void next(struct parser *parser)
{
	while (parser->rest.len && parser->rest.data[0] <= ' ')
		parser->rest = skip(parser->rest, 1);
	struct qw_slice in = parser->rest;
	if (in.len == 0) {
		parser->token.kind = TOKEN_END;
	} else if (in.data[0] == '\'') {
		next_quoted(parser, 0);
	} else if (in.len > 1 && strchr("thb", in.data[0]) && in.data[1] == '\'') {
		next_quoted(parser, 1); /* timestamp, hexadecimal, binary */
	} else if (isdigit(in.data[0]) || ((in.data[0] == '-' || in.data[0] == '+') && in.len > 1)) {
		size_t len = 1;
		while (len < in.len && (isalnum(in.data[len]) || in.data[len] == '.'))
			len++;
		set_token(parser, TOKEN_NUMBER, 0, len, 0);
	} else if (isalpha(in.data[0])) {
		size_t len = path_len(in);
		set_token(parser, memchr(in.data, ':', len) ? TOKEN_PATH : len ? TOKEN_WORD : TOKEN_BAD, 0, len, 0);
	} else if (strchr("[](),=<>!", in.data[0])) {
		parser->token.mark = (char)in.data[0];
		bool two = in.len > 1 && strchr("<>!", in.data[0]) && (in.data[1] == '=' || in.data[1] == '>');
		set_token(parser, TOKEN_MARK, 0, two ? 2 : 1, 0);
	} else {
		parser->token.kind = TOKEN_BAD;
	}
}

static bool is_mark(const struct parser *parser, char mark)
{
	return parser->token.kind == TOKEN_MARK && parser->token.mark == mark;
}

static bool is_word(const struct parser *parser, const char *word)
{
	return parser->token.kind == TOKEN_WORD && strlen(word) == parser->token.text.len &&
	       strncasecmp(word, (const char *)parser->token.text.data, parser->token.text.len) == 0;
}

static bool take_mark(struct parser *parser, char mark)
{
	bool is = is_mark(parser, mark);
	if (is)
		next(parser);
	return is;
}

static bool take_word(struct parser *parser, const char *word)
{
	bool is = is_word(parser, word);
	if (is)
		next(parser);
	return is;
}

static enum qw_err fail(struct parser *parser, const char *why)
{
	if (!parser->why)
		parser->why = why;
	return QW_EFORMAT;
}

/* ---- one comparison */

/* Hash names come as 'SHA-256', SHA256, sha-256: quotes, and '-' within properties, are passed over. */
static enum qw_observable_type type_of(struct qw_slice path, char squeezed[PATH_MAX_LEN])
{
	size_t used = 0;
	bool object = true; /* its type stands before the first ':' and keeps its '-' */
	for (size_t i = 0; i < path.len && used + 1 < PATH_MAX_LEN; i++) {
		uint8_t c = path.data[i];
		object = object && c != ':';
		if (c == '\'' || (c == '-' && !object))
			continue;
		squeezed[used++] = (char)tolower(c);
	}
	squeezed[used] = 0;
	for (size_t i = 0; i < sizeof(PATHS) / sizeof(*PATHS); i++)
		if (strcmp(PATHS[i].path, squeezed) == 0)
			return PATHS[i].type;
	return QW_OBS_COUNT;
}

static enum qw_err hand_on(struct parser *parser, enum qw_observable_type type, const char *text, size_t len)
{
	struct qw_pattern_value value = {type, text, len};
	return parser->sink(parser->ctx, &value);
}

static size_t unescape(char out[LITERAL_MAX], struct qw_slice in)
{
	size_t used = 0;
	for (size_t i = 0; i < in.len && used < LITERAL_MAX; i++) {
		if (in.data[i] == '\\' && i + 1 < in.len)
			i++;
		out[used++] = (char)in.data[i];
	}
	return used;
}

static bool is_literal(const struct parser *parser)
{
	return parser->token.kind == TOKEN_STRING || parser->token.kind == TOKEN_NUMBER || is_word(parser, "true") ||
	       is_word(parser, "false");
}

/* An address of traffic waits for a port beside it; see end_observation. */
static bool keep_for_port(struct parser *parser, const char *path, const char *text, size_t len)
{
	if (strcmp(path, "network-traffic:dst_port") == 0 && parser->token.kind == TOKEN_NUMBER) {
		parser->port = 0;
		for (size_t i = 0; i < len && isdigit((unsigned char)text[i]) && parser->port <= 65535; i++)
			parser->port = parser->port * 10 + (unsigned)(text[i] - '0');
		return true;
	}
	if (strcmp(path, "network-traffic:dst_ref.value") != 0 || parser->address_len || len > sizeof(parser->address))
		return false;
	memcpy(parser->address, text, len);
	parser->address_len = len;
	return true;
}

static enum qw_err read_literal(struct parser *parser, const char *path, enum qw_observable_type type, bool used)
{
	char text[LITERAL_MAX];
	if (!is_literal(parser))
		return fail(parser, "a value is missing after the comparison");
	size_t len = unescape(text, parser->token.text);
	enum qw_err err = QW_OK;
	if (!used)
		err = hand_on(parser, QW_OBS_COUNT, text, len);
	else if (!keep_for_port(parser, path, text, len))
		err = hand_on(parser, type, text, len);
	if (err == QW_OK)
		next(parser);
	return err;
}

static enum qw_err read_set(struct parser *parser, const char *path, enum qw_observable_type type, bool used)
{
	if (!take_mark(parser, '('))
		return fail(parser, "IN needs a list in parentheses");
	do {
		enum qw_err err = read_literal(parser, path, type, used);
		if (err != QW_OK)
			return err;
	} while (take_mark(parser, ','));
	return take_mark(parser, ')') ? QW_OK : fail(parser, "a list without its closing parenthesis");
}

static enum qw_err read_comparison(struct parser *parser)
{
	char path[PATH_MAX_LEN];
	if (take_word(parser, "EXISTS")) {
		next(parser);
		return hand_on(parser, QW_OBS_COUNT, "EXISTS", 6);
	}
	if (parser->token.kind != TOKEN_PATH)
		return fail(parser, "an object path (\"ipv4-addr:value\") is missing");
	enum qw_observable_type type = type_of(parser->token.text, path);
	next(parser);
	bool negated = take_word(parser, "NOT");
	bool equal = is_mark(parser, '=') || is_word(parser, "ISSUBSET"), list = is_word(parser, "IN");
	bool other = is_word(parser, "LIKE") || is_word(parser, "MATCHES") || is_word(parser, "ISSUPERSET") ||
		     is_mark(parser, '!') || is_mark(parser, '<') || is_mark(parser, '>');
	if (!equal && !list && !other)
		return fail(parser, "a comparison (=, IN, LIKE …) is missing after the object path");
	next(parser);
	bool used = !negated && !other;
	return list ? read_set(parser, path, type, used) : read_literal(parser, path, type, used);
}

/* ---- expressions: precedence does not matter where every comparison counts */

static enum qw_err read_comparisons(struct parser *parser)
{
	if (parser->depth++ == DEPTH_MAX)
		return fail(parser, "parentheses nested too deeply");
	do {
		enum qw_err err;
		if (take_mark(parser, '(')) {
			err = read_comparisons(parser);
			if (err == QW_OK && !take_mark(parser, ')'))
				err = fail(parser, "a parenthesis is not closed");
		} else {
			err = read_comparison(parser);
		}
		if (err != QW_OK)
			return err;
	} while (take_word(parser, "AND") || take_word(parser, "OR"));
	parser->depth--;
	return QW_OK;
}

static enum qw_err end_observation(struct parser *parser)
{
	char text[80];
	unsigned port = parser->port;
	if (parser->address_len == 0)
		return port ? hand_on(parser, QW_OBS_COUNT, "port", 4) : QW_OK;
	if (port == 0 || port > 65535 || memchr(parser->address, '/', parser->address_len))
		return hand_on(parser, QW_OBS_IP, parser->address, parser->address_len);
	bool six = memchr(parser->address, ':', parser->address_len) != NULL;
	int len = snprintf(text, sizeof(text), six ? "[%.*s]:%u" : "%.*s:%u", (int)parser->address_len, parser->address,
			   port);
	return hand_on(parser, QW_OBS_IP_PORT, text, (size_t)len);
}

/* WITHIN 5 SECONDS, REPEATS 3 TIMES, START t'…' STOP t'…': they narrow, and are passed over. */
static void skip_qualifiers(struct parser *parser)
{
	static const char *const WORDS[] = {"WITHIN", "SECONDS", "REPEATS", "TIMES", "START", "STOP"};
	for (bool more = true; more;) {
		more = parser->token.kind == TOKEN_NUMBER || parser->token.kind == TOKEN_STRING;
		for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++)
			more = more || is_word(parser, WORDS[i]);
		if (more)
			next(parser);
	}
}

static enum qw_err read_observations(struct parser *parser)
{
	if (parser->depth++ == DEPTH_MAX)
		return fail(parser, "parentheses nested too deeply");
	do {
		enum qw_err err;
		bool group = take_mark(parser, '(');
		if (!group && !take_mark(parser, '['))
			return fail(parser, "an observation in square brackets is missing");
		parser->address_len = parser->port = 0;
		err = group ? read_observations(parser) : read_comparisons(parser);
		if (err == QW_OK && !take_mark(parser, group ? ')' : ']'))
			err = fail(parser, group ? "a parenthesis is not closed" : "a square bracket is not closed");
		if (err == QW_OK && !group)
			err = end_observation(parser);
		if (err != QW_OK)
			return err;
		skip_qualifiers(parser);
	} while (take_word(parser, "AND") || take_word(parser, "OR") || take_word(parser, "FOLLOWEDBY"));
	parser->depth--;
	return QW_OK;
}

enum qw_err qw_pattern_read(struct qw_slice pattern, qw_pattern_sink *sink, void *ctx, const char **why)
{
	struct parser parser = {.rest = pattern, .sink = sink, .ctx = ctx};
	next(&parser);
	enum qw_err err = read_observations(&parser);
	if (err == QW_OK && parser.token.kind != TOKEN_END)
		err = fail(&parser, "text after the pattern's end");
	if (parser.why)
		*why = parser.why;
	return err;
}
