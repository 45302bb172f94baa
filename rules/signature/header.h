/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header - "alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 502" of a rule.
 */
#pragma once

#include "rules/signature/parse.h"

/* Reads action, protocol, addresses, ports and direction into the draft. */
enum qw_err qw_header_parse(struct qw_parse *parse, struct qw_word text) QW_MUSTCHECK;
