/* SPDX-License-Identifier: Apache-2.0 */
/* assets.json: damaged files are refused with a complaint; what was read is written and asked for. */
#include <stdlib.h>

#include "sensor/watch/assets/asset_command.h"
#include "sensor/watch/assets/asset_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_home(void *ctx, const struct qw_address *address)
{
	return ctx || address;
}

static void no_room(void *ctx)
{
	(void)ctx;
}

static void ask(const struct qw_assets *assets, const uint8_t *data, size_t size)
{
	static struct qw_reply reply;
	struct qw_asset_list list = {assets, NULL, NULL};
	struct qw_request request = {.count = 1, .word = {"assets", "10.0.0.2"}, .json = size && data[size - 1] & 1};

	for (; request.count <= 2; request.count++) {
		qw_reply_init(&reply);
		(void)qw_asset_command(&list, &request, 1, &reply);
		if (reply.failed)
			abort();
		qw_reply_fini(&reply);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_assets_options options = {8, 8, is_home, no_room, NULL};
	struct qw_assets *assets;
	struct qw_words *words;
	struct qw_diags diags;

	if (qw_assets_new(&assets, &options) != QW_OK)
		return 0;
	if (qw_words_new(&words, assets, NULL) == QW_OK) {
		qw_diags_init(&diags);
		enum qw_err err = qw_asset_file_read("fuzz.json", (const char *)data, size, assets, words, &diags);
		if ((err == QW_OK) != (diags.errors == 0))
			abort();
		ask(assets, data, size);
		qw_diags_fini(&diags);
		qw_words_free(words);
	}
	qw_assets_free(assets);
	return 0;
}
