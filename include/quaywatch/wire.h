/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire - frames of wire.proto, bounded on both ends.
 *
 * The generated code is included through here only.  Unpacking hostile bytes
 * costs at most QW_WIRE_MAX bytes of input and a bounded multiple of memory:
 * a frame that is larger, or nests deeper than the schema, is QW_EFORMAT.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "wire.pb-c.h"

enum {
	QW_WIRE_VERSION = 1,
	QW_WIRE_MAX = 1 << 20,       /* bytes of one frame */
	QW_WIRE_BATCH_ALERTS = 512,  /* alerts in one batch */
	QW_WIRE_EVE_MAX = 64 * 1024, /* bytes of one alert's eve */
};

/*
 * A new frame from bytes; end with qw_frame_free.
 * QW_EFORMAT: not a frame, or beyond a bound above; QW_EVERSION: more than one
 * version newer than ours; QW_ENOMEM.
 */
enum qw_err qw_frame_unpack(Quaywatch__Wire__Frame **out, const uint8_t *data, size_t len) QW_MUSTCHECK;

/* NULL is fine.  Only for frames that came from qw_frame_unpack. */
void qw_frame_free(Quaywatch__Wire__Frame *frame);

/* Packs into fresh memory, the caller's to free.  QW_ELIMIT: larger than QW_WIRE_MAX. */
enum qw_err qw_frame_pack(const Quaywatch__Wire__Frame *frame, uint8_t **data, size_t *len) QW_MUSTCHECK;

/* Packs an inner message (any of the schema's) likewise. */
enum qw_err qw_message_pack(const ProtobufCMessage *message, uint8_t **data, size_t *len) QW_MUSTCHECK;

/*
 * Unpacks an inner message of the given type with the same bounds on input and
 * memory.  End with qw_message_free.  QW_EFORMAT, QW_ENOMEM.
 *
 *	ProtobufCMessage *message;
 *	err = qw_message_unpack(&message, &quaywatch__wire__delta__descriptor, data, len);
 *	const Quaywatch__Wire__Delta *delta = (const Quaywatch__Wire__Delta *)message;
 */
enum qw_err qw_message_unpack(ProtobufCMessage **out, const ProtobufCMessageDescriptor *type, const uint8_t *data,
			      size_t len) QW_MUSTCHECK;
void qw_message_free(ProtobufCMessage *message); /* NULL is fine */
