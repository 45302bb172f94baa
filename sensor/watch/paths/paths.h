/* SPDX-License-Identifier: Apache-2.0 */
/* paths - what the watchers of flows have in common: how flows are read, and said in words. */
#pragma once

#include <stdbool.h>

#include "quaywatch/text.h"
#include "sensor/watch/watcher.h"

extern const struct qw_watcher_ops qw_sessions, qw_scans, qw_beacon, qw_exfil, qw_silence, qw_gateway, qw_zones_watch;

enum { QW_PROTO_IS_ICMP = 1, QW_PROTO_IS_TCP = 6, QW_PROTO_IS_UDP = 17, QW_PROTO_IS_ICMPV6 = 58 };

/* Of many hosts: multicast, the broadcast, or nobody's (0.0.0.0, ::). */
bool qw_path_is_group(const struct qw_address *address);

bool qw_path_is_app(const struct qw_seen *seen, const char *name);

/* "10.1.2.3", "10.1.2.3:502", "[2001:db8::1]:502" */
void qw_text_end(struct qw_text *text, const struct qw_seen_end *end);
void qw_text_host_of(struct qw_text *text, const struct qw_seen_end *end);

/* "90 seconds", "4 hours"; "12 MB": rounded down. */
void qw_text_span(struct qw_text *text, struct qw_time span);
void qw_text_bytes(struct qw_text *text, uint64_t bytes);
