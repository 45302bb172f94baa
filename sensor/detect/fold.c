/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/fold.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum {
	PLACES = 4096,
	EVENT_MAX = 2048 - 32, /* larger events are not folded */
	TICK_PLACES = 16,      /* looked at in one tick */
};

/* What every match and every tick looks at; the events stand apart, so that this stays in the cache. */
struct place {
	uint64_t hash; /* 0: free */
	struct qw_time first, last;
	uint32_t waiting;
	uint32_t size; /* of the event */
};

struct sample {
	uint64_t event[EVENT_MAX / 8];
};

struct qw_fold {
	struct qw_fold_options options;
	struct qw_hash_key key;
	uint64_t folded;
	size_t hand; /* where the next tick begins */
	struct place *place;
	struct sample *sample;
};

enum qw_err qw_fold_new(struct qw_fold **out, const struct qw_fold_options *options)
{
	struct qw_fold *fold = calloc(1, sizeof(*fold));

	if (!fold)
		return QW_ENOMEM;
	fold->options = *options;
	fold->key = qw_hash_key_random();
	fold->place = calloc(PLACES, sizeof(*fold->place));
	fold->sample = calloc(PLACES, sizeof(*fold->sample));
	if (!fold->place || !fold->sample) {
		qw_fold_free(fold);
		return QW_ENOMEM;
	}
	*out = fold;
	return QW_OK;
}

/* Writes the count into the event's own field; an event that is folded has one. */
static void set_count(struct qw_event *event, uint64_t count)
{
	size_t at = 0;

	while (at + 4 <= event->len) {
		uint16_t head[2];
		memcpy(head, event->body + at, sizeof(head));
		if (head[0] == QW_KEY_COUNT_ADDED && head[1] == sizeof(count)) {
			memcpy(event->body + at + 4, &count, sizeof(count));
			return;
		}
		at += 4 + ((size_t)head[1] + 3) / 4 * 4;
	}
}

static void flush(struct qw_fold *fold, struct place *place)
{
	if (place->hash && place->waiting) {
		struct qw_event *event = (struct qw_event *)fold->sample[place - fold->place].event;
		set_count(event, place->waiting);
		event->time_ns = place->last.ns;
		fold->options.emit(fold->options.ctx, event, place->size);
	}
	place->hash = 0;
	place->waiting = 0;
}

void qw_fold_free(struct qw_fold *fold)
{
	if (!fold)
		return;
	free(fold->place);
	free(fold->sample);
	free(fold);
}

void qw_fold_flush(struct qw_fold *fold)
{
	for (size_t i = 0; i < PLACES; i++)
		flush(fold, &fold->place[i]);
}

uint64_t qw_fold_hash(const struct qw_fold *fold, uint64_t what, const struct qw_address *src, const struct qw_address *dst)
{
	struct {
		uint64_t what;
		struct qw_address src, dst;
	} input = {what, *src, *dst};

	return qw_siphash(fold->key, &input, sizeof(input)) | 1;
}

bool qw_fold_count(struct qw_fold *fold, uint64_t hash, struct qw_time now)
{
	struct place *place = &fold->place[(hash >> 8) & (PLACES - 1)];

	if (fold->options.span.ns == 0 || place->hash != hash)
		return false;
	if (now.ns - place->first.ns >= fold->options.span.ns) {
		flush(fold, place);
		return false;
	}
	place->waiting++;
	place->last = now;
	fold->folded++;
	return true;
}

void qw_fold_begin(struct qw_fold *fold, uint64_t hash, struct qw_time now, const struct qw_event *event, size_t size)
{
	struct place *place = &fold->place[(hash >> 8) & (PLACES - 1)];

	if (fold->options.span.ns == 0 || size > EVENT_MAX)
		return;
	flush(fold, place);
	place->hash = hash;
	place->first = place->last = now;
	place->size = (uint32_t)size;
	memcpy(fold->sample[place - fold->place].event, event, size);
}

void qw_fold_tick(struct qw_fold *fold, struct qw_time now)
{
	for (size_t i = 0; i < TICK_PLACES; i++) {
		struct place *place = &fold->place[fold->hand];
		fold->hand = (fold->hand + 1) & (PLACES - 1);
		if (place->hash && now.ns - place->first.ns >= fold->options.span.ns)
			flush(fold, place);
	}
}

uint64_t qw_fold_folded(const struct qw_fold *fold)
{
	return fold->folded;
}
