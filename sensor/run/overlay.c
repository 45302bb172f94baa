/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/channel.h"
#include "quaywatch/indicators.h"
#include "sensor/run/changes.h"

/* Packed, each after its length, in the order they came: a later one of the same observable wins. */
struct qw_overlay {
	uint8_t *bytes;
	size_t len, room, count;
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
	free(overlay->bytes);
	*overlay = (struct qw_overlay){0};
}

size_t qw_overlay_count(const struct qw_overlay *overlay)
{
	return overlay->count;
}

struct qw_overlay_mark qw_overlay_mark(const struct qw_overlay *overlay)
{
	return (struct qw_overlay_mark){overlay->len, overlay->count};
}

void qw_overlay_drop(struct qw_overlay *overlay, struct qw_overlay_mark mark)
{
	if (mark.len == 0)
		return;
	memmove(overlay->bytes, overlay->bytes + mark.len, overlay->len - mark.len);
	overlay->len -= mark.len;
	overlay->count -= mark.count;
}

void qw_overlay_free(struct qw_overlay *overlay)
{
	if (!overlay)
		return;
	qw_overlay_clear(overlay);
	free(overlay);
}

static enum qw_err read_one(const struct qw_bytes *in, struct qw_indicator *out, bool *removed)
{
	struct qw_entry entry;
	enum qw_err err = qw_entry_read(&entry, in->at, in->left);

	if (err != QW_OK)
		return err;
	*removed = entry.removed;
	return entry.kind == QW_ENTRY_SIGNATURE ? QW_EUNKNOWN : qw_entry_indicator(&entry, out);
}

static enum qw_err check(struct qw_bytes in, size_t *count)
{
	struct qw_indicator indicator;
	struct qw_bytes entry;
	bool removed;
	enum qw_err err = QW_OK;

	for (; err == QW_OK && in.left; *count += 1)
		err = qw_changes_next(&in, &entry) ? read_one(&entry, &indicator, &removed) : QW_EFORMAT;
	return err;
}

static enum qw_err reserve(struct qw_overlay *overlay, size_t more)
{
	size_t room = overlay->room ? overlay->room : 4096;

	while (room < overlay->len + more)
		room *= 2;
	if (room == overlay->room)
		return QW_OK;
	uint8_t *grown = realloc(overlay->bytes, room);
	if (!grown)
		return QW_ENOMEM;
	overlay->bytes = grown;
	overlay->room = room;
	return QW_OK;
}

enum qw_err qw_overlay_add(struct qw_overlay *overlay, const uint8_t *data, size_t len)
{
	size_t count = 0;
	enum qw_err err = check(qw_bytes(data, len), &count);

	if (err == QW_OK && count > QW_OVERLAY_MAX - overlay->count)
		err = QW_ELIMIT;
	if (err == QW_OK && len)
		err = reserve(overlay, len);
	if (err != QW_OK || len == 0)
		return err;
	memcpy(overlay->bytes + overlay->len, data, len);
	overlay->len += len;
	overlay->count += count;
	return QW_OK;
}

enum qw_err qw_overlay_image(const struct qw_overlay *overlay, struct qw_overlay_mark from, int *fd)
{
	struct qw_bytes in = qw_bytes(overlay->bytes + from.len, overlay->len - from.len), entry;
	struct qw_indicator_builder *builder;
	struct qw_indicator indicator;
	bool removed;
	enum qw_err err = qw_indicator_builder_new(&builder);

	if (err != QW_OK)
		return err;
	while (err == QW_OK && qw_changes_next(&in, &entry)) {
		err = read_one(&entry, &indicator, &removed);
		if (err == QW_OK && removed)
			err = qw_indicator_builder_remove(builder, &indicator.observable, indicator.allow);
		else if (err == QW_OK)
			err = qw_indicator_builder_add(builder, &indicator);
	}
	if (err == QW_OK)
		err = qw_indicator_builder_finish(builder, fd);
	qw_indicator_builder_free(builder);
	return err;
}
