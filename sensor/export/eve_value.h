/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eve_value - bytes of an event's field as JSON, one function for each shape that they have.
 *
 * The bytes come from a worker, which is not believed: what cannot be of the
 * shape is left out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/json.h"

uint64_t qw_eve_number(const uint8_t *data, size_t len);

/* Eight bytes of number, one that says how many of its digits stand behind the point. */
void qw_eve_put_decimal(struct qw_json *json, const char *name, const uint8_t *data, size_t len);
void qw_eve_put_mac(struct qw_json *json, const char *name, const uint8_t *data, size_t len);
void qw_eve_put_proto(struct qw_json *json, const char *name, uint64_t number);
void qw_eve_put_time(struct qw_json *json, const char *name, int64_t ns);
void qw_eve_put_address(struct qw_json *json, const char *name, const uint8_t *data, size_t len);
void qw_eve_put_base64(struct qw_json *json, const char *name, const uint8_t *data, size_t len);

/* One a line: an array of texts. */
void qw_eve_put_lines(struct qw_json *json, const char *name, const uint8_t *data, size_t len);

/* "name number", one a line: an object. */
void qw_eve_put_pairs(struct qw_json *json, const char *name, const uint8_t *data, size_t len);

/* "key value, key value": {"key":["value"]}. */
void qw_eve_put_metadata(struct qw_json *json, const char *name, const uint8_t *data, size_t len);

/* A name, a zero byte, a JSON object. */
void qw_eve_put_object(struct qw_json *json, const uint8_t *data, size_t len);
