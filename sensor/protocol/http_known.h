/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_known - the fields that a request's and a response's head give.
 *
 * Names, formats and normalisation are Suricata's.  `raw` is the header block
 * as it was on the wire.
 */
#pragma once

#include <htp/htp.h>

#include "sensor/protocol/known.h"

void qw_http_known_request(void *state, struct qw_known *known, htp_tx_t *tx, struct qw_slice raw);
void qw_http_known_response(void *state, struct qw_known *known, htp_tx_t *tx, struct qw_slice raw, bool request_seen);

/* "Name: value" of each header, one field each; slices point into `text`. */
void qw_http_header_lines(void *state, struct qw_message *message, htp_tx_t *tx, enum qw_direction direction,
			  struct qw_text *text);
