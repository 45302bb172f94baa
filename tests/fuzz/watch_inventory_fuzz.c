/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may write into the inventory; what was taken is found again. */
#include <stdlib.h>
#include <string.h>

#include "sensor/watch/assets/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mac[6] = {0x28, 0x63, 0x36, 1, 2, 3};
	struct qw_inventory *inventory;
	struct qw_diags diags;
	struct qw_host host;

	qw_diags_init(&diags);
	enum qw_err err = qw_inventory_read(&inventory, "fuzz.csv", (const char *)data, size, &diags);
	if ((err == QW_OK) != (diags.errors == 0))
		abort();
	if (err == QW_OK && qw_host_parse("10.1.4.20", 9, &host)) {
		const struct qw_inventory_row *row = qw_inventory_find(inventory, &host, mac);
		if (row && memchr(row->text[QW_INVENTORY_NAME], '\0', QW_INVENTORY_TEXT_MAX) == NULL)
			abort();
		qw_inventory_free(inventory);
	}
	qw_diags_fini(&diags);
	return 0;
}
