/* SPDX-License-Identifier: Apache-2.0 */
/* A frame from a peer that need not be one of ours; what is accepted packs again into no more than a frame. */
#include "quaywatch/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_inner(const ProtobufCMessageDescriptor *type, const ProtobufCBinaryData *bytes)
{
	ProtobufCMessage *message;
	if (qw_message_unpack(&message, type, bytes->data, bytes->len) == QW_OK)
		qw_message_free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Quaywatch__Wire__Frame *frame;
	uint8_t *again;
	size_t len;
	if (qw_frame_unpack(&frame, data, size))
		return 0;
	if (frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_DELTA)
		try_inner(&quaywatch__wire__delta__descriptor, &frame->delta);
	if (frame->body_case == QUAYWATCH__WIRE__FRAME__BODY_SNAPSHOT_PART)
		try_inner(&quaywatch__wire__snapshot_part__descriptor, &frame->snapshot_part);
	if (qw_frame_pack(frame, &again, &len) == QW_OK)
		free(again);
	qw_frame_free(frame);
	return 0;
}
