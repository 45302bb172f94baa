/* SPDX-License-Identifier: Apache-2.0 */
/* What one event teaches of the hosts at its ends. */
#include <string.h>

#include "sensor/watch/assets/assets_parts.h"
#include "sensor/watch/assets/roles.h"

enum { MAC_GROUP = 0x01 };

/* ---- who counts */

static bool is_card(const uint8_t mac[6])
{
	static const uint8_t nobody[6];

	return !(mac[0] & MAC_GROUP) && memcmp(mac, nobody, sizeof(nobody)) != 0;
}

static enum qw_app app_of(const struct qw_seen *seen)
{
	enum qw_app app = qw_app_parse((const char *)seen->app.data, seen->app.len);

	if (app == QW_APP_COUNT && seen->ot.protocol.len)
		app = qw_app_parse((const char *)seen->ot.protocol.data, seen->ot.protocol.len);
	return app == QW_APP_COUNT ? QW_APP_UNKNOWN : app;
}

/* ---- single facts */

static void learn_bit(struct qw_assets *assets, struct qw_asset *asset, uint64_t *bits, enum qw_app app)
{
	uint64_t bit = UINT64_C(1) << app;

	if (app == QW_APP_UNKNOWN || app == QW_APP_FAILED || *bits & bit)
		return;
	*bits |= bit;
	qw_asset_note(assets, asset);
}

static void learn_deed(struct qw_assets *assets, struct qw_asset *asset, enum qw_deed deed)
{
	if (asset->deeds & deed)
		return;
	asset->deeds |= (uint8_t)deed;
	qw_asset_note(assets, asset);
}

/* Cut where it is long; what cannot be shown becomes a dot, and blanks at the end go. */
static void learn_text(struct qw_assets *assets, struct qw_asset *asset, char out[QW_ASSET_TEXT_MAX], struct qw_slice text)
{
	char clean[QW_ASSET_TEXT_MAX];
	size_t len = text.len < sizeof(clean) - 1 ? text.len : sizeof(clean) - 1;

	for (size_t i = 0; i < len; i++)
		clean[i] = text.data[i] >= ' ' && text.data[i] < 0x7f ? (char)text.data[i] : '.';
	while (len > 0 && (clean[len - 1] == ' ' || text.data[len - 1] == '\0'))
		len--;
	clean[len] = '\0';
	if (len == 0 || strcmp(out, clean) == 0)
		return;
	memcpy(out, clean, len + 1);
	qw_asset_note(assets, asset);
}

static bool is_free(const struct qw_asset_card *card)
{
	static const struct qw_host nobody;

	return memcmp(&card->host, &nobody, sizeof(nobody)) == 0;
}

static void learn_mac(struct qw_assets *assets, struct qw_asset *asset, const uint8_t mac[6])
{
	bool pushed;

	if (!is_card(mac) || (asset->has_mac && memcmp(asset->mac, mac, sizeof(asset->mac)) == 0))
		return;
	memcpy(asset->mac, mac, sizeof(asset->mac));
	asset->has_mac = true;
	qw_asset_note(assets, asset);
	struct qw_asset_card *card = asset->host.is_mac ? NULL : qw_shelf_get(assets->cards, mac, &pushed);
	if (card && is_free(card))
		card->host = asset->host;
}

/* A gateway's card stands for everybody behind it: whom it was seen with first keeps it. */
static void learn_mac_of_flow(struct qw_assets *assets, struct qw_asset *asset, const struct qw_seen_end *end)
{
	if (!asset->has_mac && end->has_mac && !qw_shelf_find(assets->cards, end->mac))
		learn_mac(assets, asset, end->mac);
}

/* ---- what a device says of itself */

static void learn_identity(struct qw_assets *assets, struct qw_asset *asset, const struct qw_seen_ot *ot)
{
	char number[24];
	struct qw_text text;

	learn_text(assets, asset, asset->vendor, ot->vendor);
	learn_text(assets, asset, asset->model, ot->product.len ? ot->product : ot->description);
	learn_text(assets, asset, asset->firmware, ot->revision);
	learn_text(assets, asset, asset->name, ot->device_name);
	if (ot->serial.len || !ot->serial_value) {
		learn_text(assets, asset, asset->serial, ot->serial);
		return;
	}
	qw_text_init(&text, number, sizeof(number));
	qw_text_u64(&text, ot->serial_value);
	learn_text(assets, asset, asset->serial, qw_slice(text.at, text.len));
}

/* Who gives somebody else a name says nothing of itself. */
static bool is_of_sender(const struct qw_seen_ot *ot)
{
	return !(ot->function == QW_SEEN_NO_NUMBER && ot->kind.len == 3 && memcmp(ot->kind.data, "set", 3) == 0) &&
	       !(ot->name.len == 3 && memcmp(ot->name.data, "set", 3) == 0) && !(ot->function >= 0 && !ot->response && ot->has_address);
}

static void learn_position(struct qw_assets *assets, struct qw_asset *asset, const struct qw_seen_ot *ot)
{
	bool ships = ot->formatter.len == 3 && memcmp(ot->formatter.data, "VD", 2) == 0;

	if (ot->mmsi || ships)
		learn_deed(assets, asset, QW_DEED_SHIPS);
	else if (ot->has_position)
		learn_deed(assets, asset, QW_DEED_LOCATES);
}

static bool is_connect(const struct qw_seen *seen)
{
	static const char name[] = "connect";

	return !seen->ot.response && seen->ot.name.len == sizeof(name) - 1 && memcmp(seen->ot.name.data, name, sizeof(name) - 1) == 0;
}

/* ---- whole events */

/* Below IP: the sender by its card, and whom an announcement tells of by its address. */
static void see_frame(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app)
{
	struct qw_host host = qw_asset_host_of_card(assets, seen->src.mac);
	const uint8_t *mac = seen->ot.has_mac ? seen->ot.mac : seen->src.mac;

	if (!is_card(seen->src.mac))
		return;
	if (seen->ot.has_ip && qw_host_is_one(&seen->ot.ip) && is_card(mac) && memcmp(mac, seen->src.mac, 6) == 0)
		host = qw_host_of(&seen->ot.ip);
	struct qw_asset *asset = qw_asset_get(assets, &host, seen->time);
	if (!asset)
		return;
	learn_mac(assets, asset, seen->src.mac);
	if (app == QW_APP_ARP)
		return;
	learn_deed(assets, asset, QW_DEED_FRAMES);
	if (app != QW_APP_LLDP)
		learn_bit(assets, asset, seen->to_server && !seen->ot.response && app == QW_APP_PROFINET ? &asset->uses : &asset->serves, app);
	if (is_of_sender(&seen->ot))
		learn_identity(assets, asset, &seen->ot);
}

static struct qw_asset *get_end(struct qw_assets *assets, const struct qw_seen *seen, const struct qw_seen_end *end, bool industrial)
{
	struct qw_host host = qw_host_of(&end->address);

	if (!end->known || !qw_host_is_one(&end->address))
		return NULL;
	if (!industrial && !assets->options.is_home(assets->options.ctx, &end->address))
		return NULL;
	struct qw_asset *asset = qw_asset_get(assets, &host, seen->time);
	if (asset && assets->options.is_home(assets->options.ctx, &end->address))
		learn_mac_of_flow(assets, asset, end);
	return asset;
}

static void see_flow(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app)
{
	bool industrial = qw_role_is_industrial(app);
	bool answered = seen->flow.packets[1] > 0;
	struct qw_asset *client = get_end(assets, seen, qw_seen_client(seen), industrial && answered);

	if (client && (answered || industrial))
		learn_bit(assets, client, &client->uses, app);
	if (!answered)
		return;
	struct qw_asset *server = get_end(assets, seen, qw_seen_server(seen), industrial);
	if (server)
		learn_bit(assets, server, &server->serves, app);
	if ((client || server) && app != QW_APP_UNKNOWN && app != QW_APP_FAILED)
		qw_talk_learn(assets, seen, app);
}

static void see_message(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app)
{
	struct qw_asset *sender = get_end(assets, seen, &seen->src, true);

	if (!sender)
		return;
	learn_bit(assets, sender, seen->to_server && !seen->ot.has_position ? &sender->uses : &sender->serves, app);
	if (is_of_sender(&seen->ot))
		learn_identity(assets, sender, &seen->ot);
	learn_position(assets, sender, &seen->ot);
	if (app == QW_APP_PROFINET_IO && is_connect(seen))
		learn_deed(assets, sender, QW_DEED_DRIVES);
	qw_talk_learn(assets, seen, app);
}

/* Of what is no industrial protocol: who speaks is there, and answers where it is the server. */
static void see_transaction(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app)
{
	struct qw_asset *sender = get_end(assets, seen, &seen->src, false);

	if (sender)
		learn_bit(assets, sender, seen->to_server ? &sender->uses : &sender->serves, app);
	if (sender && !seen->to_server && app != QW_APP_UNKNOWN && app != QW_APP_FAILED)
		qw_talk_learn(assets, seen, app);
}

static bool is_transaction(const struct qw_seen *seen)
{
	return seen->type == QW_EVENT_DNS || seen->type == QW_EVENT_HTTP || seen->type == QW_EVENT_TLS;
}

void qw_assets_see(struct qw_assets *assets, const struct qw_seen *seen)
{
	enum qw_app app = app_of(seen);

	if (seen->type == QW_EVENT_OT && !seen->src.known && seen->src.has_mac)
		see_frame(assets, seen, app);
	else if (seen->type == QW_EVENT_OT && seen->src.known && seen->dst.known)
		see_message(assets, seen, app);
	else if (seen->type == QW_EVENT_FLOW && seen->src.known && seen->dst.known)
		see_flow(assets, seen, app);
	else if (is_transaction(seen) && seen->src.known && seen->dst.known)
		see_transaction(assets, seen, app);
}
