/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conduit - zones of the network, and who may talk to whom across them (IEC 62443-3-2).
 *
 *	"yard: 10.2.0.0/16, 10.3.4.0/24"
 *	"office -> yard: rdp, 44818, 123/udp"
 *
 * A service is a protocol by its name in app_proto, a port, a port of one of
 * tcp and udp, or "any".  Where networks overlap, the smallest counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum { QW_ZONES_MAX = 64, QW_ZONE_NAME_MAX = 32, QW_ZONE_NETS_MAX = 512, QW_SERVICES_MAX = 1024, QW_ZONE_OTHER = QW_ZONES_MAX };

/* What a conduit lets through; all that is not 0 must fit. */
struct qw_service {
	uint8_t from, to; /* zones by number; QW_ZONE_OTHER: all else */
	uint8_t app;      /* enum qw_app; 0: of any protocol */
	uint8_t proto;
	uint16_t port;
};

struct qw_zones {
	size_t count, net_count, service_count;
	char name[QW_ZONES_MAX][QW_ZONE_NAME_MAX];
	struct {
		struct qw_prefix prefix;
		uint8_t zone;
	} net[QW_ZONE_NETS_MAX];
	struct qw_service service[QW_SERVICES_MAX];
};

/*
 * One more zone; one more conduit between zones that are there already ("other"
 * is).  QW_EFORMAT: *why says what is wrong.  QW_ELIMIT: too many, *why too.
 */
enum qw_err qw_zones_add(struct qw_zones *zones, const char *text, size_t len, const char **why) QW_MUSTCHECK;
enum qw_err qw_zones_allow(struct qw_zones *zones, const char *text, size_t len, const char **why) QW_MUSTCHECK;

/* Number of the zone; QW_ZONE_OTHER: of none. */
unsigned qw_zones_find(const struct qw_zones *zones, const struct qw_address *address);
const char *qw_zones_name(const struct qw_zones *zones, unsigned zone);

/* Is there a conduit for such a conversation?  `from` is the client's zone, `service` what it uses. */
bool qw_zones_is_allowed(const struct qw_zones *zones, const struct qw_service *service);
