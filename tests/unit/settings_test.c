/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/export/eve.h"
#include "sensor/run/channel_files.h"
#include "sensor/run/event_types.h"

/* The sensor's configuration with these assignments over its defaults. */
struct fixture {
	struct qw_setting rows[QW_CFG_COUNT];
	struct qw_config *config;
};

static struct fixture *configure(bool live, const char *const *assignments)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct qw_diags diags;

	assert_non_null(fixture);
	qw_diags_init(&diags);
	qw_sensor_settings(fixture->rows, live);
	assert_int_equal(qw_config_new(&fixture->config, fixture->rows, QW_CFG_COUNT), QW_OK);
	for (; assignments && *assignments; assignments++)
		assert_int_equal(qw_config_set(fixture->config, *assignments, &diags), QW_OK);
	qw_diags_fini(&diags);
	return fixture;
}

static void release(struct fixture *fixture)
{
	qw_config_free(fixture->config);
	free(fixture);
}

static void every_row_has_a_key_and_a_help(void **state)
{
	struct qw_setting rows[QW_CFG_COUNT];

	qw_sensor_settings(rows, false);
	for (size_t i = 0; i < QW_CFG_COUNT; i++) {
		assert_non_null(rows[i].key);
		assert_non_null(rows[i].help);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rows[i].key, rows[j].key);
	}
}

static void sessions_are_picked_up_midway_only_when_listening(void **state)
{
	struct fixture *files = configure(false, NULL), *live = configure(true, NULL);

	assert_false(qw_config_bool(files->config, QW_CFG_MIDSTREAM));
	assert_true(qw_config_bool(live->config, QW_CFG_MIDSTREAM));
	release(files);
	release(live);
}

static void variables_have_defaults_that_the_configuration_replaces(void **state)
{
	static const char *const assignments[] = {"vars.HOME_NET=\"10.1.0.0/16\"", "vars.OURS=[\"80\",\"81\"]", NULL};
	struct fixture *plain = configure(false, NULL), *own = configure(false, assignments);

	assert_string_equal(qw_sensor_variable(plain->config, "HOME_NET"), "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]");
	assert_string_equal(qw_sensor_variable(own->config, "HOME_NET"), "10.1.0.0/16");
	assert_string_equal(qw_sensor_variable(own->config, "MODBUS_PORTS"), "502");
	assert_string_equal(qw_sensor_variable(own->config, "OURS"), "[80,81]");
	assert_null(qw_sensor_variable(plain->config, "OURS"));
	release(plain);
	release(own);
}

static void event_types_come_from_the_line_or_else_the_configuration(void **state)
{
	static const char *const assignments[] = {"alerts.events=\"dns, tls\"", NULL};
	struct fixture *fixture = configure(false, assignments);
	struct qw_options options = {0};

	assert_int_equal(qw_event_types_of(&options, fixture->config), 1u << QW_EVENT_DNS | 1u << QW_EVENT_TLS);
	options.events = "flow";
	assert_int_equal(qw_event_types_of(&options, fixture->config), 1u << QW_EVENT_FLOW);
	options.events = "all";
	assert_int_equal(qw_event_types_of(&options, fixture->config), UINT32_MAX);
	options.events = "";
	assert_int_equal(qw_event_types_of(&options, fixture->config), 0);
	release(fixture);
}

static void a_word_that_is_no_event_type_is_refused(void **state)
{
	struct fixture *fixture = configure(false, NULL);
	struct qw_options options = {.events = "flow,,dns ,stats,"};

	assert_true(qw_event_types_check(&options, fixture->config));
	options.events = "flow,flows";
	assert_false(qw_event_types_check(&options, fixture->config));
	options.events = "proposal"; /* never written */
	assert_false(qw_event_types_check(&options, fixture->config));
	release(fixture);
}

static enum qw_err note(void *ctx, const char *name, const char *path)
{
	snprintf((char *)ctx + strlen(ctx), 256 - strlen(ctx), "%s=%s ", name, path);
	return QW_OK;
}

static void channels_have_two_fixed_files_whatever_the_tenant_is_called(void **state)
{
	static const char *const assignments[] = {"state.folder=\"box\"", "sensor.tenant=\"../../etc/x\"", NULL};
	struct fixture *nobody = configure(true, (const char *const[]){"state.folder=\"box\"", NULL});
	struct fixture *tenant = configure(true, assignments);
	char seen[256] = "";

	assert_int_equal(qw_channel_files_each(nobody->config, note, seen), QW_OK);
	assert_string_equal(seen, "community=box/community.channel ");
	seen[0] = 0;
	assert_int_equal(qw_channel_files_each(tenant->config, note, seen), QW_OK);
	assert_string_equal(seen, "community=box/community.channel ../../etc/x=box/tenant.channel ");
	assert_int_equal(qw_channel_file_path(tenant->config, 1, seen, 18), QW_ELIMIT);
	assert_int_equal(qw_channel_file_path(tenant->config, 1, seen, 19), QW_OK);
	release(nobody);
	release(tenant);
}

static enum qw_err refuse(void *ctx, const char *name, const char *path)
{
	++*(int *)ctx;
	return QW_EIO;
}

static void the_first_error_of_a_visit_ends_the_walk(void **state)
{
	struct fixture *fixture = configure(true, (const char *const[]){"sensor.tenant=\"t\"", NULL});
	int visits = 0;

	assert_int_equal(qw_channel_files_each(fixture->config, refuse, &visits), QW_EIO);
	assert_int_equal(visits, 1);
	release(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_a_key_and_a_help),
		cmocka_unit_test(sessions_are_picked_up_midway_only_when_listening),
		cmocka_unit_test(variables_have_defaults_that_the_configuration_replaces),
		cmocka_unit_test(event_types_come_from_the_line_or_else_the_configuration),
		cmocka_unit_test(a_word_that_is_no_event_type_is_refused),
		cmocka_unit_test(channels_have_two_fixed_files_whatever_the_tenant_is_called),
		cmocka_unit_test(the_first_error_of_a_visit_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
