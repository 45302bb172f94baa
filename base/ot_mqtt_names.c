/* SPDX-License-Identifier: Apache-2.0 */
/* Source: MQTT 3.1.1 and 5 (OASIS), by what reason codes are called there. */
#include "base/ot_tables.h"

#include <stddef.h>

/* Below 128: of versions before 5. */
const struct qw_number_name qw_ot_mqtt_reasons[] = {
	{"unacceptable_protocol_version", 0x01}, {"identifier_rejected", 0x02}, {"server_unavailable", 0x03},
	{"bad_user_name_or_password", 0x04}, {"not_authorized", 0x05}, {"unspecified_error", 0x80},
	{"malformed_packet", 0x81}, {"protocol_error", 0x82}, {"implementation_specific_error", 0x83},
	{"unsupported_protocol_version", 0x84}, {"client_identifier_not_valid", 0x85},
	{"bad_user_name_or_password", 0x86}, {"not_authorized", 0x87}, {"server_unavailable", 0x88},
	{"server_busy", 0x89}, {"banned", 0x8a}, {"bad_authentication_method", 0x8c},
	{"topic_filter_invalid", 0x8f}, {"topic_name_invalid", 0x90}, {"packet_identifier_in_use", 0x91},
	{"packet_too_large", 0x95}, {"quota_exceeded", 0x97}, {"payload_format_invalid", 0x99},
	{"retain_not_supported", 0x9a}, {"qos_not_supported", 0x9b}, {"use_another_server", 0x9c},
	{"server_moved", 0x9d}, {"shared_subscriptions_not_supported", 0x9e},
	{"connection_rate_exceeded", 0x9f}, {"subscription_identifiers_not_supported", 0xa1},
	{"wildcard_subscriptions_not_supported", 0xa2}, {NULL, 0},
};
