/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/policy.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/address.h"

static const struct {
	const char *name, *text;
} verdicts[QW_VERDICT_COUNT] = {
    [QW_VERDICT_PROMOTED] = {"promoted", "goes to every tenant"},
    [QW_VERDICT_WAITING] = {"waiting", "kept, until more tenants say the same"},
    [QW_VERDICT_KNOWN] = {"known", "every tenant has it already"},
    [QW_VERDICT_FORM] = {"form", "not a value of its type in canonical form"},
    [QW_VERDICT_ALLOW] = {"allow", "exceptions are the operator's to make"},
    [QW_VERDICT_LABEL] = {"label", "its TLP label forbids sharing it with every tenant"},
    [QW_VERDICT_UNSURE] = {"unsure", "its confidence is below policy.confidence"},
    [QW_VERDICT_SPECIAL] = {"special", "private or special address space is never promoted"},
    [QW_VERDICT_BROAD] = {"broad", "it covers too much to be promoted without a person"},
    [QW_VERDICT_PROTECTED] = {"protected", "policy.protected or an allow entry covers it"},
    [QW_VERDICT_WITHDRAWN] = {"withdrawn", "an operator revoked it; only an operator may add it again"},
    [QW_VERDICT_RATE] = {"rate", "the tenant has used up policy.proposals_per_hour"},
};

/*
 * Address space that is nobody's on the Internet (RFC 6890 and successors).  The
 * blocks for documentation are left out: nothing is routed to them, so a listed
 * one harms nobody.
 */
static const char *const special[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",    "::/96",
    "64:ff9b:1::/48", "fc00::/7",       "fe80::/10",     "ff00::/8",
};

enum { SPECIAL_COUNT = sizeof(special) / sizeof(special[0]), BROAD_V4 = 96 + 24, BROAD_V6 = 48 };

struct item {
	bool is_prefix;
	struct qw_prefix prefix;
	char name[256]; /* a domain, and all below it */
};

struct qw_policy {
	uint8_t confidence_min;
	struct qw_prefix special[SPECIAL_COUNT];
	struct item *item;
	size_t count;
};

const char *qw_verdict_name(enum qw_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *qw_verdict_text(enum qw_verdict verdict)
{
	return verdicts[verdict].text;
}

static bool parse_item(struct item *out, const char *text)
{
	struct qw_observable observable;

	if (qw_prefix_parse(text, strlen(text), &out->prefix)) {
		out->is_prefix = true;
		return true;
	}
	if (qw_observable_parse(&observable, QW_OBS_DOMAIN, text, strlen(text), NULL) != QW_OK)
		return false;
	/* What looks like an address and is none can come back as a URL: "10.0.0.0/99". */
	if (observable.type != QW_OBS_DOMAIN || observable.len >= sizeof(out->name))
		return false;
	memcpy(out->name, observable.text, observable.len + 1u);
	return true;
}

enum qw_err qw_policy_new(struct qw_policy **out, const struct qw_policy_options *options, struct qw_diags *diags)
{
	struct qw_policy *policy = calloc(1, sizeof(*policy));
	enum qw_err err = QW_OK;

	if (!policy)
		return QW_ENOMEM;
	policy->confidence_min = options->confidence_min;
	policy->item = calloc(options->protected_count + 1, sizeof(*policy->item));
	if (!policy->item)
		err = QW_ENOMEM;
	for (size_t i = 0; i < SPECIAL_COUNT && err == QW_OK; i++)
		if (!qw_prefix_parse(special[i], strlen(special[i]), &policy->special[i]))
			err = QW_EINVAL;
	for (size_t i = 0; i < options->protected_count && policy->item; i++) {
		if (parse_item(&policy->item[policy->count], options->protected_items[i])) {
			policy->count++;
			continue;
		}
		qw_complain(
		    diags, QW_DIAG_ERROR, "", 0, 0,
		    "policy.protected: \"%s\" is no address, block or name; write \"192.0.2.0/24\" or \"example.org\"",
		    options->protected_items[i]);
		err = QW_EFORMAT;
	}
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
	free(policy->item);
	free(policy);
}

/* ---- what an observable covers */

/* The host part of "host/path", "host:port", "[v6]:port". */
static size_t host_len(const char *text, const char **host)
{
	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		*host = text + 1;
		return end ? (size_t)(end - text - 1) : 0;
	}
	*host = text;
	return strcspn(text, "/:?");
}

bool qw_policy_prefix_of(const struct qw_observable *observable, struct qw_prefix *out)
{
	const char *host;

	if (observable->type == QW_OBS_IP || observable->type == QW_OBS_CIDR)
		return qw_prefix_parse(observable->text, observable->len, out);
	if (observable->type != QW_OBS_IP_PORT && observable->type != QW_OBS_URL)
		return false;
	size_t len = host_len(observable->text, &host);
	return qw_prefix_parse(host, len, out);
}

static bool overlap(const struct qw_prefix *a, const struct qw_prefix *b)
{
	return a->bits <= b->bits ? qw_prefix_holds(a, &b->address) : qw_prefix_holds(b, &a->address);
}

/* ::ffff:0:0/96 is IPv4's own room in our form: an IPv6 block above it does not mean all of IPv4. */
static bool is_v4(const struct qw_prefix *prefix)
{
	return prefix->bits >= 96 && qw_address_is_v4(&prefix->address);
}

static bool covers(const struct qw_prefix *a, const struct qw_prefix *b)
{
	return is_v4(a) == is_v4(b) && overlap(a, b);
}

bool qw_policy_name_of(const struct qw_observable *observable, const char **name, size_t *len)
{
	switch (observable->type) {
	case QW_OBS_DOMAIN:
	case QW_OBS_HOST:
		*name = observable->text;
		*len = observable->len;
		return true;
	case QW_OBS_URL: *len = host_len(observable->text, name); return *len > 0;
	default: return false;
	}
}

static bool ends_in(const char *name, size_t len, const char *zone, size_t zone_len)
{
	if (len < zone_len || memcmp(name + len - zone_len, zone, zone_len) != 0)
		return false;
	return len == zone_len || name[len - zone_len - 1] == '.';
}

/* A domain above a protected name covers it as well. */
static bool touches_name(const struct qw_observable *observable, const char *zone)
{
	const char *name;
	size_t len, zone_len = strlen(zone);

	if (!qw_policy_name_of(observable, &name, &len))
		return false;
	return ends_in(name, len, zone, zone_len) ||
	       (observable->type == QW_OBS_DOMAIN && ends_in(zone, zone_len, name, len));
}

bool qw_policy_is_protected(const struct qw_policy *policy, const struct qw_observable *observable)
{
	struct qw_prefix prefix;
	bool has_prefix = qw_policy_prefix_of(observable, &prefix);

	for (size_t i = 0; i < policy->count; i++) {
		const struct item *item = &policy->item[i];
		if (item->is_prefix ? has_prefix && covers(&item->prefix, &prefix)
				    : touches_name(observable, item->name))
			return true;
	}
	return false;
}

static bool is_special(const struct qw_policy *policy, const struct qw_observable *observable)
{
	struct qw_prefix prefix;

	if (!qw_policy_prefix_of(observable, &prefix))
		return false;
	for (size_t i = 0; i < SPECIAL_COUNT; i++)
		if (covers(&policy->special[i], &prefix))
			return true;
	return false;
}

/* Blocks above a /24 or /48, names without a dot, paths on any host. */
static bool is_broad(const struct qw_observable *observable)
{
	struct qw_prefix prefix;
	const char *name;
	size_t len;

	if (qw_policy_prefix_of(observable, &prefix))
		return prefix.bits < (is_v4(&prefix) ? BROAD_V4 : BROAD_V6);
	if (observable->type == QW_OBS_URL && observable->text[0] == '/')
		return true;
	return qw_policy_name_of(observable, &name, &len) && !memchr(name, '.', len);
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

enum qw_verdict qw_policy_judge(const struct qw_policy *policy, const struct qw_indicator *indicator)
{
	const struct qw_observable *observable = &indicator->observable;
	const struct {
		bool stands;
		enum qw_verdict verdict;
	} obstacles[] = {
	    {!is_canonical(observable), QW_VERDICT_FORM},
	    {indicator->allow, QW_VERDICT_ALLOW},
	    {indicator->tlp > QW_TLP_GREEN, QW_VERDICT_LABEL},
	    {indicator->confidence < policy->confidence_min, QW_VERDICT_UNSURE},
	    {is_special(policy, observable), QW_VERDICT_SPECIAL},
	    {is_broad(observable), QW_VERDICT_BROAD},
	    {qw_policy_is_protected(policy, observable), QW_VERDICT_PROTECTED},
	};

	for (size_t i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++)
		if (obstacles[i].stands)
			return obstacles[i].verdict;
	return QW_VERDICT_PROMOTED;
}
