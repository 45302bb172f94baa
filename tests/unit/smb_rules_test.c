/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on SMB and DCE/RPC, through the whole engine. */
#include "tests/unit/engine_kit.h"

#include "tests/forge/smb.h"

#define TCP    "alert tcp any any -> any any (msg:\"t\"; "
#define SMB    "alert smb any any -> any any (msg:\"t\"; "
#define DCERPC "alert dcerpc any any -> any any (msg:\"t\"; "

#define EPM    "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
#define SVCCTL "367abb81-9844-35f1-ad32-98f038001003"

static const uint8_t IFACES[][16] = {
	{0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa},
	{0x36, 0x7a, 0xbb, 0x81, 0x98, 0x44, 0x35, 0xf1, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03},
};

static struct forge_blob blob, pdu; /* too large for the stack */

static void begin(void)
{
	blob.len = 0;
}

static void say(struct forge_talk *talk, enum forge_side side)
{
	forge_talk_say(talk, side, blob.at, blob.len, 21);
	begin();
}

static void say_smb(struct forge_talk *talk, enum forge_side side)
{
	forge_smb_end(&blob);
	say(talk, side);
	forge_smb_begin(&blob);
}

static void check(const struct room *room, const uint64_t *want, size_t count)
{
	for (size_t sid = 1; sid < count; sid++)
		if (room->alerts[sid] != want[sid])
			fail_msg("sid %zu: %llu alerts, not %llu", sid, (unsigned long long)room->alerts[sid],
				 (unsigned long long)want[sid]);
}

/* Both interfaces are bound in version 3, the second one is refused; a call of operation 15, and its answer. */
static void talk_dcerpc(struct room *room, uint8_t call_flags)
{
	const struct forge_pdu bind = {.flags = FORGE_PDU_WHOLE, .call = 1}, call = {.flags = call_flags, .call = 2};
	const uint16_t results[] = {0, 2};
	struct forge_talk talk = room_talk(room);

	begin();
	forge_pdu_bind(&blob, &bind, IFACES, 3, 2);
	say(&talk, FORGE_CLIENT);
	forge_pdu_bind_answer(&blob, &bind, results, 2);
	say(&talk, FORGE_SERVER);
	forge_pdu_request(&blob, &call, 0, 15, "\1\2xevil", 7);
	say(&talk, FORGE_CLIENT);
	forge_pdu_response(&blob, &call, 0, "\1\2good", 6);
	say(&talk, FORGE_SERVER);
	forge_talk_close(&talk);
}

static void calls_are_asked_for_by_interface_version_and_operation(void **unused)
{
	struct room room;
	/* A rule without a direction fires on the call and on its answer. */
	static const uint64_t want[] = {0, 2, 1, 0, 0, 2, 0, 1, 0, 1, 0, 2, 0, 1};

	room_open(&room, TCP "dce_iface:" EPM "; sid:1;)\n"
			 TCP "flow:to_server; dcerpc.iface:" EPM ",=3,any_frag; dcerpc.opnum:1-3,15; sid:2;)\n"
			 TCP "dcerpc.iface:" EPM ",<3; sid:3;)\n"
			 TCP "dcerpc.iface:" SVCCTL "; sid:4;)\n"
			 TCP "dce_iface:uuid " EPM ",version =3; dce_opnum:\"15\"; sid:5;)\n"
			 TCP "dcerpc.opnum:>15; sid:6;)\n"
			 DCERPC "dcerpc.stub_data; content:\"evil\"; byte_test:2,=,0x201,0,dce; sid:7;)\n"
			 TCP "dce_stub_data; byte_test:2,=,0x102,0,dce; sid:8;)\n"
			 TCP "flow:to_client; dce_stub_data; content:\"good\"; endswith; sid:9;)\n"
			 SMB "dcerpc.opnum:15; sid:10;)\n"
			 TCP "dce_iface:" EPM ",preack; sid:11;)\n"
			 TCP "dce_iface:" SVCCTL ",preack; sid:12;)\n"
			 DCERPC "flow:to_server; dcerpc.opnum:15; content:\"evil\"; endswith; sid:13;)\n");
	room_begin(&room);
	talk_dcerpc(&room, FORGE_PDU_WHOLE);
	room_run(&room);
	check(&room, want, sizeof(want) / sizeof(want[0]));
	room_close(&room);
}

static void a_call_without_its_first_fragment_needs_any_frag(void **unused)
{
	struct room room;
	static const uint64_t want[] = {0, 0, 2};

	room_open(&room, TCP "dcerpc.iface:" EPM "; sid:1;)\n" TCP "dcerpc.iface:" EPM ",any_frag; sid:2;)\n");
	room_begin(&room);
	talk_dcerpc(&room, FORGE_PDU_LAST);
	room_run(&room);
	check(&room, want, sizeof(want) / sizeof(want[0]));
	room_close(&room);
}

/* A log-on, a file that is written in two parts, and a call through a pipe. */
static void talk_smb(struct room *room)
{
	const struct forge_pdu bind = {.flags = FORGE_PDU_WHOLE, .call = 1},
			       call = {.flags = FORGE_PDU_WHOLE, .call = 2};
	const uint16_t accepted = 0;
	struct forge_talk talk = room_talk(room);
	struct forge_smb2 ask = {.message = 1, .tree = 5}, reply = {.response = true, .message = 1, .tree = 5};

	forge_smb_begin(&blob);
	forge_smb2_session(&blob, &ask, "PORT", "crane");
	say_smb(&talk, FORGE_CLIENT);
	for (uint8_t type = 1; type <= 2; type++) {
		ask.message = reply.message = reply.tree = 5u + type;
		forge_smb2_tree(&blob, &ask, type == 1 ? "\\\\srv\\yard" : "\\\\srv\\IPC$");
		say_smb(&talk, FORGE_CLIENT);
		forge_smb2_tree_answer(&blob, &reply, type);
		say_smb(&talk, FORGE_SERVER);
		ask.tree = reply.tree;
		forge_smb2_create(&blob, &ask, type == 1 ? "a\\drop.exe" : "svcctl");
		say_smb(&talk, FORGE_CLIENT);
		forge_smb2_create_answer(&blob, &reply, type, 0);
		say_smb(&talk, FORGE_SERVER);
	}
	ask.tree = 6;
	forge_smb2_write(&blob, &ask, 1, 0, "MZ is here and ", 15);
	say_smb(&talk, FORGE_CLIENT);
	forge_smb2_write(&blob, &ask, 1, 15, "evil there", 10);
	say_smb(&talk, FORGE_CLIENT);
	forge_smb2_close(&blob, &ask, 1);
	say_smb(&talk, FORGE_CLIENT);
	ask.tree = 7;
	pdu.len = 0;
	forge_pdu_bind(&pdu, &bind, &IFACES[1], 2, 1);
	forge_smb2_transceive(&blob, &ask, 2, pdu.at, pdu.len);
	say_smb(&talk, FORGE_CLIENT);
	pdu.len = 0;
	forge_pdu_bind_answer(&pdu, &bind, &accepted, 1);
	forge_smb2_transceive(&blob, &reply, 2, pdu.at, pdu.len);
	say_smb(&talk, FORGE_SERVER);
	pdu.len = 0;
	forge_pdu_request(&pdu, &call, 0, 12, "create", 6);
	forge_smb2_transceive(&blob, &ask, 2, pdu.at, pdu.len);
	say_smb(&talk, FORGE_CLIENT);
	forge_talk_close(&talk);
}

static void trees_users_files_and_pipes_are_asked_for(void **unused)
{
	struct room room;
	static const uint64_t want[] = {0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0};

	room_open(&room, SMB "smb.share; content:\"|5c 5c|srv|5c|yard\"; startswith; endswith; sid:1;)\n"
			 SMB "smb.share; content:\"IPC\"; sid:2;)\n"
			 SMB "smb.named_pipe; content:\"IPC$\"; endswith; sid:3;)\n"
			 SMB "smb.ntlmssp_user; content:\"crane\"; "
			 "smb.ntlmssp_domain; content:\"port\"; nocase; sid:4;)\n"
			 SMB "file.name; content:\"drop.exe\"; endswith; file.data; content:\"evil\"; sid:5;)\n"
			 SMB "flow:established,to_server; "
			 "file_data; content:\"MZ\"; depth:2; content:\"evil\"; distance:0; sid:6;)\n"
			 TCP "flow:to_server; dce_iface:" SVCCTL "; dce_opnum:12; "
			 "dce_stub_data; content:\"create\"; sid:7;)\n"
			 DCERPC "dcerpc.iface:" SVCCTL ",>1; sid:8;)\n"
			 SMB "file.data; content:\"evil\"; sid:9;)\n"
			 SMB "smb.version:1; sid:10;)\n"
			 SMB "flow:to_client; file.data; content:\"MZ\"; sid:11;)\n");
	room_begin(&room);
	talk_smb(&room);
	room_run(&room);
	check(&room, want, sizeof(want) / sizeof(want[0]));
	room_close(&room);
}

static void the_digest_of_a_written_file_is_an_indicator(void **unused)
{
	struct room room;

	room_prepare(&room, "");
	room_indicate(&room, QW_OBS_SHA256, "a88af0423646c0f1c9212d47991e9a76754b37a61a4ac0d2c220d0b10b9819cb");
	room_compile(&room);
	room_begin(&room);
	talk_smb(&room);
	room_run(&room);
	assert_int_equal(room.alerts[ROOM_INDICATORS], 1);
	room_close(&room);
}

static void what_is_no_interface_or_operation_is_refused(void **unused)
{
	static const char *const bad[] = {
		TCP "dce_iface:" EPM "0; sid:1;)",
		TCP "dce_iface:e1af8308_5d1f-11c9-91a4-08002b14a0fa; sid:1;)",
		TCP "dce_iface:" EPM ",3<>5; sid:1;)",	   TCP "dce_iface:" EPM ",=70000; sid:1;)",
		TCP "dce_iface:" EPM ",=1,often; sid:1;)", TCP "dce_iface:any_frag; sid:1;)",
		TCP "dce_opnum:65536; sid:1;)",		   TCP "dce_opnum:7-3; sid:1;)",
		TCP "dce_opnum:; sid:1;)",		   SMB "smb.version:256; sid:1;)",
		SMB "smb.share; sid:1;)",		   SMB "flow:to_client; smb.share; content:\"a\"; sid:1;)",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct qw_signature_options options = {0};
		struct qw_signature_builder *builder;
		struct qw_diags diags;
		qw_diags_init(&diags);
		assert_int_equal(qw_signature_builder_new(&builder, &options), QW_OK);
		assert_int_equal(qw_signature_builder_read(builder, "t", bad[i], strlen(bad[i]), &diags), QW_OK);
		if (qw_signature_builder_counts(builder)->rejected != 1)
			fail_msg("taken: %s", bad[i]);
		qw_signature_builder_free(builder);
		qw_diags_fini(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_asked_for_by_interface_version_and_operation),
		cmocka_unit_test(a_call_without_its_first_fragment_needs_any_frag),
		cmocka_unit_test(trees_users_files_and_pipes_are_asked_for),
		cmocka_unit_test(the_digest_of_a_written_file_is_an_indicator),
		cmocka_unit_test(what_is_no_interface_or_operation_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
