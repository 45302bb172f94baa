/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opcua_value - the built-in types of OPC UA's binary encoding: read, or passed over.
 *
 * Values may lie inside values; how deep is bounded.  Source: OPC UA part 6, clause 5.2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum qw_opcua_node_kind { QW_OPCUA_NUMERIC, QW_OPCUA_STRING, QW_OPCUA_GUID, QW_OPCUA_OPAQUE };

struct qw_opcua_node {
	uint16_t space; /* index of its namespace */
	uint8_t kind;   /* enum qw_opcua_node_kind */
	uint32_t number;
	struct qw_slice text; /* of the others: as on the wire */
};

/* A value where it lies. */
struct qw_opcua_variant {
	uint8_t type;   /* built-in type; 0: none */
	bool array;
	struct qw_slice data; /* of a single one */
};

/* All of these: false, and the input is of no more use, where the bytes do not fit. */
bool qw_opcua_string(struct qw_bytes *in, struct qw_slice *out); /* a null string is empty; ByteString likewise */
bool qw_opcua_node(struct qw_bytes *in, struct qw_opcua_node *out);
bool qw_opcua_localized(struct qw_bytes *in, struct qw_slice *text);
bool qw_opcua_variant(struct qw_bytes *in, struct qw_opcua_variant *out);
bool qw_opcua_data_value(struct qw_bytes *in, struct qw_opcua_variant *value);

/* The type of an extension object, and its body if it has one in binary. */
bool qw_opcua_extension(struct qw_bytes *in, struct qw_opcua_node *type, struct qw_bytes *body);

bool qw_opcua_skip_strings(struct qw_bytes *in);     /* an array */
bool qw_opcua_skip_qualified(struct qw_bytes *in);
bool qw_opcua_skip_diagnostics(struct qw_bytes *in); /* one DiagnosticInfo */

/* How many elements an array has: 0 where it is null.  False: more than there can be in what is left. */
bool qw_opcua_count(struct qw_bytes *in, uint32_t *count);

/* "i=85", "ns=2;s=Crane.Hoist", "ns=1;g=…", "b=…" in hexadecimal; a long one is cut. */
void qw_opcua_put_node(struct qw_text *text, const struct qw_opcua_node *node);

/* Nothing for types that have no short text. */
void qw_opcua_put_value(struct qw_text *text, const struct qw_opcua_variant *value);
