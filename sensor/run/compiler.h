/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiler - a process of the builder's that compiles, while the builder goes on to take changes.
 *
 * Where indicators come in parts, the new set comes in passes of some parts,
 * and no pass but the next is begun before one was taken: what is old goes as
 * what is new comes.  It dies with the builder, and its memory with it.  One
 * thread.
 */
#pragma once

#include "sensor/run/builder.h"
#include "sensor/run/compile.h"

struct qw_compiler;

/*
 * order->entries is read by the child; the caller may close it at once.  `set`
 * is what is in force (NULL: nothing); the child lets go of it at once, so that
 * what is replaced meanwhile is freed.
 */
enum qw_err qw_compiler_start(struct qw_compiler **out, const struct qw_builder_options *options,
			      const struct qw_compile_order *order, struct qw_indicators *set) QW_MUSTCHECK;

/* Readable: some of it is done, or it died. */
int qw_compiler_fd(const struct qw_compiler *compiler);

/* *out: what it made, the caller's; *more: not all yet.  An error: it failed. */
enum qw_err qw_compiler_take(struct qw_compiler *compiler, struct qw_compiled *out, bool *more) QW_MUSTCHECK;

/* Waits for it and frees it, when there is no more, or it failed. */
void qw_compiler_free(struct qw_compiler *compiler);
