/* SPDX-License-Identifier: Apache-2.0 */
/* http_probe - do these bytes begin an HTTP/1 connection? */
#pragma once

#include "sensor/protocol/parser.h"

/* See qw_parser_ops.probe. */
int qw_http_probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len);

/* See qw_parser_ops.speaker. */
enum qw_speaker qw_http_speaker(const uint8_t *data, size_t len);
