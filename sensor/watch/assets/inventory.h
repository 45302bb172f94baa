/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inventory - what the tenant calls its hosts: a CSV file that people keep.
 *
 *	# cranes of berth 100
 *	address,name,role,area,criticality
 *	10.1.4.20,STS-14 hoist PLC,PLC,STS-14,high
 *	28:63:36:01:02:03,gate camera,camera,gate 3,low
 *	10.1.9.0/24,,engineering laptop,office,
 *
 * The first line that is neither empty nor a comment names the columns, in any
 * order; address, and one more, must be there.  Of several rows that fit a
 * host the narrowest counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "sensor/watch/assets/assets.h"

enum {
	QW_INVENTORY_FILE_MAX = 16 << 20,
	QW_INVENTORY_ROWS_MAX = 65536,
	QW_INVENTORY_TEXT_MAX = 96, /* with its NUL */
};

enum qw_inventory_text { QW_INVENTORY_NAME, QW_INVENTORY_ROLE, QW_INVENTORY_AREA, QW_INVENTORY_CRITICALITY, QW_INVENTORY_TEXTS };

struct qw_inventory_row {
	uint8_t is_mac, bits;
	uint8_t bytes[16];
	uint32_t line;
	char text[QW_INVENTORY_TEXTS][QW_INVENTORY_TEXT_MAX]; /* "": not said */
};

struct qw_inventory;

/* QW_EFORMAT: complaints were added, and nothing was taken.  QW_ENOENT, QW_EACCES …: the file cannot be read, told as a complaint too. */
enum qw_err qw_inventory_open(struct qw_inventory **out, const char *path, struct qw_diags *diags) QW_MUSTCHECK;
enum qw_err qw_inventory_read(struct qw_inventory **out, const char *name, const char *data, size_t len,
			      struct qw_diags *diags) QW_MUSTCHECK;
void qw_inventory_free(struct qw_inventory *inventory);
size_t qw_inventory_count(const struct qw_inventory *inventory);
const struct qw_inventory_row *qw_inventory_at(const struct qw_inventory *inventory, size_t number); /* below the count */

/* NULL: not in it.  mac: of the host at this address, or NULL.  inventory may be NULL. */
const struct qw_inventory_row *qw_inventory_find(const struct qw_inventory *inventory, const struct qw_host *host, const uint8_t *mac);

/*
 * Its role is one of a machine: the last word of it is PLC, RTU, drive,
 * inverter, relay, reader, receiver or instrument, in any case, numbers aside
 * ("hoist drive 2"); a "PLC programmer" is none.
 */
bool qw_inventory_is_machine(const struct qw_inventory_row *row);
