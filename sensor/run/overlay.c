/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/channel.h"
#include "quaywatch/indicators.h"
#include "quaywatch/wire.h"

struct fresh {
	struct qw_indicator indicator;
	bool removed;
};

struct qw_overlay {
	size_t count;
	struct fresh *fresh[QW_OVERLAY_MAX]; /* in the order they came: a later one of the same observable wins */
};

enum qw_err qw_overlay_new(struct qw_overlay **out)
{
	struct qw_overlay *overlay = calloc(1, sizeof(*overlay));

	if (!overlay)
		return QW_ENOMEM;
	*out = overlay;
	return QW_OK;
}

void qw_overlay_clear(struct qw_overlay *overlay)
{
	for (size_t i = 0; i < overlay->count; i++)
		free(overlay->fresh[i]);
	overlay->count = 0;
}

void qw_overlay_free(struct qw_overlay *overlay)
{
	if (!overlay)
		return;
	qw_overlay_clear(overlay);
	free(overlay);
}

static enum qw_err add_one(struct qw_overlay *overlay, const uint8_t *data, size_t len)
{
	Quaywatch__Wire__Entry *wire = quaywatch__wire__entry__unpack(NULL, len, data);

	if (!wire)
		return QW_EFORMAT;
	bool is_signature = wire->body_case == QUAYWATCH__WIRE__ENTRY__BODY_SIGNATURE;
	bool allow = !is_signature && wire->indicator && wire->indicator->allow;
	bool removed = wire->removed;
	quaywatch__wire__entry__free_unpacked(wire, NULL);
	if (is_signature || overlay->count == QW_OVERLAY_MAX)
		return QW_ELIMIT;

	struct fresh *fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return QW_ENOMEM;
	struct qw_entry entry = {.kind = allow ? QW_ENTRY_ALLOW : QW_ENTRY_INDICATOR, .body = data, .body_len = len, .removed = removed};
	enum qw_err err = qw_entry_indicator(&entry, &fresh->indicator);
	if (err != QW_OK) {
		free(fresh);
		return err;
	}
	fresh->removed = removed;
	overlay->fresh[overlay->count++] = fresh;
	return QW_OK;
}

enum qw_err qw_overlay_add(struct qw_overlay *overlay, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len), entry;
	enum qw_err err = QW_OK;

	while (in.left && err == QW_OK) {
		uint32_t size;
		if (!qw_bytes_copy(&in, &size, sizeof(size)) || !qw_bytes_take(&in, size, &entry))
			return QW_EFORMAT;
		err = add_one(overlay, entry.at, entry.left);
	}
	return err;
}

enum qw_err qw_overlay_image(struct qw_overlay *overlay, int *fd)
{
	struct qw_indicator_builder *builder;
	enum qw_err err = qw_indicator_builder_new(&builder);

	if (err != QW_OK)
		return err;
	for (size_t i = 0; i < overlay->count && err == QW_OK; i++) {
		const struct qw_indicator *indicator = &overlay->fresh[i]->indicator;
		if (overlay->fresh[i]->removed)
			err = qw_indicator_builder_remove(builder, &indicator->observable, indicator->allow);
		else
			err = qw_indicator_builder_add(builder, indicator);
	}
	if (err == QW_OK)
		err = qw_indicator_builder_finish(builder, fd);
	qw_indicator_builder_free(builder);
	return err;
}
