/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/assets.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/watch/assets/assets_parts.h"
#include "sensor/watch/assets/roles.h"

enum { MAC_BYTES = 6 };

enum qw_err qw_assets_new(struct qw_assets **out, const struct qw_assets_options *options)
{
	struct qw_assets *assets = calloc(1, sizeof(*assets));
	struct qw_shelf_options hosts = {sizeof(struct qw_host), sizeof(struct qw_asset), options->assets, NULL, NULL};
	struct qw_shelf_options talks = {sizeof(struct qw_talk_key), sizeof(struct qw_talk), options->talks, qw_talk_forget, assets};
	struct qw_shelf_options cards = {MAC_BYTES, sizeof(struct qw_asset_card), options->assets, NULL, NULL};

	if (!assets)
		return QW_ENOMEM;
	assets->options = *options;
	enum qw_err err = qw_shelf_new(&assets->assets, &hosts);
	if (err == QW_OK)
		err = qw_shelf_new(&assets->talks, &talks);
	if (err == QW_OK)
		err = qw_shelf_new(&assets->cards, &cards);
	if (err != QW_OK) {
		qw_assets_free(assets);
		return err;
	}
	*out = assets;
	return QW_OK;
}

void qw_assets_free(struct qw_assets *assets)
{
	if (!assets)
		return;
	qw_shelf_free(assets->assets);
	qw_shelf_free(assets->talks);
	qw_shelf_free(assets->cards);
	free(assets);
}

size_t qw_assets_count(const struct qw_assets *assets)
{
	return qw_shelf_count(assets->assets);
}

size_t qw_assets_talks(const struct qw_assets *assets)
{
	return qw_shelf_count(assets->talks);
}

/* ---- rows */

void qw_asset_note(struct qw_assets *assets, struct qw_asset *asset)
{
	asset->role = (uint8_t)qw_role_of(asset);
	asset->news = true;
	assets->news++;
}

struct qw_asset *qw_asset_get(struct qw_assets *assets, const struct qw_host *host, struct qw_time time)
{
	bool pushed;
	struct qw_asset *asset = qw_shelf_get(assets->assets, host, &pushed);

	if (!asset || pushed)
		assets->options.no_room(assets->options.ctx);
	if (!asset)
		return NULL;
	if (asset->first.ns == 0) {
		asset->first = time;
		qw_asset_note(assets, asset);
	}
	if (qw_time_before(asset->last, time))
		asset->last = time;
	return asset;
}

struct qw_host qw_asset_host_of_card(const struct qw_assets *assets, const uint8_t mac[6])
{
	const struct qw_asset_card *card = qw_shelf_find(assets->cards, mac);

	return card ? card->host : qw_host_of_mac(mac);
}

const struct qw_asset *qw_assets_find(const struct qw_assets *assets, const struct qw_host *host)
{
	return qw_shelf_find(assets->assets, host);
}

const struct qw_asset *qw_assets_find_end(const struct qw_assets *assets, const struct qw_seen_end *end)
{
	struct qw_host host;

	if (!end->known && !end->has_mac)
		return NULL;
	host = end->known ? qw_host_of(&end->address) : qw_asset_host_of_card(assets, end->mac);
	return qw_assets_find(assets, &host);
}

void qw_assets_each_news(struct qw_assets *assets, void (*show)(void *ctx, const struct qw_asset *asset), void *ctx)
{
	if (assets->news == 0)
		return;
	assets->news = 0;
	void **rows = qw_shelf_sorted(assets->assets);
	for (size_t i = 0; rows && i < qw_shelf_count(assets->assets); i++) {
		struct qw_asset *asset = rows[i];
		if (!asset->news)
			continue;
		asset->news = false;
		show(ctx, asset);
	}
	free(rows);
}

const struct qw_asset **qw_assets_sorted(const struct qw_assets *assets)
{
	return (const struct qw_asset **)qw_shelf_sorted(assets->assets);
}

const struct qw_talk **qw_assets_talks_sorted(const struct qw_assets *assets)
{
	return (const struct qw_talk **)qw_shelf_sorted(assets->talks);
}

/* ---- what was known before */

static void learn_card(struct qw_assets *assets, const struct qw_asset *asset)
{
	bool pushed;

	if (!asset->has_mac || asset->host.is_mac)
		return;
	struct qw_asset_card *card = qw_shelf_get(assets->cards, asset->mac, &pushed);
	if (card)
		card->host = asset->host;
}

enum qw_err qw_assets_put(struct qw_assets *assets, const struct qw_asset *asset)
{
	bool pushed;
	struct qw_asset *row = qw_shelf_get(assets->assets, &asset->host, &pushed);

	if (!row)
		return QW_ENOMEM;
	if (pushed)
		assets->options.no_room(assets->options.ctx);
	*row = *asset;
	row->news = false;
	row->role = (uint8_t)qw_role_of(row);
	learn_card(assets, asset);
	return QW_OK;
}

enum qw_err qw_assets_put_talk(struct qw_assets *assets, const struct qw_talk *talk)
{
	bool pushed;
	struct qw_talk *row = qw_shelf_get(assets->talks, &talk->key, &pushed);

	if (!row)
		return QW_ENOMEM;
	if (pushed)
		assets->options.no_room(assets->options.ctx);
	row->first = talk->first;
	row->last = talk->last;
	for (uint32_t i = 0; i < talk->functions; i++) {
		struct qw_talk_function *function = qw_talk_function_get(assets, row, &talk->function[i]);
		if (!function)
			return QW_ELIMIT;
		*function = talk->function[i];
	}
	return QW_OK;
}
