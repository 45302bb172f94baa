/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/beats.h"

#include <string.h>

#include "quaywatch/text.h"

enum {
	UNSTEADY_MAX = 3, /* tellings in a row */
	SHIFTED_MIN = 3,
	PERIOD_MAX_S = 300,
	PERIODS_MIN = 5,
	SLACK_S = 2,
	PATIENCE_FACTOR = 10,
	PATIENCE_LEAST_S = 5,
	AGAIN_S = 70, /* in which what goes on is told again */
};

/* What is told under whatever print. */
struct meaning {
	uint64_t key;
	uint64_t print; /* told last */
	struct qw_time told;
};

enum qw_err qw_beats_init(struct qw_beats *beats, size_t max)
{
	struct qw_shelf_options beat = {sizeof(uint64_t), sizeof(struct qw_beat), max, NULL, NULL};
	struct qw_shelf_options pair = {sizeof(struct qw_pair_key), sizeof(struct qw_pair), max, NULL, NULL};
	struct qw_shelf_options meaning = {sizeof(uint64_t), sizeof(struct meaning), max, NULL, NULL};

	beats->key = qw_hash_key_random();
	enum qw_err err = qw_shelf_new(&beats->beat, &beat);

	if (err == QW_OK)
		err = qw_shelf_new(&beats->pair, &pair);
	if (err == QW_OK)
		err = qw_shelf_new(&beats->meaning, &meaning);
	return err;
}

void qw_beats_fini(struct qw_beats *beats)
{
	qw_shelf_free(beats->meaning);
	qw_shelf_free(beats->pair);
	qw_shelf_free(beats->beat);
}

/* ---- what a message means */

static struct qw_pair_key key_of(const struct qw_seen *seen)
{
	return (struct qw_pair_key){qw_host_of_end(qw_seen_client(seen)), qw_host_of_end(qw_seen_server(seen))};
}

static uint64_t add_slice(const struct qw_beats *beats, uint64_t sum, struct qw_slice text)
{
	return qw_hash_add(beats->key, qw_hash_step(sum, beats->key.k0 ^ text.len), text.data, text.len);
}

/* Keyed: nobody can make two messages that mean different things one. */
static uint64_t meaning_of(const struct qw_beats *beats, const struct qw_seen *seen, const struct qw_pair_key *key)
{
	const struct qw_seen_ot *ot = &seen->ot;
	const uint64_t numbers[] = {(uint64_t)ot->function, (uint64_t)ot->service, ot->unit, ot->address, ot->quantity,
				    ot->response, seen->vlan, qw_seen_server(seen)->port};
	uint64_t sum = qw_hash_bytes(beats->key, key, sizeof(*key));

	sum = qw_hash_add(beats->key, sum, (const uint8_t *)numbers, sizeof(numbers));
	sum = add_slice(beats, sum, ot->protocol);
	sum = add_slice(beats, sum, ot->kind);
	return add_slice(beats, sum, ot->objects);
}

static void say_range(struct qw_text *text, const struct qw_seen_ot *ot)
{
	struct qw_range range = qw_range_of(ot);

	qw_text_format(text, " %llu", (unsigned long long)range.first);
	if (range.last != range.first)
		qw_text_format(text, "-%llu", (unsigned long long)range.last);
}

static void say_what(struct qw_beat *beat, const struct qw_seen_ot *ot)
{
	const struct qw_slice *name = ot->name.len ? &ot->name : &ot->kind;
	struct qw_text text;

	qw_text_init(&text, beat->what, sizeof(beat->what));
	qw_text_put(&text, ot->protocol.data, ot->protocol.len);
	if (name->len) {
		qw_text_char(&text, ' ');
		qw_text_put(&text, name->data, name->len);
	} else if (ot->function >= 0) {
		qw_text_format(&text, " function %lld", (long long)ot->function);
	}
	if (ot->response)
		qw_text_format(&text, " (answer)");
	if (ot->has_unit)
		qw_text_format(&text, " unit %llu", (unsigned long long)ot->unit);
	if (ot->has_address)
		say_range(&text, ot);
	(void)qw_text_string(&text);
}

/* ---- pairs */

struct qw_pair *qw_beats_pair(const struct qw_beats *beats, const struct qw_pair_key *key)
{
	return qw_shelf_find(beats->pair, key);
}

void qw_beats_flow(struct qw_beats *beats, const struct qw_seen *seen)
{
	struct qw_pair_key key = key_of(seen);
	struct qw_pair *pair = qw_beats_pair(beats, &key);

	if (pair && seen->flow.begins && seen->flow.packets[1] > 0 && seen->flow.verdict != QW_SEEN_SILENT)
		pair->connected = seen->flow.start.ns ? seen->flow.start : seen->time;
}

/* ---- tellings */

struct qw_beat *qw_beats_find(const struct qw_beats *beats, uint64_t print)
{
	return qw_shelf_find(beats->beat, &print);
}

struct qw_time qw_beat_patience(const struct qw_beat *beat)
{
	struct qw_time least = qw_time_seconds(PATIENCE_LEAST_S), wait = qw_time_ns(beat->longest.ns * PATIENCE_FACTOR);

	return qw_time_before(wait, least) ? least : wait;
}

static bool is_steady(struct qw_time period, struct qw_time longest)
{
	int64_t slack = period.ns > SLACK_S * QW_NS_PER_S ? period.ns : SLACK_S * QW_NS_PER_S;

	return period.ns > 0 && period.ns <= PERIOD_MAX_S * QW_NS_PER_S && longest.ns <= period.ns + slack;
}

/* Of another print with the same meaning, what it had learnt.  True: that one is silent. */
static bool inherit(struct qw_beats *beats, struct qw_beat *beat, const struct meaning *meaning)
{
	const struct qw_beat *before = meaning->print ? qw_beats_find(beats, meaning->print) : NULL;

	if (!before || before == beat || before->meaning != beat->meaning)
		return false;
	beat->state = before->state == QW_BEAT_LEARNING ? QW_BEAT_LEARNING : QW_BEAT_CYCLIC;
	beat->steady_since = before->steady_since;
	beat->period = before->period;
	beat->longest = before->longest;
	return before->state == QW_BEAT_SILENT;
}

static void learn(const struct qw_beats *beats, struct qw_beat *beat, struct qw_time now, struct qw_time period)
{
	if (beat->steady_since.ns == 0)
		beat->steady_since = beat->told;
	beat->period = period;
	if (now.ns - beat->steady_since.ns >= beats->learn.ns && now.ns - beat->steady_since.ns >= period.ns * PERIODS_MIN)
		beat->state = QW_BEAT_CYCLIC;
}

static bool is_shift(const struct qw_beats *beats, struct qw_time before, struct qw_time now)
{
	double slow = (double)before.ns * (double)beats->factor / 100, fast = (double)before.ns * 100 / (double)beats->factor;

	return (double)now.ns > slow || (double)now.ns < fast;
}

static void compare(const struct qw_beats *beats, struct qw_telling *telling, struct qw_time period)
{
	struct qw_beat *beat = telling->beat;

	beat->shifted = is_shift(beats, beat->period, period) ? beat->shifted + 1 : 0;
	if (beat->shifted < SHIFTED_MIN)
		return;
	telling->news = QW_BEAT_SHIFTED;
	telling->before = beat->period;
	beat->period = period;
	beat->shifted = 0;
}

static void forget(struct qw_beat *beat)
{
	beat->state = QW_BEAT_LEARNING;
	beat->steady_since = (struct qw_time){0};
	beat->unsteady = beat->shifted = 0;
}

/* It came so often since it was told last. */
static void judge(const struct qw_beats *beats, struct qw_telling *telling, const struct qw_seen *seen)
{
	struct qw_beat *beat = telling->beat;
	struct qw_time period = qw_time_ns((seen->time.ns - beat->told.ns) / (int64_t)seen->repeats);

	if (!is_steady(period, seen->longest)) {
		if (beat->state == QW_BEAT_LEARNING || ++beat->unsteady == UNSTEADY_MAX)
			forget(beat);
		return;
	}
	beat->unsteady = 0;
	beat->longest = seen->longest;
	if (beat->state == QW_BEAT_LEARNING)
		learn(beats, beat, seen->time, period);
	else
		compare(beats, telling, period);
}

/* Of the message itself and of its pair the rows, seen now; NULL: no memory. */
static struct qw_beat *get_rows(struct qw_beats *beats, const struct qw_seen *seen, const struct qw_pair_key *key, struct qw_telling *telling)
{
	bool pushed[2] = {false, false};
	struct qw_pair *pair = qw_shelf_get(beats->pair, key, &pushed[0]);
	struct qw_beat *beat = pair ? qw_shelf_get(beats->beat, &seen->print, &pushed[1]) : NULL;

	telling->lost += (unsigned)pushed[0] + pushed[1] + !beat;
	if (!pair)
		return NULL;
	pair->client = *qw_seen_client(seen);
	pair->client.port = 0;
	pair->server = *qw_seen_server(seen);
	return beat;
}

static struct meaning *get_meaning(struct qw_beats *beats, uint64_t number, struct qw_telling *telling)
{
	bool pushed;
	struct meaning *meaning = qw_shelf_get(beats->meaning, &number, &pushed);

	telling->lost += (unsigned)pushed + !meaning;
	return meaning;
}

/* A message that has no row yet.  What comes for the first time gets one only if it was told under another print. */
static struct qw_beat *begin_beat(struct qw_beats *beats, const struct qw_seen *seen, struct qw_telling *telling)
{
	struct qw_pair_key key = key_of(seen);

	if (!seen->repeats && qw_shelf_count(beats->meaning) == 0)
		return NULL;
	uint64_t number = meaning_of(beats, seen, &key);
	if (!seen->repeats && !qw_shelf_find(beats->meaning, &number))
		return NULL;
	struct meaning *meaning = get_meaning(beats, number, telling);
	struct qw_beat *beat = meaning ? get_rows(beats, seen, &key, telling) : NULL;
	if (!beat)
		return NULL;
	*beat = (struct qw_beat){.print = seen->print, .meaning = number, .pair = key};
	beat->told = seen->repeats ? qw_time_sub(seen->time, seen->since) : (struct qw_time){0};
	say_what(beat, &seen->ot);
	if (inherit(beats, beat, meaning))
		telling->news = QW_BEAT_BACK;
	meaning->print = seen->print;
	meaning->told = seen->time;
	return beat;
}

static struct qw_beat *go_on(struct qw_beats *beats, const struct qw_seen *seen, const struct qw_beat *known, struct qw_telling *telling)
{
	struct meaning *meaning = get_meaning(beats, known->meaning, telling);

	if (!meaning)
		return NULL;
	meaning->print = seen->print;
	meaning->told = seen->time;
	return get_rows(beats, seen, &known->pair, telling);
}

static struct qw_beat *get_beat(struct qw_beats *beats, const struct qw_seen *seen, struct qw_telling *telling)
{
	const struct qw_beat *known = qw_beats_find(beats, seen->print);

	return known ? go_on(beats, seen, known, telling) : begin_beat(beats, seen, telling);
}

struct qw_telling qw_beats_tell(struct qw_beats *beats, const struct qw_seen *seen)
{
	struct qw_telling telling = {0};
	struct qw_beat *beat = get_beat(beats, seen, &telling);

	telling.beat = beat;
	if (!beat)
		return telling;
	bool follows = beat->told.ns && !qw_time_before(beat->told, beats->resumed) && qw_time_before(beat->told, seen->time);
	if (beat->state == QW_BEAT_SILENT || beat->state == QW_BEAT_PENDING) {
		beat->state = QW_BEAT_CYCLIC;
		telling.news = QW_BEAT_BACK;
	} else if (follows && seen->repeats) {
		judge(beats, &telling, seen);
	}
	beat->told = seen->time;
	return telling;
}

bool qw_beats_goes_on(const struct qw_beats *beats, const struct qw_beat *beat)
{
	const struct meaning *meaning = qw_shelf_find(beats->meaning, &beat->meaning);
	const struct qw_beat *other = meaning && meaning->print != beat->print ? qw_beats_find(beats, meaning->print) : NULL;

	return other && other->meaning == beat->meaning && other->state != QW_BEAT_PENDING && other->state != QW_BEAT_SILENT &&
	       meaning->told.ns + AGAIN_S * QW_NS_PER_S >= beat->silent_since.ns;
}
