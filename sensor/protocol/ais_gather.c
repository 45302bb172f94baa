/* SPDX-License-Identifier: Apache-2.0 */
/* ais_gather - messages of AIS that need several sentences. */
#include "sensor/protocol/ais.h"
#include "sensor/protocol/nmea_number.h"

enum {
	PARTS_MAX = 9,
	LIFE_SECONDS = 30, /* of a message whose parts do not come */
	NO_SEQUENCE = 255,
};

/* The fields: parts, number, sequence, channel, characters, fill. */
bool qw_ais_envelope_read(struct qw_ais_envelope *envelope, const struct qw_nmea_sentence *sentence)
{
	struct qw_slice sequence = qw_nmea_field(sentence, 3), channel = qw_nmea_field(sentence, 4);
	envelope->chars = qw_nmea_field(sentence, 5);
	envelope->channel = channel.len == 1 ? channel.data[0] : 0;
	envelope->sequence = NO_SEQUENCE;
	if (sequence.len && !qw_nmea_natural(sequence, 0, PARTS_MAX, &envelope->sequence))
		return false;
	return qw_nmea_natural(qw_nmea_field(sentence, 1), 0, PARTS_MAX, &envelope->parts) &&
	       qw_nmea_natural(qw_nmea_field(sentence, 2), 0, PARTS_MAX, &envelope->number) && envelope->number &&
	       envelope->number <= envelope->parts && qw_nmea_natural(qw_nmea_field(sentence, 6), 0, 5, &envelope->fill);
}

static bool is_of(const struct qw_ais_gathered *place, const struct qw_ais_envelope *envelope,
		  const struct qw_nmea_sentence *sentence)
{
	return place->next && place->sequence == envelope->sequence && place->channel == envelope->channel &&
	       place->parts == envelope->parts && memcmp(place->talker, sentence->talker.data, sizeof(place->talker)) == 0 &&
	       memcmp(place->formatter, sentence->formatter.data, sizeof(place->formatter)) == 0;
}

static struct qw_ais_gathered *place_of(struct qw_ais_gather *gather, const struct qw_ais_envelope *envelope,
					const struct qw_nmea_sentence *sentence, int64_t now)
{
	for (unsigned i = 0; i < QW_AIS_GATHERED_MAX; i++) {
		struct qw_ais_gathered *place = &gather->place[i];
		if (place->next && now - place->since > LIFE_SECONDS)
			place->next = 0;
		if (is_of(place, envelope, sentence))
			return place;
	}
	return NULL;
}

/* A free place, or the oldest, whose message is given up. */
static struct qw_ais_gathered *begin(struct qw_ais_gather *gather, const struct qw_ais_envelope *envelope,
				     const struct qw_nmea_sentence *sentence, int64_t now)
{
	struct qw_ais_gathered *place = NULL;
	for (unsigned i = 0; !place && i < QW_AIS_GATHERED_MAX; i++)
		if (!gather->place[i].next)
			place = &gather->place[i];
	if (!place) {
		place = &gather->place[gather->oldest];
		gather->cut = true;
		gather->oldest = (uint8_t)((gather->oldest + 1) % QW_AIS_GATHERED_MAX);
	}
	place->since = now;
	place->sequence = (uint8_t)envelope->sequence;
	place->channel = envelope->channel;
	place->parts = (uint8_t)envelope->parts;
	place->next = 1;
	place->len = 0;
	memcpy(place->talker, sentence->talker.data, sizeof(place->talker));
	memcpy(place->formatter, sentence->formatter.data, sizeof(place->formatter));
	return place;
}

enum qw_ais_found qw_ais_gather(struct qw_ais_gather *gather, const struct qw_ais_envelope *envelope,
				const struct qw_nmea_sentence *sentence, int64_t now, struct qw_slice *chars)
{
	struct qw_ais_gathered *place = place_of(gather, envelope, sentence, now);
	if (envelope->number == 1 && place)
		place->next = 0;
	if (envelope->number == 1)
		place = begin(gather, envelope, sentence, now);
	bool fits = place && place->next == envelope->number && envelope->chars.len <= sizeof(place->chars) - place->len;
	if (!fits) {
		if (place)
			place->next = 0;
		return QW_AIS_ODD;
	}
	if (envelope->chars.len)
		memcpy(place->chars + place->len, envelope->chars.data, envelope->chars.len);
	place->len = (uint16_t)(place->len + envelope->chars.len);
	place->next++;
	if (envelope->number < envelope->parts)
		return QW_AIS_PART;
	place->next = 0;
	*chars = qw_slice(place->chars, place->len);
	return QW_AIS_WHOLE;
}
