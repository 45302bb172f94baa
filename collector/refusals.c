/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/refusals.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static size_t shown(const struct qw_refusals *refusals, enum qw_admission reason)
{
	uint64_t count = refusals->row[reason].count;

	return count < QW_REFUSALS_SHOWN ? (size_t)count : QW_REFUSALS_SHOWN;
}

bool qw_refusals_has_room(const struct qw_refusals *refusals, enum qw_admission reason)
{
	return refusals->row[reason].count < QW_REFUSALS_SHOWN;
}

void qw_refusals_add(struct qw_refusals *refusals, enum qw_admission reason, const char *file, uint32_t line,
		     const char *text)
{
	char *example = refusals->row[reason].example[shown(refusals, reason) % QW_REFUSALS_SHOWN];

	if (qw_refusals_has_room(refusals, reason) && line)
		snprintf(example, QW_REFUSAL_TEXT_MAX, "%.400s:%u: %.200s", file, line, text);
	else if (qw_refusals_has_room(refusals, reason))
		snprintf(example, QW_REFUSAL_TEXT_MAX, "%.400s: %.200s", file, text);
	refusals->row[reason].count++;
}

uint64_t qw_refusals_count(const struct qw_refusals *refusals)
{
	uint64_t count = 0;

	for (size_t i = 0; i < QW_ADMISSIONS; i++)
		count += refusals->row[i].count;
	return count;
}

void qw_refusals_tell(const struct qw_refusals *refusals, struct qw_reply *reply)
{
	if (qw_refusals_count(refusals))
		qw_reply_line(reply, "%10s  %s", "not taken", "why, and the first of them");
	for (size_t i = 0; i < QW_ADMISSIONS; i++) {
		enum qw_admission reason = (enum qw_admission)i;
		if (!refusals->row[i].count)
			continue;
		qw_reply_line(reply, "%10llu  %s", (unsigned long long)refusals->row[i].count,
			      qw_admission_text(reason));
		for (size_t k = 0; k < shown(refusals, reason); k++)
			qw_reply_line(reply, "%10s    %s", "", refusals->row[i].example[k]);
	}
}

void qw_refusals_json(const struct qw_refusals *refusals, struct qw_json *json)
{
	qw_json_open(json, "refused", '[');
	for (size_t i = 0; i < QW_ADMISSIONS; i++) {
		enum qw_admission reason = (enum qw_admission)i;
		if (!refusals->row[i].count)
			continue;
		qw_json_open(json, NULL, '{');
		qw_json_text(json, "reason", qw_admission_name(reason));
		qw_json_u64(json, "count", refusals->row[i].count);
		qw_json_open(json, "examples", '[');
		for (size_t k = 0; k < shown(refusals, reason); k++)
			qw_json_text(json, NULL, refusals->row[i].example[k]);
		qw_json_close(json, ']');
		qw_json_close(json, '}');
	}
	qw_json_close(json, ']');
}

/* ---- where it stands */

static bool belongs(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

static bool stands_at(const char *data, size_t len, size_t at, const char *text, size_t text_len)
{
	return len - at >= text_len && strncasecmp(data + at, text, text_len) == 0 &&
	       (at == 0 || !belongs(data[at - 1])) && (at + text_len == len || !belongs(data[at + text_len]));
}

uint32_t qw_line_find(struct qw_line_finder *finder, const char *text)
{
	size_t text_len = strlen(text), at = finder->at;
	size_t most = finder->len < QW_LINE_SEARCH_MAX ? finder->len : QW_LINE_SEARCH_MAX;
	uint32_t line = finder->line ? finder->line : 1;

	for (size_t looked = 0; looked < most; looked++) {
		if (stands_at(finder->data, finder->len, at, text, text_len)) {
			finder->at = at;
			return finder->line = line;
		}
		line += finder->data[at] == '\n';
		if (++at == finder->len) {
			at = 0;
			line = 1;
		}
	}
	return 0;
}
