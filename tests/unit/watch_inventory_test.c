/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/watch/assets/inventory.h"

static const char cranes[] = "\xef\xbb\xbf# cranes of berth 100\r\n"
			     "\r\n"
			     "Address, name ,crane,role,criticality\r\n"
			     "10.1.4.20,\"STS-14, hoist \"\"A\"\"\",STS-14,PLC,high\r\n"
			     "10.1.4.0/24,crane network,STS-14,,\r\n"
			     "10.1.0.0/16,berth 100,,,\r\n"
			     "28-63-36-01-02-03,gate camera,gate 3,camera,low\n"
			     "2001:db8::/32,six,,,";

static enum qw_err read_text(struct qw_inventory **out, const char *text, struct qw_diags *diags)
{
	qw_diags_init(diags);
	return qw_inventory_read(out, "cranes.csv", text, strlen(text), diags);
}

static const struct qw_inventory_row *find(const struct qw_inventory *inventory, const char *host, const uint8_t *mac)
{
	struct qw_host key;

	assert_true(qw_host_parse(host, strlen(host), &key));
	return qw_inventory_find(inventory, &key, mac);
}

static void the_narrowest_row_that_fits_names_the_host(void **state)
{
	static const uint8_t camera[6] = {0x28, 0x63, 0x36, 1, 2, 3};
	struct qw_inventory *inventory;
	struct qw_diags diags;

	(void)state;
	assert_int_equal(read_text(&inventory, cranes, &diags), QW_OK);
	assert_int_equal(qw_inventory_count(inventory), 5);
	const struct qw_inventory_row *row = find(inventory, "10.1.4.20", NULL);
	assert_string_equal(row->text[QW_INVENTORY_NAME], "STS-14, hoist \"A\"");
	assert_string_equal(row->text[QW_INVENTORY_AREA], "STS-14");
	assert_string_equal(row->text[QW_INVENTORY_ROLE], "PLC");
	assert_string_equal(row->text[QW_INVENTORY_CRITICALITY], "high");
	assert_string_equal(find(inventory, "10.1.4.21", NULL)->text[QW_INVENTORY_NAME], "crane network");
	assert_string_equal(find(inventory, "10.1.5.21", NULL)->text[QW_INVENTORY_NAME], "berth 100");
	assert_string_equal(find(inventory, "2001:db8:1::7", NULL)->text[QW_INVENTORY_NAME], "six");
	assert_null(find(inventory, "10.2.0.1", NULL));
	assert_string_equal(find(inventory, "28:63:36:01:02:03", NULL)->text[QW_INVENTORY_NAME], "gate camera");
	/* by its card before its network, after its own address */
	assert_string_equal(find(inventory, "10.1.4.21", camera)->text[QW_INVENTORY_NAME], "gate camera");
	assert_string_equal(find(inventory, "10.1.4.20", camera)->text[QW_INVENTORY_AREA], "STS-14");
	qw_inventory_free(inventory);
	qw_diags_fini(&diags);
}

struct bad {
	const char *text;
	uint32_t line;
	const char *says;
};

static void what_is_wrong_is_told_by_file_and_line(void **state)
{
	static const struct bad bad[] = {
		{"", 0, "no head"},
		{"# only\n", 1, "no head"},
		{"address,colour\n", 1, "colour"},
		{"name,role\n", 1, "address"},
		{"address\n", 1, "one of name"},
		{"address,ip,name\n", 1, "twice"},
		{"address,name\n10.1.4.300,x\n", 2, "10.1.4.300"},
		{"address,name\n\n10.1.4.3\n", 3, "1 fields"},
		{"address,name\n10.1.4.3,a,b\n", 2, "3 fields"},
		{"address,name\n10.1.4.3,\"a\n", 2, "quote"},
		{"address,name\n10.1.4.3,a\n10.1.4.3,b\n", 3, "line 2"},
		{"address,name\n10.1.4.3,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 2,
		 "longer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct qw_inventory *inventory = NULL;
		struct qw_diags diags;
		assert_int_equal(read_text(&inventory, bad[i].text, &diags), QW_EFORMAT);
		assert_null(inventory);
		assert_string_equal(diags.rows[0].file, "cranes.csv");
		assert_int_equal(diags.rows[0].line, bad[i].line);
		if (!strstr(diags.rows[0].text, bad[i].says))
			fail_msg("'%s' does not say '%s'", diags.rows[0].text, bad[i].says);
		qw_diags_fini(&diags);
	}
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
	struct qw_inventory *inventory;
	struct qw_diags diags;

	(void)state;
	assert_int_equal(read_text(&inventory, "address,name\nx,y\n10.0.0.1,a\ny,z\n", &diags), QW_EFORMAT);
	assert_int_equal(diags.errors, 2);
	qw_diags_fini(&diags);
}

static void a_file_that_is_not_there_is_told_with_its_key(void **state)
{
	struct qw_inventory *inventory;
	struct qw_diags diags;

	(void)state;
	qw_diags_init(&diags);
	assert_int_equal(qw_inventory_open(&inventory, "/nonexistent/cranes.csv", &diags), QW_ENOENT);
	assert_non_null(strstr(diags.rows[0].text, "watch.inventory"));
	qw_diags_fini(&diags);
	assert_null(find(NULL, "10.1.4.20", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest_row_that_fits_names_the_host),
		cmocka_unit_test(what_is_wrong_is_told_by_file_and_line),
		cmocka_unit_test(all_that_is_wrong_is_told_at_once),
		cmocka_unit_test(a_file_that_is_not_there_is_told_with_its_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
