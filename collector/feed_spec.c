/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feed_spec.h"

#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum word_type { WORD_TEXT, WORD_NUMBER, WORD_LABEL, WORD_KIND, WORD_FLAG };

#define TEXT(member)   WORD_TEXT, offsetof(struct qw_feed_spec, member), sizeof(((struct qw_feed_spec *)0)->member)
#define NUMBER(member) WORD_NUMBER, offsetof(struct qw_feed_spec, member), 0

static const struct {
	const char *name;
	enum word_type type;
	size_t offset, size;
	uint64_t initial, least, most;
} words[] = {
    {"place", TEXT(place), 0, 0, 0},
    {"kind", WORD_KIND, offsetof(struct qw_feed_spec, kind), 0, QW_FEED_KIND_AUTO, 0, 0},
    {"tenant", TEXT(tenant), 0, 0, 0},
    {"source", TEXT(source), 0, 0, 0},
    {"every", NUMBER(every), 3600, 0, 31536000},
    {"confidence", NUMBER(confidence), 50, 0, 100},
    {"tlp", WORD_LABEL, offsetof(struct qw_feed_spec, tlp), 0, QW_TLP_GREEN, 0, 0},
    {"days", NUMBER(days), 30, 0, 3650},
    {"keep", NUMBER(keep), 50, 0, 100},
    {"most", NUMBER(most), 2000000, 1, 20000000},
    {"megabytes", NUMBER(megabytes), 512, 1, 4096},
    {"timeout", NUMBER(timeout), 300, 1, 86400},
    {"headers", TEXT(headers), 0, 0, 0},
    {"authority", TEXT(authority), 0, 0, 0},
    {"etag", TEXT(etag), 0, 0, 0},
    {"modified", TEXT(modified), 0, 0, 0},
    {"shrunk", WORD_FLAG, offsetof(struct qw_feed_spec, shrunk), 0, 0, 0, 0},
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };
static_assert(sizeof(words) / sizeof(words[0]) <= (size_t)QW_FEED_WORDS, "a spec has more words than fit");

static const char *const kinds[QW_FEED_KIND_COUNT] = {"auto", "taxii", "misp"};

static void *member(struct qw_feed_spec *spec, size_t row)
{
	return (char *)spec + words[row].offset;
}

static const void *member_of(const struct qw_feed_spec *spec, size_t row)
{
	return (const char *)spec + words[row].offset;
}

bool qw_feed_spec_init(struct qw_feed_spec *out, const char *name)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < WORDS; i++) {
		if (words[i].type == WORD_NUMBER || words[i].type == WORD_KIND)
			*(uint64_t *)member(out, i) = words[i].initial;
	}
	out->tlp = QW_TLP_GREEN;
	if (!qw_name_is_valid(name))
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	return true;
}

/* ---- a word */

static bool number_of(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	uint64_t value = 0;

	if (!*text || strlen(text) > 12)
		return false;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*out = value;
	return value >= least && value <= most;
}

static bool kind_of(const char *text, uint64_t *out)
{
	for (*out = 0; *out < QW_FEED_KIND_COUNT; (*out)++)
		if (strcmp(text, kinds[*out]) == 0)
			return true;
	return false;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static bool set_word(struct qw_feed_spec *spec, size_t row, const char *value, char why[QW_FEED_WHY_MAX])
{
	switch (words[row].type) {
	case WORD_TEXT:
		snprintf(why, QW_FEED_WHY_MAX, "%s=: at most %zu printable characters", words[row].name, words[row].size - 1);
		if (strlen(value) >= words[row].size || !is_printable(value))
			return false;
		memcpy(member(spec, row), value, strlen(value) + 1);
		return true;
	case WORD_NUMBER:
		snprintf(why, QW_FEED_WHY_MAX, "%s=%.40s: a number from %llu to %llu", words[row].name, value,
			 (unsigned long long)words[row].least, (unsigned long long)words[row].most);
		return number_of(value, words[row].least, words[row].most, member(spec, row));
	case WORD_LABEL:
		snprintf(why, QW_FEED_WHY_MAX, "tlp=%.40s: one of clear, green, amber, amber+strict", value);
		spec->tlp = qw_tlp_parse(value, strlen(value));
		return spec->tlp < QW_TLP_RED;
	case WORD_KIND:
		snprintf(why, QW_FEED_WHY_MAX,
			 "kind=%.40s: auto (what comes tells), taxii (a TAXII 2.1 collection), misp (a MISP feed's folder)",
			 value);
		return kind_of(value, member(spec, row));
	case WORD_FLAG:
		*(bool *)member(spec, row) = strcmp(value, "yes") == 0;
		return true;
	default: return false;
	}
}

bool qw_feed_spec_word(struct qw_feed_spec *spec, const char *word, char why[QW_FEED_WHY_MAX])
{
	size_t len = strcspn(word, "=");

	for (size_t row = 0; row < WORDS; row++)
		if (word[len] == '=' && strlen(words[row].name) == len && memcmp(words[row].name, word, len) == 0)
			return set_word(spec, row, word + len + 1, why);
	snprintf(why, QW_FEED_WHY_MAX,
		 "\"%.80s\" is not understood; there are place=, kind=, tenant=, source=, every= (seconds), confidence=, tlp=, days=, "
		 "keep= (percent), most= (entries), megabytes=, timeout=, headers=FILE, authority=FILE",
		 word);
	return false;
}

/* ---- all of them */

bool qw_feed_is_remote(const struct qw_feed_spec *spec)
{
	return strncasecmp(spec->place, "http://", 7) == 0 || strncasecmp(spec->place, "https://", 8) == 0;
}

bool qw_feed_spec_check(const struct qw_feed_spec *spec, char why[QW_FEED_WHY_MAX])
{
	const char *wrong = NULL;

	if (!qw_feed_is_remote(spec) && spec->place[0] != '/')
		wrong = "place=: the whole path of a file or folder (/var/lib/feeds/ip.txt), or an address that begins with "
			"http:// or https://";
	else if (spec->kind == QW_FEED_KIND_TAXII && !qw_feed_is_remote(spec))
		wrong = "kind=taxii: place= is the collection's address, https://HOST/API-ROOT/collections/ID/";
	else if (spec->tenant[0] && !qw_name_is_tenant(spec->tenant))
		wrong = "tenant=: not a tenant's name";
	else if (spec->every > 0 && spec->every < 10)
		wrong = "every=: 10 seconds at least; 0: by hand only";
	else if (spec->headers[0] && strncasecmp(spec->place, "http://", 7) == 0 &&
		 strncasecmp(spec->place, "http://127.", 11) != 0)
		wrong = "headers=: what is secret does not go over http://; use https://";
	if (wrong)
		snprintf(why, QW_FEED_WHY_MAX, "%s", wrong);
	return wrong == NULL;
}

static bool write_word(const struct qw_feed_spec *spec, size_t row, char out[QW_FEED_WORD_MAX])
{
	uint64_t number = 0;

	switch (words[row].type) {
	case WORD_TEXT:
		snprintf(out, QW_FEED_WORD_MAX, "%s=%s", words[row].name, (const char *)member_of(spec, row));
		return *(const char *)member_of(spec, row) != '\0';
	case WORD_LABEL: snprintf(out, QW_FEED_WORD_MAX, "tlp=%s", qw_tlp_name(spec->tlp)); return spec->tlp != QW_TLP_GREEN;
	case WORD_FLAG: snprintf(out, QW_FEED_WORD_MAX, "shrunk=yes"); return spec->shrunk;
	default: break;
	}
	memcpy(&number, member_of(spec, row), sizeof(number));
	if (words[row].type == WORD_KIND)
		snprintf(out, QW_FEED_WORD_MAX, "kind=%s", kinds[number]);
	else
		snprintf(out, QW_FEED_WORD_MAX, "%s=%llu", words[row].name, (unsigned long long)number);
	return number != words[row].initial;
}

size_t qw_feed_spec_words(const struct qw_feed_spec *spec, char out[QW_FEED_WORDS][QW_FEED_WORD_MAX])
{
	size_t count = 0;

	for (size_t row = 0; row < WORDS; row++)
		count += write_word(spec, row, out[count]);
	return count;
}

bool qw_feed_spec_list(struct qw_feed_spec *spec, const char *list, char why[QW_FEED_WHY_MAX])
{
	char word[QW_FEED_WORD_MAX];

	list += *list == '[';
	while (*list && *list != ']') {
		size_t len = strcspn(list, ",");
		if (list[len] == '\0' && len > 0 && list[len - 1] == ']')
			len--;
		snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), list);
		if (!qw_feed_spec_word(spec, word, why))
			return false;
		list += len;
		list += *list == ',';
	}
	return true;
}
