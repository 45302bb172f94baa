/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/file.h"
#include "sensor/decode/decode.h"
#include "tests/forge/samples.h"

enum { BATCH = 7, LINK_ETHERNET = 1 };

static char folder[64];
static struct forge_packet packet;
static struct qw_diags diags;
static struct qw_source_counters counters;

static int make_folder(void **state)
{
	strcpy(folder, "capture_test.XXXXXX");
	qw_diags_init(&diags);
	return mkdtemp(folder) ? 0 : -1;
}

static enum qw_err remove_file(void *ctx, const char *path)
{
	return unlink(path) == 0 ? QW_OK : QW_EIO;
}

static int remove_folder(void **state)
{
	char inner[96];

	qw_diags_fini(&diags);
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	(void)!qw_walk_files(folder, remove_file, NULL);
	(void)rmdir(inner);
	return rmdir(folder);
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void save(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(path_of(name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void build(size_t extra)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	forge_ipv4(&packet, "10.0.0.1", "10.0.0.2");
	forge_udp(&packet, 1, (uint16_t)(2 + extra));
	forge_add(&packet, FORGE_DATA, extra);
	forge_end(&packet);
}

/* Three packets, of 42, 43 and 44 bytes. */
static void forge_three(struct forge_capture *capture, struct forge_format format)
{
	format.link = LINK_ETHERNET;
	forge_capture_init(capture, format);
	for (size_t i = 0; i < 3; i++) {
		build(i);
		forge_capture_add(capture, &packet);
	}
}

typedef void check_frame(const struct qw_frame *frame, uint64_t number);

/* Reads all there is; the number of frames handed out, or the error of opening as a negative number. */
static int64_t read_path(const char *path, const char *filter, check_frame *check)
{
	struct qw_source *source;
	struct qw_source_spec spec = {.paths = &path, .path_count = 1, .filter = filter, .diags = &diags};
	struct qw_frame frames[BATCH];
	uint64_t number = 0;
	size_t count;

	enum qw_err err = qw_source_file.open(&source, &spec);
	if (err != QW_OK)
		return err;
	while ((err = qw_source_file.receive(source, frames, BATCH, (struct qw_wait){0, -1}, &count)) == QW_OK) {
		assert_true(count > 0 && count <= BATCH);
		for (size_t i = 0; i < count; i++, number++)
			if (check)
				check(&frames[i], number);
		qw_source_file.release(source);
	}
	assert_int_equal(err, QW_ENOENT);
	qw_source_file.counters(source, &counters);
	qw_source_file.close(source);
	assert_int_equal(counters.received, number + counters.filtered);
	return (int64_t)number;
}

static const int64_t first_ns = 1700000000 * QW_NS_PER_S;

static void check_three(const struct qw_frame *frame, uint64_t number)
{
	build(number);
	assert_int_equal(frame->len, packet.len);
	assert_int_equal(frame->wire_len, packet.len);
	assert_memory_equal(frame->data, packet.data, packet.len);
	assert_int_equal(frame->time.ns, first_ns + (int64_t)number * QW_NS_PER_MS);
	assert_int_equal(frame->link, LINK_ETHERNET);
}

static void every_format_in_every_byte_order_reads_alike(void **state)
{
	for (unsigned bits = 0; bits < 8; bits++) {
		struct forge_capture capture;
		forge_three(&capture, (struct forge_format){bits & 1, bits & 2, bits & 4});
		forge_capture_save(&capture, path_of("three"));
		forge_capture_fini(&capture);
		assert_int_equal(read_path(path_of("three"), NULL, check_three), 3);
		assert_int_equal(counters.damaged, 0);
	}
	assert_int_equal(diags.count, 0);
}

static void a_capture_without_packets_is_fine(void **state)
{
	for (unsigned pcapng = 0; pcapng < 2; pcapng++) {
		struct forge_capture capture;
		forge_capture_init(&capture, (struct forge_format){.pcapng = pcapng, .link = LINK_ETHERNET});
		forge_capture_save(&capture, path_of("empty"));
		forge_capture_fini(&capture);
		assert_int_equal(read_path(path_of("empty"), NULL, NULL), 0);
	}
	assert_int_equal(diags.count, 0);
}

static void check_cut(const struct qw_frame *frame, uint64_t number)
{
	assert_int_equal(frame->len, 20);
	assert_int_equal(frame->wire_len, 42 + number);
}

static void frames_cut_by_the_snap_length_say_so(void **state)
{
	for (unsigned pcapng = 0; pcapng < 2; pcapng++) {
		struct forge_capture capture;
		forge_three(&capture, (struct forge_format){.pcapng = pcapng, .snap = 20});
		forge_capture_save(&capture, path_of("cut"));
		forge_capture_fini(&capture);
		assert_int_equal(read_path(path_of("cut"), NULL, check_cut), 3);
	}
}

/* Reads the capture cut at every byte: frames up to there, one complaint, the next file is read. */
static void a_capture_cut_at_any_byte_is_read_up_to_there(void **state)
{
	for (unsigned pcapng = 0; pcapng < 2; pcapng++) {
		struct forge_capture capture;
		forge_three(&capture, (struct forge_format){.pcapng = pcapng});
		size_t header = pcapng ? 28 : 24, frames = 0;
		for (size_t len = header; len < capture.len; len++) {
			qw_diags_fini(&diags);
			qw_diags_init(&diags);
			save("cut", capture.data, len);
			int64_t count = read_path(path_of("cut"), NULL, check_three);
			assert_in_range(count, frames, frames + 1);
			frames = (size_t)count;
			assert_true(counters.damaged <= 1);
			assert_int_equal(diags.count, counters.damaged);
		}
		assert_int_equal(frames, 2);
		forge_capture_fini(&capture);
	}
}

static void what_is_no_capture_is_refused_by_name(void **state)
{
	struct forge_capture capture;

	save("text", "no capture here, only words and more words", 42);
	assert_int_equal(read_path(path_of("text"), NULL, NULL), QW_EFORMAT);
	save("empty", "", 0);
	assert_int_equal(read_path(path_of("empty"), NULL, NULL), QW_EFORMAT);
	forge_three(&capture, (struct forge_format){0});
	save("header", capture.data, 23);
	forge_capture_fini(&capture);
	assert_int_equal(read_path(path_of("header"), NULL, NULL), QW_EFORMAT);
	assert_int_equal(read_path(path_of("missing"), NULL, NULL), QW_ENOENT);
	assert_int_equal(diags.errors, 4);
}

static void frames_out_of_bounds_are_damage(void **state)
{
	struct forge_capture capture;
	uint8_t huge[4] = {0, 0, 0, 1};

	forge_three(&capture, (struct forge_format){0});
	memcpy(capture.data + 24 + 16 + 42 + 8, huge, 4);
	forge_capture_save(&capture, path_of("huge"));
	assert_int_equal(read_path(path_of("huge"), NULL, check_three), 1);
	assert_int_equal(counters.damaged, 1);
	assert_int_equal(diags.warnings, 1);
	forge_capture_fini(&capture);
}

static void blocks_without_packets_are_passed_over(void **state)
{
	struct forge_capture capture;

	forge_capture_init(&capture, (struct forge_format){.pcapng = true, .link = LINK_ETHERNET});
	forge_capture_block(&capture, 4, "names", 5);
	build(0);
	forge_capture_add(&capture, &packet);
	forge_capture_block(&capture, 0x0bad, "custom data", 11);
	build(1);
	forge_capture_add(&capture, &packet);
	forge_capture_block(&capture, 5, "statistics", 10);
	forge_capture_save(&capture, path_of("blocks"));
	forge_capture_fini(&capture);
	assert_int_equal(read_path(path_of("blocks"), NULL, check_three), 2);
	assert_int_equal(counters.damaged, 0);
}

static const int64_t resolutions_ns[] = {
    5 * QW_NS_PER_S,                         /* seconds, from the epoch */
    (5 - 100) * QW_NS_PER_S,                 /* and 100 s earlier */
    5 * QW_NS_PER_S / 8,                     /* eighths of a second */
    5 / 1000,                                /* picoseconds */
    ((INT64_C(1) << 32) + 6) * QW_NS_PER_US, /* microseconds in two words */
};

static void check_resolution(const struct qw_frame *frame, uint64_t number)
{
	assert_int_equal(frame->time.ns, resolutions_ns[number]);
	assert_int_equal(frame->link, number == 1 ? 101 : LINK_ETHERNET);
}

static void put_packet(struct forge_capture *capture, uint8_t interface, uint8_t high, uint8_t low)
{
	uint8_t block[20 + 4] = {interface, 0, 0, 0, high, 0, 0, 0, low, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4};

	forge_capture_block(capture, 6, block, sizeof(block));
}

static void each_interface_has_its_own_clock_and_link(void **state)
{
	struct forge_capture capture;

	forge_capture_init(&capture, (struct forge_format){.pcapng = true, .link = LINK_ETHERNET});
	forge_capture_interface(&capture, LINK_ETHERNET, 0, 0);
	forge_capture_interface(&capture, 101, 0, -100);
	forge_capture_interface(&capture, LINK_ETHERNET, 0x83, 0);
	forge_capture_interface(&capture, LINK_ETHERNET, 12, 0);
	for (uint8_t i = 1; i <= 4; i++)
		put_packet(&capture, i, 0, 5);
	put_packet(&capture, 0, 1, 6);
	forge_capture_save(&capture, path_of("clocks"));
	assert_int_equal(read_path(path_of("clocks"), NULL, check_resolution), 5);

	put_packet(&capture, 9, 0, 5);
	forge_capture_save(&capture, path_of("clocks"));
	assert_int_equal(read_path(path_of("clocks"), NULL, check_resolution), 5);
	assert_int_equal(counters.damaged, 1);
	forge_capture_fini(&capture);
}

static void check_simple(const struct qw_frame *frame, uint64_t number)
{
	assert_int_equal(frame->len, number == 0 ? 4 : 5);
	assert_memory_equal(frame->data, "frame", frame->len);
}

static void simple_and_obsolete_packets_are_read(void **state)
{
	struct forge_capture capture;
	uint8_t simple[8] = {4, 0, 0, 0, 'f', 'r', 'a', 'm'};
	uint8_t obsolete[25] = {0, 0, 9, 9, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 'f', 'r', 'a', 'm', 'e'};

	forge_capture_init(&capture, (struct forge_format){.pcapng = true, .link = LINK_ETHERNET});
	forge_capture_block(&capture, 3, simple, sizeof(simple));
	forge_capture_block(&capture, 2, obsolete, sizeof(obsolete));
	forge_capture_save(&capture, path_of("old"));
	forge_capture_fini(&capture);
	assert_int_equal(read_path(path_of("old"), NULL, check_simple), 2);
	assert_int_equal(counters.damaged, 0);
}

static void sections_may_change_the_byte_order(void **state)
{
	struct forge_capture little, big;

	forge_three(&little, (struct forge_format){.pcapng = true});
	forge_three(&big, (struct forge_format){.pcapng = true, .big_endian = true});
	FILE *file = fopen(path_of("sections"), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(little.data, 1, little.len, file), little.len);
	assert_int_equal(fwrite(big.data, 1, big.len, file), big.len);
	assert_int_equal(fclose(file), 0);
	forge_capture_fini(&little);
	forge_capture_fini(&big);
	assert_int_equal(read_path(path_of("sections"), NULL, NULL), 6);
	assert_int_equal(counters.damaged, 0);
}

static void what_the_filter_leaves_out_is_counted(void **state)
{
	struct forge_capture capture;

	forge_three(&capture, (struct forge_format){0});
	forge_capture_save(&capture, path_of("three"));
	forge_capture_fini(&capture);
	assert_int_equal(read_path(path_of("three"), "udp dst port 3 or udp dst port 4", NULL), 2);
	assert_int_equal(counters.filtered, 1);
	assert_int_equal(counters.received, 3);
	assert_int_equal(read_path(path_of("three"), "tcp", NULL), 0);
	assert_int_equal(counters.filtered, 3);
	assert_int_equal(read_path(path_of("three"), "udp prot 3", NULL), QW_EFORMAT);
	assert_int_equal(diags.errors, 1);
}

static uint8_t order[8];

static void note_order(const struct qw_frame *frame, uint64_t number)
{
	order[number] = frame->data[0];
	assert_int_equal(frame->interface, number);
}

static void one_frame(const char *name, uint8_t first)
{
	struct forge_capture capture;

	forge_capture_init(&capture, (struct forge_format){.link = LINK_ETHERNET});
	forge_capture_frame(&capture, &first, 1, 1);
	forge_capture_save(&capture, path_of(name));
	forge_capture_fini(&capture);
}

static void the_captures_of_a_folder_are_read_in_name_order(void **state)
{
	assert_int_equal(mkdir(path_of("inner"), 0700), 0);
	assert_int_equal(read_path(folder, NULL, NULL), QW_ENOENT);
	one_frame("b.pcap", 2);
	one_frame("c", 3);
	one_frame("a.cap", 1);
	one_frame("inner/d.pcap", 4);
	save("README.txt", "words", 5);
	save("bad.pcap", "no capture", 10);
	assert_int_equal(read_path(folder, NULL, note_order), 4);
	assert_memory_equal(order, "\1\2\3\4", 4);
	assert_int_equal(diags.errors, 1); /* of the empty folder */
	assert_int_equal(diags.warnings, 0);
}

/* ---- the corpus */

static uint64_t drops[QW_DROP_COUNT];

static void decode_frame(const struct qw_frame *frame, uint64_t number)
{
	static const struct qw_decode_options strict = {.verify_checksums = true, .strict_checksums = true};
	static struct qw_decoded decoded;

	qw_decode(&decoded, frame, &strict);
	assert_true(decoded.drop < QW_DROP_COUNT);
	assert_int_equal(decoded.drop == QW_DROP_NONE, decoded.count > 0);
	for (uint32_t i = 0; i < decoded.count; i++) {
		const struct qw_packet *view = &decoded.view[i];
		assert_true(view->payload >= frame->data &&
			    view->payload + view->payload_len <= frame->data + frame->len);
		if (view->flags & QW_PACKET_IP)
			assert_true(view->net >= frame->data && view->net + view->net_len <= frame->data + frame->len);
		if (view->flags & QW_PACKET_TRANSPORT)
			assert_ptr_equal(view->transport + view->transport_len, view->payload);
	}
	drops[decoded.drop]++;
}

static void every_frame_of_the_corpus_is_inspected_or_dropped(void **state)
{
	char path[512];
	const char *corpus = getenv("QW_CORPUS");
	uint64_t sum = 0;

	snprintf(path, sizeof(path), "%s/corpus/pcap", corpus ? corpus : "");
	if (!corpus || access(path, R_OK) != 0)
		skip();
	assert_true(read_path(path, NULL, decode_frame) > 0);
	for (int i = 0; i < QW_DROP_COUNT; i++)
		sum += drops[i];
	assert_int_equal(sum, counters.received);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_format_in_every_byte_order_reads_alike, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_capture_without_packets_is_fine, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(frames_cut_by_the_snap_length_say_so, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_capture_cut_at_any_byte_is_read_up_to_there, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(what_is_no_capture_is_refused_by_name, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(frames_out_of_bounds_are_damage, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(blocks_without_packets_are_passed_over, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(each_interface_has_its_own_clock_and_link, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(simple_and_obsolete_packets_are_read, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(sections_may_change_the_byte_order, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(what_the_filter_leaves_out_is_counted, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(the_captures_of_a_folder_are_read_in_name_order, make_folder,
					    remove_folder),
	    cmocka_unit_test_setup_teardown(every_frame_of_the_corpus_is_inspected_or_dropped, make_folder,
					    remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
