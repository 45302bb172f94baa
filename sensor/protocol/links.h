/* SPDX-License-Identifier: Apache-2.0 */
/* links - the rows of the table of link parsers; each in the file of its name. */
#pragma once

#include "sensor/protocol/link.h"

extern const struct qw_link_ops qw_link_goose;
extern const struct qw_link_ops qw_link_sv;
extern const struct qw_link_ops qw_link_profinet;
extern const struct qw_link_ops qw_link_arp;
extern const struct qw_link_ops qw_link_lldp;
extern const struct qw_link_ops qw_link_bacnet;
