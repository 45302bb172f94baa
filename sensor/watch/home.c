/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/home.h"

#include <string.h>

#include "quaywatch/diag.h"
#include "quaywatch/log.h"
#include "quaywatch/signatures.h"
#include "rules/signature/ranges.h"

/* RFC 1918, 4193, 3927 and 4291. */
static const char private_nets[] = "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10]";

static void tell(const struct qw_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		qw_log(QW_LOG_ERROR, "WATCH-HOME", "vars.HOME_NET: %s", diags->rows[i].text);
}

enum qw_err qw_home_init(struct qw_home *home, const char *(*variable)(void *ctx, const char *name), void *ctx)
{
	struct qw_signature_options options = {.variable = variable, .ctx = ctx};
	const char *given = variable ? variable(ctx, "HOME_NET") : NULL, *text = given ? given : private_nets;
	struct qw_statement statement;
	struct qw_lexer lexer;
	struct qw_diags diags;
	struct qw_parse parse = {.path = "vars", .statement = &statement, .diags = &diags, .options = &options};

	qw_vector_init(&home->ranges, sizeof(struct qw_range));
	qw_diags_init(&diags);
	qw_lexer_init(&lexer, text, strlen(text));
	enum qw_err err = qw_lexer_next(&lexer, &statement);
	if (err == QW_OK)
		err = qw_ranges_parse(&parse, QW_RANGE_ADDRESS, statement.text, &home->ranges, &home->any);
	tell(&diags);
	qw_lexer_fini(&lexer);
	qw_diags_fini(&diags);
	return err;
}

void qw_home_fini(struct qw_home *home)
{
	qw_vector_fini(&home->ranges);
}

bool qw_home_holds(const struct qw_home *home, const struct qw_address *address)
{
	return home->any || qw_ranges_hold(home->ranges.rows, home->ranges.count, qw_range_address(address));
}
