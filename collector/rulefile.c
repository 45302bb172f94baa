/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/rulefile.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One logical line into `out`, which has room for it; continued lines are joined. */
static size_t take_line(struct qw_bytes *in, uint32_t *line, char *out)
{
	size_t len = 0;
	uint8_t c;

	while (qw_bytes_u8(in, &c)) {
		if (c != '\n') {
			out[len++] = c == '\0' || c == '\r' ? ' ' : (char)c;
			continue;
		}
		(*line)++;
		while (len > 0 && out[len - 1] == ' ')
			len--;
		if (len == 0 || out[len - 1] != '\\')
			break;
		out[len - 1] = ' ';
	}
	return len;
}

/* The number of an option outside quotes: "sid:2100498;".  False: it has none. */
static bool find_number(const char *text, const char *option, uint32_t *out)
{
	size_t len = strlen(option);
	bool quoted = false;

	for (const char *at = strchr(text, '('); at && *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
			continue;
		}
		if (*at == '"')
			quoted = !quoted;
		if (quoted || (*at != ';' && *at != '('))
			continue;
		const char *name = at + 1 + strspn(at + 1, " \t");
		if (strncmp(name, option, len) != 0)
			continue;
		name += len + strspn(name + len, " \t");
		if (*name != ':')
			continue;
		name += 1 + strspn(name + 1, " \t");
		char *end;
		unsigned long value = strtoul(name, &end, 10);
		if (!isdigit((unsigned char)*name) || value > UINT32_MAX || end[strspn(end, " \t")] != ';')
			return false;
		*out = (uint32_t)value;
		return true;
	}
	return false;
}

static bool is_empty(const char *text)
{
	text += strspn(text, " \t");
	return *text == '\0' || *text == '#';
}

enum qw_err qw_rulefile_next(struct qw_bytes *in, uint32_t *line, struct qw_rule_text *out)
{
	struct qw_rule_text rule = {.gid = 1};

	while (in->left > 0) {
		const uint8_t *newline = memchr(in->at, '\n', in->left);
		rule.line = *line;
		/* Most lines end at their first newline; a continued one needs what is left at most. */
		/* NUL and CR become spaces, and spaces at the end go: behind them may stand the backslash. */
		bool continued = newline && newline > in->at && memchr("\\\r \0", newline[-1], 4);
		size_t room = newline && !continued ? (size_t)(newline - in->at) : in->left;
		rule.text = malloc(room + 1);
		if (!rule.text)
			return QW_ENOMEM;
		rule.len = take_line(in, line, rule.text);
		rule.text[rule.len] = '\0';
		if (is_empty(rule.text)) {
			free(rule.text);
			continue;
		}
		out->line = rule.line;
		if (!find_number(rule.text, "sid", &rule.sid) || rule.sid == 0) {
			free(rule.text);
			return QW_EFORMAT;
		}
		find_number(rule.text, "gid", &rule.gid);
		*out = rule;
		return QW_OK;
	}
	return QW_ENOENT;
}
