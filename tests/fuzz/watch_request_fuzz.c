/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a sensor's control socket: each gets an answer and a status. */
#include <stdlib.h>

#include "quaywatch/exit.h"
#include "sensor/watch/assets/asset_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_home(void *ctx, const struct qw_address *address)
{
	return ctx || address;
}

static void no_room(void *ctx)
{
	(void)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qw_reply reply;
	struct qw_assets_options options = {8, 8, is_home, no_room, NULL};
	struct qw_asset_list list = {NULL, NULL, NULL};
	struct qw_assets *assets;
	struct qw_request request;

	if (qw_request_parse(&request, (const char *)data, size) != QW_OK)
		return 0;
	if (qw_assets_new(&assets, &options) == QW_OK) {
		list.assets = assets;
		qw_reply_init(&reply);
		enum qw_exit status = qw_asset_command(&list, &request, 1, &reply);
		qw_reply_status(&reply, status);
		if (reply.failed || reply.len == 0)
			abort();
		qw_reply_fini(&reply);
		qw_assets_free(assets);
	}
	qw_request_fini(&request);
	return 0;
}
