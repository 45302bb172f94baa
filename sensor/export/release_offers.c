/* SPDX-License-Identifier: Apache-2.0 */
/* release_offers - what may leave beside an alert: what it offers, what a person offers, and answers about values. */
#include "sensor/export/release_parts.h"

#include <string.h>

/* ---- what alerts offer */

static bool may_be_shared(const struct qw_release *release, const struct qw_release_field *field)
{
	struct qw_address address;

	if (field->len != sizeof(address))
		return false;
	memcpy(&address, field->data, sizeof(address));
	return release->policy.addresses == QW_SCRUB_KEEP || !qw_scrub_is_ours(release->scrub, &address);
}

static bool is_same(struct qw_slice name, const struct qw_release_field *field)
{
	return name.len == field->len && (name.len == 0 || memcmp(name.data, field->data, name.len) == 0);
}

void qw_release_parts(const struct qw_release *release, const struct qw_event *event, size_t size,
		      struct qw_eve_parts *parts)
{
	struct qw_event_reader reader;
	struct qw_release_field field;

	if (qw_event_open(&reader, event, size, &event) != QW_OK)
		return;
	bool named = false;
	while (qw_event_next(&reader, &field.key, &field.data, &field.len)) {
		switch (field.key) {
		case QW_KEY_SRC_IP: parts->has_src = parts->has_src && may_be_shared(release, &field); break;
		case QW_KEY_DEST_IP: parts->has_dst = parts->has_dst && may_be_shared(release, &field); break;
		case QW_KEY_HTTP_HOSTNAME:
		case QW_KEY_TLS_SNI:
		case QW_KEY_DNS_RRNAME: named |= is_same(parts->name, &field); break;
		default: break;
		}
	}
	if (!named)
		parts->name = (struct qw_slice){NULL, 0};
}

/* ---- what people offer, and what is asked for */

bool qw_release_lets_kind(const struct qw_release *release, enum qw_release_kind kind)
{
	return release->policy.lets[kind];
}

/* A name without a dot is one that only its own network knows. */
static bool is_own_name(const struct qw_release *release, const struct qw_observable *observable)
{
	bool named = observable->type == QW_OBS_DOMAIN || observable->type == QW_OBS_HOST;

	return named && release->policy.names != QW_SCRUB_KEEP && !memchr(observable->text, '.', observable->len);
}

bool qw_release_holds_back(struct qw_release *release, const struct qw_observable *observable)
{
	struct qw_text text;

	if (is_own_name(release, observable))
		return true;
	qw_text_init(&text, release->text, sizeof(release->text));
	return qw_scrub_text(release->scrub, qw_slice(observable->text, observable->len), &text) > 0 || text.cut;
}

void qw_release_put_text(struct qw_release *release, struct qw_slice in, struct qw_text *out)
{
	qw_scrub_text(release->scrub, in, out);
}
