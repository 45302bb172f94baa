/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/marks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"
#include "quaywatch/text.h"

/* Open addressing over pointers; at most half full. */
struct qw_marks {
	struct qw_hash_key key;
	struct qw_stream **slot;
	size_t mask, count;
};

enum { SLOTS_START = 256 };

static uint64_t hash_of(const struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch)
{
	struct {
		struct qw_identity who;
		char pad[6];
		uint64_t epoch;
	} key;

	memset(&key, 0, sizeof(key));
	strcpy(key.who.tenant, who->tenant);
	strcpy(key.who.sensor, who->sensor);
	key.epoch = epoch;
	return qw_siphash(marks->key, &key, sizeof(key));
}

static bool is_same(const struct qw_identity *a, const struct qw_identity *b)
{
	return strcmp(a->sensor, b->sensor) == 0 && strcmp(a->tenant, b->tenant) == 0;
}

static size_t place_of(const struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch)
{
	size_t at = (size_t)hash_of(marks, who, epoch) & marks->mask;

	while (marks->slot[at] && !(marks->slot[at]->epoch == epoch && is_same(&marks->slot[at]->who, who)))
		at = (at + 1) & marks->mask;
	return at;
}

enum qw_err qw_marks_new(struct qw_marks **out)
{
	struct qw_marks *marks = calloc(1, sizeof(*marks));

	if (!marks)
		return QW_ENOMEM;
	marks->key = qw_hash_key_random();
	marks->mask = SLOTS_START - 1;
	marks->slot = calloc(SLOTS_START, sizeof(struct qw_stream *));
	if (!marks->slot) {
		free(marks);
		return QW_ENOMEM;
	}
	*out = marks;
	return QW_OK;
}

void qw_marks_free(struct qw_marks *marks)
{
	if (!marks)
		return;
	for (size_t i = 0; i <= marks->mask; i++)
		free(marks->slot[i]);
	free(marks->slot);
	free(marks);
}

size_t qw_marks_count(const struct qw_marks *marks)
{
	return marks->count;
}

struct qw_stream *qw_marks_find(const struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch)
{
	return marks->slot[place_of(marks, who, epoch)];
}

static enum qw_err rehash(struct qw_marks *marks, size_t slots)
{
	struct qw_stream **old = marks->slot;
	size_t old_mask = marks->mask;
	struct qw_stream **slot = calloc(slots, sizeof(struct qw_stream *));

	if (!slot)
		return QW_ENOMEM;
	marks->slot = slot;
	marks->mask = slots - 1;
	for (size_t i = 0; i <= old_mask; i++)
		if (old[i])
			slot[place_of(marks, &old[i]->who, old[i]->epoch)] = old[i];
	free(old);
	return QW_OK;
}

static bool waits(const struct qw_stream *stream)
{
	return stream->taken > stream->durable;
}

/* Makes room among the sensor's own streams: the one that was used least lately goes. */
static enum qw_err push_out(struct qw_marks *marks, const struct qw_identity *who)
{
	size_t mine = 0, oldest = 0;
	bool found = false;

	for (size_t i = 0; i <= marks->mask; i++) {
		const struct qw_stream *stream = marks->slot[i];
		if (!stream || !is_same(&stream->who, who))
			continue;
		mine++;
		if (!waits(stream) && (!found || stream->used.ns < marks->slot[oldest]->used.ns)) {
			oldest = i;
			found = true;
		}
	}
	if (mine < QW_STREAMS_PER_SENSOR)
		return QW_OK;
	if (!found)
		return QW_EAGAIN;
	free(marks->slot[oldest]);
	marks->slot[oldest] = NULL;
	marks->count--;
	return rehash(marks, marks->mask + 1); /* a hole would break the runs of others */
}

enum qw_err qw_marks_get(struct qw_stream **out, struct qw_marks *marks, const struct qw_identity *who, uint64_t epoch,
			 struct qw_time now)
{
	struct qw_stream *stream = qw_marks_find(marks, who, epoch);

	if (stream) {
		*out = stream;
		return QW_OK;
	}
	enum qw_err err = push_out(marks, who);
	if (err == QW_OK && (marks->count + 1) * 2 > marks->mask)
		err = rehash(marks, (marks->mask + 1) * 2);
	if (err != QW_OK)
		return err;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return QW_ENOMEM;
	stream->who = *who;
	stream->epoch = epoch;
	stream->used = now;
	marks->slot[place_of(marks, who, epoch)] = stream;
	marks->count++;
	*out = stream;
	return QW_OK;
}

size_t qw_marks_slots(const struct qw_marks *marks)
{
	return marks->mask + 1;
}

const struct qw_stream *qw_marks_at(const struct qw_marks *marks, size_t slot)
{
	return marks->slot[slot];
}

/* ---- from the journal */

/* Moves behind `word` if it comes next. */
static bool take_word(struct qw_bytes *in, const char *word)
{
	size_t len = strlen(word);

	if (in->left < len || memcmp(in->at, word, len) != 0)
		return false;
	return qw_bytes_skip(in, len);
}

/* A string without escapes, up to its closing quote, which is taken too. */
static bool take_string(struct qw_bytes *in, char *out, size_t size)
{
	const uint8_t *quote = memchr(in->at, '"', in->left);
	size_t len = quote ? (size_t)(quote - in->at) : 0;

	if (!quote || len >= size)
		return false;
	memcpy(out, in->at, len);
	out[len] = '\0';
	return qw_bytes_skip(in, len + 1);
}

static bool take_number(struct qw_bytes *in, uint64_t *out)
{
	uint64_t value = 0;
	unsigned digits = 0;

	for (; in->left > 0 && in->at[0] >= '0' && in->at[0] <= '9' && digits < 20; digits++) {
		value = value * 10 + (in->at[0] - '0');
		in->at++;
		in->left--;
	}
	*out = value;
	return digits > 0;
}

/*
 * The object that intake put last.  It holds no such text itself (within
 * strings quotes are escaped), so the last one of the line is ours.
 */
static bool find_ours(const char *line, size_t len, struct qw_bytes *out)
{
	static const char word[] = "\"quaywatch\":{\"origin\":\"";
	size_t word_len = sizeof(word) - 1;

	for (const char *end = line + len;;) {
		const char *quote = memrchr(line, '{', (size_t)(end - line));
		if (!quote)
			return false;
		size_t before = (size_t)(quote - line), head = word_len - sizeof("\"origin\":\"") + 1;
		if (before + 1 >= head) {
			*out = qw_bytes(quote + 1 - head, len - (before + 1 - head));
			if (take_word(out, word))
				return true;
		}
		end = quote;
	}
}

void qw_marks_replay(struct qw_marks *marks, const char *line, size_t len, struct qw_time now)
{
	struct qw_identity who;
	struct qw_bytes in, hex;
	struct qw_stream *stream;
	uint8_t epoch[8];
	uint64_t sequence;
	char origin[16];

	if (!find_ours(line, len, &in) || !take_string(&in, origin, sizeof(origin)))
		return;
	if (!take_word(&in, ",\"tenant\":\"") || !take_string(&in, who.tenant, sizeof(who.tenant)))
		return;
	if (!take_word(&in, ",\"sensor\":\"") || !take_string(&in, who.sensor, sizeof(who.sensor)))
		return;
	if (!take_word(&in, ",\"epoch\":\"") || !qw_bytes_take(&in, 16, &hex) ||
	    !qw_hex_decode((const char *)hex.at, 16, epoch))
		return;
	if (!take_word(&in, "\",\"seq\":") || !take_number(&in, &sequence))
		return;
	if (qw_marks_get(&stream, marks, &who, qw_be64(epoch), now) != QW_OK)
		return;
	if (sequence > stream->taken)
		stream->taken = stream->durable = sequence;
}
