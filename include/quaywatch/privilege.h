/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privilege - giving up what a process does not need, before its first byte of input.
 */
#pragma once

#include "quaywatch/err.h"

/*
 * Becomes `user` (its groups with it), drops every capability and forbids
 * gaining any (no_new_privs).  Not root, or user "": only the last two.
 * QW_ENOENT: no such user.  QW_EACCES: the system refused; do not go on.
 */
enum qw_err qw_privilege_drop(const char *user) QW_MUSTCHECK;

/* Raises the soft limit of open files to the hard one; returns the limit in force. */
long qw_raise_file_limit(void);
