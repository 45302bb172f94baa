/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on industrial protocols against the records that parsers make. */
#include "quaywatch/ot_record.h"
#include "tests/unit/signature_kit.h"

static bool fires(const char *protocol, const char *options, enum qw_app app, const struct value values[VALUES_MAX], bool up)
{
	struct kit kit;
	char rule[512];
	snprintf(rule, sizeof(rule), "alert %s any any -> any any (%s; sid:1;)", protocol, options);
	kit_one(&kit, rule);
	struct scene scene = scene_tcp();
	scene.facts.app = app;
	scene.facts.flags = QW_FACT_FLOW | QW_FACT_ESTABLISHED | (up ? QW_FACT_TO_SERVER : QW_FACT_TO_CLIENT);
	memcpy(scene.values, values, sizeof(scene.values));
	bool fired = scene_fires(&kit, &scene, 0);
	kit_end(&kit);
	return fired;
}

static bool refused(const char *options)
{
	struct kit kit;
	char rule[512];
	snprintf(rule, sizeof(rule), "alert tcp any any -> any any (%s; sid:1;)", options);
	kit_begin(&kit);
	kit_read(&kit, rule);
	bool told = kit.diags.errors == 1 && qw_signature_builder_counts(kit.builder)->rejected == 1;
	qw_signature_builder_free(kit.builder);
	qw_diags_fini(&kit.diags);
	return told;
}

/* ---- modbus */

struct modbus_record {
	struct qw_modbus_record head;
	uint8_t values[8];
};

/* Writes 258 and 772 to holding registers 11 and 12 of unit 10. */
static const struct modbus_record registers = {
	{.unit = 10, .function = 16, .category = QW_MODBUS_ASSIGNED, .access = QW_MODBUS_WRITE | QW_MODBUS_HOLDING,
	 .subfunction = QW_MODBUS_NO_SUBFUNCTION, .ranged = 1, .first = 11, .last = 12, .values = 2},
	{1, 2, 3, 4},
};

/* Sets coils 1 to 10, of which 1 and 10 are on. */
static const struct modbus_record coils = {
	{.unit = 1, .function = 15, .category = QW_MODBUS_ASSIGNED, .access = QW_MODBUS_WRITE | QW_MODBUS_COILS,
	 .subfunction = QW_MODBUS_NO_SUBFUNCTION, .ranged = 1, .first = 1, .last = 10, .values = 10, .bits = 1},
	{0x01, 0x02},
};

static const struct modbus_record diagnostics = {
	{.unit = 1, .function = 8, .category = QW_MODBUS_ASSIGNED, .subfunction = 4}, {0}};

static bool modbus_fires(const char *options, const struct modbus_record *record)
{
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_MODBUS, (const char *)record, sizeof(record->head) + 2u * record->head.values},
		{QW_BUFFER_MODBUS_ANY, (const char *)record, sizeof(record->head)},
	};
	return fires("modbus", options, QW_APP_MODBUS, values, true);
}

static void modbus_matches_as_documented(void **state)
{
	static const struct {
		const char *options;
		const struct modbus_record *record;
		bool fires;
	} rows[] = {
		{"modbus: function 16", &registers, true},
		{"modbus: function 6", &registers, false},
		{"modbus: function !6", &registers, true},
		{"modbus: function assigned", &registers, true},
		{"modbus: function !assigned", &registers, false},
		{"modbus: function !reserved", &registers, true},
		{"modbus: function public", &registers, true},
		{"modbus: function user", &registers, false},
		{"modbus: function all", &registers, true},
		{"modbus: function 8, subfunction 4", &diagnostics, true},
		{"modbus: function 8, subfunction 1", &diagnostics, false},
		{"modbus: function 8, subfunction 4", &registers, false},
		{"modbus: access write", &registers, true},
		{"modbus: access read", &registers, false},
		{"modbus: access write holding", &registers, true},
		{"modbus: access write coils", &registers, false},
		{"modbus: access write holding, address 12", &registers, true},
		{"modbus: access write holding, address 13", &registers, false},
		{"modbus: access write holding, address <12", &registers, true},
		{"modbus: access write holding, address <11", &registers, false},
		{"modbus: access write holding, address >11", &registers, true},
		{"modbus: access write holding, address >12", &registers, false},
		{"modbus: access write holding, address 1<>12", &registers, true},
		{"modbus: access write holding, address 1<>11", &registers, false},
		{"modbus: access write holding, address 12<>20", &registers, false},
		{"modbus: access write holding, address 12, value 772", &registers, true},
		{"modbus: access write holding, address 12, value 258", &registers, false},
		{"modbus: access write holding, address 11, value <300", &registers, true},
		{"modbus: access write holding, address 12, value 700<>800", &registers, true},
		{"modbus: access write holding, address 13, value >0", &registers, false},
		{"modbus: access write coils, address 10, value 1", &coils, true},
		{"modbus: access write coils, address 9, value 1", &coils, false},
		{"modbus: access write coils, address 9, value 0", &coils, true},
		{"modbus: unit 10", &registers, true},
		{"modbus: unit >9, access write holding, address 11", &registers, true},
		{"modbus: unit 9<>11, function 16", &registers, true},
		{"modbus: unit <10, function 16", &registers, false},
		{"modbus_func: write_multiple_registers", &registers, true},
		{"modbus_func: !16", &registers, false},
		{"modbus_unit: 10; modbus_func: 16", &registers, true},
		{"modbus_unit: 11; modbus_func: 16", &registers, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (modbus_fires(rows[i].options, rows[i].record) != rows[i].fires)
			fail_msg("%s: should %sfire", rows[i].options, rows[i].fires ? "" : "not ");
}

static void modbus_looks_at_requests(void **state)
{
	const struct value values[VALUES_MAX] = {{QW_BUFFER_MODBUS_ANY, (const char *)&registers, sizeof(registers.head)}};
	assert_true(fires("modbus", "modbus_func: 16", QW_APP_MODBUS, values, false));
	assert_false(fires("modbus", "modbus: function 16", QW_APP_MODBUS, values, false));
}

static void a_record_that_is_cut_fits_nothing(void **state)
{
	const struct value values[VALUES_MAX] = {{QW_BUFFER_MODBUS, (const char *)&registers, 6}};
	assert_false(fires("modbus", "modbus: access write holding, address 12, value 772", QW_APP_MODBUS, values, true));
	const struct value head[VALUES_MAX] = {{QW_BUFFER_MODBUS, (const char *)&registers, sizeof(registers.head)}};
	assert_false(fires("modbus", "modbus: access write holding, address 12, value 772", QW_APP_MODBUS, head, true));
}

/* ---- dnp3 */

static void dnp3_matches_as_documented(void **state)
{
	static const uint64_t response = 129, restart = 0x8000, object = 0x0c01, time = 0x3201;
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_DNP3_FUNC, (const char *)&response, 8}, {QW_BUFFER_DNP3_IND, (const char *)&restart, 8},
		{QW_BUFFER_DNP3_OBJ, (const char *)&object, 8},	   {QW_BUFFER_DNP3_OBJ, (const char *)&time, 8},
		{QW_BUFFER_DNP3_DATA, "\xc0\x81\x80\1\x0c\1", 6},
	};
	static const struct {
		const char *options;
		bool fires;
	} rows[] = {
		{"dnp3_func: 129", true},
		{"dnp3_func: response", true},
		{"dnp3.func: read", false},
		{"dnp3_ind: device_restart", true},
		{"dnp3_ind: need_time", false},
		{"dnp3_ind: need_time, device_restart", true},
		{"dnp3_ind: need_time; dnp3_ind: device_restart", false},
		{"dnp3.ind: device_restart, !need_time", true},
		{"dnp3.ind: !device_restart", false},
		{"dnp3.ind: 0x8000", true},
		{"dnp3.ind: !0", true},
		{"dnp3.ind: 0", false},
		{"dnp3_obj: 12,1", true},
		{"dnp3_obj: 50,1; dnp3_obj: 12,1", true},
		{"dnp3_obj: 12,2", false},
		{"dnp3_data; content: \"|80 01|\"; dnp3_func: response", true},
		{"dnp3_data; content: \"|80 02|\"", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fires("dnp3", rows[i].options, QW_APP_DNP3, values, false) != rows[i].fires)
			fail_msg("%s: should %sfire", rows[i].options, rows[i].fires ? "" : "not ");
	assert_true(fires("dnp3", "dnp3_cmd_fc: 129; dnp3_cmd_ot: 50", QW_APP_DNP3, values, true));
	assert_false(fires("dnp3", "dnp3_cmd_ot: 51", QW_APP_DNP3, values, true));
}

/* ---- enip */

static void enip_and_cip_match_as_documented(void **state)
{
	static const uint64_t command = 0x6f, status = 0;
	static const struct qw_cip_record get = {.class = 1, .instance = 2, .attribute = 7, .service = 14,
						 .has = QW_CIP_HAS_CLASS | QW_CIP_HAS_INSTANCE | QW_CIP_HAS_ATTRIBUTE};
	static const struct qw_cip_record failed = {.service = 76, .status = 5, .extended = 0x2105,
						    .has = QW_CIP_RESPONSE | QW_CIP_HAS_EXTENDED};
	static const struct qw_enip_identity identity = {.serial = 0x11223344, .vendor = 1, .device_type = 14,
							 .product_code = 54, .revision = 0x0403, .status = 0x60, .state = 3};
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_ENIP_COMMAND, (const char *)&command, 8},
		{QW_BUFFER_ENIP_STATUS, (const char *)&status, 8},
		{QW_BUFFER_CIP_SERVICE, (const char *)&get, sizeof(get)},
		{QW_BUFFER_CIP_SERVICE, (const char *)&failed, sizeof(failed)},
		{QW_BUFFER_ENIP_IDENTITY, (const char *)&identity, sizeof(identity)},
		{QW_BUFFER_ENIP_PRODUCT_NAME, "1756-ENBT/A", 11},
	};
	static const struct {
		const char *options;
		bool fires;
	} rows[] = {
		{"enip_command: 111", true},
		{"enip_command: send_rr_data", true},
		{"enip_command: list_identity", false},
		{"enip_status: success", true},
		{"enip.status: >0", false},
		{"cip_service: 14", true},
		{"cip_service: 14,1", true},
		{"cip_service: 14,1,7", true},
		{"cip_service: 14,1,8", false},
		{"cip_service: 14,1,!8", true},
		{"cip_service: 14,2", false},
		{"cip_service: 76,1", false},
		{"cip_service: 76; enip.cip_class: 1", true},
		{"enip.cip_class: >1", false},
		{"enip.cip_instance: 2", true},
		{"enip.cip_attribute: <7", false},
		{"enip.cip_status: 5", true},
		{"cip_status: path_destination_unknown", true},
		{"enip.cip_status: 0", false}, /* a request has none */
		{"enip.cip_extendedstatus: 0x2105", true},
		{"cip_req", true},
		{"enip_rsp", true},
		{"enip_req", false},
		{"enip.vendor_id: 1; enip.product_code: 54", true},
		{"enip.device_type: 13", false},
		{"enip.revision: 1027", true},
		{"enip.serial: 287454020", true},
		{"enip.state: 3; enip.identity_status: 96", true},
		{"enip.product_name; content: \"ENBT\"", true},
		{"enip.product_name; content: \"ENBX\"", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fires("enip", rows[i].options, QW_APP_ENIP, values, false) != rows[i].fires)
			fail_msg("%s: should %sfire", rows[i].options, rows[i].fires ? "" : "not ");
}

static void what_is_not_understood_is_refused(void **state)
{
	static const char *const rows[] = {
		"modbus: function 0",
		"modbus: function 256",
		"modbus: function nonsense",
		"modbus: function 8, subfunction 70000",
		"modbus: function assigned, subfunction 4",
		"modbus: access",
		"modbus: access write input",
		"modbus: access read coils, address !5",
		"modbus: access read coils, address 5, value 1",
		"modbus: access write coils, address 5<>8, value 1",
		"modbus: access write coils, address 5, value 1, more 2",
		"modbus: unit",
		"modbus: device 5",
		"modbus_func: read_nothing",
		"dnp3_func: 256",
		"dnp3_func: reed",
		"dnp3_ind: nonsense",
		"dnp3_ind: need_time, 5",
		"dnp3_obj: 5",
		"dnp3_obj: 5,256",
		"dnp3_obj: 5,1,1",
		"enip_command: list_nothing",
		"enip_command: 65536",
		"cip_service: 128",
		"cip_service: 1,2,3,4",
		"enip.state: 256",
		"cip_req: 1",
		"flow: to_client; modbus: function 3",
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!refused(rows[i]))
			fail_msg("%s: should be refused", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modbus_matches_as_documented),
		cmocka_unit_test(modbus_looks_at_requests),
		cmocka_unit_test(a_record_that_is_cut_fits_nothing),
		cmocka_unit_test(dnp3_matches_as_documented),
		cmocka_unit_test(enip_and_cip_match_as_documented),
		cmocka_unit_test(what_is_not_understood_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
