/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/export/eve_keys.h"
#include "sensor/export/release_policy.h"
#include "sensor/export/scrub.h"

struct qw_release {
	struct qw_release_policy policy;
	struct qw_pseudonym *pseudonym; /* NULL: no policy needs it */
	struct qw_scrub *scrub;
	struct qw_release_counters counters;
	struct qw_event_writer writer;
	uint8_t *indicator_id;       /* where it was written, to be taken back; NULL: not yet */
	uint64_t touched;            /* fields of this event that are not as they were */
	alignas(8) uint8_t event[QW_EVENT_MAX];
	char text[QW_SCRUB_TEXT_MAX];
};

/* ---- making */

static enum qw_err open_pseudonym(struct qw_release *release, const char *path)
{
	if (release->policy.addresses != QW_SCRUB_PSEUDONYM && release->policy.names != QW_SCRUB_PSEUDONYM)
		return QW_OK;
	return qw_pseudonym_open(&release->pseudonym, path);
}

static enum qw_err open_scrub(struct qw_release *release, const struct qw_release_options *options)
{
	struct qw_scrub_options scrub = {
		.addresses = release->policy.addresses,
		.names = release->policy.names,
		.pseudonym = release->pseudonym,
		.is_ours = options->is_ours,
		.ctx = options->ctx,
	};

	scrub.domain_count = qw_config_list(options->config, options->first_key + QW_RELEASE_DOMAINS, &scrub.domains);
	return qw_scrub_new(&release->scrub, &scrub);
}

enum qw_err qw_release_new(struct qw_release **out, const struct qw_release_options *options, struct qw_diags *diags)
{
	struct qw_release *release = calloc(1, sizeof(*release));

	if (!release)
		return QW_ENOMEM;
	enum qw_err err = qw_release_policy_init(&release->policy, options->config, options->first_key, diags);
	if (err == QW_OK)
		err = open_pseudonym(release, options->key_path);
	if (err == QW_OK)
		err = open_scrub(release, options);
	if (err != QW_OK) {
		qw_release_free(release);
		return err;
	}
	*out = release;
	return QW_OK;
}

void qw_release_free(struct qw_release *release)
{
	if (!release)
		return;
	qw_scrub_free(release->scrub);
	qw_pseudonym_free(release->pseudonym);
	qw_release_policy_fini(&release->policy);
	free(release);
}

enum qw_err qw_release_name(struct qw_release *release, struct qw_slice name)
{
	return qw_scrub_name(release->scrub, name);
}

bool qw_release_is_open(const struct qw_release *release)
{
	return release->policy.addresses == QW_SCRUB_KEEP && release->policy.names == QW_SCRUB_KEEP;
}

static bool changes_nothing(const struct qw_release_policy *policy)
{
	return policy->addresses == QW_SCRUB_KEEP && policy->names == QW_SCRUB_KEEP && policy->payload && policy->ot_values &&
	       policy->fields == 0;
}

/* ---- fields, each kind in its way */

struct field {
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;
};

static void keep(struct qw_release *release, const struct field *field)
{
	qw_event_put(&release->writer, field->key, field->data, field->len);
}

static void drop(struct qw_release *release)
{
	release->touched++;
	release->counters.dropped++;
}

static void put_instead(struct qw_release *release, enum qw_event_key key, const void *data, size_t len)
{
	release->touched++;
	release->counters.replaced++;
	qw_event_put(&release->writer, key, data, len);
}

static void release_address(struct qw_release *release, const struct field *field)
{
	struct qw_address address;

	if (field->len != sizeof(address)) {
		drop(release);
		return;
	}
	memcpy(&address, field->data, sizeof(address));
	if (!qw_scrub_is_ours(release->scrub, &address))
		keep(release, field);
	else if (qw_scrub_address(release->scrub, &address))
		put_instead(release, field->key, &address, sizeof(address));
	else
		drop(release);
}

static void release_mac(struct qw_release *release, const struct field *field)
{
	uint8_t mac[QW_PSEUDONYM_MAC_BYTES];

	if (field->len != sizeof(mac)) {
		drop(release);
		return;
	}
	memcpy(mac, field->data, sizeof(mac));
	if (!qw_scrub_is_our_mac(mac))
		keep(release, field);
	else if (qw_scrub_mac(release->scrub, mac))
		put_instead(release, field->key, mac, sizeof(mac));
	else
		drop(release);
}

static void release_text(struct qw_release *release, const struct field *field)
{
	struct qw_text text;

	qw_text_init(&text, release->text, sizeof(release->text));
	size_t count = qw_scrub_text(release->scrub, qw_slice(field->data, field->len), &text);
	if (text.cut) {
		drop(release);
		return;
	}
	if (count == 0) {
		keep(release, field);
		return;
	}
	put_instead(release, field->key, text.at, text.len);
}

/* Its escapes could spell what a scrub does not see. */
static void release_object(struct qw_release *release, const struct field *field)
{
	if (field->len && memchr(field->data, '\\', field->len))
		drop(release);
	else
		release_text(release, field);
}

/* All of it is a name of ours. */
static void release_name(struct qw_release *release, const struct field *field)
{
	struct qw_text text;

	if (release->policy.names == QW_SCRUB_KEEP) {
		release_text(release, field); /* some are called by their address */
		return;
	}
	if (release->policy.names == QW_SCRUB_DROP) {
		drop(release);
		return;
	}
	qw_text_init(&text, release->text, sizeof(release->text));
	qw_scrub_put_name(release->scrub, qw_slice(field->data, field->len), &text);
	put_instead(release, field->key, text.at, text.len);
}

/* A name without a dot is one that only its own network knows. */
static void release_host(struct qw_release *release, const struct field *field)
{
	if (field->len && !memchr(field->data, '.', field->len) && !memchr(field->data, ':', field->len))
		release_name(release, field);
	else
		release_text(release, field);
}

static void release_words(struct qw_release *release, const struct field *field)
{
	if (release->policy.names == QW_SCRUB_KEEP)
		release_text(release, field);
	else
		drop(release); /* QW_KEY_TEXT says the same without names */
}

static void release_made_of_addresses(struct qw_release *release, const struct field *field)
{
	if (release->policy.addresses == QW_SCRUB_KEEP)
		keep(release, field);
	else
		drop(release);
}

static void release_payload(struct qw_release *release, const struct field *field)
{
	if (release->policy.payload && qw_release_is_open(release))
		keep(release, field);
	else
		drop(release);
}

static void release_value(struct qw_release *release, const struct field *field)
{
	if (!release->policy.ot_values)
		drop(release);
	else if (field->key == QW_KEY_OT_VALUES)
		release_text(release, field);
	else
		keep(release, field);
}

static void release_indicator_id(struct qw_release *release, const struct field *field)
{
	keep(release, field);
	release->indicator_id = field->len == sizeof(uint64_t) && !release->writer.cut
				 ? release->writer.event->body + release->writer.event->len - sizeof(uint64_t)
				 : NULL;
}

/* An indicator's id is a hash of its value: where that is not told, the id must not tell it. */
static void release_indicator_value(struct qw_release *release, const struct field *field)
{
	uint64_t touched = release->touched;

	release_text(release, field);
	if (release->touched != touched && release->indicator_id)
		memset(release->indicator_id, 0, sizeof(uint64_t));
}

/* By shape … */
static void (*const by_shape[])(struct qw_release *release, const struct field *field) = {
	[QW_EVE_NUMBER] = keep,         [QW_EVE_TEXT] = release_text,    [QW_EVE_ADDRESS] = release_address,
	[QW_EVE_MAC] = release_mac,     [QW_EVE_PROTO] = keep,           [QW_EVE_TIME] = keep,
	[QW_EVE_BASE64] = release_payload, [QW_EVE_DECIMAL] = keep,      [QW_EVE_NUMBERS] = keep,
	[QW_EVE_METADATA] = release_text, [QW_EVE_LINES] = release_text, [QW_EVE_OBJECT] = release_object,
	[QW_EVE_PAIRS] = release_text,  [QW_EVE_OURS] = release_text,
};

/* … except these. */
static void (*const by_key[QW_KEY_COUNT])(struct qw_release *release, const struct field *field) = {
	[QW_KEY_FLOW_ID] = release_made_of_addresses,
	[QW_KEY_COMMUNITY_ID] = release_made_of_addresses,
	[QW_KEY_HTTP_HOSTNAME] = release_host,
	[QW_KEY_TLS_SNI] = release_host,
	[QW_KEY_DNS_RRNAME] = release_host,
	[QW_KEY_DNS_ANSWER_RRNAME] = release_host,
	[QW_KEY_OT_VALUE] = release_value,
	[QW_KEY_OT_VALUES] = release_value,
	[QW_KEY_OT_DEVICE_NAME] = release_name,
	[QW_KEY_OT_CHASSIS] = release_name,
	[QW_KEY_OT_USER] = release_name,
	[QW_KEY_ASSET_NAME] = release_name,
	[QW_KEY_ASSET_AREA] = release_name,
	[QW_KEY_SRC_ASSET_NAME] = release_name,
	[QW_KEY_SRC_ASSET_AREA] = release_name,
	[QW_KEY_DEST_ASSET_NAME] = release_name,
	[QW_KEY_DEST_ASSET_AREA] = release_name,
	[QW_KEY_WORDS] = release_words,
	[QW_KEY_INDICATOR_ID] = release_indicator_id,
	[QW_KEY_INDICATOR_VALUE] = release_indicator_value,
	[QW_KEY_INDICATOR_CONFIDENCE] = keep,
	[QW_KEY_COUNT_ADDED] = keep,
	[QW_KEY_SHARE] = keep,
	[QW_KEY_WATCH_ONLY] = keep,
	[QW_KEY_WATCH_BEGINS] = keep,
	[QW_KEY_WATCH_COUNT] = keep,
	[QW_KEY_WATCH_SHORTEST] = keep,
	[QW_KEY_WATCH_LONGEST] = keep,
	[QW_KEY_WATCH_PRINT] = keep,
	[QW_KEY_WATCH_SILENT] = keep,
};

static void release_field(struct qw_release *release, const struct field *field)
{
	if (release->policy.withheld[field->key]) {
		drop(release);
		return;
	}
	if (by_key[field->key])
		by_key[field->key](release, field);
	else
		by_shape[qw_eve_rows[field->key].shape](release, field);
}

/* ---- events */

static bool is_let(const struct qw_release *release, struct qw_event_reader reader)
{
	struct qw_release_alert alert = {0};
	struct field field;

	while (qw_event_next(&reader, &field.key, &field.data, &field.len)) {
		switch (field.key) {
		case QW_KEY_ALERT_GID: alert.gid = qw_eve_number(field.data, field.len); break;
		case QW_KEY_ALERT_SIGNATURE_ID: alert.sid = qw_eve_number(field.data, field.len); break;
		case QW_KEY_ALERT_CATEGORY: alert.class = qw_slice(field.data, field.len); break;
		case QW_KEY_ORIGIN: alert.origin = qw_slice(field.data, field.len); break;
		default: break;
		}
	}
	return qw_release_policy_lets(&release->policy, &alert);
}

static bool rewrite(struct qw_release *release, struct qw_event_reader reader, const struct qw_event *event)
{
	struct field field;

	release->indicator_id = NULL;
	release->touched = 0;
	qw_event_begin(&release->writer, release->event, sizeof(release->event), (enum qw_event_type)event->type,
		       qw_time_ns(event->time_ns));
	while (qw_event_next(&reader, &field.key, &field.data, &field.len))
		release_field(release, &field);
	return !release->writer.cut;
}

bool qw_release_event(struct qw_release *release, const struct qw_event *event, size_t size, const struct qw_event **out,
		      size_t *out_size)
{
	struct qw_event_reader reader;
	struct qw_release_counters *counters = &release->counters;

	if (qw_event_open(&reader, event, size, &event) != QW_OK) {
		counters->damaged++;
		return false;
	}
	if (!is_let(release, reader)) {
		counters->stayed++;
		return false;
	}
	*out = event;
	*out_size = size;
	counters->released++;
	if (changes_nothing(&release->policy))
		return true;
	if (!rewrite(release, reader, event)) {
		counters->released--;
		counters->damaged++;
		return false;
	}
	counters->changed += release->touched > 0;
	*out = release->writer.event;
	*out_size = qw_event_size(*out);
	return true;
}

/* ---- proposals */

static bool may_be_shared(const struct qw_release *release, const struct field *field)
{
	struct qw_address address;

	if (field->len != sizeof(address))
		return false;
	memcpy(&address, field->data, sizeof(address));
	return release->policy.addresses == QW_SCRUB_KEEP || !qw_scrub_is_ours(release->scrub, &address);
}

static bool is_same(struct qw_slice name, const struct field *field)
{
	return name.len == field->len && (name.len == 0 || memcmp(name.data, field->data, name.len) == 0);
}

void qw_release_parts(const struct qw_release *release, const struct qw_event *event, size_t size, struct qw_eve_parts *parts)
{
	struct qw_event_reader reader;
	struct field field;

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

struct qw_release_counters qw_release_counters(const struct qw_release *release)
{
	return release->counters;
}
