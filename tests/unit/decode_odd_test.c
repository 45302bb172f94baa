/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/forge/forge.h"
#include "tests/forge/samples.h"

enum { LINK_ETHERNET = 1 };

static const struct qw_decode_options strict = {.verify_checksums = true, .strict_checksums = true};
static const struct qw_decode_options verify = {.verify_checksums = true};
static const struct qw_decode_options ignore = {0};

static struct forge_packet packet;
static struct qw_decoded decoded;

/* In memory of exactly the frame's size, so that a sanitizer sees the first byte read beyond it. */
static void decode_bytes(uint16_t link, size_t len, size_t wire_len, const struct qw_decode_options *options)
{
	static uint8_t *exact;

	free(exact);
	exact = malloc(len ? len : 1);
	assert_non_null(exact);
	memcpy(exact, packet.data, len);
	struct qw_frame frame = {
	    .data = exact, .len = (uint32_t)len, .wire_len = (uint32_t)wire_len, .link = link, .interface = 3};
	memset(&decoded, 0xee, sizeof(decoded));
	qw_decode(&decoded, &frame, options);
}

static void decode_all(uint16_t link, const struct qw_decode_options *options)
{
	decode_bytes(link, packet.len, packet.len, options);
}

static void build(const char *name)
{
	forge_sample_build(&packet, forge_sample_find(name));
}

static void v4(void)
{
	forge_ipv4(&packet, "10.0.0.1", "10.0.0.2");
}

static void v6(void)
{
	forge_ipv6(&packet, "2001:db8::1", "2001:db8::2");
}

static void udp(void)
{
	forge_udp(&packet, 1234, 53);
	forge_text(&packet, "question");
}

/* ---- fragments */

static void fragments_are_views_without_transport(void **state)
{
	static struct forge_packet whole;
	static const char *const builds[] = {"udp", "ipv6 extensions"};

	for (unsigned i = 0; i < 2; i++) {
		build(builds[i]);
		whole = packet;
		forge_fragment(&packet, &whole, 8, 8, 77);
		decode_all(LINK_ETHERNET, &verify);
		const struct qw_packet *view = decoded.view;
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		assert_int_equal(view->flags & (QW_PACKET_FRAGMENT | QW_PACKET_TRANSPORT), QW_PACKET_FRAGMENT);
		assert_int_equal(view->fragment_id, 77);
		assert_int_equal(view->fragment_offset, 8);
		assert_int_equal(view->fragment_more, 8 + 8 < forge_fragment_total(&whole));
		assert_int_equal(view->payload_len, 8);
		assert_ptr_equal(view->payload, view->net + view->net_header_len);
	}
	assert_int_equal(decoded.view[0].fragment_proto, 0);
}

static void an_atomic_fragment_is_a_whole_packet(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	v6();
	forge_extension(&packet, 44, "\0\0\0\0\0\1", 8);
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_IPV6_ATOMIC_FRAGMENT);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void fragments_beyond_64k_are_dropped(void **state)
{
	build("udp");
	packet.data[14 + 6] = 0x1f;
	packet.data[14 + 7] = 0xff;
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.drop, QW_DROP_FRAGMENT_BAD);
}

static void a_reassembled_packet_is_decoded_with_its_tunnels(void **state)
{
	struct qw_packet like = {
	    .layer = 2, .flags = QW_PACKET_TUNNELED | QW_PACKET_FRAGMENT, .vlan_count = 1, .vlan = {9}};

	forge_begin(&packet);
	v4();
	v6();
	udp();
	packet.layer[0].spoiled = true;
	forge_end(&packet);
	qw_decode_reassembled(&decoded, packet.data, (uint32_t)packet.len, &like, &strict);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.view[0].layer, 2);
	assert_int_equal(decoded.view[1].layer, 3);
	assert_int_equal(decoded.view[0].flags, QW_PACKET_IP | QW_PACKET_REASSEMBLED | QW_PACKET_TUNNELED);
	assert_int_equal(decoded.view[1].vlan[0], 9);
}

/* ---- checksums */

/* The innermost layer of that kind gets a wrong sum. */
static void spoil(const char *name, enum forge_kind kind)
{
	forge_begin(&packet);
	forge_sample_find(name)->build(&packet);
	for (unsigned i = packet.layers; i-- > 0;)
		if (packet.layer[i].kind == kind) {
			packet.layer[i].spoiled = true;
			break;
		}
	forge_end(&packet);
}

static const struct {
	const char *sample;
	enum forge_kind kind;
	enum qw_drop strict, verify;
} sums[] = {
    {"tcp", FORGE_TCP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_TRANSPORT_CHECKSUM},
    {"ipv6 tcp", FORGE_TCP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_TRANSPORT_CHECKSUM},
    {"udp", FORGE_UDP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {"two vlans", FORGE_UDP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {"icmp", FORGE_ICMP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {"icmpv6", FORGE_ICMPV6, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {"tcp", FORGE_IPV4, QW_DROP_NET_CHECKSUM, QW_DROP_NONE},
    {"options", FORGE_IPV4, QW_DROP_NET_CHECKSUM, QW_DROP_NONE},
};

static void wrong_sums_are_judged_as_asked(void **state)
{
	for (unsigned i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		spoil(sums[i].sample, sums[i].kind);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, sums[i].strict);
		decode_all(LINK_ETHERNET, &verify);
		assert_int_equal(decoded.drop, sums[i].verify);
		if (sums[i].verify == QW_DROP_NONE) {
			assert_int_not_equal(decoded.anomalies, 0);
			assert_true(decoded.view[0].flags & (QW_PACKET_BAD_SUM | QW_PACKET_BAD_NET_SUM));
		}
		decode_all(LINK_ETHERNET, &ignore);
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		assert_int_equal(decoded.anomalies, 0);
	}
}

static void a_wrong_sum_in_a_cut_packet_is_not_held_against_it(void **state)
{
	spoil("tcp", FORGE_TCP);
	decode_bytes(LINK_ETHERNET, packet.len - 1, packet.len, &strict);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
}

static void a_broken_inner_packet_leaves_the_outer_one(void **state)
{
	spoil("gre", FORGE_TCP);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 1);
	assert_true(decoded.anomalies & 1u << QW_ANOMALY_INNER_BAD);

	spoil("gre", FORGE_GRE);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_TUNNEL_BAD);
}

static void udp_without_a_sum_is_right_in_ipv4_and_in_tunnels(void **state)
{
	static const struct {
		bool six;
		uint16_t port;
		enum qw_drop drop;
	} cases[] = {{false, 53, QW_DROP_NONE}, {true, 53, QW_DROP_TRANSPORT_CHECKSUM}, {true, 4789, QW_DROP_NONE}};

	for (unsigned i = 0; i < 3; i++) {
		forge_begin(&packet);
		forge_ethernet(&packet);
		cases[i].six ? v6() : v4();
		forge_udp(&packet, 1, cases[i].port);
		forge_last(&packet)->unsummed = true;
		forge_text(&packet, "x");
		forge_end(&packet);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, cases[i].drop);
	}
}

static void a_sum_left_to_the_network_card_passes_where_asked(void **state)
{
	struct qw_decode_options options = {.verify_checksums = true, .partial_checksums = true};
	uint32_t sum = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 38;

	build("tcp");
	packet.data[14 + 20 + 16] = (uint8_t)(sum >> 8);
	packet.data[14 + 20 + 17] = (uint8_t)sum;
	decode_all(LINK_ETHERNET, &options);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
	packet.data[14 + 20 + 17]++;
	decode_all(LINK_ETHERNET, &options);
	assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
}

static void odd_lengths_are_summed_too(void **state)
{
	for (size_t len = 0; len < 70; len++) {
		forge_begin(&packet);
		forge_ethernet(&packet);
		v4();
		forge_udp(&packet, 1, 2);
		uint8_t *data = forge_add(&packet, FORGE_DATA, len);
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(255 - i * 7);
		forge_end(&packet);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		packet.data[packet.len - 1]++;
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
	}
}

/* An address that the header does not have yet, or any more, was summed: right and wrong sums look alike. */
static void sums_over_other_addresses_are_not_judged(void **state)
{
	static const struct {
		bool six;
		uint8_t number; /* of the extension */
		const char *bytes;
		size_t len;
		enum qw_drop drop;
	} cases[] = {
	    {false, 0, "\x83\7\4\x0a\0\0\3", 7, QW_DROP_NONE},                 /* source route, one hop to go */
	    {false, 0, "\x83\7\x08\x0a\0\0\3", 7, QW_DROP_TRANSPORT_CHECKSUM}, /* all hops done */
	    {true, 43, "\2\1\0\0\0\0", 8, QW_DROP_NONE},                       /* segments left */
	    {true, 43, "\2\0\0\0\0\0", 8, QW_DROP_TRANSPORT_CHECKSUM},
	    {true, 60, "\xc9\4\0\0\0\0", 8, QW_DROP_NONE}, /* home address */
	    {true, 60, "\1\4\0\0\0\0", 8, QW_DROP_TRANSPORT_CHECKSUM},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		forge_begin(&packet);
		forge_ethernet(&packet);
		if (cases[i].six) {
			v6();
			forge_extension(&packet, cases[i].number, cases[i].bytes, cases[i].len);
		} else {
			forge_ipv4_options(&packet, "10.0.0.1", "10.0.0.2", cases[i].bytes, cases[i].len);
		}
		udp();
		packet.layer[packet.layers - 2].spoiled = true;
		forge_end(&packet);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, cases[i].drop);
	}
}

/* ---- contradictions: one changed byte, one outcome */

static const struct {
	const char *name;
	const char *sample;
	size_t at;
	uint8_t value;
	enum qw_drop drop;
	uint32_t anomalies;
} changes[] = {
    {"IPv4 of version 5", "tcp", 14, 0x55, QW_DROP_NET_BAD, 0},
    {"IPv4 header of 16 bytes", "tcp", 14, 0x44, QW_DROP_NET_BAD, 0},
    {"IPv4 total below the header", "tcp", 17, 19, QW_DROP_NET_BAD, 0},
    {"IPv4 total beyond the frame", "tcp", 16, 1, QW_DROP_NET_BAD, 0},
    {"IPv4 reserved flag", "tcp", 20, 0x80, QW_DROP_NONE, 1u << QW_ANOMALY_IPV4_RESERVED},
    {"IPv4 option without length", "options", 35, 0, QW_DROP_NONE, 1u << QW_ANOMALY_IPV4_OPTIONS_BAD},
    {"IPv6 of version 4", "ipv6 tcp", 14, 0x40, QW_DROP_NET_BAD, 0},
    {"IPv6 longer than the frame", "ipv6 tcp", 18, 1, QW_DROP_NET_BAD, 0},
    {"TCP header of 16 bytes", "tcp", 46, 0x40, QW_DROP_TRANSPORT_BAD, 0},
    {"TCP header beyond the segment", "tcp", 46, 0xf0, QW_DROP_TRANSPORT_BAD, 0},
    {"TCP without flags", "tcp", 47, 0, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_FLAGS_BAD},
    {"TCP SYN and FIN", "tcp", 47, 3, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_FLAGS_BAD},
    {"TCP option without length", "options", 59, 0, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_OPTIONS_BAD},
    {"UDP shorter than its header", "udp", 39, 7, QW_DROP_TRANSPORT_BAD, 0},
    {"UDP longer than the packet", "udp", 39, 17, QW_DROP_TRANSPORT_BAD, 0},
    {"UDP shorter than the packet", "udp", 39, 15, QW_DROP_NONE, 1u << QW_ANOMALY_UDP_LENGTH},
    {"unknown Ethernet type", "udp", 12, 0x99, QW_DROP_NONE, 1u << QW_ANOMALY_NOT_IP},
    {"PPPoE of version 2", "pppoe", 14, 0x21, QW_DROP_NONE, 1u << QW_ANOMALY_NOT_IP},
    {"GRE of version 2", "gre", 14 + 40 + 1, 2, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD},
    {"ERSPAN of version 3", "erspan 2", 14 + 20 + 8, 0x30, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD},
    {"NSH of version 1", "nsh", 14, 0x4f, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD | 1u << QW_ANOMALY_NOT_IP},
    {"VXLAN without its flag", "vxlan", 14 + 28, 0, QW_DROP_NONE, 0},
    {"Geneve of version 1", "geneve", 14 + 28, 0x42, QW_DROP_NONE, 0},
    {"GTP of version 2", "gtp-u", 14 + 28, 0x50, QW_DROP_NONE, 0},
    {"Teredo with another length", "teredo", 14 + 28 + 5, 3, QW_DROP_NONE, 0},
};

static void each_contradiction_has_its_own_name(void **state)
{
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		build(changes[i].sample);
		packet.data[changes[i].at] = changes[i].value;
		decode_all(LINK_ETHERNET, &ignore);
		if (decoded.drop != changes[i].drop || (!decoded.drop && decoded.anomalies != changes[i].anomalies))
			fail_msg("%s: drop %s, anomalies %x", changes[i].name, qw_drop_name(decoded.drop),
				 decoded.anomalies);
		if (!decoded.drop)
			assert_int_equal(decoded.count, 1);
	}
}

static void vxlan_with_reserved_bits_is_followed_where_ip_proves_itself(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	v4();
	forge_udp(&packet, 40000, 4789);
	forge_vxlan(&packet, 42);
	forge_ethernet(&packet);
	v4();
	udp();
	packet.data[packet.layer[3].at] = 0xff;
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 2);
	packet.data[packet.layer[5].at + 11] ^= 1;
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.count, 1);
}

/* ---- bounds */

static void packets_nested_too_deep_are_cut_off_and_noted(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	for (unsigned i = 0; i < QW_LAYERS_MAX + 2; i++)
		v4();
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.count, QW_LAYERS_MAX);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_LAYER_DEPTH);
}

static void more_tags_than_are_kept_are_passed_over(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	for (uint16_t id = 1; id <= QW_VLAN_MAX + 2; id++)
		forge_vlan(&packet, id);
	v4();
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.view[0].vlan_count, QW_VLAN_MAX);
	assert_int_equal(decoded.view[0].vlan[QW_VLAN_MAX - 1], QW_VLAN_MAX);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_VLAN_DEPTH);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void extensions_out_of_order_are_noted(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	v6();
	forge_extension(&packet, 43, "\0\0\0\0\0\0", 8);
	forge_extension(&packet, 0, NULL, 8);
	forge_extension(&packet, 0, NULL, 8);
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_IPV6_EXTENSION_ORDER |
						1u << QW_ANOMALY_IPV6_EXTENSION_REPEATED |
						1u << QW_ANOMALY_IPV6_ROUTING_0);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
	for (int i = 0; i < QW_DROP_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(qw_drop_name((enum qw_drop)i), qw_drop_name((enum qw_drop)j));
	for (int i = 0; i < QW_ANOMALY_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(qw_anomaly_name((enum qw_anomaly)i),
						qw_anomaly_name((enum qw_anomaly)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fragments_are_views_without_transport),
	    cmocka_unit_test(an_atomic_fragment_is_a_whole_packet),
	    cmocka_unit_test(fragments_beyond_64k_are_dropped),
	    cmocka_unit_test(a_reassembled_packet_is_decoded_with_its_tunnels),
	    cmocka_unit_test(wrong_sums_are_judged_as_asked),
	    cmocka_unit_test(a_wrong_sum_in_a_cut_packet_is_not_held_against_it),
	    cmocka_unit_test(a_broken_inner_packet_leaves_the_outer_one),
	    cmocka_unit_test(udp_without_a_sum_is_right_in_ipv4_and_in_tunnels),
	    cmocka_unit_test(a_sum_left_to_the_network_card_passes_where_asked),
	    cmocka_unit_test(odd_lengths_are_summed_too),
	    cmocka_unit_test(sums_over_other_addresses_are_not_judged),
	    cmocka_unit_test(each_contradiction_has_its_own_name),
	    cmocka_unit_test(vxlan_with_reserved_bits_is_followed_where_ip_proves_itself),
	    cmocka_unit_test(packets_nested_too_deep_are_cut_off_and_noted),
	    cmocka_unit_test(more_tags_than_are_kept_are_passed_over),
	    cmocka_unit_test(extensions_out_of_order_are_noted),
	    cmocka_unit_test(every_reason_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
