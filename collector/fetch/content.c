/* SPDX-License-Identifier: Apache-2.0 */
/* content - indicators or signatures of one file's content, whatever it is. */
#include "collector/fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/rulefile.h"

static enum qw_err keep_indicator(void *ctx, const struct qw_indicator *indicator)
{
	struct qw_indicator copy = *indicator;

	return qw_fetch_keep(ctx, &copy);
}

static enum qw_err keep_rule(struct qw_fetch *fetch, const struct qw_rule_text *rule)
{
	struct qw_entry entry;
	uint8_t *body;
	enum qw_err err = qw_entry_of_signature(&entry, &body, rule->text, rule->gid, rule->sid);

	if (err != QW_OK)
		return err;
	err = qw_feed_pile_add(fetch->pile, &entry, false);
	free(body);
	return err;
}

static enum qw_err read_rules(struct qw_fetch *fetch, const char *name, const char *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_rule_text rule;
	uint32_t line = 1;

	for (;;) {
		enum qw_err err = qw_rulefile_next(&in, &line, &rule);
		if (err == QW_ENOENT)
			return QW_OK;
		if (err == QW_OK) {
			err = keep_rule(fetch, &rule);
			free(rule.text);
		}
		if (err != QW_OK && err != QW_EFORMAT)
			return err;
		if (err == QW_EFORMAT) {
			fetch->outcome.rejected++;
			qw_complain(&fetch->diags, QW_DIAG_ERROR, name, rule.line, 1, "no rule with a sid");
		}
	}
}

static enum qw_err read_indicators(struct qw_fetch *fetch, enum qw_feed_format format, const char *name,
				   const char *data, size_t len)
{
	struct qw_feed_counts counts = {0};
	enum qw_err err = qw_feed_read(format, name, (const uint8_t *)data, len, &fetch->defaults, keep_indicator, fetch,
				       &fetch->diags, &counts);

	fetch->outcome.rejected += counts.rejected;
	fetch->outcome.ignored += counts.ignored;
	return err;
}

bool qw_fetch_content(struct qw_fetch *fetch, const char *name, const char *data, size_t len)
{
	enum qw_feed_format format = qw_feed_format_of(name, (const uint8_t *)data, len);

	fetch->outcome.bytes += len;
	snprintf(fetch->outcome.format, sizeof(fetch->outcome.format), "%s", qw_feed_format_name(format));
	if (format == QW_FEED_UNKNOWN || format == QW_FEED_DOCUMENT)
		return qw_fetch_fail(fetch, QW_FEED_REFUSED,
				     "%s: no feed that we know: plain list, CSV with a header, STIX 2.1, MISP, rules", name);
	enum qw_err err = format == QW_FEED_SIGNATURES ? read_rules(fetch, name, data, len)
						       : read_indicators(fetch, format, name, data, len);
	switch (err) {
	case QW_OK: return true;
	case QW_EFORMAT: return qw_fetch_fail(fetch, QW_FEED_REFUSED, "%s: damaged as a whole", name);
	case QW_ELIMIT:
		return qw_fetch_fail(fetch, QW_FEED_REFUSED, "%s: more than most=%llu entries", name,
				     (unsigned long long)fetch->spec->most);
	default: return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", name, qw_strerror(err));
	}
}
