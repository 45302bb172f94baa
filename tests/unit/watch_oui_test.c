/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/watch/assets/oui.h"

static const char list[] = "OUI/MA-L                 Organization\r\n"
			   "company_id               Organization\r\n"
			   "\r\n"
			   "28-63-36   (hex)\t\tCrane Works AG\r\n"
			   "286336     (base 16)\t\tCrane Works AG\r\n"
			   "\t\t\t\tQuay 1\r\n"
			   "\r\n"
			   "00-1D-9C   (hex)\t\tLogic  Controls  \r\n"
			   "00-1D-9C   (hex)\t\tsomebody else\r\n"
			   "GG-1D-9C   (hex)\t\tno number\r\n"
			   "AC-DE-48   (hex)\t\tlast without a line's end";

static const char *find(const struct qw_oui *oui, const char mac[6])
{
	uint8_t bytes[6];

	memcpy(bytes, mac, 6);
	return qw_oui_find(oui, bytes);
}

static void a_card_has_the_maker_of_its_first_three_bytes(void **state)
{
	struct qw_oui *oui;

	(void)state;
	assert_int_equal(qw_oui_read(&oui, list, sizeof(list) - 1), QW_OK);
	assert_int_equal(qw_oui_count(oui), 4);
	assert_string_equal(find(oui, "\x28\x63\x36\x01\x02\x03"), "Crane Works AG");
	assert_string_equal(find(oui, "\x00\x1d\x9c\xff\xff\xff"), "Logic  Controls");
	assert_string_equal(find(oui, "\xac\xde\x48\x00\x00\x00"), "last without a line's end");
	assert_null(find(oui, "\x28\x63\x37\x01\x02\x03"));
	assert_null(find(oui, "\xfc\xff\xff\xff\xff\xff"));
	qw_oui_free(oui);
}

static void a_card_that_named_itself_has_no_maker(void **state)
{
	static const char own[] = "02-63-36   (hex)\t\tNobody\n";
	struct qw_oui *oui;

	(void)state;
	assert_int_equal(qw_oui_read(&oui, own, sizeof(own) - 1), QW_OK);
	assert_null(find(oui, "\x02\x63\x36\x01\x02\x03"));
	qw_oui_free(oui);
}

static void a_list_without_an_entry_is_refused(void **state)
{
	struct qw_oui *oui = NULL;

	(void)state;
	assert_int_equal(qw_oui_read(&oui, "nothing\n", 8), QW_EFORMAT);
	assert_int_equal(qw_oui_read(&oui, "", 0), QW_EFORMAT);
	assert_int_equal(qw_oui_read(&oui, "28-63-36   (hex)", 16), QW_EFORMAT);
	assert_int_equal(qw_oui_open(&oui, "/nonexistent/oui.txt"), QW_ENOENT);
}

static void without_a_list_nobody_has_a_maker(void **state)
{
	(void)state;
	assert_null(find(NULL, "\x28\x63\x36\x01\x02\x03"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_has_the_maker_of_its_first_three_bytes),
		cmocka_unit_test(a_card_that_named_itself_has_no_maker),
		cmocka_unit_test(a_list_without_an_entry_is_refused),
		cmocka_unit_test(without_a_list_nobody_has_a_maker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
