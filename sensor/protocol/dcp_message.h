/* SPDX-License-Identifier: Apache-2.0 */
/* dcp_message - one frame of PROFINET's discovery and configuration protocol (IEC 61158-6-10), read.  No state. */
#pragma once

#include <stddef.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/* Frame ids. */
enum { QW_DCP_HELLO = 0xfefc, QW_DCP_GET_SET, QW_DCP_IDENTIFY, QW_DCP_IDENTIFIED };

enum qw_dcp_service { QW_DCP_SERVICE_GET = 3, QW_DCP_SERVICE_SET, QW_DCP_SERVICE_IDENTIFY, QW_DCP_SERVICE_HELLO };

enum qw_dcp_has {
	QW_DCP_HAS_XID = 1 << 0,
	QW_DCP_HAS_VENDOR = 1 << 1,
	QW_DCP_HAS_ROLE = 1 << 2,
	QW_DCP_HAS_IP = 1 << 3,
	QW_DCP_HAS_INITIATIVE = 1 << 4,
	QW_DCP_HAS_RESULT = 1 << 5,
};

struct qw_dcp {
	uint8_t service;
	bool response, refused; /* refused: the service is not supported there */
	bool malformed;
	bool permanent;         /* what is set is kept when power goes */
	uint32_t has;           /* enum qw_dcp_has */
	uint32_t xid;
	uint16_t vendor, device, initiative;
	uint8_t role;
	uint8_t result;         /* the first that is not good, of what was set */
	struct qw_slice station, product;
	struct qw_address ip, netmask, gateway;
	struct qw_bytes blocks; /* for qw_dcp_put_options */
};

/* False: too short to name a service. */
bool qw_dcp_parse(struct qw_dcp *out, struct qw_bytes in);

enum { QW_DCP_OPTIONS_MAX = 16 };

/* The options of its blocks, option in the high byte; how many. */
size_t qw_dcp_options(const struct qw_dcp *dcp, uint16_t out[QW_DCP_OPTIONS_MAX]);

/* What is asked, set or told: "name_of_station, ip_parameter". */
void qw_dcp_put_options(struct qw_text *text, const struct qw_dcp *dcp);
