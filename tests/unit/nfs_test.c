/* SPDX-License-Identifier: Apache-2.0 */
/* NFS over ONC RPC, and TFTP. */
#include "tests/unit/protocol_kit.h"

static const char lookup3[] =
	"\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa3\x00\x00\x00\x03\x00\x00\x00\x03\x00"
	"\x00\x00\x01\x00\x00\x00\x09unix-cred\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1chhh"
	"hhhhhhhhhhhhhhhhhhhhhhhhh\x00\x00\x00\x0cmanifest.xls";
static const char rename3[] =
	"\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa3\x00\x00\x00\x03\x00\x00\x00\x0e\x00"
	"\x00\x00\x01\x00\x00\x00\x09unix-cred\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1chhh"
	"hhhhhhhhhhhhhhhhhhhhhhhhh\x00\x00\x00\x05\x61.txt\x00\x00\x00\x00\x00\x00\x1chhhhhhhhhhhhhhhhhhhhhhh"
	"hhhhh\x00\x00\x00\x08\x61.locked";
static const char create2[] =
	"\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa3\x00\x00\x00\x02\x00\x00\x00\x09\x00"
	"\x00\x00\x01\x00\x00\x00\x09unix-cred\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x66\x66\x66\x66"
	"\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66"
	"\x66\x66\x66\x00\x00\x00\x07old.bin\x00";
static const char comp4[] =
	"\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa3\x00\x00\x00\x04\x00\x00\x00\x01\x00"
	"\x00\x00\x01\x00\x00\x00\x09unix-cred\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	"\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x16\x00\x00\x00\x1chhhhhhhhhhhhhhhhhhhhhhhhhhhh\x00\x00"
	"\x00\x0f\x00\x00\x00\x08plan.dwg\x00\x00\x00\x0a\x00\x00\x00\x09\x00\x00\x00\x02\x00\x00\x00\x01\x00"
	"\x00\x00\x02\x00\x00\x00\x1c\x00\x00\x00\x08gone.txt";

static const char reply[] = "\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/* A fragment with its mark. */
static size_t put_fragment(uint8_t *out, const void *data, size_t len, bool last)
{
	const uint8_t mark[4] = {last ? 0x80 : 0, 0, (uint8_t)(len >> 8), (uint8_t)len};
	memcpy(out, mark, sizeof(mark));
	memcpy(out + sizeof(mark), data, len);
	return sizeof(mark) + len;
}

static void calls_over_tcp_are_the_same_however_they_are_cut(void **state)
{
	uint8_t up[2048], down[64];
	size_t up_len = put_fragment(up, lookup3, sizeof(lookup3) - 1, true);
	up_len += put_fragment(up + up_len, rename3, sizeof(rename3) - 1, false);
	up_len += put_fragment(up + up_len, "the rest of the record", 22, true);
	up_len += put_fragment(up + up_len, comp4, sizeof(comp4) - 1, true);
	size_t down_len = put_fragment(down, reply, sizeof(reply) - 1, true);
	const struct kit_piece pieces[] = {{QW_TO_SERVER, up, up_len}, {QW_TO_CLIENT, down, down_len}, {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 2049, pieces);
	assert_int_equal(kit.flow.app, QW_APP_NFS);
	assert_int_equal(kit.messages, 3);
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_VERSION, 0), 3);
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_PROCEDURE, 0), 3);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 0), "manifest.xls");
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_PROCEDURE, 1), 14);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 2), "a.locked");
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_VERSION, 2), 4);
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_PROCEDURE, 2), 22);
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_PROCEDURE, 6), 28);
	assert_true(kit_number(&kit, QW_BUFFER_NFS_OPERATION, 6) == (UINT64_C(1) << 32 | 28));
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 4), "gone.txt");
	kit_close(&kit);
}

static void a_call_of_version_2_is_one_datagram(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_UDP, 700);
	kit_feed(&kit, QW_TO_SERVER, create2, sizeof(create2) - 1);
	assert_int_equal(kit.flow.app, QW_APP_NFS);
	assert_int_equal(kit_number(&kit, QW_BUFFER_NFS_PROCEDURE, 0), 9);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "old.bin");
	kit_close(&kit);
}

static void another_program_is_not_taken(void **state)
{
	char other[sizeof(create2)];
	struct kit kit;
	memcpy(other, create2, sizeof(create2));
	other[15]++; /* 100004 */
	kit_open(&kit, QW_PROTO_UDP, 2049);
	kit_feed(&kit, QW_TO_SERVER, other, sizeof(create2) - 1);
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	kit_close(&kit);
}

static void what_is_written_may_be_missing(void **state)
{
	uint8_t head[4096] = {0x80, 0, 0x20, 0}; /* 8 KiB */
	const struct qw_message_sink sink = {NULL, NULL};
	struct kit kit;
	memcpy(head + 4, lookup3, sizeof(lookup3) - 1);
	kit_open(&kit, QW_PROTO_TCP, 2049);
	kit_feed(&kit, QW_TO_SERVER, head, sizeof(head));
	assert_int_equal(kit.messages, 1);
	qw_parser_gap(kit.pool, &kit.flow, QW_TO_SERVER, 4096 + 4, &sink);
	size_t len = put_fragment(head, rename3, sizeof(rename3) - 1, true);
	kit_feed(&kit, QW_TO_SERVER, head, len);
	assert_int_equal(kit.messages, 2);
	qw_parser_gap(kit.pool, &kit.flow, QW_TO_SERVER, 1, &sink);
	assert_null(kit.flow.parser); /* the next head is lost */
	kit_close(&kit);
}

/* ---- TFTP */

static void a_request_names_its_file(void **state)
{
	static const char request[] = "\0\1firmware.bin\0octet\0blksize\0" "1024";
	struct kit kit;
	kit_open(&kit, QW_PROTO_UDP, 69);
	kit_feed(&kit, QW_TO_SERVER, request, sizeof(request));
	assert_int_equal(kit.flow.app, QW_APP_TFTP);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "firmware.bin");
	kit_close(&kit);
	kit_open(&kit, QW_PROTO_UDP, 69);
	kit_feed(&kit, QW_TO_SERVER, "\0\1firmware.bin\0octal", 21);
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	kit_close(&kit);
}

static void blocks_make_a_file_and_repeated_ones_do_not(void **state)
{
	uint8_t block[4 + 512] = {0, 3, 0, 1};
	struct kit kit;
	memset(block + 4, 'a', 512);
	kit_open(&kit, QW_PROTO_UDP, 3000);
	kit.flow.app = QW_APP_TFTP; /* the blocks' flow has nothing that probes could know it by */
	kit_feed(&kit, QW_TO_CLIENT, block, sizeof(block));
	kit_feed(&kit, QW_TO_SERVER, "\0\4\0\1", 4);
	kit_feed(&kit, QW_TO_CLIENT, block, sizeof(block));
	kit_feed(&kit, QW_TO_CLIENT, "\0\3\0\2end", 7);
	kit_feed(&kit, QW_TO_CLIENT, "\0\3\0\2end", 7);
	const char *file = kit_nth(&kit, QW_BUFFER_FILE_DATA, 0);
	assert_non_null(file);
	assert_int_equal(strlen(file), 515);
	assert_string_equal(file + 511, "aend");
	assert_null(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1));
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_over_tcp_are_the_same_however_they_are_cut),
		cmocka_unit_test(a_call_of_version_2_is_one_datagram),
		cmocka_unit_test(another_program_is_not_taken),
		cmocka_unit_test(what_is_written_may_be_missing),
		cmocka_unit_test(a_request_names_its_file),
		cmocka_unit_test(blocks_make_a_file_and_repeated_ones_do_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
