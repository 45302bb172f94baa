/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config_prepare.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const char *at;
	char *out;
	uint32_t line;
	const char *name; /* of the file, for complaints */
	struct qw_diags *diags;
	bool failed;
};

static void copy_one(struct scan *scan)
{
	scan->line += *scan->at == '\n';
	*scan->out++ = *scan->at++;
}

/* Copies up to and with `end`, or to the end of the text. */
static void copy_through(struct scan *scan, const char *end)
{
	const char *found = strstr(scan->at, end);
	const char *stop = found ? found + strlen(end) : scan->at + strlen(scan->at);
	while (scan->at < stop)
		copy_one(scan);
}

static void copy_string(struct scan *scan)
{
	copy_one(scan);
	while (*scan->at && *scan->at != '"') {
		if (*scan->at == '\\' && scan->at[1])
			copy_one(scan);
		copy_one(scan);
	}
	if (*scan->at)
		copy_one(scan);
}

static void copy_name(struct scan *scan)
{
	while (isalnum((unsigned char)*scan->at) || (*scan->at && strchr("-_*", *scan->at)))
		copy_one(scan);
}

/* Copies a number; one that takes more than 32 bits gets the L that makes libconfig read it whole. */
static void copy_number(struct scan *scan)
{
	bool hex = scan->at[0] == '0' && (scan->at[1] | 0x20) == 'x';
	char *end;
	errno = 0;
	long long value = strtoll(scan->at, &end, hex ? 16 : 10);
	bool whole = *end == 0 || !strchr(".eEL", *end);
	if (whole && errno == ERANGE) {
		qw_complain(scan->diags, QW_DIAG_ERROR, scan->name, scan->line, 0,
			    "the number %.*s is too large: it must fit into 64 bits", (int)(end - scan->at), scan->at);
		scan->failed = true;
	}
	while (scan->at < end)
		copy_one(scan);
	if (whole && (value > INT32_MAX || value < INT32_MIN))
		*scan->out++ = 'L';
	copy_name(scan); /* a suffix, or what libconfig will complain of */
}

static void copy_include(struct scan *scan)
{
	qw_complain(scan->diags, QW_DIAG_ERROR, scan->name, scan->line, 0,
		    "@include is not read here: put all settings into one file");
	scan->failed = true;
	copy_one(scan);
}

static bool starts_number(const char *at)
{
	return isdigit((unsigned char)at[0]) || ((at[0] == '-' || at[0] == '+') && isdigit((unsigned char)at[1]));
}

static void copy_piece(struct scan *scan)
{
	const char *at = scan->at;
	if (*at == '"')
		copy_string(scan);
	else if (*at == '#' || (at[0] == '/' && at[1] == '/'))
		copy_through(scan, "\n");
	else if (at[0] == '/' && at[1] == '*')
		copy_through(scan, "*/");
	else if (*at == '@')
		copy_include(scan);
	else if (starts_number(at))
		copy_number(scan);
	else if (isalpha((unsigned char)*at) || *at == '*')
		copy_name(scan);
	else
		copy_one(scan);
}

enum qw_err qw_config_prepare(char **out, const char *name, const char *text, struct qw_diags *diags)
{
	/* A number that gets its L has ten digits at least. */
	size_t len = strlen(text);
	char *copy = malloc(len + len / 10 + 2);
	if (!copy)
		return QW_ENOMEM;
	struct scan scan = {.at = text, .out = copy, .line = 1, .name = name, .diags = diags};
	while (*scan.at)
		copy_piece(&scan);
	*scan.out++ = '\n';
	*scan.out = 0;
	if (scan.failed) {
		free(copy);
		return QW_EFORMAT;
	}
	*out = copy;
	return QW_OK;
}
