/* SPDX-License-Identifier: Apache-2.0 */
/* lines - formats of a line each: CSV, plain lists, Suricata's datasets. */
#include <string.h>

#include "collector/formats/format.h"

/* ---- CSV */

/*
 * A spreadsheet takes such a cell for a formula (OWASP, CSV injection); a quote
 * before it is no part of the value.  So is one before a text that had one.
 */
static bool is_formula(const char *text)
{
	text += strspn(text, "'");
	return *text && strchr("=+-@\t\r", *text);
}

/* Quoted where it must be (RFC 4180). */
static void put_field(struct qw_text *out, const char *text, char after)
{
	bool quoted = strpbrk(text, ",\"\r\n\t") || is_formula(text);

	if (quoted)
		qw_text_char(out, '"');
	if (is_formula(text))
		qw_text_char(out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			qw_text_char(out, '"');
		qw_text_char(out, *text);
	}
	if (quoted)
		qw_text_char(out, '"');
	qw_text_char(out, after);
}

static void put_time(struct qw_text *out, struct qw_time at)
{
	char text[QW_FORMAT_TIME_MAX] = "";

	if (at.ns != 0)
		qw_format_time(at, text);
	put_field(out, text, ',');
}

static void begin_csv(struct qw_format_writer *writer)
{
	static const char head[] = "type,value,confidence,tlp,valid_from,valid_until,source,seen,description\n";

	qw_format_write(writer, head, sizeof(head) - 1);
}

static bool put_csv(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *out)
{
	const struct qw_indicator *indicator = entry->indicator;

	(void)writer;
	put_field(out, qw_observable_type_name(indicator->observable.type), ',');
	put_field(out, indicator->observable.text, ',');
	qw_text_u64(out, indicator->confidence);
	qw_text_char(out, ',');
	put_field(out, qw_tlp_name(indicator->tlp), ',');
	put_time(out, indicator->valid_from);
	put_time(out, indicator->valid_until);
	put_field(out, indicator->source, ',');
	put_field(out, qw_prevalence_name(indicator->seen), ',');
	put_field(out, indicator->description, '\n');
	return true;
}

const struct qw_format qw_format_csv = {"csv", "text/csv", false, begin_csv, put_csv, NULL};

/* ---- plain */

static bool put_plain(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *out)
{
	(void)writer;
	qw_text_put(out, entry->indicator->observable.text, entry->indicator->observable.len);
	qw_text_char(out, '\n');
	return true;
}

const struct qw_format qw_format_plain = {"plain", "text/plain", false, NULL, put_plain, NULL};

/* ---- Suricata: digests and addresses as they are, strings in base64 */

static bool put_suricata(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *out)
{
	const struct qw_observable *observable = &entry->indicator->observable;

	(void)writer;
	switch (observable->type) {
	case QW_OBS_IP:
	case QW_OBS_MD5:
	case QW_OBS_SHA256: qw_text_put(out, observable->text, observable->len); break;
	/* A dataset holds what a buffer holds: blocks and pairs are in none. */
	case QW_OBS_CIDR:
	case QW_OBS_IP_PORT: return false;
	default: qw_text_base64(out, (const uint8_t *)observable->text, observable->len); break;
	}
	qw_text_char(out, '\n');
	return true;
}

const struct qw_format qw_format_suricata = {"suricata", "text/plain", true, NULL, put_suricata, NULL};
