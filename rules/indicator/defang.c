/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/defang.h"

#include <strings.h>

struct token {
	const char *written;
	uint8_t written_len;
	char meant;
	char meant_more[3]; /* "//" after the ':' of "[://]" */
};

#define TOKEN(text, meant, ...)                              \
	{                                                    \
		text, sizeof(text) - 1, meant, ##__VA_ARGS__ \
	}

/* Whole tokens only: "[::1]:443" is an address and stays one. */
static const struct token TOKENS[] = {
	TOKEN("[.]", '.'),   TOKEN("(.)", '.'), TOKEN("{.}", '.'),         TOKEN("[dot]", '.'), TOKEN("(dot)", '.'),
	TOKEN("{dot}", '.'), TOKEN("[:]", ':'), TOKEN("(:)", ':'),         TOKEN("[at]", '@'),  TOKEN("(at)", '@'),
	TOKEN("[@]", '@'),   TOKEN("[/]", '/'), TOKEN("[://]", ':', "//"),
};

static const struct {
	const char *written;
	const char *meant;
} SCHEMES[] = {
	{"hxxps", "https"}, {"hxxp", "http"}, {"h**ps", "https"}, {"h**p", "http"}, {"fxps", "ftps"}, {"fxp", "ftp"},
};

static const struct token *token_at(const char *at, size_t left)
{
	if (*at != '[' && *at != '(' && *at != '{')
		return NULL;
	for (size_t i = 0; i < sizeof(TOKENS) / sizeof(*TOKENS); i++)
		if (TOKENS[i].written_len <= left && strncasecmp(at, TOKENS[i].written, TOKENS[i].written_len) == 0)
			return &TOKENS[i];
	return NULL;
}

/* A disarmed scheme counts only where "://" or a token follows: "fxp.example" is a name. */
static size_t scheme_at(const char *at, size_t len, const char **meant)
{
	for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(*SCHEMES); i++) {
		size_t scheme = strlen(SCHEMES[i].written);
		if (len <= scheme || strncasecmp(at, SCHEMES[i].written, scheme) != 0)
			continue;
		bool armed = len - scheme >= 3 && memcmp(at + scheme, "://", 3) == 0;
		bool disarmed = at[scheme] == '[' || at[scheme] == '(';
		if (!armed && !disarmed)
			continue;
		*meant = SCHEMES[i].meant;
		return scheme;
	}
	return 0;
}

static bool is_fanged(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (token_at(at + i, len - i))
			return false;
	const char *meant;
	return scheme_at(at, len, &meant) == 0;
}

bool qw_defang(struct qw_text *out, struct qw_slice text)
{
	const char *at = (const char *)text.data;
	size_t left = text.len;

	if (is_fanged(at, left))
		return false;
	const char *meant;
	size_t scheme = scheme_at(at, left, &meant);
	if (scheme) {
		qw_text_put(out, meant, strlen(meant));
		at += scheme;
		left -= scheme;
	}
	while (left) {
		const struct token *token = token_at(at, left);
		size_t step = token ? token->written_len : 1;
		qw_text_char(out, token ? token->meant : *at);
		if (token)
			qw_text_put(out, token->meant_more, strlen(token->meant_more));
		at += step;
		left -= step;
	}
	return true;
}
