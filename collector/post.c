/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/post.h"

#include <stdlib.h>

enum qw_err qw_post_frame(const struct qw_post *post, const struct qw_routing *routing, Quaywatch__Wire__Frame *frame)
{
	uint8_t *data;
	size_t len;

	frame->version = QW_WIRE_VERSION;
	enum qw_err err = qw_frame_pack(frame, &data, &len);
	if (err != QW_OK)
		return err;
	err = post->send(post->ctx, routing, data, len);
	free(data);
	return err;
}

void qw_post_refusal(const struct qw_post *post, const struct qw_routing *routing, const char *what, const char *why)
{
	Quaywatch__Wire__Refusal refusal;
	Quaywatch__Wire__Frame frame = QUAYWATCH__WIRE__FRAME__INIT;

	quaywatch__wire__refusal__init(&refusal);
	/* protobuf-c takes texts it only reads as char *. */
	refusal.what = (char *)(uintptr_t)what;
	refusal.why = (char *)(uintptr_t)why;
	frame.body_case = QUAYWATCH__WIRE__FRAME__BODY_REFUSAL;
	frame.refusal = &refusal;
	enum qw_err err = qw_post_frame(post, routing, &frame);
	(void)err;
}
