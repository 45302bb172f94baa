/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiler - a process of the builder's that compiles, while the builder goes on to take changes.
 *
 * It dies with the builder, and its memory with it.  One thread.
 */
#pragma once

#include "sensor/run/builder.h"
#include "sensor/run/compile.h"

struct qw_compiler;

/* order->entries is read by the child; the caller may close it at once. */
enum qw_err qw_compiler_start(struct qw_compiler **out, const struct qw_builder_options *options,
			      const struct qw_compile_order *order) QW_MUSTCHECK;

/* Readable: it is done, or died. */
int qw_compiler_fd(const struct qw_compiler *compiler);

/* Waits for it and frees it.  *out: what it made, the caller's. */
enum qw_err qw_compiler_end(struct qw_compiler *compiler, struct qw_compiled *out) QW_MUSTCHECK;
