/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - lines for the person on duty, on standard error.
 *
 * "2026-11-22T14:18:47.123456+0000 warning SPOOL-FULL worker 0: what happened; what to do".
 * Each kind of line has an id that never changes, so that it can be searched
 * and documented.  Under systemd (JOURNAL_STREAM set) the time is left out and
 * the level becomes a <N> prefix.  A line is one write(2); any thread or
 * process.  Control characters become "?"; errno is kept, and %m says it.  Never
 * on the packet path.
 */
#pragma once

enum qw_log_level { QW_LOG_ERROR, QW_LOG_WARNING, QW_LOG_INFO, QW_LOG_DEBUG };

/* Says who speaks ("worker 0"; "": nobody by name) and the least level that is written.  Before other threads start. */
void qw_log_setup(const char *who, enum qw_log_level least);

void qw_log(enum qw_log_level level, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
