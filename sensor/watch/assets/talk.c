/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sensor/watch/assets/assets_parts.h"
#include "sensor/watch/assets/roles.h"

enum { ROOM_STEP = 4 };

void qw_talk_forget(void *ctx, void *row)
{
	struct qw_assets *assets = ctx;
	struct qw_talk *talk = row;

	assets->functions -= talk->functions;
	free(talk->function);
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int qw_talk_function_order(const struct qw_talk_function *a, const struct qw_talk_function *b)
{
	int order = by_number((uint64_t)(a->function + 1), (uint64_t)(b->function + 1));

	if (order == 0)
		order = strcmp(a->name, b->name);
	if (order == 0)
		order = by_number(a->has_unit, b->has_unit);
	return order ? order : by_number(a->unit, b->unit);
}

static bool make_room(const struct qw_assets *assets, struct qw_talk *talk)
{
	if (talk->functions == QW_TALK_FUNCTIONS_MAX || assets->functions >= QW_ASSETS_FUNCTIONS_EACH * assets->options.talks)
		return false;
	if (talk->functions % ROOM_STEP != 0)
		return true;
	size_t room = (talk->functions + ROOM_STEP) * sizeof(struct qw_talk_function);
	struct qw_talk_function *grown = realloc(talk->function, room);
	if (!grown)
		return false;
	talk->function = grown;
	return true;
}

struct qw_talk_function *qw_talk_function_get(struct qw_assets *assets, struct qw_talk *talk, const struct qw_talk_function *like)
{
	uint32_t low = 0, high = talk->functions;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (qw_talk_function_order(&talk->function[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < talk->functions && qw_talk_function_order(&talk->function[low], like) == 0)
		return &talk->function[low];
	if (!make_room(assets, talk))
		return NULL;
	memmove(&talk->function[low + 1], &talk->function[low], (talk->functions - low) * sizeof(*talk->function));
	talk->functions++;
	assets->functions++;
	talk->function[low] = *like;
	return &talk->function[low];
}

/* ---- learning */

static void copy_name(char *out, size_t size, struct qw_slice first, struct qw_slice second)
{
	struct qw_text text;

	qw_text_init(&text, out, size - 1);
	if (first.len && first.len < size)
		qw_text_put(&text, first.data, first.len);
	if (second.len && second.len + text.len + 1 < size) {
		if (text.len)
			qw_text_char(&text, '/');
		qw_text_put(&text, second.data, second.len);
	}
	out[text.len] = '\0';
}

static struct qw_talk_function function_of(const struct qw_seen_ot *ot)
{
	struct qw_talk_function function = {.function = ot->function, .has_unit = ot->has_unit};

	function.unit = ot->has_unit ? ot->unit : 0;
	copy_name(function.name, sizeof(function.name), ot->name.len ? ot->name : ot->kind, ot->service_name);
	return function;
}

static void learn_range(struct qw_assets *assets, struct qw_talk_function *function, const struct qw_seen_ot *ot)
{
	bool lost = false;

	function->ranges = (uint8_t)qw_ranges_add(function->range, function->ranges, QW_TALK_RANGES_MAX, qw_range_of(ot), &lost);
	if (lost)
		assets->options.no_room(assets->options.ctx);
}

/* What a request does is said by its names: asked once of each function. */
static enum qw_deed learn_function(struct qw_assets *assets, struct qw_talk *talk, const struct qw_seen_ot *ot)
{
	struct qw_talk_function like = function_of(ot);
	uint32_t before = talk->functions;
	struct qw_talk_function *function = qw_talk_function_get(assets, talk, &like);

	if (!function) {
		assets->options.no_room(assets->options.ctx);
		return qw_deed_of(ot);
	}
	if (talk->functions != before)
		function->deed = (uint8_t)qw_deed_of(ot);
	if (ot->has_address)
		learn_range(assets, function, ot);
	return (enum qw_deed)function->deed;
}

/* The client's doings, for its role. */
static void note_deed(struct qw_assets *assets, const struct qw_seen *seen, enum qw_deed deed, bool fresh)
{
	struct qw_host host = qw_host_of(&qw_seen_client(seen)->address);
	struct qw_asset *asset = qw_shelf_find(assets->assets, &host);

	if (!asset || (!fresh && !(deed & ~(unsigned)asset->deeds)))
		return;
	uint8_t role = asset->role;
	asset->devices += fresh;
	asset->deeds |= (uint8_t)deed;
	asset->role = (uint8_t)qw_role_of(asset);
	if (asset->role != role)
		qw_asset_note(assets, asset);
}

void qw_talk_learn(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app)
{
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);
	struct qw_talk_key key = {.app = (uint8_t)app, .port = server->port};
	bool pushed, fresh, industrial = qw_role_is_industrial(app);

	key.client = qw_host_of(&client->address);
	key.server = qw_host_of(&server->address);
	struct qw_talk *talk = qw_shelf_get(assets->talks, &key, &pushed);
	if (!talk || pushed)
		assets->options.no_room(assets->options.ctx);
	if (!talk)
		return;
	fresh = talk->first.ns == 0;
	if (fresh)
		talk->first = seen->time;
	if (qw_time_before(talk->last, seen->time))
		talk->last = seen->time;
	bool asks = seen->type == QW_EVENT_OT && !seen->ot.response;
	enum qw_deed deed = asks ? learn_function(assets, talk, &seen->ot) : 0;
	if (industrial)
		note_deed(assets, seen, seen->to_server ? deed : 0, fresh);
}
