/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/forge/forge.h"
#include "tests/forge/samples.h"

enum { LINK_ETHERNET = 1, LINK_UNKNOWN = 147 };

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

static bool is_ip(enum forge_kind kind)
{
	return kind == FORGE_IPV4 || kind == FORGE_IPV6;
}

static bool is_transport(enum forge_kind kind)
{
	return kind >= FORGE_TCP && kind <= FORGE_SCTP;
}

static size_t end_of(unsigned layer)
{
	return layer + 1 < packet.layers ? packet.layer[layer + 1].at : packet.len;
}

/* What cutting at len leaves: views whose IP header, extensions and transport header are whole. */
static uint32_t views_left(size_t len)
{
	uint32_t views = 0;

	for (unsigned i = 0; i < packet.layers; i++) {
		if (!is_ip(packet.layer[i].kind))
			continue;
		while (i + 1 < packet.layers && packet.layer[i + 1].kind == FORGE_EXTENSION)
			i++;
		if (i + 1 < packet.layers && is_transport(packet.layer[i + 1].kind))
			i++;
		if (end_of(i) > len)
			break;
		views++;
	}
	return views;
}

/* The first layer that is not whole decides. */
static enum qw_drop drop_when_cut(size_t len)
{
	if (views_left(len))
		return QW_DROP_NONE;
	for (unsigned i = 0; i < packet.layers; i++) {
		if (end_of(i) <= len)
			continue;
		if (is_transport(packet.layer[i].kind))
			return QW_DROP_TRANSPORT_SHORT;
		return is_ip(packet.layer[i].kind) || packet.layer[i].kind == FORGE_EXTENSION ? QW_DROP_NET_SHORT
											      : QW_DROP_LINK_SHORT;
	}
	return QW_DROP_NONE;
}

static void right_frames_give_all_their_views(void **state)
{
	for (size_t i = 0; i < forge_sample_count; i++) {
		const struct forge_sample *sample = &forge_samples[i];
		forge_sample_build(&packet, sample);
		decode_all(sample->link, &strict);
		if (decoded.drop || decoded.count != sample->views || decoded.anomalies)
			fail_msg("%s: drop %s, %u views, anomalies %x", sample->name, qw_drop_name(decoded.drop),
				 decoded.count, decoded.anomalies);
		const struct qw_packet *last = &decoded.view[decoded.count - 1];
		assert_true((last->flags & QW_PACKET_TRANSPORT) || last->ether_type == 0x0806);
		for (uint32_t layer = 0; layer < decoded.count; layer++) {
			assert_int_equal(decoded.view[layer].layer, layer);
			assert_int_equal(!!(decoded.view[layer].flags & QW_PACKET_TUNNELED), layer > 0);
			assert_int_equal(decoded.view[layer].interface, 3);
		}
	}
}

static void cut_at(const struct forge_sample *sample, size_t len)
{
	enum qw_drop drop = drop_when_cut(len);

	decode_bytes(sample->link, len, packet.len, &strict);
	if (decoded.drop != drop || decoded.count != views_left(len))
		fail_msg("%s cut at %zu: %s, %u views; expected %s, %u", sample->name, len, qw_drop_name(decoded.drop),
			 decoded.count, qw_drop_name(drop), views_left(len));
	assert_true(decoded.anomalies & 1u << QW_ANOMALY_CAPTURE_CUT);
	for (uint32_t view = 0; view < decoded.count; view++)
		assert_true(decoded.view[view].flags & QW_PACKET_CUT);
}

static void frames_cut_by_the_capture_keep_the_views_that_are_whole(void **state)
{
	for (size_t i = 0; i < forge_sample_count; i++) {
		if (!forge_samples[i].plain)
			continue;
		forge_sample_build(&packet, &forge_samples[i]);
		for (size_t len = 0; len < packet.len; len++)
			cut_at(&forge_samples[i], len);
	}
}

static void frames_that_are_short_on_the_wire_are_dropped(void **state)
{
	for (size_t i = 0; i < forge_sample_count; i++) {
		if (!forge_samples[i].plain)
			continue;
		forge_sample_build(&packet, &forge_samples[i]);
		for (size_t len = 0; len < packet.len; len++) {
			decode_bytes(forge_samples[i].link, len, len, &strict);
			if (decoded.drop == QW_DROP_NONE)
				fail_msg("%s, only %zu bytes: inspected", forge_samples[i].name, len);
			assert_int_equal(decoded.count, 0);
		}
	}
}

/* What the sanitizer says of the others is enough. */
static void any_frame_can_be_cut_anywhere(void **state)
{
	for (size_t i = 0; i < forge_sample_count; i++) {
		forge_sample_build(&packet, &forge_samples[i]);
		for (size_t len = 0; len < packet.len; len++) {
			decode_bytes(forge_samples[i].link, len, len, &strict);
			assert_int_equal(decoded.drop == QW_DROP_NONE, decoded.count > 0);
			decode_bytes(forge_samples[i].link, len, packet.len, &ignore);
			assert_int_equal(decoded.drop == QW_DROP_NONE, decoded.count > 0);
		}
	}
}

static void padding_is_left_out(void **state)
{
	for (size_t i = 0; i < forge_sample_count; i++) {
		if (!forge_samples[i].plain)
			continue;
		forge_sample_build(&packet, &forge_samples[i]);
		size_t len = packet.len;
		forge_pad(&packet, 13);
		decode_all(forge_samples[i].link, &strict);
		const struct qw_packet *view = decoded.view;
		if (decoded.drop || decoded.count != forge_samples[i].views || decoded.anomalies)
			fail_msg("%s", forge_samples[i].name);
		assert_int_equal(view->payload - view->net + view->payload_len, view->net_len);
		assert_true(view->net_len <= len);
	}
}

/* ---- fields */

static void a_tcp_packet_is_seen_as_it_is(void **state)
{
	build("tcp");
	decode_all(LINK_ETHERNET, &verify);
	const struct qw_packet *view = decoded.view;
	struct qw_address client, server;

	assert_true(qw_address_parse("10.0.0.1", 8, &client));
	assert_true(qw_address_parse("10.0.0.2", 8, &server));
	assert_true(qw_address_equal(&view->src, &client));
	assert_true(qw_address_equal(&view->dst, &server));
	assert_int_equal(view->flags, QW_PACKET_IP | QW_PACKET_TRANSPORT | QW_PACKET_ETHERNET);
	assert_int_equal(view->version, 4);
	assert_int_equal(view->proto, QW_PROTO_TCP);
	assert_int_equal(view->ttl, 64);
	assert_int_equal(view->sport, 1234);
	assert_int_equal(view->dport, 80);
	assert_int_equal(view->tcp_seq, 7);
	assert_int_equal(view->tcp_ack, 9);
	assert_int_equal(view->tcp_flags, QW_TCP_PSH | QW_TCP_ACK);
	assert_int_equal(view->tcp_window, 65535);
	assert_int_equal(view->ether_type, 0x0800);
	assert_int_equal(view->net_header_len, 20);
	assert_int_equal(view->transport_len, 20);
	assert_int_equal(view->payload_len, 18);
	assert_memory_equal(view->payload, "GET / HTTP/1.0", 14);
	assert_int_equal(view->wire_len, packet.len);
}

/* Puts the tag of a ring behind so many bytes of the frame. */
static void put_ring(size_t at)
{
	static const uint8_t tag[] = {0x89, 0x2f, 0x10, 0x2a, 0x00, 0x07};
	assert_true(packet.len + sizeof(tag) <= sizeof(packet.data));
	memmove(packet.data + at + sizeof(tag), packet.data + at, packet.len - at);
	memcpy(packet.data + at, tag, sizeof(tag));
	packet.len += sizeof(tag);
}

static void what_goes_round_a_ring_is_read(void **state)
{
	build("udp");
	put_ring(12);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.view[0].proto, QW_PROTO_UDP);
	assert_int_equal(decoded.view[0].ether_type, 0x0800);

	build("two vlans");
	put_ring(16);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].vlan_count, 2);
	assert_true(decoded.view[0].flags & QW_PACKET_IP);

	packet.len = 12 + 4 + 5;
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_LINK_SHORT);
}

static void tags_belong_to_the_link_of_their_layer(void **state)
{
	build("two vlans");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].vlan_count, 2);
	assert_int_equal(decoded.view[0].vlan[0], 100);
	assert_int_equal(decoded.view[0].vlan[1], 200);

	build("vxlan");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].vlan_count, 0);
	assert_int_equal(decoded.view[1].vlan_count, 2);
	assert_non_null(decoded.view[1].mac);

	build("ip in ip");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[1].vlan_count, 1);
	assert_int_equal(decoded.view[1].vlan[0], 5);
	assert_null(decoded.view[1].mac);

	build("erspan 2");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[1].vlan_count, 1);
	assert_int_equal(decoded.view[1].vlan[0], 77);
}

static void the_outer_packet_keeps_the_tunnel_as_its_payload(void **state)
{
	build("vxlan");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].dport, 4789);
	assert_int_equal(decoded.view[0].payload[0], 8);
	assert_ptr_equal(decoded.view[0].payload + decoded.view[0].payload_len, packet.len + decoded.view[0].mac);
}

static void arp_is_a_view_without_ip(void **state)
{
	build("arp");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.anomalies, 0);
	assert_int_equal(decoded.view[0].flags, QW_PACKET_ETHERNET);
	assert_int_equal(decoded.view[0].ether_type, 0x0806);
	assert_int_equal(decoded.view[0].payload_len, 28);

	build("vxlan arp");
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.view[1].ether_type, 0x0806);
}

static void ethernet_in_a_pseudowire_is_found(void **state)
{
	build("pseudowire");
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.view[0].ether_type, 0x0800);
	assert_ptr_equal(decoded.view[0].net, decoded.view[0].mac + 14);
}

static void unknown_link_types_are_dropped_as_such(void **state)
{
	build("tcp");
	decode_all(LINK_UNKNOWN, &verify);
	assert_int_equal(decoded.drop, QW_DROP_LINK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_frames_give_all_their_views),
	    cmocka_unit_test(frames_cut_by_the_capture_keep_the_views_that_are_whole),
	    cmocka_unit_test(frames_that_are_short_on_the_wire_are_dropped),
	    cmocka_unit_test(any_frame_can_be_cut_anywhere),
	    cmocka_unit_test(padding_is_left_out),
	    cmocka_unit_test(a_tcp_packet_is_seen_as_it_is),
	    cmocka_unit_test(what_goes_round_a_ring_is_read),
	    cmocka_unit_test(tags_belong_to_the_link_of_their_layer),
	    cmocka_unit_test(the_outer_packet_keeps_the_tunnel_as_its_payload),
	    cmocka_unit_test(arp_is_a_view_without_ip),
	    cmocka_unit_test(ethernet_in_a_pseudowire_is_found),
	    cmocka_unit_test(unknown_link_types_are_dropped_as_such),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
