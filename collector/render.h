/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - one alert as one line of the log.
 *
 * The sensor's EVE object stays byte for byte; before its closing brace comes
 * one object of ours, "quaywatch": where the alert is from and what it means.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/text.h"
#include "quaywatch/time.h"
#include "quaywatch/wire.h"

/* Bytes that our object takes at most, beside the texts of the alert itself. */
enum { QW_RENDER_ROOM = 1024 };

/* One line object, short enough, without "quaywatch" at its top level. */
bool qw_render_is_alert(const Quaywatch__Wire__Alert *alert);

/* The most bytes the line can take, newline included. */
size_t qw_render_bound(const Quaywatch__Wire__Alert *alert);

/* A line in the place of an alert that did not pass: its sequence is taken, and a person should know. */
void qw_render_substitute(struct qw_text *text, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
			  struct qw_time now);

/* For alerts that passed qw_render_is_alert. */
void qw_render_line(struct qw_text *text, const Quaywatch__Wire__Alert *alert, const struct qw_identity *who,
		    uint64_t epoch, uint64_t sequence);
