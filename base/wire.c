/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/wire.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
	/* The widest legitimate frame, a snapshot part of short entries, needs about three times its bytes. */
	UNPACK_BUDGET = 8 * QW_WIRE_MAX,
	ALLOCATION_COST = 16, /* what malloc itself spends on a block */
};

struct budget {
	size_t left;
	bool no_memory; /* the system's, not the frame's fault */
};

/* An empty submessage costs two bytes to send and a hundred to hold: hence the budget. */
static void *spend(void *data, size_t size)
{
	struct budget *budget = data;
	if (size > budget->left || budget->left - size < ALLOCATION_COST)
		return NULL;
	budget->left -= size + ALLOCATION_COST;
	void *memory = malloc(size);
	if (!memory)
		budget->no_memory = true;
	return memory;
}

static void release(void *data, void *memory)
{
	free(memory);
}

static bool batch_fits(const Quaywatch__Wire__AlertBatch *batch)
{
	if (batch->n_alerts > QW_WIRE_BATCH_ALERTS)
		return false;
	for (size_t i = 0; i < batch->n_alerts; i++) {
		if (batch->alerts[i]->eve.len > QW_WIRE_EVE_MAX)
			return false;
	}
	return true;
}

static enum qw_err check(const Quaywatch__Wire__Frame *frame)
{
	if (frame->version < 1 || frame->version > QW_WIRE_VERSION + 1)
		return QW_EVERSION;
	if (frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_ALERTS && !batch_fits(frame->alerts))
		return QW_EFORMAT;
	return QW_OK;
}

enum qw_err qw_message_unpack(ProtobufCMessage **out, const ProtobufCMessageDescriptor *type, const uint8_t *data,
			      size_t len)
{
	struct budget budget = {.left = UNPACK_BUDGET};
	ProtobufCAllocator allocator = {spend, release, &budget};

	if (len > QW_WIRE_MAX)
		return QW_EFORMAT;
	ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, len, data);
	if (!message)
		return budget.no_memory ? QW_ENOMEM : QW_EFORMAT;
	*out = message;
	return QW_OK;
}

void qw_message_free(ProtobufCMessage *message)
{
	ProtobufCAllocator allocator = {spend, release, NULL}; /* freeing spends nothing */
	if (message)
		protobuf_c_message_free_unpacked(message, &allocator);
}

enum qw_err qw_frame_unpack(Quaywatch__Wire__Frame **out, const uint8_t *data, size_t len)
{
	ProtobufCMessage *message;
	enum qw_err err = qw_message_unpack(&message, &quaywatch__wire__frame__descriptor, data, len);
	if (err)
		return err;
	Quaywatch__Wire__Frame *frame = (Quaywatch__Wire__Frame *)message;
	err = check(frame);
	if (err)
		qw_frame_free(frame);
	else
		*out = frame;
	return err;
}

void qw_frame_free(Quaywatch__Wire__Frame *frame)
{
	qw_message_free(frame ? &frame->base : NULL);
}

enum qw_err qw_frame_pack(const Quaywatch__Wire__Frame *frame, uint8_t **data, size_t *len)
{
	return qw_message_pack(&frame->base, data, len);
}

enum qw_err qw_message_pack(const ProtobufCMessage *message, uint8_t **data, size_t *len)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	if (size > QW_WIRE_MAX)
		return QW_ELIMIT;
	uint8_t *memory = malloc(size ? size : 1);
	if (!memory)
		return QW_ENOMEM;
	*len = protobuf_c_message_pack(message, memory);
	*data = memory;
	return QW_OK;
}
