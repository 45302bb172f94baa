/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/baseline_command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512, SECOND_LEN = 19 };

/* Which rows a person means: by number, by an address at either end, or all. */
struct choice {
	const char *id;
	bool by_address;
	struct qw_address address;
};

static bool is_id(const char *word)
{
	return strlen(word) == QW_HABIT_ID_LEN && strspn(word, "0123456789abcdef") == QW_HABIT_ID_LEN;
}

static bool choose(const char *word, struct choice *out)
{
	*out = (struct choice){0};
	if (is_id(word)) {
		out->id = word;
		return true;
	}
	out->by_address = qw_address_parse(word, strlen(word), &out->address);
	return out->by_address;
}

static bool is_chosen(const struct choice *choice, const struct qw_habit *habit)
{
	char id[QW_HABIT_ID_LEN + 1];

	if (choice->by_address)
		return qw_address_equal(&habit->key.client, &choice->address) || qw_address_equal(&habit->key.server, &choice->address);
	qw_habit_id(&habit->key, id);
	return strcmp(id, choice->id) == 0;
}

/* ---- show */

static void put_ranges(struct qw_text *text, const struct qw_range *ranges, unsigned count, const char *label)
{
	if (count)
		qw_text_format(text, "%s", label);
	for (unsigned i = 0; i < count; i++) {
		qw_text_format(text, " %" PRIu64, ranges[i].first);
		if (ranges[i].last != ranges[i].first)
			qw_text_format(text, "-%" PRIu64, ranges[i].last);
	}
}

static void put_what(struct qw_text *text, const struct qw_habit *habit)
{
	const struct qw_habit_key *key = &habit->key;

	if (key->app[0])
		qw_text_format(text, " by %s", key->app);
	if (key->port)
		qw_text_format(text, " port %u", (unsigned)key->port);
	if (key->kind == QW_HABIT_FUNCTION && key->function != QW_SEEN_NO_NUMBER)
		qw_text_format(text, " function %" PRId64, key->function);
	if (key->name[0])
		qw_text_format(text, " %s", key->name);
	if (key->has_unit)
		qw_text_format(text, " unit %" PRIu64, key->unit);
	if (key->area[0])
		qw_text_format(text, " %s", key->area);
	if (!habit->ranges)
		return;
	put_ranges(text, habit->ranges->range, habit->ranges->count, " for");
	put_ranges(text, habit->ranges->proposed, habit->ranges->proposed_count, "; new:");
}

static void put_line(const struct qw_habit *habit, struct qw_reply *reply)
{
	static const char *const verbs[QW_HABIT_KINDS] = {
		[QW_HABIT_ASSET] = "is there",	  [QW_HABIT_EXTERNAL] = "talks outside to", [QW_HABIT_TALKER] = "talks to",
		[QW_HABIT_WRITER] = "writes to",  [QW_HABIT_OPENER] = "opens connections to", [QW_HABIT_FUNCTION] = "asks",
	};
	char memory[TEXT_MAX], id[QW_HABIT_ID_LEN + 1], last[QW_TIME_EVE_LEN + 1];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_address(&text, &habit->key.client);
	qw_text_format(&text, " %s ", verbs[habit->key.kind]);
	if (habit->key.kind != QW_HABIT_ASSET)
		qw_text_address(&text, &habit->key.server);
	put_what(&text, habit);
	qw_habit_id(&habit->key, id);
	qw_time_eve(habit->last, last);
	qw_reply_line(reply, "%s %-8s %s; %" PRIu64 " times, last %.*s", id, qw_habit_state_name((enum qw_habit_state)habit->state),
		      qw_text_string(&text), habit->count, SECOND_LEN, last);
}

static void put_json(const struct qw_habit *habit, struct qw_reply *reply)
{
	struct qw_json json = qw_reply_begin(reply);

	qw_habit_json(&json, habit);
	qw_reply_end(reply, &json);
}

static void put_end(const struct qw_habit_list *list, const struct qw_habit_about *about, size_t fresh, struct qw_reply *reply)
{
	qw_reply_line(reply, "%zu entries, %zu with something that nobody accepted; %s", qw_habit_count(list), fresh,
		      about->learnt ? "learning is over" : "learning goes on");
}

enum qw_exit qw_baseline_show(struct qw_habit_list *list, struct qw_habit_about *about, struct qw_request *request, size_t first,
			      struct qw_reply *reply, bool *changed)
{
	bool only_new = false;
	const struct qw_option options[] = {{"--new", NULL, &only_new}};
	struct choice choice = {0};
	size_t rest, fresh = 0;
	const char *bad;

	(void)changed;
	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || rest > 1)
		return qw_reply_error(reply, QW_EXIT_USAGE, "usage: baseline show [--new] [ADDRESS|ID]");
	if (rest && !choose(request->word[first], &choice))
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: no address (10.1.4.20), and no ID (1a2b3c4d)", request->word[first]);
	struct qw_habit **rows = qw_habit_sorted(list);
	for (size_t i = 0; rows && i < qw_habit_count(list); i++) {
		fresh += qw_habit_is_new(rows[i]);
		if ((rest && !is_chosen(&choice, rows[i])) || (only_new && !qw_habit_is_new(rows[i])))
			continue;
		if (request->json)
			put_json(rows[i], reply);
		else
			put_line(rows[i], reply);
	}
	free(rows);
	if (!request->json)
		put_end(list, about, fresh, reply);
	return QW_EXIT_OK;
}

/* ---- accept, forget */

typedef void change(struct qw_habit_list *list, struct qw_habit *habit);

static void accept(struct qw_habit_list *list, struct qw_habit *habit)
{
	(void)list;
	qw_habit_accept(habit);
}

/* How many rows; choice NULL: all of them. */
static size_t change_chosen(struct qw_habit_list *list, const struct choice *choice, change *how, bool only_new)
{
	size_t count = qw_habit_count(list), changed = 0;
	struct qw_habit **rows = qw_habit_sorted(list);

	for (size_t i = 0; rows && i < count; i++) {
		if ((choice && !is_chosen(choice, rows[i])) || (only_new && !qw_habit_is_new(rows[i])))
			continue;
		how(list, rows[i]);
		changed++;
	}
	free(rows);
	return changed;
}

static enum qw_exit change_named(struct qw_habit_list *list, struct qw_request *request, size_t first, struct qw_reply *reply,
				 change *how, bool only_new, size_t *changed)
{
	for (size_t i = first; i < request->count; i++) {
		struct choice choice;
		if (!choose(request->word[i], &choice))
			return qw_reply_error(reply, QW_EXIT_USAGE, "%s: no ID (1a2b3c4d) and no address (10.1.4.20)", request->word[i]);
		size_t found = change_chosen(list, &choice, how, only_new);
		if (found == 0)
			return qw_reply_error(reply, QW_EXIT_NOINPUT, "%s: there is no such entry%s; quaywatchctl baseline show lists them",
					      request->word[i], only_new ? " that waits to be accepted" : "");
		*changed += found;
	}
	return QW_EXIT_OK;
}

/* Arguments as accept and forget have them. */
static enum qw_exit change_rows(struct qw_habit_list *list, struct qw_request *request, size_t first, struct qw_reply *reply,
				const char *usage, change *how, bool only_new, size_t *changed, bool *all)
{
	const struct qw_option options[] = {{"--all", NULL, all}};
	size_t rest;
	const char *bad;

	*all = false;
	if (qw_request_options(request, first, options, 1, &rest, &bad) != QW_OK || *all == (rest > 0))
		return qw_reply_error(reply, QW_EXIT_USAGE, "usage: baseline %s", usage);
	request->count = first + rest;
	if (!*all)
		return change_named(list, request, first, reply, how, only_new, changed);
	*changed = change_chosen(list, NULL, how, only_new);
	return QW_EXIT_OK;
}

static void put_changed(struct qw_request *request, struct qw_reply *reply, const char *key, size_t count, const char *text)
{
	if (!request->json) {
		qw_reply_line(reply, "%zu %s", count, text);
		return;
	}
	struct qw_json json = qw_reply_begin(reply);
	qw_json_u64(&json, key, count);
	qw_reply_end(reply, &json);
}

enum qw_exit qw_baseline_accept(struct qw_habit_list *list, struct qw_habit_about *about, struct qw_request *request, size_t first,
				struct qw_reply *reply, bool *changed)
{
	size_t count = 0;
	bool all;
	enum qw_exit status = change_rows(list, request, first, reply, "accept ID...|ADDRESS...|--all", accept, true, &count, &all);

	*changed = count > 0 || (status == QW_EXIT_OK && all && !about->learnt);
	if (status != QW_EXIT_OK)
		return status;
	about->learnt |= all; /* all of this is normal: and nothing else is */
	put_changed(request, reply, "accepted", count, all ? "entries are normal from now on; learning is over" : "entries are normal from now on");
	return status;
}

enum qw_exit qw_baseline_forget(struct qw_habit_list *list, struct qw_habit_about *about, struct qw_request *request, size_t first,
				struct qw_reply *reply, bool *changed)
{
	size_t count = 0;
	bool all;
	enum qw_exit status = change_rows(list, request, first, reply, "forget ID...|ADDRESS...|--all", qw_habit_forget, false, &count, &all);

	*changed = count > 0;
	if (status != QW_EXIT_OK)
		return status;
	if (all) { /* learning begins with the next event */
		*about = (struct qw_habit_about){0};
		*changed = true;
	}
	put_changed(request, reply, "forgotten", count, all ? "entries were forgotten; learning begins anew" : "entries were forgotten");
	return status;
}
