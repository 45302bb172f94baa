/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/label.h"

static const struct {
	const char *name, *text;
} verdicts[QW_VERDICT_COUNT] = {
    [QW_VERDICT_PROMOTED] = {"promoted", "goes to every tenant"},
    [QW_VERDICT_WAITING] = {"waiting", "kept as a candidate, until more tenants say the same"},
    [QW_VERDICT_KNOWN] = {"known", "every tenant has it already"},
    [QW_VERDICT_FORM] = {"form", "not a value of its type in canonical form"},
    [QW_VERDICT_ALLOW] = {"allow", "exceptions are the operator's to make"},
    [QW_VERDICT_LABEL] = {"label", "its TLP label forbids sharing it with every tenant"},
    [QW_VERDICT_UNSURE] = {"unsure", "its confidence is below the policy's for its type"},
    [QW_VERDICT_SPECIAL] = {"special", "private or special address space is never promoted"},
    [QW_VERDICT_BROAD] = {"broad", "it covers too much to be promoted without a person"},
    [QW_VERDICT_PROTECTED] = {"protected", "a crown jewel or an allow entry stands against it"},
    [QW_VERDICT_WARNED] = {"warned", "a warning list holds it for good"},
    [QW_VERDICT_NOISY] = {"noisy", "tried dry, it is too popular to be bad"},
    [QW_VERDICT_WITHDRAWN] = {"withdrawn", "an operator revoked it; only an operator may add it again"},
    [QW_VERDICT_RATE] = {"rate", "the tenant has used up its proposals of this hour"},
};

enum { BROAD_V4 = 96 + 24, BROAD_V6 = 48 };

struct qw_policy {
	struct qw_policy_rule rule[QW_OBS_COUNT];
	struct qw_guard *guard;
};

const char *qw_verdict_name(enum qw_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *qw_verdict_text(enum qw_verdict verdict)
{
	return verdicts[verdict].text;
}

enum qw_verdict qw_verdict_of_guard(enum qw_guard_kind kind)
{
	static const enum qw_verdict of[QW_GUARD_KINDS] = {
	    [QW_GUARD_SPECIAL] = QW_VERDICT_SPECIAL,
	    [QW_GUARD_JEWEL] = QW_VERDICT_PROTECTED,
	    [QW_GUARD_ALLOW] = QW_VERDICT_PROTECTED,
	    [QW_GUARD_WARNING] = QW_VERDICT_WARNED,
	};

	return of[kind];
}

/* ---- making */

static void complain_item(struct qw_diags *diags, const char *key, const char *text)
{
	qw_complain(diags, QW_DIAG_ERROR, "", 0, 0,
		    "%s: \"%s\" is no address, block or name; write \"192.0.2.0/24\" or \"example.org\"", key, text);
}

/* All of them are tried, so that one run tells all mistakes. */
static enum qw_err add_items(struct qw_guard *guard, enum qw_guard_kind kind, const char *key,
			     const struct qw_policy_list *items, struct qw_diags *diags)
{
	enum qw_err worst = QW_OK;

	for (size_t i = 0; i < items->count; i++) {
		struct qw_guard_list list = {kind, key, NULL};
		const char *text = items->item[i], *space = strchr(text, ' ');
		char tenant[64] = "";
		if (kind == QW_GUARD_ALLOW && space && (size_t)(space - text) < sizeof(tenant)) {
			memcpy(tenant, text, (size_t)(space - text));
			list.tenant = tenant;
			text = space + 1 + strspn(space + 1, " ");
		}
		enum qw_err err = qw_guard_add_text(guard, &list, text);
		if (err == QW_EFORMAT)
			complain_item(diags, key, items->item[i]);
		worst = err == QW_OK ? worst : err;
	}
	return worst;
}

static enum qw_err read_files(struct qw_guard *guard, enum qw_guard_kind kind, const struct qw_policy_list *files,
			      struct qw_diags *diags)
{
	const struct qw_guard_list list = {kind, NULL, NULL};
	enum qw_err worst = QW_OK;

	for (size_t i = 0; i < files->count; i++) {
		enum qw_err err = qw_guard_read(guard, &list, files->item[i], diags);
		if (err != QW_OK && err != QW_EFORMAT)
			qw_complain(diags, QW_DIAG_ERROR, files->item[i], 0, 0, "cannot be read: %s", qw_strerror(err));
		worst = err == QW_OK ? worst : err;
	}
	return worst;
}

static enum qw_err fill_guard(struct qw_guard *guard, const struct qw_policy_options *options, struct qw_diags *diags)
{
	enum qw_err results[] = {
	    qw_guard_add_special(guard),
	    add_items(guard, QW_GUARD_JEWEL, "policy.protected", &options->jewels, diags),
	    read_files(guard, QW_GUARD_JEWEL, &options->jewel_files, diags),
	    add_items(guard, QW_GUARD_ALLOW, "policy.allow", &options->allow, diags),
	    read_files(guard, QW_GUARD_WARNING, &options->warning_lists, diags),
	};
	enum qw_err worst = QW_OK;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		worst = results[i] == QW_OK ? worst : results[i];
	qw_guard_finish(guard);
	return worst;
}

enum qw_err qw_policy_new(struct qw_policy **out, const struct qw_policy_options *options, struct qw_diags *diags)
{
	struct qw_policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return QW_ENOMEM;
	for (size_t i = 0; i < QW_OBS_COUNT; i++)
		policy->rule[i] = options->rule;
	policy->rule[QW_OBS_CIDR].max_age = qw_time_ns(0); /* who uses a block changes */
	enum qw_err err = qw_guard_new(&policy->guard);
	if (err == QW_OK)
		err = fill_guard(policy->guard, options, diags);
	if (err != QW_OK) {
		qw_policy_free(policy);
		return err;
	}
	*out = policy;
	return QW_OK;
}

void qw_policy_free(struct qw_policy *policy)
{
	if (!policy)
		return;
	qw_guard_free(policy->guard);
	free(policy);
}

const struct qw_guard *qw_policy_guard(const struct qw_policy *policy)
{
	return policy->guard;
}

const struct qw_policy_rule *qw_policy_rule_of(const struct qw_policy *policy, enum qw_observable_type type)
{
	return &policy->rule[type];
}

/* ---- a type's own rule */

static bool number_of(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < least || value > most)
		return false;
	*out = value;
	return true;
}

static bool set_one(struct qw_policy_rule *rule, const char *key, const char *value)
{
	uint64_t number = 0;
	enum qw_tlp tlp = qw_tlp_parse(value, strlen(value));
	const struct {
		const char *key;
		uint64_t least, most;
	} rows[] = {{"tenants", 1, 1000},	{"confidence", 0, 100},		{"window_hours", 1, 87600},
		    {"lifetime_days", 1, 3650}, {"proposals_per_hour", 0, 1000000}, {"noise", 0, UINT32_MAX},
		    {"max_age_days", 0, 36500}};
	size_t row = 0;

	if (strcmp(key, "tlp") == 0 && qw_label_permits(tlp, QW_PLACE_COMMUNITY)) {
		rule->tlp = tlp;
		return true;
	}
	while (row < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[row].key, key) != 0)
		row++;
	if (row == sizeof(rows) / sizeof(rows[0]) || !number_of(value, rows[row].least, rows[row].most, &number))
		return false;
	switch (row) {
	case 0: rule->tenants = number; break;
	case 1: rule->confidence = (uint8_t)number; break;
	case 2: rule->window = qw_time_seconds((int64_t)number * 3600); break;
	case 3: rule->lifetime = qw_time_seconds((int64_t)number * 86400); break;
	case 4: rule->per_hour = number; break;
	case 5: rule->noise = number; break;
	default: rule->max_age = qw_time_seconds((int64_t)number * 86400); break;
	}
	return true;
}

static enum qw_observable_type type_of(const char *name)
{
	char spelt[32];

	snprintf(spelt, sizeof(spelt), "%s", strcmp(name, "ip-port") == 0 ? "ip:port" : name);
	return qw_observable_type_parse(spelt, strlen(spelt));
}

enum qw_err qw_policy_set(struct qw_policy *policy, const char *type, const char *text, struct qw_diags *diags)
{
	static const char between[] = "[], \t";
	enum qw_observable_type number = type_of(type);
	enum qw_err err = number == QW_OBS_COUNT ? QW_EFORMAT : QW_OK;
	char word[64];

	if (err != QW_OK)
		qw_complain(diags, QW_DIAG_ERROR, "", 0, 0, "policy.type.%s: no such type of observable", type);
	for (text += strspn(text, between); *text && number != QW_OBS_COUNT; text += strspn(text, between)) {
		size_t len = strcspn(text, between);
		snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), text);
		char *equals = strchr(word, '=');
		text += len;
		if (equals)
			*equals = '\0';
		if (equals && set_one(&policy->rule[number], word, equals + 1))
			continue;
		qw_complain(diags, QW_DIAG_ERROR, "", 0, 0,
			    "policy.type.%s: \"%s\" is not understood, or its number is out of bounds; write for instance "
			    "[\"tenants=3\", \"confidence=60\", \"window_hours=24\", \"lifetime_days=7\", \"tlp=green\", "
			    "\"proposals_per_hour=100\", \"noise=5\"]",
			    type, word);
		err = QW_EFORMAT;
	}
	return err;
}

/* ---- judging */

/* "co.uk", "com.br": what countries give out names below; as broad as a name without a dot. */
static bool is_suffix(const char *name, size_t len)
{
	static const char *const labels[] = {"ac", "co",  "com", "edu", "go", "gob", "gov",
					     "gv", "mil", "ne",  "net", "or", "org"};
	const char *dot = memchr(name, '.', len);
	size_t first = dot ? (size_t)(dot - name) : 0;

	if (!dot || len - first != sizeof(".uk") - 1)
		return false;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strlen(labels[i]) == first && memcmp(labels[i], name, first) == 0)
			return true;
	return false;
}

/* Blocks above a /24 or /48, names without a dot or that a country gives out names below, paths on any host. */
static bool is_broad(const struct qw_observable *observable)
{
	struct qw_prefix prefix;
	const char *name;
	size_t len;

	if (qw_guard_prefix_of(observable, &prefix))
		return prefix.bits < (qw_prefix_is_v4(&prefix) ? BROAD_V4 : BROAD_V6);
	if (observable->type == QW_OBS_URL && observable->text[0] == '/')
		return true;
	if (!qw_guard_name_of(observable, &name, &len))
		return false;
	return !memchr(name, '.', len) || (observable->type == QW_OBS_DOMAIN && is_suffix(name, len));
}

/* Proposals come from afar: their text must be what we would have made of it. */
static bool is_canonical(const struct qw_observable *observable)
{
	struct qw_observable again;

	if (observable->type >= QW_OBS_COUNT)
		return false;
	if (qw_observable_parse(&again, observable->type, observable->text, observable->len, NULL) != QW_OK)
		return false;
	return again.type == observable->type && again.len == observable->len &&
	       memcmp(again.text, observable->text, again.len) == 0;
}

static enum qw_verdict judge_by_rule(const struct qw_policy_rule *rule, const struct qw_indicator *indicator)
{
	if (indicator->tlp > rule->tlp)
		return QW_VERDICT_LABEL;
	if (indicator->confidence < rule->confidence)
		return QW_VERDICT_UNSURE;
	return is_broad(&indicator->observable) ? QW_VERDICT_BROAD : QW_VERDICT_PROMOTED;
}

enum qw_verdict qw_policy_judge(const struct qw_policy *policy, const struct qw_indicator *indicator,
				const char *tenant, char why[QW_GUARD_SENTENCE_MAX])
{
	const struct qw_observable *observable = &indicator->observable;
	enum qw_verdict verdict = QW_VERDICT_FORM;
	struct qw_guard_hit hit;

	if (!is_canonical(observable)) {
		snprintf(why, QW_GUARD_SENTENCE_MAX, "%s", qw_verdict_text(verdict));
		return verdict;
	}
	if (!indicator->allow && qw_guard_find(policy->guard, observable, tenant, &hit)) {
		qw_guard_sentence(&hit, observable, why);
		return qw_verdict_of_guard(hit.list.kind);
	}
	verdict = indicator->allow ? QW_VERDICT_ALLOW : judge_by_rule(&policy->rule[observable->type], indicator);
	snprintf(why, QW_GUARD_SENTENCE_MAX, "%s", qw_verdict_text(verdict));
	return verdict;
}
