/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/judge.h"

#include <string.h>

#include "quaywatch/text.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/roles.h"

enum {
	PORT_GIVEN_OUT = 32768, /* from here on systems give ports to whoever asks for one */
	FORWARD_OPEN = 0x54,
	LARGE_FORWARD_OPEN = 0x5b,
};

/* One event at work. */
struct work {
	const struct qw_judge *judge;
	const struct qw_seen *seen;
	bool learning;
	struct qw_judged verdict;
};

/* ---- whom it is about */

static bool is_link_local(const struct qw_address *address)
{
	const uint8_t *bytes = address->bytes;

	return qw_address_is_v4(address) ? bytes[12] == 169 && bytes[13] == 254 : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

/* One host: not many, not nobody, and not one that is about to get an address. */
static bool is_host(const struct qw_seen_end *end)
{
	bool broadcast = qw_address_is_v4(&end->address) && end->address.bytes[15] == 255;

	return end->known && !broadcast && !is_link_local(&end->address) && qw_host_is_one(&end->address);
}

static bool is_home(const struct work *work, const struct qw_seen_end *end)
{
	return qw_world_is_home(work->judge->world, &end->address);
}

static struct qw_habit_key asset_key(const struct qw_seen_end *end)
{
	return (struct qw_habit_key){.kind = QW_HABIT_ASSET, .client = end->address};
}

/* It speaks an industrial protocol, as a device or as who asks devices. */
static bool is_machine(const struct work *work, const struct qw_seen_end *end)
{
	struct qw_habit_key key = asset_key(end);
	const struct qw_habit *habit = qw_habit_find(work->judge->list, &key);

	return (habit && habit->machine) || qw_world_is_ot(work->judge->world, &end->address);
}

/* ---- keys */

/* As much of it as there is room for. */
static void put_part(struct qw_text *text, struct qw_slice part)
{
	size_t room = text->size - text->len;

	if (part.len)
		qw_text_put(text, part.data, part.len < room ? part.len : room);
}

static void put_text(char *out, size_t size, struct qw_slice first, struct qw_slice second)
{
	struct qw_text text;

	qw_text_init(&text, out, size - 1);
	put_part(&text, first);
	if (first.len && second.len)
		qw_text_char(&text, '/');
	put_part(&text, second);
}

static bool is_word(struct qw_slice text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static struct qw_habit_key pair_key(const struct qw_seen *seen, enum qw_habit_kind kind)
{
	struct qw_habit_key key = {.kind = (uint8_t)kind};

	key.client = qw_seen_client(seen)->address;
	key.server = qw_seen_server(seen)->address;
	return key;
}

static struct qw_habit_key talk_key(const struct qw_seen *seen, enum qw_habit_kind kind)
{
	struct qw_habit_key key = pair_key(seen, kind);
	uint16_t port = qw_seen_server(seen)->port;

	key.proto = seen->proto;
	key.port = port < PORT_GIVEN_OUT ? port : 0;
	if (!is_word(seen->app, "unknown") && !is_word(seen->app, "failed"))
		put_text(key.app, sizeof(key.app), seen->app, (struct qw_slice){NULL, 0});
	return key;
}

/* Of "DB12.10.0 byte 4" the block: its bytes are ranges of its own. */
static struct qw_slice area_of(const struct qw_seen_ot *ot)
{
	const uint8_t *dot = NULL;

	if (is_word(ot->protocol, "s7comm") && ot->objects.len)
		dot = memchr(ot->objects.data, '.', ot->objects.len);
	return dot ? qw_slice(ot->objects.data, (size_t)(dot - ot->objects.data)) : qw_slice(NULL, 0);
}

static struct qw_habit_key function_key(const struct qw_seen *seen)
{
	const struct qw_seen_ot *ot = &seen->ot;
	struct qw_habit_key key = pair_key(seen, QW_HABIT_FUNCTION);
	struct qw_slice area = area_of(ot), none = {NULL, 0};

	key.function = ot->function;
	key.has_unit = ot->has_unit;
	key.unit = ot->has_unit ? ot->unit : 0;
	put_text(key.app, sizeof(key.app), ot->protocol, none);
	put_text(key.name, sizeof(key.name), ot->name.len ? ot->name : ot->kind, ot->service_name);
	put_text(key.area, sizeof(key.area), area, none);
	return key;
}

/* ---- rows */

static void note(struct work *work, struct qw_habit *habit, enum qw_judgement judgement)
{
	if (work->verdict.judgement == QW_JUDGED_NORMAL)
		work->verdict = (struct qw_judged){.judgement = judgement, .habit = habit};
}

static struct qw_habit *keep(struct work *work, const struct qw_habit_key *key)
{
	struct qw_habit *habit = qw_habit_get(work->judge->list, key);

	if (!habit) {
		qw_world_no_room(work->judge->world);
		return NULL;
	}
	if (habit->count == 0) {
		habit->first = habit->last = work->seen->time;
		habit->state = work->learning ? QW_HABIT_LEARNT : QW_HABIT_PROPOSED;
	}
	habit->count++;
	if (qw_time_before(habit->last, work->seen->time))
		habit->last = work->seen->time;
	return habit;
}

static void note_new(struct work *work, struct qw_habit *habit)
{
	if (habit && habit->state == QW_HABIT_PROPOSED)
		note(work, habit, QW_JUDGED_NEW);
}

static void learn(struct work *work, const struct qw_habit_key *key)
{
	note_new(work, keep(work, key));
}

static void learn_asset(struct work *work, const struct qw_seen_end *end)
{
	struct qw_habit_key key = asset_key(end);

	if (is_host(end) && is_home(work, end))
		learn(work, &key);
}

static void note_machine(struct work *work, const struct qw_seen_end *end)
{
	struct qw_habit_key key = asset_key(end);
	struct qw_habit *habit = qw_habit_find(work->judge->list, &key);

	if (habit)
		habit->machine = true;
}

/* Who talks to machines, and to whom they talk, is told; of others it is only learnt, for they may turn out to be some. */
static void learn_talk(struct work *work)
{
	const struct qw_seen_end *client = qw_seen_client(work->seen), *server = qw_seen_server(work->seen);
	bool machine = is_machine(work, client) || is_machine(work, server) || work->seen->ot.protocol.len;
	bool outside = !is_home(work, server);
	struct qw_habit_key key = talk_key(work->seen, outside ? QW_HABIT_EXTERNAL : QW_HABIT_TALKER);

	if (!is_home(work, client) || (outside && !machine))
		return;
	if (machine)
		learn(work, &key);
	else
		(void)keep(work, &key);
}

static bool is_opening(const struct qw_seen_ot *ot)
{
	return (ot->function == FORWARD_OPEN || ot->function == LARGE_FORWARD_OPEN) && is_word(ot->protocol, "cip");
}

static void learn_range(struct work *work, struct qw_habit *habit)
{
	struct qw_range range = qw_range_of(&work->seen->ot);
	bool normal = work->learning || habit->state == QW_HABIT_PROPOSED;

	if (qw_habit_has_range(habit, range))
		return;
	bool listed = qw_habit_has_proposed_range(habit, range);
	if (!qw_habit_add_range(habit, range, normal))
		qw_world_no_room(work->judge->world);
	if (normal || work->verdict.judgement != QW_JUDGED_NORMAL)
		return;
	note(work, habit, QW_JUDGED_RANGE);
	work->verdict.range = range;
	work->verdict.listed = listed;
}

/* Its words are read once. */
static unsigned deed_of(struct qw_habit *habit, const struct qw_seen_ot *ot)
{
	if (!habit)
		return qw_deed_of(ot);
	if (!habit->weighed)
		habit->deed = (uint8_t)qw_deed_of(ot);
	habit->weighed = true;
	return habit->deed;
}

static void learn_request(struct work *work)
{
	const struct qw_seen *seen = work->seen;
	struct qw_habit_key writer = pair_key(seen, QW_HABIT_WRITER), opener = pair_key(seen, QW_HABIT_OPENER);
	struct qw_habit_key function = function_key(seen);

	struct qw_habit *habit = keep(work, &function);

	if (deed_of(habit, &seen->ot) & (QW_DEED_WRITES | QW_DEED_PROGRAMS))
		learn(work, &writer);
	if (is_opening(&seen->ot))
		learn(work, &opener);
	note_new(work, habit);
	if (habit && seen->ot.has_address)
		learn_range(work, habit);
}

struct qw_judged qw_judge(const struct qw_judge *judge, const struct qw_seen *seen, bool learning)
{
	struct work work = {.judge = judge, .seen = seen, .learning = learning};
	bool asks = seen->ot.protocol.len && !seen->ot.response && seen->to_server;

	learn_asset(&work, &seen->src);
	if (seen->flow.packets[1] > 0)
		learn_asset(&work, &seen->dst);
	if (seen->ot.protocol.len) {
		note_machine(&work, &seen->src);
		note_machine(&work, &seen->dst);
	}
	if (!is_host(qw_seen_client(seen)) || !is_host(qw_seen_server(seen)))
		return work.verdict;
	if (seen->flow.begins || asks)
		learn_talk(&work);
	if (asks)
		learn_request(&work);
	return work.verdict;
}
