/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expect - a flow that must come, as the configuration writes it.
 *
 *	"10.1.4.9 -> 10.1.9.2:873 daily 02:00 +2h >= 100M"
 *	"10.1.4.0/24 -> [2001:db8::2]:22 mon-fri 21:30 +45m"
 *
 * From whom, to whom (and which port, if that matters), on which days it
 * begins and at what time in UTC, how long that may take, and how many bytes it
 * brings at least.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

struct qw_expect {
	struct qw_prefix from, to;
	uint16_t port;        /* 0: any */
	uint8_t days;         /* on which it begins; Sunday is bit 0 */
	uint32_t at, length;  /* seconds of the day, and from then on */
	uint64_t bytes;       /* at least */
};

/* QW_EFORMAT: *why says what is wrong. */
enum qw_err qw_expect_parse(struct qw_expect *out, const char *text, size_t len, const char **why) QW_MUSTCHECK;

/* When the latest window began that had begun by then; false: none has, since 1970. */
bool qw_expect_begin(const struct qw_expect *expect, struct qw_time now, struct qw_time *begin);
