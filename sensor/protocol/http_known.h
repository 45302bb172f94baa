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
void qw_http_known_response(void *state, struct qw_known *known, htp_tx_t *tx, struct qw_slice raw);

/* Of the file that a body is: what Content-Disposition says, else the path.  May be written to `text`. */
struct qw_slice qw_http_file_name(htp_tx_t *tx, enum qw_direction direction, struct qw_text *text);

/* The response's Content-Range; data NULL: none. */
struct qw_slice qw_http_content_range(const htp_tx_t *tx);

/* "Name: value" of each header, one field each; slices point into `text`. */
void qw_http_header_lines(void *state, struct qw_message *message, htp_tx_t *tx, enum qw_direction direction,
			  struct qw_text *text);
