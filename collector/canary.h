/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canary - an indicator that one tenant alone was given.
 *
 * It lies in that tenant's private channel, marked in its reason.  Nobody else
 * can know the value: who brings it all the same has it from there.
 */
#pragma once

#include "collector/name.h"
#include "collector/store.h"

/* How the reason of a canary begins (qw_reason.why). */
#define QW_CANARY_WHY "canary: "

/* The tenant that alone was given it; tenant "": nobody was.  In force or taken back: it is a canary for ever. */
enum qw_err qw_canary_of(struct qw_store *store, const struct qw_observable *observable,
			 char tenant[QW_NAME_MAX + 1]) QW_MUSTCHECK;
