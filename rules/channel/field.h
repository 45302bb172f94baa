/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field - walks the fields of a packed entry, without allocation.
 *
 * Entries are digested as bytes, so one meaning must have one form: field
 * numbers rise strictly (no field twice, none out of place) and varints are
 * minimal.  What protobuf-c packs is in that form.  Numbers that are not known
 * are handed out like any other; the caller passes them over.  Any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

/* Of the Protocol Buffers encoding; groups (3 and 4) are refused. */
enum qw_field_wire { QW_FIELD_VARINT = 0, QW_FIELD_FIXED64 = 1, QW_FIELD_BYTES = 2, QW_FIELD_FIXED32 = 5 };

struct qw_field {
	uint32_t number; /* 0 before the first */
	enum qw_field_wire wire;
	uint64_t value;        /* QW_FIELD_VARINT; else 0 */
	struct qw_bytes bytes; /* QW_FIELD_BYTES; else empty */
};

/* The field at `in`, which follows *field; *in then stands behind it.  QW_EFORMAT: not in canonical form. */
enum qw_err qw_field_next(struct qw_bytes *in, struct qw_field *field) QW_MUSTCHECK;
