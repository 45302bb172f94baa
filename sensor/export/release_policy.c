/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sensor/export/eve_keys.h"

enum { FIELD_MAX = 64 };

static const char *const subject_names[QW_RELEASE_SUBJECTS] = {
	[QW_RELEASE_GID] = "gid",
	[QW_RELEASE_SID] = "sid",
	[QW_RELEASE_ORIGIN] = "origin",
	[QW_RELEASE_CLASS] = "class",
};

/* Fields of the object "quaywatch", which has no rows of its own. */
static const struct {
	const char *name;
	enum qw_event_key first, last;
} own_fields[] = {
	{"quaywatch.ndpi", QW_KEY_NDPI, QW_KEY_NDPI},
	{"quaywatch.indicator.value", QW_KEY_INDICATOR_VALUE, QW_KEY_INDICATOR_VALUE},
	{"quaywatch.asset", QW_KEY_SRC_ASSET_NAME, QW_KEY_DEST_ASSET_CRITICALITY},
	{"quaywatch.text", QW_KEY_TEXT, QW_KEY_WORDS},
};

static const struct {
	const char *word;
	enum qw_scrub_way way;
} ways[] = {
	{"keep", QW_SCRUB_KEEP},           {"drop", QW_SCRUB_DROP}, {"truncate", QW_SCRUB_TRUNCATE},
	{"pseudonym", QW_SCRUB_PSEUDONYM}, {"hash", QW_SCRUB_PSEUDONYM},
};

static enum qw_scrub_way way_of(const char *word)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].word, word) == 0)
			return ways[i].way;
	return QW_SCRUB_DROP; /* the config's choices leave none other; the safe one all the same */
}

/* ---- fields */

/* "tls.ja3.hash", as people write it; "dns.answers.rdata" is "dns.rdata" here. */
static const char *field_name(enum qw_event_key key, char *room, size_t size)
{
	const struct qw_eve_row *row = &qw_eve_rows[key];
	struct qw_text text;

	qw_text_init(&text, room, size);
	if (row->object)
		qw_text_put(&text, row->object, strlen(row->object));
	if (row->object && row->name)
		qw_text_char(&text, '.');
	if (row->name)
		qw_text_put(&text, row->name, strlen(row->name));
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '/')
			text.at[i] = '.';
	return qw_text_string(&text);
}

static size_t withhold(struct qw_release_policy *policy, const char *field)
{
	char room[FIELD_MAX];
	size_t found = 0;

	for (size_t i = 0; i < sizeof(own_fields) / sizeof(own_fields[0]); i++)
		for (unsigned key = own_fields[i].first; strcmp(own_fields[i].name, field) == 0 && key <= own_fields[i].last; key++, found++)
			policy->withheld[key] = true;
	for (unsigned key = 0; key < QW_KEY_COUNT; key++) {
		if (qw_eve_rows[key].shape == QW_EVE_OURS || strcmp(field_name(key, room, sizeof(room)), field) != 0)
			continue;
		policy->withheld[key] = true;
		found++;
	}
	return found;
}

static void complain_field(struct qw_diags *diags, const char *field)
{
	qw_complain(diags, QW_DIAG_ERROR, "", 0, 0,
		    "release.fields: \"%s\" is no field of an alert; they are written as in EVE: \"http.url\", \"tls.sni\", \"src_ip\"", field);
}

static void read_fields(struct qw_release_policy *policy, const struct qw_config *config, size_t row, struct qw_diags *diags)
{
	const char *const *items;
	size_t count = qw_config_list(config, row, &items);

	for (size_t i = 0; i < count; i++) {
		size_t found = withhold(policy, items[i]);
		policy->fields += found;
		if (found == 0)
			complain_field(diags, items[i]);
	}
}

/* ---- rules */

static bool read_rule(struct qw_release_rule *rule, const char *text)
{
	const char *colon = strchr(text, ':');
	char *end;

	for (unsigned i = 0; colon && i < QW_RELEASE_SUBJECTS; i++) {
		size_t len = (size_t)(colon - text);
		if (strlen(subject_names[i]) != len || memcmp(subject_names[i], text, len) != 0)
			continue;
		*rule = (struct qw_release_rule){.subject = (enum qw_release_subject)i, .text = colon + 1};
		if (i == QW_RELEASE_ORIGIN || i == QW_RELEASE_CLASS)
			return colon[1] != 0;
		errno = 0;
		rule->number = strtoull(colon + 1, &end, 10);
		return colon[1] >= '0' && colon[1] <= '9' && *end == 0 && errno == 0;
	}
	return false;
}

static enum qw_err read_rules(struct qw_release_rules *rules, const struct qw_config *config, size_t row, const char *key,
			      struct qw_diags *diags)
{
	const char *const *items;
	size_t count = qw_config_list(config, row, &items);

	if (count == 0)
		return QW_OK;
	rules->row = calloc(count, sizeof(*rules->row));
	if (!rules->row)
		return QW_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (read_rule(&rules->row[rules->count], items[i]))
			rules->count++;
		else
			qw_complain(diags, QW_DIAG_ERROR, "", 0, 0,
				    "%s: \"%s\" is not understood; write \"gid:3\", \"sid:2019401\", \"origin:pack\" or \"class:Misc activity\"",
				    key, items[i]);
	}
	return QW_OK;
}

static bool says(struct qw_slice value, const char *text)
{
	return value.len == strlen(text) && strncasecmp((const char *)value.data, text, value.len) == 0;
}

static bool rule_fits(const struct qw_release_rule *rule, const struct qw_release_alert *alert)
{
	switch (rule->subject) {
	case QW_RELEASE_GID: return alert->gid == rule->number;
	case QW_RELEASE_SID: return alert->sid == rule->number;
	case QW_RELEASE_ORIGIN: return says(alert->origin, rule->text);
	case QW_RELEASE_CLASS: return says(alert->class, rule->text);
	case QW_RELEASE_SUBJECTS: break;
	}
	return false;
}

static bool any_fits(const struct qw_release_rules *rules, const struct qw_release_alert *alert)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rule_fits(&rules->row[i], alert))
			return true;
	return false;
}

bool qw_release_policy_lets(const struct qw_release_policy *policy, const struct qw_release_alert *alert)
{
	if (any_fits(&policy->stay, alert))
		return false;
	return policy->leave.count == 0 || any_fits(&policy->leave, alert);
}

/* ---- the whole */

enum qw_err qw_release_policy_init(struct qw_release_policy *policy, const struct qw_config *config, size_t first_key,
				   struct qw_diags *diags)
{
	size_t errors = diags->errors;

	*policy = (struct qw_release_policy){
		.addresses = way_of(qw_config_text(config, first_key + QW_RELEASE_ADDRESSES)),
		.names = way_of(qw_config_text(config, first_key + QW_RELEASE_NAMES)),
		.payload_kept = strcmp(qw_config_text(config, first_key + QW_RELEASE_PAYLOAD), "on_request") == 0,
		.ot_values = qw_config_bool(config, first_key + QW_RELEASE_OT_VALUES),
		.lets = {
			[QW_RELEASE_KIND_PROPOSAL] = qw_config_bool(config, first_key + QW_RELEASE_PROPOSALS),
			[QW_RELEASE_KIND_DRY_RUN] = qw_config_bool(config, first_key + QW_RELEASE_DRY_RUNS),
			[QW_RELEASE_KIND_SIGHTING] = qw_config_bool(config, first_key + QW_RELEASE_SIGHTINGS),
		},
	};
	read_fields(policy, config, first_key + QW_RELEASE_FIELDS, diags);
	enum qw_err err = read_rules(&policy->stay, config, first_key + QW_RELEASE_STAY, "release.stay", diags);
	if (err == QW_OK)
		err = read_rules(&policy->leave, config, first_key + QW_RELEASE_LEAVE, "release.leave", diags);
	return err == QW_OK && diags->errors > errors ? QW_EFORMAT : err;
}

void qw_release_policy_fini(struct qw_release_policy *policy)
{
	free(policy->stay.row);
	free(policy->leave.row);
	policy->stay = policy->leave = (struct qw_release_rules){NULL, 0};
}
