/* SPDX-License-Identifier: Apache-2.0 */
/* In a network namespace of its own, on its loopback interface; skips where that is not permitted. */
#include "sensor/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/bytes.h"

enum { PACKETS = 500, BATCH = 64, WAIT_MS = 100, ROUNDS = 50, PORT = 5555 };

static bool permitted;

static int enter_namespace(void **state)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	permitted = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	if (fd >= 0)
		close(fd);
	return 0;
}

static struct qw_source *open_or_skip(const struct qw_source_spec *spec)
{
	struct qw_source *source = NULL;

	if (!permitted)
		skip();
	enum qw_err err = qw_source_live.open(&source, spec);
	if (err == QW_EACCES)
		skip();
	if (err != QW_OK)
		qw_diags_print(spec->diags, stderr);
	assert_int_equal(err, QW_OK);
	return source;
}

/* Numbered datagrams of growing length. */
static void send_datagrams(uint32_t count)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static uint8_t data[4 + PACKETS];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = htonl(i);
		memcpy(data, &number, sizeof(number));
		memset(data + sizeof(number), (uint8_t)i, i);
		assert_int_equal(sendto(fd, data, sizeof(number) + i, 0, (struct sockaddr *)&to, sizeof(to)),
				 sizeof(number) + i);
	}
	close(fd);
}

/* Each datagram once, in order, its bytes still what was sent when the whole batch is there. */
static uint32_t check_batch(const struct qw_frame *frames, size_t count, uint32_t next)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = frames[i].data;
		if (frames[i].len < 42 || at[23] != IPPROTO_UDP || qw_be16(at + 36) != PORT)
			continue;
		assert_int_equal(frames[i].link, 1);
		assert_int_equal(frames[i].len, frames[i].wire_len);
		assert_int_equal(qw_be32(at + 42), next);
		assert_int_equal(frames[i].len, 46 + next);
		for (uint32_t byte = 0; byte < next; byte++)
			assert_int_equal(at[46 + byte], (uint8_t)next);
		next++;
	}
	return next;
}

static uint32_t receive_all(struct qw_source *source, uint32_t wanted)
{
	struct qw_frame frames[BATCH];
	uint32_t next = 0;
	size_t count;

	for (int round = 0; round < ROUNDS && next < wanted; round++) {
		assert_int_equal(qw_source_live.receive(source, frames, BATCH, (struct qw_wait){WAIT_MS, -1}, &count), QW_OK);
		assert_true(count <= BATCH);
		next = check_batch(frames, count, next);
		qw_source_live.release(source);
	}
	return next;
}

static void every_datagram_is_received_as_it_was_sent(void **state)
{
	struct qw_diags diags;
	struct qw_source_counters counters;
	struct qw_source_spec spec = {.interface = "lo", .ring_bytes = 8 << 20, .diags = &diags};

	qw_diags_init(&diags);
	struct qw_source *source = open_or_skip(&spec);
	send_datagrams(PACKETS);
	assert_int_equal(receive_all(source, PACKETS), PACKETS);
	qw_source_live.counters(source, &counters);
	assert_true(counters.received >= PACKETS);
	assert_int_equal(counters.kernel_drops, 0);
	assert_string_equal(qw_source_live.interface(source, 0), "lo");
	qw_source_live.close(source);
	qw_diags_fini(&diags);
}

static void a_quiet_interface_gives_nothing_after_the_wait(void **state)
{
	struct qw_frame frames[BATCH];
	struct qw_diags diags;
	struct qw_source_spec spec = {.interface = "lo", .filter = "tcp port 1", .diags = &diags};
	size_t count = 1;

	qw_diags_init(&diags);
	struct qw_source *source = open_or_skip(&spec);
	send_datagrams(3);
	assert_int_equal(qw_source_live.receive(source, frames, BATCH, (struct qw_wait){WAIT_MS, -1}, &count), QW_OK);
	assert_int_equal(count, 0);
	qw_source_live.close(source);
	qw_diags_fini(&diags);
}

static void two_sockets_of_a_group_share_the_traffic(void **state)
{
	struct qw_diags diags;
	struct qw_source_spec spec = {.interface = "lo", .fanout_group = 7, .diags = &diags};
	struct qw_source_counters a, b;

	qw_diags_init(&diags);
	struct qw_source *first = open_or_skip(&spec), *second = open_or_skip(&spec);
	send_datagrams(PACKETS);
	/* One conversation: all of it on one of the two. */
	uint32_t got_first = receive_all(first, PACKETS), got_second = receive_all(second, PACKETS);
	assert_int_equal(got_first + got_second, PACKETS);
	assert_true(got_first == 0 || got_second == 0);
	qw_source_live.counters(first, &a);
	qw_source_live.counters(second, &b);
	assert_int_equal(a.kernel_drops + b.kernel_drops, 0);
	qw_source_live.close(first);
	qw_source_live.close(second);
	qw_diags_fini(&diags);
}

static void what_cannot_be_opened_is_said(void **state)
{
	static const struct {
		const char *interface, *filter;
		enum qw_err err;
	} cases[] = {{"quay9", NULL, QW_ENOENT}, {"lo", "tcp prot 80", QW_EFORMAT}};

	if (!permitted)
		skip();
	for (unsigned i = 0; i < 2; i++) {
		struct qw_diags diags;
		struct qw_source *source = NULL;
		struct qw_source_spec spec = {
		    .interface = cases[i].interface, .filter = cases[i].filter, .diags = &diags};
		qw_diags_init(&diags);
		assert_int_equal(qw_source_live.open(&source, &spec), cases[i].err);
		assert_int_equal(diags.errors, 1);
		assert_null(source);
		qw_diags_fini(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_datagram_is_received_as_it_was_sent),
	    cmocka_unit_test(a_quiet_interface_gives_nothing_after_the_wait),
	    cmocka_unit_test(two_sockets_of_a_group_share_the_traffic),
	    cmocka_unit_test(what_cannot_be_opened_is_said),
	};
	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
