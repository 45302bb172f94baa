/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/offer.h"

#include <stdlib.h>

#include "quaywatch/hash.h"
#include "quaywatch/indicator.h"
#include "quaywatch/signatures.h"
#include "sensor/export/frames.h"

enum { PLACES = 1024, AGAIN_S = 300, CONFIDENCE = 60 };

struct qw_offer {
	uint64_t sent;
	struct {
		uint64_t id;
		struct qw_time at;
	} place[PLACES];
};

enum qw_err qw_offer_new(struct qw_offer **out)
{
	struct qw_offer *offer = calloc(1, sizeof(*offer));

	if (!offer)
		return QW_ENOMEM;
	*out = offer;
	return QW_OK;
}

void qw_offer_free(struct qw_offer *offer)
{
	free(offer);
}

static void propose(struct qw_offer *offer, struct qw_departures *departures, const struct qw_eve_parts *parts, struct qw_time now,
		    enum qw_observable_type type, const char *text, size_t len)
{
	struct qw_observable observable;

	if (len == 0 || qw_observable_parse(&observable, type, text, len, NULL) != QW_OK)
		return;
	uint64_t id = qw_indicator_id(observable.type, observable.text, observable.len);
	size_t at = qw_mix64(id) % PLACES;
	if (offer->place[at].id == id && now.ns - offer->place[at].at.ns < AGAIN_S * QW_NS_PER_S)
		return;
	struct qw_proposal proposal = {
		.type = qw_observable_type_name(observable.type),
		.value = observable.text,
		.tlp = qw_tlp_name(QW_TLP_GREEN),
		.confidence = CONFIDENCE,
		.gid = parts->gid,
		.sid = parts->sid,
		.time_ns = parts->time_ns,
	};
	if (qw_send_proposal(departures, &proposal) != QW_OK)
		return; /* not connected, or it stays: the next alert offers it again */
	offer->place[at].id = id;
	offer->place[at].at = now;
	offer->sent++;
}

static void propose_address(struct qw_offer *offer, struct qw_departures *departures, const struct qw_eve_parts *parts,
			    struct qw_time now, const struct qw_address *address)
{
	char memory[QW_ADDRESS_TEXT_MAX];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_address(&text, address);
	propose(offer, departures, parts, now, QW_OBS_IP, text.at, text.len);
}

void qw_offer_alert(struct qw_offer *offer, struct qw_departures *departures, const struct qw_eve_parts *parts, struct qw_time now)
{
	if (parts->share & QW_SHARE_SRC_IP && parts->has_src)
		propose_address(offer, departures, parts, now, &parts->src);
	if (parts->share & QW_SHARE_DEST_IP && parts->has_dst)
		propose_address(offer, departures, parts, now, &parts->dst);
	if (parts->share & QW_SHARE_DOMAIN)
		propose(offer, departures, parts, now, QW_OBS_DOMAIN, (const char *)parts->name.data, parts->name.len);
	if (parts->share & QW_SHARE_JA3)
		propose(offer, departures, parts, now, QW_OBS_JA3, (const char *)parts->ja3.data, parts->ja3.len);
}

uint64_t qw_offer_count(const struct qw_offer *offer)
{
	return offer->sent;
}
