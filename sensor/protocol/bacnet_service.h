/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet_service - what a service of BACnet is about: objects, properties, names, values.
 *
 * A body is a row of tags, some of which open and close a level.  One table
 * says what a tag at its place means in which service; all else is passed over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/ot_record.h"
#include "quaywatch/text.h"
#include "sensor/protocol/bacnet_message.h"

enum { QW_BACNET_ITEMS_MAX = 40, QW_BACNET_TEXTS_MAX = 8 };

/* A value as its tag says it. */
struct qw_bacnet_value {
	uint8_t tag;    /* application tag; its data lies in data */
	uint8_t lvt;    /* of a boolean: its value */
	struct qw_slice data;
};

/* What a device says of its device object. */
struct qw_bacnet_identity {
	struct qw_slice vendor, model, firmware, software, serial, name;
};

struct qw_bacnet_service {
	bool cut, malformed;         /* more items than have room; tags that do not fit */
	uint16_t items;
	struct qw_bacnet_item item[QW_BACNET_ITEMS_MAX];
	int64_t device, vendor;      /* numbers; -1: none */
	int64_t low, high;           /* device numbers that are asked for; -1 */
	int64_t state;               /* that is asked for: of a device, of its communication; -1 */
	int32_t error_class, error_code; /* -1 */
	uint8_t texts;
	struct qw_slice text[QW_BACNET_TEXTS_MAX];
	bool valued;                 /* the first value that is written is there */
	struct qw_bacnet_value value;
	struct qw_bacnet_identity identity;
};

/* type: enum qw_bacnet_type. */
void qw_bacnet_service_parse(struct qw_bacnet_service *out, uint8_t type, uint8_t service, struct qw_bytes body);

/* Nothing for kinds of values that have no short text. */
void qw_bacnet_put_value(struct qw_text *text, const struct qw_bacnet_value *value);
