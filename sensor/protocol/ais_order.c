/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ITU-R M.1371-5, annex 8, tables 70 (slots), 73 (channels) and 76 to 78 (groups). */
#include "sensor/protocol/ais_order.h"

#include "sensor/protocol/ot_text.h"

enum { SLOTS = 20, CHANNELS = 22, GROUP = 23, COVERAGE = 10 /* station type: only the area means something */ };

/* "51.9000": what the standard gives, 1/10 minutes, is 0.0017 degrees. */
static void put_degrees(struct qw_text *text, int32_t value)
{
	enum { UNIT = 10000000, SHOWN = 10000 };
	uint32_t size = (uint32_t)(value < 0 ? -value : value);
	if (value < 0)
		qw_text_char(text, '-');
	qw_text_u64(text, size / UNIT);
	qw_text_char(text, '.');
	qw_ot_put_padded(text, size % UNIT / (UNIT / SHOWN), 4);
}

static void put_area(struct qw_text *text, const struct qw_ais_order *order)
{
	if (!order->has_area)
		return;
	qw_ot_put_word(text, "within ");
	for (unsigned i = 0; i < 2; i++) {
		if (i)
			qw_text_literal(text, " and ");
		put_degrees(text, order->latitude[i]);
		qw_text_char(text, ' ');
		put_degrees(text, order->longitude[i]);
	}
}

static void put_mode(struct qw_text *text, uint8_t mode)
{
	static const char *const words[] = {"sent on both", "sent on A", "sent on B"};
	if (mode < sizeof(words) / sizeof(*words))
		qw_ot_put_word(text, words[mode]);
}

static void put_number(struct qw_text *text, const char *word, uint64_t number)
{
	qw_ot_put_word(text, word);
	qw_text_u64(text, number);
}

static void put_slots(struct qw_text *text, const struct qw_ais_order *order)
{
	for (uint8_t i = 0; i < order->slots; i++) {
		const struct qw_ais_slots *slots = &order->slot[i];
		put_number(text, "slots ", slots->offset);
		qw_text_literal(text, " x");
		qw_text_u64(text, slots->count);
		if (slots->every) {
			qw_text_literal(text, " every ");
			qw_text_u64(text, slots->every);
		}
		qw_text_literal(text, " for ");
		qw_text_u64(text, slots->minutes);
		qw_text_literal(text, " min");
	}
}

static void put_channels(struct qw_text *text, const struct qw_ais_order *order)
{
	put_number(text, "channels ", order->channel[0]);
	qw_text_literal(text, " and ");
	qw_text_u64(text, order->channel[1]);
	put_mode(text, order->mode);
	if (order->low_power)
		qw_ot_put_word(text, "low power");
	if (order->addressed) {
		put_number(text, "to ", order->mmsi[0]);
		if (order->mmsi[1]) {
			qw_text_literal(text, " and ");
			qw_text_u64(text, order->mmsi[1]);
		}
		return;
	}
	put_number(text, "transition ", order->zone);
	qw_text_literal(text, " miles");
	put_area(text, order);
}

static void put_interval(struct qw_text *text, uint8_t interval)
{
	static const char *const words[] = {NULL, "every 10 min", "every 6 min", "every 3 min", "every 1 min", "every 30 s",
					    "every 15 s", "every 10 s", "every 5 s", "more often", "less often", "every 2 s"};
	if (interval < sizeof(words) / sizeof(*words) && words[interval])
		qw_ot_put_word(text, words[interval]);
}

static void put_group(struct qw_text *text, const struct qw_ais_order *order)
{
	static const char *const stations[] = {"all stations", "class A", "class B", "search and rescue aircraft", "class B SO",
					       "class B CS", "inland waterways"};
	if (order->station_type < sizeof(stations) / sizeof(*stations))
		qw_ot_put_word(text, stations[order->station_type]);
	else
		put_number(text, "stations of type ", order->station_type);
	if (order->station_type != COVERAGE) {
		if (order->ship_type)
			put_number(text, "ships of type ", order->ship_type);
		put_mode(text, order->mode);
		put_interval(text, order->interval);
		if (order->quiet) {
			put_number(text, "silent for ", order->quiet);
			qw_text_literal(text, " min");
		}
	}
	put_area(text, order);
}

void qw_ais_put_order(struct qw_text *text, const struct qw_ais *ais)
{
	switch (ais->type) {
	case SLOTS: put_slots(text, &ais->order); break;
	case CHANNELS: put_channels(text, &ais->order); break;
	case GROUP: put_group(text, &ais->order); break;
	default: break;
	}
}
