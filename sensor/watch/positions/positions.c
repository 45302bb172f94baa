/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/positions.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"
#include "quaywatch/text.h"

#define ROW(which, text, severity, technique, detection) \
	[which] = {QW_FINDING_POSITIONS + (which), text, "Position and time", severity, technique, detection}

static const struct qw_finding_row findings[QW_POSITION_FINDINGS] = {
	ROW(QW_POSITION_STORM, "A source of NMEA sends many damaged sentences", 3, "T0814", "N01"),
	ROW(QW_POSITION_SECOND_SOURCE, "A second host speaks under the name of an NMEA talker", 1, "T0856", "N02"),
	ROW(QW_POSITION_OTHER_SOURCE, "Another host took over the name of an NMEA talker that fell silent", 3, "T0856", "N02"),
	ROW(QW_POSITION_JUMP, "A position jumped further than its speed allows", 2, "T0856", "N03"),
	ROW(QW_POSITION_FROZEN, "A position stands still while its receiver reports speed", 2, "T0856", "N03"),
	ROW(QW_POSITION_STILL, "A position does not change by a digit", 3, "T0856", "N03"),
	ROW(QW_POSITION_FIXED_MOVED, "A fixed antenna reports that it moved", 1, "T0856", "N03"),
	ROW(QW_POSITION_LEARNT_MOVED, "An antenna that always stood still reports that it moved", 2, "T0856", "N03"),
	ROW(QW_POSITION_COLLAPSE, "A receiver lost its satellites", 3, "T0814", "N04"),
	ROW(QW_POSITION_JAMMING, "Several receivers lost their satellites at once: jamming?", 1, "T0814", "N04"),
	ROW(QW_POSITION_SPOOFING, "Several receivers were shifted alike at once: spoofing?", 1, "T0856", "N04"),
	ROW(QW_POSITION_CLOCK, "The time of a GNSS receiver stepped", 2, "T0856", "N05"),
	ROW(QW_POSITION_CORRECTIONS_SOURCE, "Corrections for positioning come from another source", 2, "T0856", "N07"),
	ROW(QW_POSITION_CORRECTIONS_LOST, "Corrections for positioning stopped", 3, "T0814", "N07"),
	ROW(QW_POSITION_UNKNOWN_SENDER, "An unknown system function speaks on the ship's network", 3, "T0848", "N08"),
	ROW(QW_POSITION_OTHER_GROUP, "Ship's data goes to a group that its standard does not know", 3, "T0848", "N08"),
	ROW(QW_POSITION_BINARY, "A host that never did sends files on the ship's network", 2, "T0867", "N08"),
};

/* ---- what the parts have in common */

void qw_positions_tell(struct qw_positions *state, enum qw_position_finding which, const struct qw_seen *seen, uint64_t what,
		       const char *format, ...)
{
	struct qw_finding finding = {.row = &findings[which], .seen = seen, .time = qw_world_now(state->world), .what = what};
	char memory[400];
	struct qw_text text;
	va_list args;

	qw_text_init(&text, memory, sizeof(memory));
	va_start(args, format);
	qw_text_vformat(&text, format, args);
	va_end(args);
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

void *qw_positions_row(struct qw_positions *state, struct qw_shelf *shelf, const void *key)
{
	bool pushed = false;
	void *row = qw_shelf_get(shelf, key, &pushed);

	if (!row || pushed)
		qw_world_no_room(state->world);
	return row;
}

bool qw_seen_is(const struct qw_slice *text, const char *word)
{
	return text->len == strlen(word) && memcmp(text->data, word, text->len) == 0;
}

static bool is_between(uint8_t byte)
{
	return byte == ' ' || byte == ',';
}

bool qw_seen_has_word(const struct qw_slice *words, const char *word)
{
	size_t len = strlen(word);

	for (size_t at = 0; at + len <= words->len; at++)
		if (memcmp(words->data + at, word, len) == 0 && (at == 0 || is_between(words->data[at - 1])) &&
		    (at + len == words->len || is_between(words->data[at + len])))
			return true;
	return false;
}

void qw_seen_name(char *out, size_t size, const struct qw_slice *text)
{
	size_t len = text->len < size ? text->len : size;

	memset(out, 0, size);
	if (len)
		memcpy(out, text->data, len);
}

/* ---- configuration */

/* "53.54010" as 1e-7 degrees. */
static bool take_degrees(const char **at, double most, int32_t *out)
{
	char *end;
	double value = strtod(*at, &end);

	if (end == *at || !(value >= -most && value <= most))
		return false;
	*at = end;
	*out = (int32_t)(value * 1e7 + (value < 0 ? -0.5 : 0.5));
	return true;
}

static bool take_radius(const char *at, int32_t *out)
{
	enum { RADIUS_MAX = 1000000 };
	char *end;
	long value = strtol(at, &end, 10);

	*out = (int32_t)value;
	return end != at && value > 0 && value <= RADIUS_MAX && strcmp(end, "m") == 0;
}

/* "10.1.7.4 53.54010 9.97010 5m" */
static bool parse_fixed(struct qw_fixed *fixed, const char *line)
{
	size_t len = strcspn(line, " ");
	const char *at = line + len;

	return qw_address_parse(line, len, &fixed->address) && take_degrees(&at, 90, &fixed->latitude) &&
	       take_degrees(&at, 180, &fixed->longitude) && take_radius(at, &fixed->radius);
}

static enum qw_err read_fixed(struct qw_positions *state)
{
	const char *const *items;
	size_t count = qw_world_list(state->world, QW_WATCH_FIXED, &items);

	for (size_t i = 0; i < count; i++) {
		if (i == QW_FIXED_MAX || !parse_fixed(&state->fixed[i], items[i])) {
			qw_log(QW_LOG_ERROR, "WATCH-FIXED",
			       "watch.fixed: \"%s\": up to 256 lines as in \"10.1.7.4 53.54010 9.97010 5m\": address, latitude, longitude, radius",
			       items[i]);
			return QW_EFORMAT;
		}
	}
	state->fixed_count = count;
	return QW_OK;
}

/* ---- life */

static void positions_free(void *ctx)
{
	struct qw_positions *state = ctx;

	qw_shelf_free(state->receivers);
	qw_shelf_free(state->sources);
	qw_shelf_free(state->senders);
	qw_shelf_free(state->storms);
	qw_shelf_free(state->corrections);
	free(state);
}

static enum qw_err make_parts(struct qw_positions *state)
{
	const struct {
		enum qw_err (*make)(struct qw_shelf **out);
		struct qw_shelf **out;
	} parts[] = {
		{qw_receivers_new, &state->receivers}, {qw_sources_new, &state->sources}, {qw_senders_new, &state->senders},
		{qw_storms_new, &state->storms},       {qw_corrections_new, &state->corrections},
	};
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == QW_OK; i++)
		err = parts[i].make(parts[i].out);
	return err;
}

static enum qw_err positions_make(void **out, struct qw_world *world)
{
	struct qw_positions *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->learn = qw_time_seconds(qw_world_int(world, QW_WATCH_POSITIONS_LEARN));
	state->still = qw_world_bool(world, QW_WATCH_POSITIONS_STILL);
	enum qw_err err = make_parts(state);
	if (err == QW_OK)
		err = read_fixed(state);
	if (err != QW_OK) {
		positions_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

static void positions_seen(void *ctx, const struct qw_seen *seen)
{
	struct qw_positions *state = ctx;
	const struct qw_slice *protocol = &seen->ot.protocol;
	bool is_nmea = qw_seen_is(protocol, "nmea");

	if (seen->type != QW_EVENT_OT)
		return;
	if (seen->silent.ns || qw_seen_is(protocol, "rtcm") || qw_seen_is(protocol, "ntrip"))
		qw_corrections_see(state, seen);
	if (!seen->src.known)
		return;
	if (is_nmea || qw_seen_is(protocol, "ais")) {
		qw_storms_see(state, seen);
		qw_sources_see(state, seen);
	}
	if (is_nmea && !seen->ot.failed)
		qw_receivers_see(state, seen);
}

static void positions_tick(void *ctx, struct qw_time now)
{
	qw_corrections_tick(ctx, now);
}

const struct qw_watcher_ops qw_positions_watch = {
	.name = "positions",
	.findings = findings,
	.finding_count = QW_POSITION_FINDINGS,
	.make = positions_make,
	.free = positions_free,
	.seen = positions_seen,
	.tick = positions_tick,
};
