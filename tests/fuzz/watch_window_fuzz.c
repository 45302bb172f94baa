/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of watch.maintenance: what is taken is within its bounds, and open at some time of its week or at its first moment. */
#include "sensor/watch/normal/window.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_open_in_a_week(const struct qw_window *window)
{
	for (int32_t day = 0; day < 7; day++)
		if (qw_window_is_open(window, (struct qw_moment){day, window->begins}))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_window window;
	const char *why = NULL;

	if (qw_window_parse(&window, (const char *)data, size, &why) != QW_OK) {
		if (!why)
			abort();
		return 0;
	}
	if (window.net_count > QW_WINDOW_NETS_MAX)
		abort();
	if (window.once ? !qw_window_is_open(&window, window.first) || qw_window_is_open(&window, window.last) :
			  !is_open_in_a_week(&window))
		abort();
	for (size_t i = 0; i < window.net_count; i++)
		if (!qw_window_holds(&window, &window.net[i].address))
			abort();
	return 0;
}
