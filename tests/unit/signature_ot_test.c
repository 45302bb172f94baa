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

/* ---- iec 104, opc ua, bacnet */

struct row {
	const char *options;
	bool fires;
};

static void check(const char *protocol, enum qw_app app, const struct value values[VALUES_MAX], const struct row *rows, size_t count)
{
	for (const struct row *row = rows; row < rows + count; row++)
		if (fires(protocol, row->options, app, values, true) != row->fires)
			fail_msg("%s: should %sfire", row->options, row->fires ? "" : "not ");
}

#define CHECK(protocol, app, values, rows) check(protocol, app, values, rows, sizeof(rows) / sizeof(*(rows)))

/* A single command that only selects, to objects 6001 and 7. */
static void iec104_matches_as_documented(void **state)
{
	static const uint64_t format = 0, type = 45, cause = 6, common = 10, flags = 4, first = 6001, second = 7, startdt = 7;
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_IEC104_APCI_TYPE, (const char *)&format, 8}, {QW_BUFFER_IEC104_ASDU_FUNC, (const char *)&type, 8},
		{QW_BUFFER_IEC104_CAUSE, (const char *)&cause, 8},	{QW_BUFFER_IEC104_COMMON_ADDRESS, (const char *)&common, 8},
		{QW_BUFFER_IEC104_FLAGS, (const char *)&flags, 8},	{QW_BUFFER_IEC104_IOA, (const char *)&first, 8},
		{QW_BUFFER_IEC104_IOA, (const char *)&second, 8},	{QW_BUFFER_IEC104_ASDU, "\x2d\2\6\0\x0a", 5},
	};
	const struct value control[VALUES_MAX] = {{QW_BUFFER_IEC104_CONTROL, (const char *)&startdt, 8}};
	static const struct row rows[] = {
		{"iec104_apci_type: i", true}, {"iec104_apci_type: information_transfer_format", true}, {"iec104_apci_type: U", false},
		{"iec104_apci_type: numbered_supervisory_function", false}, {"iec104_apci_type: 0", true},
		{"iec104_asdu_func: C_SC_NA_1", true}, {"iec104_asdu_func: c_sc_na_1", true}, {"iec104_asdu_func: 45", true},
		{"iec104_asdu_func: M_SP_NA_1", false}, {"iec104_asdu_func: F_SC_NB_1", false},
		{"iec104.cause: activation", true}, {"iec104.cause: !activation", false}, {"iec104.common_address: 10", true},
		{"iec104.common_address: >10", false}, {"iec104.ioa: 6000-7000", true}, {"iec104.ioa: 7; iec104.ioa: 6001", true},
		{"iec104.ioa: 8", false}, {"iec104.flags: select", true}, {"iec104.flags: !select", false},
		{"iec104.flags: select,!test", true}, {"iec104.asdu; content: \"|2d|\"; startswith", true},
	};
	static const struct row controls[] = {{"iec104.control: startdt_act", true}, {"iec104.control: stopdt_act", false}};
	CHECK("iec104", QW_APP_IEC104, values, rows);
	CHECK("tcp", QW_APP_IEC104, values, rows);
	CHECK("iec104", QW_APP_IEC104, control, controls);
	assert_true(refused("iec104_asdu_func: C_XX_NA_1"));
	assert_true(refused("iec104_apci_type: x"));
	assert_true(refused("iec104.flags: loud"));
}

static void opcua_matches_as_documented(void **state)
{
	static const uint64_t type = 6, service = 673, space = 0, status = 0x80340000, mode = 1;
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_OPCUA_MSG_TYPE, (const char *)&type, 8}, {QW_BUFFER_OPCUA_MSG_SERVICE, (const char *)&service, 8},
		{QW_BUFFER_OPCUA_NODE_ID, (const char *)&service, 8}, {QW_BUFFER_OPCUA_NODE_NAMESPACE, (const char *)&space, 8},
		{QW_BUFFER_OPCUA_STATUS, (const char *)&status, 8}, {QW_BUFFER_OPCUA_SECURITY_MODE, (const char *)&mode, 8},
		{QW_BUFFER_OPCUA_NODE, "ns=2;s=Hoist", 12}, {QW_BUFFER_OPCUA_NODE, "i=85", 4},
	};
	static const struct row rows[] = {
		{"opcua_msg_type: msg", true}, {"opcua_msg_type: message", true}, {"opcua_msg_type: MSG", true},
		{"opcua_msg_type: hello", false}, {"opcua_msg_type: close_secure_channel", false},
		{"opcua_msg_service: WriteRequest", true}, {"opcua_msg_service: ReadRequest", false},
		{"opcua_msg_service: HistoryModifiedEvent", false}, {"opcua_node_id: 673", true}, {"opcua_node_id: 674", false},
		{"opcua_node_namespace_index: 0", true}, {"opcua_node_namespace_index: 1", false},
		{"opcua.status: BadNodeIdUnknown", true}, {"opcua.status: >0x7fffffff", true}, {"opcua.status: 0", false},
		{"opcua.security_mode: none", true}, {"opcua.security_mode: sign_and_encrypt", false},
		{"opcua.node; content: \"s=Hoist\"; endswith", true}, {"opcua.node; content: \"i=85\"; bsize: 4", true},
		{"opcua.node; content: \"Crane\"", false},
	};
	CHECK("opcua", QW_APP_OPCUA, values, rows);
	CHECK("tcp", QW_APP_OPCUA, values, rows);
	assert_true(refused("opcua_msg_type: 6"));
	assert_true(refused("opcua_msg_service: NoSuchRequest"));
}

static void bacnet_matches_as_documented(void **state)
{
	static const uint64_t function = 10, type = 0, service = 15, device = 1234, vendor = 24, error = 26;
	static const struct qw_bacnet_item first = {.instance = 7, .property = 85, .object = 2, .priority = 8,
						    .has = QW_BACNET_HAS_OBJECT | QW_BACNET_HAS_PROPERTY | QW_BACNET_HAS_PRIORITY};
	static const struct qw_bacnet_item second = {.instance = 9, .object = 8, .has = QW_BACNET_HAS_OBJECT};
	const struct value values[VALUES_MAX] = {
		{QW_BUFFER_BACNET_FUNCTION, (const char *)&function, 8}, {QW_BUFFER_BACNET_TYPE, (const char *)&type, 8},
		{QW_BUFFER_BACNET_CONFIRMED, (const char *)&service, 8}, {QW_BUFFER_BACNET_ITEM, (const char *)&first, sizeof(first)},
		{QW_BUFFER_BACNET_ITEM, (const char *)&second, sizeof(second)}, {QW_BUFFER_BACNET_TEXT, "secret", 6},
		{QW_BUFFER_BACNET_DATA, "\x0c\0\x80\0\7", 5}, {QW_BUFFER_BACNET_ERROR, (const char *)&error, 8},
	};
	const struct value notice[VALUES_MAX] = {{QW_BUFFER_BACNET_DEVICE, (const char *)&device, 8},
						 {QW_BUFFER_BACNET_VENDOR_ID, (const char *)&vendor, 8}};
	static const struct row rows[] = {
		{"bacnet.bvlc_function: original-unicast-npdu", true}, {"bacnet.bvlc_function: forwarded-npdu", false},
		{"bacnet.apdu_type: confirmed-request", true}, {"bacnet.apdu_type: !confirmed-request", false},
		{"bacnet.confirmed_service: writeProperty", true}, {"bacnet.confirmed_service: reinitializeDevice", false},
		{"bacnet.unconfirmed_service: who-Is", false}, {"bacnet.error: password-failure", true},
		{"bacnet.object: analog-value", true}, {"bacnet.object: analog-value,7", true}, {"bacnet.object: analog-value,9", false},
		{"bacnet.object: device,9", true}, {"bacnet.object: 2,<8", true}, {"bacnet.property: present-value", true},
		{"bacnet.property: present-value,analog-value,7", true}, {"bacnet.property: present-value,device", false},
		{"bacnet.property: 0", false}, {"bacnet.priority: 8", true}, {"bacnet.priority: 0", false},
		{"bacnet.text; content: \"secret\"", true}, {"bacnet.data; content: \"|0c 00 80|\"; startswith", true},
	};
	static const struct row notices[] = {
		{"bacnet.device: 1234", true}, {"bacnet.device: <1000", false}, {"bacnet.vendor_id: 24", true}, {"bacnet.vendor_id: 5", false}};
	CHECK("bacnet", QW_APP_BACNET, values, rows);
	CHECK("bacnet", QW_APP_BACNET, notice, notices);
	assert_true(refused("bacnet.object: crane"));
	assert_true(refused("bacnet.object: device,1,2"));
	assert_true(refused("bacnet.property: colour"));
}

/* ---- field devices and small controllers */

static void field_numbers_match_by_name(void **state)
{
	static const uint64_t message = 3, command = 22, fins = 0x0402, code = 0x3001, frame = 4, order = 1;
	const struct value hart[VALUES_MAX] = {{QW_BUFFER_HART_MESSAGE, (const char *)&message, 8},
					       {QW_BUFFER_HART_COMMAND, (const char *)&command, 8}};
	const struct value omron[VALUES_MAX] = {{QW_BUFFER_FINS_COMMAND, (const char *)&fins, 8},
						{QW_BUFFER_FINS_END_CODE, (const char *)&code, 8}};
	const struct value phasors[VALUES_MAX] = {{QW_BUFFER_C37118_FRAME, (const char *)&frame, 8},
						  {QW_BUFFER_C37118_COMMAND, (const char *)&order, 8}};
	static const struct row harts[] = {
		{"hart_ip.message_id: token_passing_pdu", true}, {"hart_ip.message_id: 0", false},
		{"hart_ip.command: write_long_tag", true}, {"hart_ip.command: !write_long_tag", false}, {"hart_ip.command: 20<>23", true},
	};
	static const struct row omrons[] = {
		{"fins.command: stop", true}, {"fins.command: run", false}, {"fins.command: 1026", true},
		{"fins.end_code: no_access_right", true}, {"fins.end_code: normal", false},
	};
	static const struct row orders[] = {
		{"c37118.frame_type: command", true}, {"c37118.frame_type: data", false},
		{"c37118.command: turn_off", true}, {"c37118.command: turn_on", false},
	};
	CHECK("hart-ip", QW_APP_HART_IP, hart, harts);
	CHECK("omron-fins", QW_APP_OMRON_FINS, omron, omrons);
	CHECK("c37.118", QW_APP_C37_118, phasors, orders);
	assert_true(refused("hart_ip.message_id: 256"));
	assert_true(refused("fins.command: halt"));
	assert_true(refused("c37118.command: 65536"));
}

static void profinet_is_asked_by_name(void **state)
{
	static const uint64_t set = 4, name = 0x0202, reset = 0x0505, operation = 3, record = 0xe040, command = 1, alarm = 3;
	const struct value dcp[VALUES_MAX] = {{QW_BUFFER_PROFINET_DCP_SERVICE, (const char *)&set, 8},
					      {QW_BUFFER_PROFINET_DCP_OPTION, (const char *)&name, 8},
					      {QW_BUFFER_PROFINET_DCP_OPTION, (const char *)&reset, 8},
					      {QW_BUFFER_PROFINET_STATION, "crane-7", 7}};
	const struct value call[VALUES_MAX] = {{QW_BUFFER_PROFINET_OPERATION, (const char *)&operation, 8},
					       {QW_BUFFER_PROFINET_RECORD, (const char *)&record, 8},
					       {QW_BUFFER_PROFINET_CONTROL, (const char *)&command, 8},
					       {QW_BUFFER_PROFINET_ALARM, (const char *)&alarm, 8}};
	static const struct row names[] = {
		{"profinet.dcp_service: set", true}, {"profinet.dcp_service: identify", false}, {"profinet.dcp_service: 4", true},
		{"profinet.dcp_option: name_of_station", true}, {"profinet.dcp_option: factory_reset", true},
		{"profinet.dcp_option: 1285", true}, {"profinet.dcp_option: ip_parameter", false},
		{"profinet.station; content: \"crane\"; startswith", true}, {"profinet.station; content: \"truck\"", false},
	};
	static const struct row calls[] = {
		{"profinet.operation: write", true}, {"profinet.operation: !write", false}, {"profinet.operation: connect", false},
		{"profinet.record: write_multiple", true}, {"profinet.record: im0", false}, {"profinet.control: parameters_end", true},
		{"profinet.control: release", false}, {"profinet.alarm: pull", true}, {"profinet.alarm: plug", false},
	};
	CHECK("profinet", QW_APP_PROFINET, dcp, names);
	CHECK("profinet-io", QW_APP_PROFINET_IO, call, calls);
	assert_true(refused("profinet.dcp_service: 256"));
	assert_true(refused("profinet.dcp_option: colour"));
	assert_true(refused("profinet.operation: 65536"));
}

/* ---- plants: substations, presses, buildings, gates */

static void plant_numbers_match_by_name(void **state)
{
	static const uint64_t service = 41, slmp = 0x1002, locked = 0xc201, write = 3, group = 0xf030, type = 20, status = 401;
	const struct value mms[VALUES_MAX] = {{QW_BUFFER_MMS_FUNC, (const char *)&service, 8},
					      {QW_BUFFER_MMS_DATA, "\xa0\x0d\x02\x01\x09\xbf\x29\x07\x80\x05Hoist", 15}};
	const struct value press[VALUES_MAX] = {{QW_BUFFER_SLMP_COMMAND, (const char *)&slmp, 8},
						{QW_BUFFER_SLMP_END_CODE, (const char *)&locked, 8}};
	const struct value crane[VALUES_MAX] = {{QW_BUFFER_ADS_COMMAND, (const char *)&write, 8},
						{QW_BUFFER_ADS_INDEX_GROUP, (const char *)&group, 8}};
	const struct value gate[VALUES_MAX] = {{QW_BUFFER_LLRP_TYPE, (const char *)&type, 8},
					       {QW_BUFFER_LLRP_STATUS, (const char *)&status, 8}};
	const struct value roof[VALUES_MAX] = {{QW_BUFFER_FOX_COMMAND, "hello", 5}};
	static const struct row substations[] = {
		{"mms_func: stop", true}, {"mms_func: start", false}, {"mms_func: 41", true}, {"mms_func: >40", true},
		{"mms_data; content: \"|A0|\", depth 1", true}, {"mms_data; content: \"|A8|\"; depth: 1", false},
		{"content: \"Hoist\"; mms_func: stop", false},
	};
	static const struct row presses[] = {
		{"slmp.command: remote_stop", true}, {"slmp.command: remote_run", false}, {"slmp.command: 4098", true},
		{"slmp.end_code: locked", true}, {"slmp.end_code: normal", false},
	};
	static const struct row cranes[] = {
		{"ads.command: write", true}, {"ads.command: read", false}, {"ads.index_group: output_image", true},
		{"ads.index_group: 61488", true}, {"ads.index_group: input_image", false},
	};
	static const struct row gates[] = {
		{"llrp.type: add_rospec", true}, {"llrp.type: start_rospec", false}, {"llrp.status: device_error", true},
		{"llrp.status: !success", true}, {"llrp.status: success", false},
	};
	static const struct row roofs[] = {{"fox.command; content: \"hello\"", true}, {"fox.command; content: \"login\"", false}};
	CHECK("mms", QW_APP_MMS, mms, substations);
	CHECK("slmp", QW_APP_SLMP, press, presses);
	CHECK("ads", QW_APP_ADS, crane, cranes);
	CHECK("llrp", QW_APP_LLRP, gate, gates);
	CHECK("fox", QW_APP_FOX, roof, roofs);
	assert_true(refused("mms_func: getNameList"));
	assert_true(refused("mms_func: 256"));
	assert_true(refused("slmp.command: halt"));
	assert_true(refused("llrp.type: 1024"));
}

static void s7_matches_by_name(void **state)
{
	static const uint64_t job = 1, stop = 0x29, area = 0x84, block = 5, opcode = 0x31, create = 1226;
	const struct value classic[VALUES_MAX] = {{QW_BUFFER_S7COMM_TYPE, (const char *)&job, 8},
						  {QW_BUFFER_S7COMM_FUNC, (const char *)&stop, 8},
						  {QW_BUFFER_S7COMM_AREA, (const char *)&area, 8},
						  {QW_BUFFER_S7COMM_DB, (const char *)&block, 8},
						  {QW_BUFFER_S7COMM_SERVICE, "P_PROGRAM", 9}};
	const struct value plus[VALUES_MAX] = {{QW_BUFFER_S7COMMPLUS_OPCODE, (const char *)&opcode, 8},
					       {QW_BUFFER_S7COMMPLUS_FUNC, (const char *)&create, 8},
					       {QW_BUFFER_S7COMMPLUS_CONTENT, "\0\0\x01\x20", 4}};
	static const struct row classics[] = {
		{"s7comm.func: plc_stop", true}, {"s7comm.func: 41; s7comm.type: job", true}, {"s7comm.func: pi_service", false},
		{"s7comm.area: DB; s7comm.db: 5", true}, {"s7comm.area: M", false}, {"s7comm.db: 6", false}, {"s7comm.db: 1-5,9", true},
		{"s7comm.service; content: \"P_PROGRAM\"", true}, {"s7comm.service; content: \"_INSE\"", false},
	};
	static const struct row pluses[] = {
		{"s7commplus_opcode: request", true}, {"s7commplus_opcode: response", false}, {"s7commplus_func: createobject", true},
		{"s7commplus_func: explore", false}, {"s7commplus_content; content: \"|01 20|\"", true},
	};
	CHECK("s7comm", QW_APP_S7COMM, classic, classics);
	CHECK("s7comm-plus", QW_APP_S7COMM_PLUS, plus, pluses);
	assert_true(refused("s7comm.func: halt"));
	assert_true(refused("s7commplus_func: nothing"));
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
		cmocka_unit_test(iec104_matches_as_documented),
		cmocka_unit_test(opcua_matches_as_documented),
		cmocka_unit_test(bacnet_matches_as_documented),
		cmocka_unit_test(field_numbers_match_by_name),
		cmocka_unit_test(profinet_is_asked_by_name),
		cmocka_unit_test(plant_numbers_match_by_name),
		cmocka_unit_test(s7_matches_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
