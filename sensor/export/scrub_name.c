/* SPDX-License-Identifier: Apache-2.0 */
/* scrub_name - names of ours in text: below our domains, and those we were told. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sensor/export/scrub_parts.h"

enum { NAME_MIN = 2, BUCKETS = 4096 };

struct known {
	struct known *next;
	size_t len;
	char text[]; /* as it was told; found in any case */
};

/* By their first two characters; in a bucket the longest stands first. */
struct qw_scrub_names {
	size_t count;
	struct known *bucket[BUCKETS];
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Characters of host names; bytes of UTF-8 too. */
static bool is_label(uint8_t c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_' || c >= 0x80;
}

static bool is_letter(uint8_t c)
{
	return is_label(c) && c != '-' && c != '_';
}

static size_t bucket_of(const uint8_t *name)
{
	return (size_t)(lower(name[0]) * 131u + lower(name[1])) % BUCKETS;
}

/* ---- names that we were told */

enum qw_err qw_scrub_names_new(struct qw_scrub_names **out)
{
	struct qw_scrub_names *names = calloc(1, sizeof(*names));

	if (!names)
		return QW_ENOMEM;
	*out = names;
	return QW_OK;
}

void qw_scrub_names_free(struct qw_scrub_names *names)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (names->bucket[i]) {
			struct known *known = names->bucket[i];
			names->bucket[i] = known->next;
			free(known);
		}
	}
	free(names);
}

enum qw_err qw_scrub_names_add(struct qw_scrub_names *names, struct qw_slice name)
{
	if (name.len < NAME_MIN || name.len > QW_SCRUB_NAME_MAX)
		return QW_OK;
	struct known **place = &names->bucket[bucket_of(name.data)];
	for (; *place && (*place)->len >= name.len; place = &(*place)->next)
		if ((*place)->len == name.len && strncasecmp((*place)->text, (const char *)name.data, name.len) == 0)
			return QW_OK;
	if (names->count == QW_SCRUB_NAMES_MAX)
		return QW_ELIMIT;
	struct known *known = malloc(sizeof(*known) + name.len);
	if (!known)
		return QW_ENOMEM;
	known->len = name.len;
	memcpy(known->text, name.data, name.len);
	known->next = *place;
	*place = known;
	names->count++;
	return QW_OK;
}

/* It is no part of a longer word. */
static bool stands_alone(const struct qw_scrub_walk *walk, const struct known *known)
{
	const uint8_t *end = walk->at + known->len;
	bool begins = walk->at == walk->begin || !is_letter(walk->at[-1]) || !is_letter(walk->at[0]);

	return begins && (end == walk->end || !is_letter(end[0]) || !is_letter(end[-1]));
}

bool qw_scrub_walk_known(struct qw_scrub_walk *walk)
{
	size_t left = (size_t)(walk->end - walk->at);
	const struct qw_scrub_names *names = qw_scrub_names_of(walk->scrub);

	if (left < NAME_MIN || names->count == 0)
		return false;
	for (const struct known *known = names->bucket[bucket_of(walk->at)]; known; known = known->next) {
		if (known->len > left || strncasecmp((const char *)walk->at, known->text, known->len) != 0 || !stands_alone(walk, known))
			continue;
		qw_scrub_put_name(walk->scrub, qw_slice(known->text, known->len), walk->out);
		walk->at += known->len;
		walk->replaced++;
		return true;
	}
	return false;
}

/* ---- names under our domains */

/* Where the domain ends in the name, as whole labels and as far behind as it stands; 0: it does not. */
static size_t find_domain(struct qw_slice name, const char *domain)
{
	size_t len;

	while (*domain == '.')
		domain++;
	len = strlen(domain);
	for (size_t end = name.len; len && end >= len; end--) {
		size_t begin = end - len;
		if ((end == name.len || name.data[end] == '.') && (begin == 0 || name.data[begin - 1] == '.') &&
		    strncasecmp((const char *)name.data + begin, domain, len) == 0)
			return end;
	}
	return 0;
}

bool qw_scrub_walk_domain(struct qw_scrub_walk *walk)
{
	const struct qw_scrub_options *options = qw_scrub_options_of(walk->scrub);
	const uint8_t *end = walk->at;

	if (!is_label(*walk->at) || (walk->at > walk->begin && is_label(walk->at[-1])))
		return false;
	while (end < walk->end && (is_label(*end) || *end == '.'))
		end++;
	struct qw_slice name = qw_slice(walk->at, (size_t)(end - walk->at));
	for (size_t i = 0; i < options->domain_count; i++) {
		size_t len = find_domain(name, options->domains[i]);
		if (len == 0)
			continue;
		qw_scrub_put_name(walk->scrub, qw_slice(walk->at, len), walk->out);
		walk->at += len;
		walk->replaced++;
		return true;
	}
	return false;
}
