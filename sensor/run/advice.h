/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice - what --check says to who writes rules: which rules cost, why, and what to write instead.
 *
 * One line for each rule that no literal stands for, the dearest first, as
 * file:line: note: …; then how many rules are asked where.  One thread.
 */
#pragma once

#include <stdio.h>

#include "quaywatch/err.h"
#include "quaywatch/signatures.h"

struct qw_advice;

enum qw_err qw_advice_new(struct qw_advice **out) QW_MUSTCHECK;
void qw_advice_free(struct qw_advice *advice);

/* Takes note of a rule; ctx: the advice. */
void qw_advice_take(void *ctx, const struct qw_signature_cost *cost);

/* QW_ENOMEM: there was no memory to take note of all rules; nothing is printed. */
enum qw_err qw_advice_print(struct qw_advice *advice, FILE *out) QW_MUSTCHECK;
