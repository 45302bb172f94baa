/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule - one statement made into a draft, checked as a whole.
 */
#pragma once

#include "rules/signature/parse.h"

/* Reads a statement into parse->draft.  QW_EFORMAT: refused, and said why. */
enum qw_err qw_rule_parse(struct qw_parse *parse) QW_MUSTCHECK;

/* After the last option: what no single option can know.  Part of qw_rule_parse. */
enum qw_err qw_rule_settle(struct qw_parse *parse) QW_MUSTCHECK;
