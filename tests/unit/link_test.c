/* SPDX-License-Identifier: Apache-2.0 */
/* The table of conversations; ARP and LLDP. */
#include "tests/unit/link_kit.h"

enum { ARP = 0x0806, LLDP = 0x88cc, ARP_CONVERSATIONS = 4096 };

/* ---- ARP */

#define SENDER	"\x02\0\0\0\0\x01\x0a\0\0\1"
#define OTHER	"\x02\0\0\0\0\x02\x0a\0\0\1"
#define REQUEST "\0\1\x08\0\6\4\0\1" SENDER "\0\0\0\0\0\0\x0a\0\0\2"
#define REPLY	"\0\1\x08\0\6\4\0\2\x02\0\0\0\0\x09\x0a\0\0\2" SENDER

static void a_pair_is_told_once(void **state)
{
	struct link_kit *kit = link_open(ARP);
	for (int i = 0; i < 3; i++) {
		LINK_SEND(kit, REQUEST);
		LINK_SEND(kit, REPLY);
	}
	assert_string_equal(link_log(kit),
			    " \"ot\":{\"protocol\":\"arp\",\"kind\":\"request\",\"direction\":\"request\",\"ip\":\"10.0.0.1\","
			    "\"mac\":\"02:00:00:00:00:01\",\"target_ip\":\"10.0.0.2\"}\n"
			    " \"ot\":{\"protocol\":\"arp\",\"kind\":\"reply\",\"direction\":\"response\",\"status\":\"ok\",\"ip\":\"10.0.0.2\","
			    "\"mac\":\"02:00:00:00:00:09\",\"target_ip\":\"10.0.0.1\",\"target_mac\":\"02:00:00:00:00:01\"}\n");
	link_close(kit);
}

static void an_address_that_changes_hands_is_told_with_both(void **state)
{
	struct link_kit *kit = link_open(ARP);
	LINK_SEND(kit, REQUEST);
	link_from(kit, 2);
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\2" OTHER "\x02\0\0\0\0\x09\x0a\0\0\2");
	assert_int_equal(link_raised(kit, QW_AE_ARP_ADDRESS_CONFLICT), 1);
	assert_link_says(kit, "\"mac\":\"02:00:00:00:00:02\",\"target_ip\":\"10.0.0.2\",\"target_mac\":\"02:00:00:00:00:09\","
			      "\"before_mac\":\"02:00:00:00:00:01\",\"indications\":\"address_conflict\"");
	link_close(kit);
}

static void two_who_quarrel_are_told_once_a_second(void **state)
{
	struct link_kit *kit = link_open(ARP);
	for (int i = 0; i < 30; i++) {
		LINK_SEND(kit, "\0\1\x08\0\6\4\0\1" SENDER "\0\0\0\0\0\0\x0a\0\0\2");
		LINK_SEND(kit, "\0\1\x08\0\6\4\0\1" OTHER "\0\0\0\0\0\0\x0a\0\0\2");
		link_pass(kit, 100);
	}
	assert_int_equal(link_raised(kit, QW_AE_ARP_ADDRESS_CONFLICT), 3);
	link_close(kit);
}

static void who_asks_for_itself_is_told_as_what_it_does(void **state)
{
	struct link_kit *kit = link_open(ARP);
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\1" SENDER "\0\0\0\0\0\0\x0a\0\0\1");
	assert_link_says(kit, "\"kind\":\"gratuitous\"");
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\1\x02\0\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\x0a\0\0\7");
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\1\x02\0\0\0\0\x06\0\0\0\0\0\0\0\0\0\0\x0a\0\0\7");
	assert_link_says(kit, "\"kind\":\"probe\",\"direction\":\"request\",\"ip\":\"0.0.0.0\"");
	assert_link_silent(kit, "!");
	link_close(kit);
}

static void what_is_no_arp_is_told_once_for_each_sender(void **state)
{
	struct link_kit *kit = link_open(ARP);
	LINK_SEND(kit, "\0\1\x86\xdd\6\4\0\1" SENDER SENDER);
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\x09" SENDER SENDER);
	assert_int_equal(link_raised(kit, QW_AE_ARP_MALFORMED), 1);
	assert_link_says(kit, "\"kind\":\"malformed\"");
	link_close(kit);
	link_truncate(ARP, REQUEST, sizeof(REQUEST) - 1);
}

/* ---- LLDP */

#define UNITS                                                                                                            \
	"\x02\x07\x04\x02\0\0\0\0\x07\x04\x07\x05port-1\x06\x02\0\x14\x08\x04Left\x0a\x06Switch\x0c\x04Text\x0e\x04\0\x14\0\4" \
	"\x10\x0c\x05\1\x0a\0\0\x63\2\0\0\0\1\0\xfe\x0a\0\x0e\xcf\5\x02\0\0\0\0\x08"

static void a_neighbour_is_told_first_and_when_it_changes(void **state)
{
	struct link_kit *kit = link_open(LLDP);
	char units[] = UNITS "\0\0";
	for (int i = 0; i < 3; i++)
		link_send(kit, units, sizeof(units) - 1);
	assert_string_equal(link_log(kit),
			    " \"ot\":{\"protocol\":\"lldp\",\"kind\":\"neighbour\",\"direction\":\"request\",\"lifetime_ms\":20000,"
			    "\"ip\":\"10.0.0.99\",\"mac\":\"02:00:00:00:00:07\",\"chassis\":\"02:00:00:00:00:07\",\"port\":\"port-1\","
			    "\"port_description\":\"Left\",\"indications\":\"bridge\",\"device_name\":\"Switch\",\"description\":\"Text\"}\n");
	units[17] = '2';
	link_clear(kit);
	link_send(kit, units, sizeof(units) - 1);
	assert_link_says(kit, "\"kind\":\"changed\"");
	assert_link_says(kit, "\"port\":\"port-2\"");
	link_close(kit);
}

static void what_is_measured_is_no_change(void **state)
{
	struct link_kit *kit = link_open(LLDP);
	char units[] = UNITS "\0\0";
	link_send(kit, units, sizeof(units) - 1);
	units[sizeof(units) - 4]++; /* of PROFINET's own unit */
	link_send(kit, units, sizeof(units) - 1);
	assert_int_equal(kit->messages, 1);
	link_close(kit);
}

static void who_leaves_says_so(void **state)
{
	struct link_kit *kit = link_open(LLDP);
	LINK_SEND(kit, "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\x14\0\0");
	LINK_SEND(kit, "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\0\0\0");
	assert_link_says(kit, "\"kind\":\"leaves\"");
	LINK_SEND(kit, "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\x14\0\0");
	assert_int_equal(kit->messages, 3);
	link_close(kit);
}

static void units_that_are_missing_or_cut_are_odd(void **state)
{
	struct link_kit *kit = link_open(LLDP);
	LINK_SEND(kit, "\x02\x05\x07name\x06\x02\0\x14\0\0");
	LINK_SEND(kit, "\x02\x7f\x07name");
	assert_int_equal(link_raised(kit, QW_AE_LLDP_MALFORMED), 2);
	link_close(kit);
	link_truncate(LLDP, UNITS, sizeof(UNITS) - 1);
}

/* ---- the table */

static void ask_for(struct link_kit *kit, unsigned number)
{
	uint8_t frame[] = REQUEST;
	frame[26] = (uint8_t)(number >> 8);
	frame[27] = (uint8_t)number;
	link_send(kit, frame, sizeof(frame) - 1);
}

static void a_flood_takes_places_which_is_counted(void **state)
{
	struct link_kit *kit = link_open(ARP);
	const unsigned floods = 3 * ARP_CONVERSATIONS;
	for (unsigned i = 0; i < floods; i++) {
		kit->packet.time.ns++;
		qw_text_init(&kit->log, kit->memory, sizeof(kit->memory));
		ask_for(kit, i);
	}
	struct qw_links_counters counters = qw_links_counters(kit->links);
	assert_int_equal(kit->messages, floods);
	assert_int_equal(counters.begun, floods + 1); /* … and the sender's address */
	assert_in_range(counters.evicted, floods - ARP_CONVERSATIONS, floods);
	link_close(kit);
}

static void the_latest_conversations_stay(void **state)
{
	struct link_kit *kit = link_open(ARP);
	for (unsigned i = 0; i < ARP_CONVERSATIONS; i++) {
		kit->packet.time.ns++;
		ask_for(kit, 1);
		qw_text_init(&kit->log, kit->memory, sizeof(kit->memory));
		ask_for(kit, 100 + i);
	}
	unsigned told = kit->messages;
	ask_for(kit, 1);
	assert_int_equal(kit->messages, told);
	assert_int_equal(told, ARP_CONVERSATIONS + 1);
	link_close(kit);
}

static void a_vlan_is_a_world_of_its_own(void **state)
{
	struct link_kit *kit = link_open(ARP);
	LINK_SEND(kit, REQUEST);
	kit->packet.vlan_count = 1;
	kit->packet.vlan[0] = 7;
	LINK_SEND(kit, "\0\1\x08\0\6\4\0\1" OTHER "\0\0\0\0\0\0\x0a\0\0\2");
	assert_int_equal(kit->messages, 2);
	assert_link_silent(kit, "!");
	link_close(kit);
}

static void what_was_known_before_nobody_looked_is_forgotten(void **state)
{
	struct link_kit *kit = link_open(ARP);
	LINK_SEND(kit, REQUEST);
	qw_links_want(kit->links, 0);
	qw_links_want(kit->links, QW_OT_WANT_EVENTS);
	LINK_SEND(kit, REQUEST);
	assert_int_equal(kit->messages, 2);
	link_close(kit);
}

static void other_types_are_nobodys(void **state)
{
	struct link_kit *kit = link_open(0x88cd);
	LINK_SEND(kit, REQUEST);
	assert_int_equal(kit->messages, 0);
	link_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_is_told_once),
		cmocka_unit_test(an_address_that_changes_hands_is_told_with_both),
		cmocka_unit_test(two_who_quarrel_are_told_once_a_second),
		cmocka_unit_test(who_asks_for_itself_is_told_as_what_it_does),
		cmocka_unit_test(what_is_no_arp_is_told_once_for_each_sender),
		cmocka_unit_test(a_neighbour_is_told_first_and_when_it_changes),
		cmocka_unit_test(what_is_measured_is_no_change),
		cmocka_unit_test(who_leaves_says_so),
		cmocka_unit_test(units_that_are_missing_or_cut_are_odd),
		cmocka_unit_test(a_flood_takes_places_which_is_counted),
		cmocka_unit_test(the_latest_conversations_stay),
		cmocka_unit_test(a_vlan_is_a_world_of_its_own),
		cmocka_unit_test(what_was_known_before_nobody_looked_is_forgotten),
		cmocka_unit_test(other_types_are_nobodys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
