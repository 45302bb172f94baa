/* SPDX-License-Identifier: Apache-2.0 */
/* Control requests: what anybody in the socket's group may write. */
#include "collector/commands.h"
#include "quaywatch/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_request request;
	const char *limit = NULL, *bad;
	bool flag = false;
	const struct qw_option options[] = {{"--limit", &limit, NULL}, {"--allow", NULL, &flag}};
	size_t first = 0, rest;

	if (qw_request_parse(&request, (const char *)data, size) != QW_OK)
		return 0;
	if (qw_commands_find(request.word, request.count, &first) &&
	    qw_request_options(&request, first, options, 2, &rest, &bad) == QW_OK && rest > request.count)
		__builtin_trap();
	qw_request_fini(&request);
	return 0;
}
