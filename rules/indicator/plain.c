/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain lists, one value a line:
 *
 *	# comment, also with ';'
 *	evil.example            # comment after a blank
 *	evil.example;comment    (LOKI's lists; not inside a URL, where ';' is a character)
 *	0.0.0.0 evil.example    (hosts files; several names may follow)
 *	192.0.2.1:443           (Maltrail; also "/path", "host/path", "192.0.2.0/24")
 */
#include "rules/indicator/reader.h"

#include <strings.h>

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Up to a blank that a comment follows. */
static struct qw_slice cut_comment(struct qw_slice line)
{
	for (size_t i = 1; i < line.len; i++)
		if ((line.data[i] == '#' || line.data[i] == ';') && is_blank(line.data[i - 1]))
			return qw_slice_trim(qw_slice(line.data, i));
	return line;
}

/* "value;comment", unless ';' may belong to a path. */
static struct qw_slice cut_field(struct qw_slice line)
{
	const uint8_t *end = memchr(line.data, ';', line.len);
	if (!end)
		return line;
	struct qw_slice value = qw_slice(line.data, (size_t)(end - line.data));
	const uint8_t *slash = value.len ? memchr(value.data, '/', value.len) : NULL;
	bool block =
		slash && slash > value.data && strspn((const char *)value.data, "0123456789abcdefABCDEF:./") >= value.len;
	return !slash || block ? qw_slice_trim(value) : line;
}

static struct qw_slice next_word(struct qw_slice *rest)
{
	*rest = qw_slice_trim(*rest);
	size_t len = 0;
	while (len < rest->len && !is_blank(rest->data[len]))
		len++;
	struct qw_slice word = qw_slice(rest->data, len);
	*rest = qw_slice(rest->data + len, rest->len - len);
	return word;
}

static bool is_one_of(struct qw_slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (qw_slice_equals(word, words[i]))
			return true;
	return false;
}

/* The addresses that hosts files send bad names to. */
static bool is_nowhere(struct qw_slice word)
{
	static const char *const WORDS[] = {"0.0.0.0", "127.0.0.1",      "::", "::1", "fe80::1%lo0",
						"ff02::1", "255.255.255.255"};
	return is_one_of(word, WORDS, sizeof(WORDS) / sizeof(*WORDS));
}

/* What every hosts file names for its own machine. */
static bool is_own_name(struct qw_slice word)
{
	static const char *const WORDS[] = {"localhost",     "localhost.localdomain", "local",        "broadcasthost",
						"0.0.0.0",       "ip6-localhost",         "ip6-loopback", "ip6-allnodes",
						"ip6-allrouters"};
	return is_one_of(word, WORDS, sizeof(WORDS) / sizeof(*WORDS));
}

static uint32_t column_of(struct qw_slice line, struct qw_slice value)
{
	return (uint32_t)(value.data - line.data) + 1;
}

static enum qw_err read_hosts(struct qw_reader *reader, struct qw_slice line, struct qw_slice names, uint32_t number)
{
	enum qw_err err = QW_OK;
	for (struct qw_slice word; err == QW_OK && (word = next_word(&names)).len;) {
		if (is_own_name(word))
			reader->counts->ignored++;
		else
			err = qw_reader_value(reader, QW_OBS_DOMAIN, (const char *)word.data, word.len, number,
					      column_of(line, word));
	}
	return err;
}

static enum qw_err read_line(struct qw_reader *reader, struct qw_slice line, uint32_t number)
{
	struct qw_slice value = qw_slice_trim(line);
	if (value.len == 0 || value.data[0] == '#' || value.data[0] == ';')
		return QW_OK;
	value = cut_field(cut_comment(value));
	struct qw_slice rest = value;
	struct qw_slice word = next_word(&rest);
	if (rest.len && is_nowhere(word))
		return read_hosts(reader, line, rest, number);
	return qw_reader_value(reader, qw_reader_guess(reader, value), (const char *)value.data, value.len, number,
			       column_of(line, value));
}

enum qw_err qw_read_plain(struct qw_reader *reader)
{
	struct qw_slice rest = qw_skip_mark(qw_slice(reader->data, reader->len)), line;
	uint32_t number = 0;
	enum qw_err err = QW_OK;

	qw_reader_reset(reader);
	while (err == QW_OK && qw_next_line(&rest, &line))
		err = read_line(reader, line, ++number);
	return err;
}
