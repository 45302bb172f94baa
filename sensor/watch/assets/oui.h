/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oui - who made a network card: the IEEE's list of the first three bytes of MACs (Debian's package ieee-data), read once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_oui;

/* The list's form is oui.txt's.  QW_ENOENT, QW_EACCES …: not readable.  QW_EFORMAT: it names no maker. */
enum qw_err qw_oui_open(struct qw_oui **out, const char *path) QW_MUSTCHECK;

/* The same from memory. */
enum qw_err qw_oui_read(struct qw_oui **out, const char *data, size_t len) QW_MUSTCHECK;
void qw_oui_free(struct qw_oui *oui);
size_t qw_oui_count(const struct qw_oui *oui);

/* NULL: not in the list, or a MAC that somebody gave itself.  oui may be NULL. */
const char *qw_oui_find(const struct qw_oui *oui, const uint8_t mac[6]);
