/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release_parts.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/export/eve_keys.h"
#include "sensor/export/release_keys.h"

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
	release->keep_payload = options->keep_payload;
	release->ctx = options->ctx;
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

bool qw_release_keeps_payload(const struct qw_release *release)
{
	return release->policy.payload_kept;
}

/* But for payload. */
static bool changes_nothing(const struct qw_release_policy *policy)
{
	return policy->addresses == QW_SCRUB_KEEP && policy->names == QW_SCRUB_KEEP && policy->ot_values &&
	       policy->fields == 0;
}

/* ---- fields, each kind in its way */

static void keep(struct qw_release *release, const struct qw_release_field *field)
{
	qw_event_put(&release->writer, field->key, field->data, field->len);
}

static uint32_t touched_of(const struct qw_release *release)
{
	return release->fields.dropped + release->fields.replaced;
}

static void drop(struct qw_release *release)
{
	release->fields.dropped++;
	release->counters.dropped++;
}

static void put_instead(struct qw_release *release, enum qw_event_key key, const void *data, size_t len)
{
	release->fields.replaced++;
	release->counters.replaced++;
	qw_event_put(&release->writer, key, data, len);
}

static void release_address(struct qw_release *release, const struct qw_release_field *field)
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

static void release_mac(struct qw_release *release, const struct qw_release_field *field)
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

static void release_text(struct qw_release *release, const struct qw_release_field *field)
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
static void release_object(struct qw_release *release, const struct qw_release_field *field)
{
	if (field->len && memchr(field->data, '\\', field->len))
		drop(release);
	else
		release_text(release, field);
}

/* All of it is a name of ours. */
static void release_name(struct qw_release *release, const struct qw_release_field *field)
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
static void release_host(struct qw_release *release, const struct qw_release_field *field)
{
	if (field->len && !memchr(field->data, '.', field->len) && !memchr(field->data, ':', field->len))
		release_name(release, field);
	else
		release_text(release, field);
}

static void release_words(struct qw_release *release, const struct qw_release_field *field)
{
	if (release->policy.names == QW_SCRUB_KEEP)
		release_text(release, field);
	else
		drop(release); /* QW_KEY_TEXT says the same without names */
}

static void release_made_of_addresses(struct qw_release *release, const struct qw_release_field *field)
{
	if (release->policy.addresses == QW_SCRUB_KEEP)
		keep(release, field);
	else
		drop(release);
}

static bool keep_here(struct qw_release *release, const struct qw_release_field *field, char name[QW_VAULT_NAME + 1])
{
	return release->policy.payload_kept && release->keep_payload && field->len > 0 &&
	       release->keep_payload(release->ctx, qw_slice(field->data, field->len), name);
}

/* It never leaves; the name by which it can be asked for does. */
static void release_payload(struct qw_release *release, const struct qw_release_field *field)
{
	char name[QW_VAULT_NAME + 1];

	release->counters.payload++;
	if (keep_here(release, field, name) && !release->policy.withheld[QW_KEY_PAYLOAD_DIGEST])
		put_instead(release, QW_KEY_PAYLOAD_DIGEST, name, QW_VAULT_NAME);
	else
		drop(release);
}

static void release_value(struct qw_release *release, const struct qw_release_field *field)
{
	if (!release->policy.ot_values)
		drop(release);
	else if (field->key == QW_KEY_OT_VALUES)
		release_text(release, field);
	else
		keep(release, field);
}

static void release_indicator_id(struct qw_release *release, const struct qw_release_field *field)
{
	keep(release, field);
	release->indicator_id = field->len == sizeof(uint64_t) && !release->writer.cut
				 ? release->writer.event->body + release->writer.event->len - sizeof(uint64_t)
				 : NULL;
}

/* An indicator's id is a hash of its value: where that is not told, the id must not tell it. */
static void release_indicator_value(struct qw_release *release, const struct qw_release_field *field)
{
	uint32_t touched = touched_of(release);

	release_text(release, field);
	if (touched_of(release) != touched && release->indicator_id)
		memset(release->indicator_id, 0, sizeof(uint64_t));
}

static void release_undecided(struct qw_release *release, const struct qw_release_field *field)
{
	(void)field;
	drop(release);
}

static void (*const ways[QW_WAY_WAYS])(struct qw_release *release, const struct qw_release_field *field) = {
	[QW_WAY_UNDECIDED] = release_undecided,
	[QW_WAY_KEEP] = keep,
	[QW_WAY_TEXT] = release_text,
	[QW_WAY_ADDRESS] = release_address,
	[QW_WAY_MAC] = release_mac,
	[QW_WAY_OBJECT] = release_object,
	[QW_WAY_NAME] = release_name,
	[QW_WAY_HOST] = release_host,
	[QW_WAY_WORDS] = release_words,
	[QW_WAY_MADE_OF_ADDRESSES] = release_made_of_addresses,
	[QW_WAY_PAYLOAD] = release_payload,
	[QW_WAY_VALUE] = release_value,
	[QW_WAY_INDICATOR_ID] = release_indicator_id,
	[QW_WAY_INDICATOR_VALUE] = release_indicator_value,
};

static void release_field(struct qw_release *release, const struct qw_release_field *field)
{
	if (release->policy.withheld[field->key])
		drop(release);
	else
		ways[qw_release_ways[field->key]](release, field);
}

/* ---- events */

/* What an event is, before anything is done with it. */
struct survey {
	uint32_t fields;
	bool payload; /* among them */
};

static bool is_let(const struct qw_release *release, struct qw_event_reader reader, struct survey *survey)
{
	struct qw_release_alert alert = {0};
	struct qw_release_field field;

	*survey = (struct survey){0};
	for (; qw_event_next(&reader, &field.key, &field.data, &field.len); survey->fields++) {
		switch (field.key) {
		case QW_KEY_ALERT_GID: alert.gid = qw_eve_number(field.data, field.len); break;
		case QW_KEY_ALERT_SIGNATURE_ID: alert.sid = qw_eve_number(field.data, field.len); break;
		case QW_KEY_ALERT_CATEGORY: alert.class = qw_slice(field.data, field.len); break;
		case QW_KEY_PAYLOAD: survey->payload = true; break;
		case QW_KEY_ORIGIN: alert.origin = qw_slice(field.data, field.len); break;
		default: break;
		}
	}
	return qw_release_policy_lets(&release->policy, &alert);
}

static bool rewrite(struct qw_release *release, struct qw_event_reader reader, const struct qw_event *event)
{
	struct qw_release_field field;

	release->indicator_id = NULL;
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
	struct survey survey;

	if (qw_event_open(&reader, event, size, &event) != QW_OK) {
		counters->damaged++;
		return false;
	}
	if (!is_let(release, reader, &survey)) {
		counters->stayed++;
		return false;
	}
	*out = event;
	*out_size = size;
	counters->released++;
	release->fields = (struct qw_ledger_fields){.kept = survey.fields};
	if (changes_nothing(&release->policy) && !survey.payload)
		return true;
	if (!rewrite(release, reader, event)) {
		counters->released--;
		counters->damaged++;
		return false;
	}
	counters->changed += touched_of(release) > 0;
	release->fields.kept -= touched_of(release) < release->fields.kept ? touched_of(release) : release->fields.kept;
	*out = release->writer.event;
	*out_size = qw_event_size(*out);
	return true;
}

struct qw_ledger_fields qw_release_fields(const struct qw_release *release)
{
	return release->fields;
}

bool qw_release_lets(const struct qw_release *release, const struct qw_event *event, size_t size)
{
	struct qw_event_reader reader;
	struct survey survey;

	return qw_event_open(&reader, event, size, &event) == QW_OK && is_let(release, reader, &survey);
}

struct qw_release_counters qw_release_counters(const struct qw_release *release)
{
	return release->counters;
}
