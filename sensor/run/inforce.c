/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/inforce.h"

#include <string.h>

#include "quaywatch/log.h"

void qw_inforce_init(struct qw_inforce *inforce)
{
	memset(inforce, 0, sizeof(*inforce));
	inforce->images = qw_ruleset_images_none();
}

void qw_inforce_fini(struct qw_inforce *inforce)
{
	qw_ruleset_images_close(&inforce->images);
}

static void send_to(struct qw_inforce *inforce, struct qw_seat *seat, unsigned number)
{
	bool was_behind = seat->behind;

	seat->behind = qw_post_send(seat->post, &inforce->post) != QW_OK;
	if (seat->behind && !was_behind)
		qw_log(QW_LOG_WARNING, "WORKER-BUSY", "worker %u does not take ruleset %u yet; it gets it when it reads on", number,
		       inforce->post.number);
}

/* What follows a gap would stand on something else than it was made for. */
static void pass_on(struct qw_inforce *inforce, struct qw_seat *seat, unsigned workers)
{
	struct qw_ruleset_images fresh;

	for (unsigned i = 0; i < workers; i++)
		if (seat[i].post >= 0 && !seat[i].behind)
			send_to(inforce, &seat[i], i);
	if (inforce->post.len == sizeof(inforce->rules))
		memcpy(&inforce->rules, inforce->post.bytes, sizeof(inforce->rules));
	if (qw_ruleset_images_read(&fresh, &inforce->post) != QW_OK)
		return;
	qw_ruleset_images_take(&inforce->images, &fresh);
	inforce->generation = inforce->post.number;
}

void qw_inforce_receive(struct qw_inforce *inforce, int builder, struct qw_seat *seat, unsigned workers)
{
	while (qw_post_receive(builder, &inforce->post) == QW_OK) {
		if (inforce->post.kind == QW_POST_RULESET)
			pass_on(inforce, seat, workers);
		else
			qw_post_close(&inforce->post);
	}
}

void qw_inforce_catch_up(struct qw_inforce *inforce, struct qw_seat *seat, unsigned workers)
{
	for (unsigned i = 0; i < workers; i++) {
		if (seat[i].post < 0 || !seat[i].behind)
			continue;
		qw_post_begin(&inforce->post, QW_POST_RULESET, inforce->generation);
		qw_ruleset_images_write(&inforce->images, &inforce->post);
		send_to(inforce, &seat[i], i);
	}
}
