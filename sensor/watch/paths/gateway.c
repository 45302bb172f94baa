/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway - hidden ways out: second DHCP servers and routers, modems, name and time servers that are not the
 * terminal's, and machines that talk to the Internet.
 */
#include "quaywatch/hash.h"
#include "sensor/watch/paths/modems.h"
#include "sensor/watch/paths/nets.h"
#include "sensor/watch/assets/oui.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KNOWN_MAX = 16384, PLAIN_CARDS = 1024 };

enum { DHCP, ROUTER, REDIRECT, MODEM, NAMES, TIMES, HIDDEN_NAMES, OUT, REACHED, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[DHCP] = {QW_FINDING_GATEWAY, "Another DHCP server answers on this network", "Rogue gateway", 2, "T0830", "R03"},
	[ROUTER] = {QW_FINDING_GATEWAY + 1, "Another router announces itself on this network", "Rogue gateway", 2, "T0830", "R03"},
	[REDIRECT] = {QW_FINDING_GATEWAY + 2, "A host tells another to send its packets elsewhere", "Rogue gateway", 2, "T0830", "R03"},
	[MODEM] = {QW_FINDING_GATEWAY + 3, "A network card of a maker of cellular modems and routers", "Rogue gateway", 2, "T0864", "R04"},
	[NAMES] = {QW_FINDING_GATEWAY + 4, "A host asks a DNS server that is not the terminal's", "Policy violation", 3, "T0884", "R09"},
	[TIMES] = {QW_FINDING_GATEWAY + 5, "A host asks an NTP server that is not the terminal's", "Policy violation", 3, "T0884", "R09"},
	[HIDDEN_NAMES] = {QW_FINDING_GATEWAY + 6, "A host asks for names hidden in HTTPS", "Policy violation", 3, "T0884", "R09"},
	[OUT] = {QW_FINDING_GATEWAY + 7, "A machine talks to the Internet", "Policy violation", 2, "T0883", "R02"},
	[REACHED] = {QW_FINDING_GATEWAY + 8, "A machine was reached from the Internet", "Internet accessible device", 1, "T0883", "R06"},
};

/* Who does what on which network: known from the start, learnt, or told. */
struct known {
	uint8_t what, unused;
	uint16_t vlan;
	uint8_t address[16]; /* of the first on a VLAN: zeroes */
	struct qw_address who;
};

enum { KNOWN_KEY = 20 };

struct gateway {
	struct qw_world *world;
	struct qw_shelf *known;
	struct qw_time learnt; /* when learning ends; 0: not begun */
	int64_t learn_s;
	struct qw_nets dhcp, dns, ntp, routers;
	uint64_t plain[PLAIN_CARDS]; /* cards that are no modem's */
};

static void gateway_free(void *ctx)
{
	struct gateway *state = ctx;

	qw_shelf_free(state->known);
	free(state);
}

static enum qw_err read_nets(struct gateway *state)
{
	const struct {
		enum qw_watch_key key;
		struct qw_nets *nets;
	} lists[] = {
		{QW_WATCH_DHCP_SERVERS, &state->dhcp}, {QW_WATCH_DNS_SERVERS, &state->dns},
		{QW_WATCH_NTP_SERVERS, &state->ntp},   {QW_WATCH_ROUTERS, &state->routers},
	};
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && err == QW_OK; i++)
		err = qw_nets_read(lists[i].nets, state->world, lists[i].key);
	return err;
}

static enum qw_err gateway_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options known = {KNOWN_KEY, sizeof(struct known), KNOWN_MAX, NULL};
	struct gateway *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->learn_s = qw_world_int(world, QW_WATCH_GATEWAY_LEARN);
	enum qw_err err = read_nets(state);
	if (err == QW_OK)
		err = qw_shelf_new(&state->known, &known);
	if (err != QW_OK) {
		gateway_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- what is known */

static struct known *know(struct gateway *state, unsigned what, uint16_t vlan, const struct qw_address *address)
{
	struct known key = {.what = (uint8_t)what, .vlan = vlan};
	bool pushed;

	if (address)
		memcpy(key.address, address->bytes, sizeof(key.address));
	struct known *known = qw_shelf_get(state->known, &key, &pushed);
	if (!known || pushed)
		qw_world_no_room(state->world);
	return known;
}

static bool is_nobody(const struct qw_address *address)
{
	static const struct qw_address nobody;

	return qw_address_equal(address, &nobody);
}

/* Is it of the list; or, where that is empty, the first that did this on the VLAN? */
static bool is_first(struct gateway *state, const struct qw_nets *nets, unsigned what, uint16_t vlan, const struct qw_address *who)
{
	if (nets->count)
		return qw_nets_hold(nets, who);
	struct known *first = know(state, what, vlan, NULL);
	if (first && is_nobody(&first->who))
		first->who = *who;
	return !first || qw_address_equal(&first->who, who);
}

/* Is it of the list; or, where that is empty, was it learnt? */
static bool is_learnt(struct gateway *state, const struct qw_nets *nets, unsigned what, const struct qw_address *who)
{
	if (nets->count)
		return qw_nets_hold(nets, who);
	struct known key = {.what = (uint8_t)what};
	memcpy(key.address, who->bytes, sizeof(key.address));
	if (qw_shelf_find(state->known, &key))
		return true;
	if (!qw_time_before(qw_world_now(state->world), state->learnt))
		return false;
	know(state, what, 0, who);
	return true;
}

/* ---- telling */

static void tell(struct gateway *state, const struct qw_seen *seen, unsigned what, const char *does, const char *advice)
{
	struct qw_finding finding = {.row = &findings[what], .seen = seen};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, qw_seen_client(seen));
	qw_text_format(&text, " %s ", does);
	qw_text_end(&text, qw_seen_server(seen));
	qw_text_format(&text, "%s", advice);
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

/* Of one host, whoever it speaks to. */
static void tell_of(struct gateway *state, const struct qw_seen *seen, unsigned what, const struct qw_seen_end *who, const char *does)
{
	struct qw_finding finding = {.row = &findings[what], .src = *who, .time = seen->time};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, who);
	if (who->known && who->has_mac) {
		qw_text_literal(&text, " (MAC ");
		qw_text_hex(&text, who->mac, sizeof(who->mac));
		qw_text_char(&text, ')');
	}
	qw_text_format(&text, " %s", does);
	finding.detail = qw_text_string(&text);
	finding.what = seen->vlan;
	qw_world_tell(state->world, &finding);
}

/* ---- DHCP, routers, modems */

/* The end at port 67 that spoke to one at port 68. */
static const struct qw_seen_end *dhcp_server(const struct qw_seen *seen)
{
	enum { SERVER = 67, CLIENT = 68 };
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	if (seen->proto != QW_PROTO_IS_UDP)
		return NULL;
	if (client->port == SERVER && server->port == CLIENT && seen->flow.packets[0])
		return client;
	return client->port == CLIENT && server->port == SERVER && seen->flow.packets[1] ? server : NULL;
}

static void look_at_dhcp(struct gateway *state, const struct qw_seen *seen)
{
	const struct qw_seen_end *server = dhcp_server(seen);

	if (server && !qw_path_is_group(&server->address) && !is_first(state, &state->dhcp, DHCP, seen->vlan, &server->address))
		tell_of(state, seen, DHCP, server, "answers for DHCP; the server known here is another (watch.dhcp_servers)");
}

static void look_at_icmp(struct gateway *state, const struct qw_seen *seen)
{
	enum { REDIRECT_V4 = 5, REDIRECT_V6 = 137, ADVERTISEMENT_V4 = 9, ADVERTISEMENT_V6 = 134 };
	const struct qw_seen_end *who = qw_seen_client(seen);
	bool v6 = seen->proto == QW_PROTO_IS_ICMPV6;

	if (!seen->has_icmp || (!v6 && seen->proto != QW_PROTO_IS_ICMP))
		return;
	if (seen->icmp_type == (v6 ? REDIRECT_V6 : REDIRECT_V4) && !qw_nets_hold(&state->routers, &who->address))
		tell(state, seen, REDIRECT, "redirects the packets of", "; only routers do (watch.routers)");
	/* The first of each of IPv4 and IPv6 has a row of its own. */
	if (seen->icmp_type == (v6 ? ADVERTISEMENT_V6 : ADVERTISEMENT_V4) &&
	    !is_first(state, &state->routers, v6 ? ROUTER : REDIRECT, seen->vlan, &who->address))
		tell_of(state, seen, ROUTER, who, "announces itself as router; the router known here is another (watch.routers)");
}

/* Most cards are known not to be a modem's; who made the others is looked up. */
static const char *modem_maker(struct gateway *state, const uint8_t mac[6])
{
	uint64_t card = 0;

	memcpy(&card, mac, 6);
	uint64_t *plain = &state->plain[qw_mix64(card) % PLAIN_CARDS];
	const struct qw_oui *makers = qw_world_makers(state->world);
	if (!makers || *plain == card)
		return NULL;
	const char *maker = qw_oui_find(makers, mac);
	if (maker && qw_modems_is_maker(maker))
		return maker;
	*plain = card;
	return NULL;
}

/* A router's MAC stands in front of every address behind it: a modem is told once, by its MAC. */
static void look_at_mac(struct gateway *state, const struct qw_seen *seen, const struct qw_seen_end *end)
{
	const char *maker = end->has_mac ? modem_maker(state, end->mac) : NULL;
	struct qw_address address = {{0}};

	if (!maker)
		return;
	memcpy(address.bytes, end->mac, sizeof(end->mac));
	struct known *known = know(state, MODEM, 0, &address);
	if (!known || !is_nobody(&known->who))
		return;
	known->who = address;
	struct qw_seen_end who = {.has_mac = true};
	char does[128];
	memcpy(who.mac, end->mac, sizeof(who.mac));
	snprintf(does, sizeof(does), "was seen on the network; its maker is %.80s", maker);
	tell_of(state, seen, MODEM, &who, does);
}

/* ---- names, times, the Internet */

static bool is_name_hidden(struct qw_slice name)
{
	static const char *const servers[] = {"dns.google",	     "cloudflare-dns.com",     "one.one.one.one",
					      "mozilla.cloudflare-dns.com", "dns.quad9.net",   "doh.opendns.com",
					      "dns.nextdns.io",	     "dns.adguard-dns.com",    "dns.adguard.com",
					      "doh.cleanbrowsing.org", "chrome.cloudflare-dns.com", "dns.alidns.com", "doh.pub"};
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (name.len == strlen(servers[i]) && strncasecmp((const char *)name.data, servers[i], name.len) == 0)
			return true;
	return false;
}

static void look_at_services(struct gateway *state, const struct qw_seen *seen)
{
	const struct qw_address *server = &qw_seen_server(seen)->address;

	if (qw_path_is_group(server))
		return;
	if (qw_path_is_app(seen, "dns") && qw_seen_server(seen)->port == 53 && !is_learnt(state, &state->dns, NAMES, server))
		tell(state, seen, NAMES, "asks for names at", "; it is not of watch.dns_servers, nor was it seen before");
	if (qw_path_is_app(seen, "ntp") && !is_learnt(state, &state->ntp, TIMES, server))
		tell(state, seen, TIMES, "asks for the time at", "; it is not of watch.ntp_servers, nor was it seen before");
}

static bool is_outside(const struct gateway *state, const struct qw_address *address)
{
	return !qw_world_is_home(state->world, address) && !qw_path_is_group(address);
}

static void look_at_internet(struct gateway *state, const struct qw_seen *seen)
{
	bool answered = seen->flow.verdict == QW_SEEN_ANSWERED;
	const struct qw_address *client = &qw_seen_client(seen)->address, *server = &qw_seen_server(seen)->address;

	if (seen->flow.begins && qw_world_is_home(state->world, client) && qw_world_is_ot(state->world, client) && is_outside(state, server))
		tell(state, seen, OUT, "serves machines, and talks to", "");
	if (answered && qw_world_is_home(state->world, server) && qw_world_is_ot(state->world, server) && is_outside(state, client))
		tell(state, seen, REACHED, "is outside of the terminal, and was answered by", "");
}

static void gateway_seen(void *ctx, const struct qw_seen *seen)
{
	struct gateway *state = ctx;

	if (state->learnt.ns == 0)
		state->learnt = qw_time_add(qw_world_now(state->world), qw_time_seconds(state->learn_s));
	look_at_mac(state, seen, &seen->src);
	if (!qw_seen_client(seen)->known || !qw_seen_server(seen)->known)
		return;
	if (is_name_hidden(seen->tls_sni))
		tell(state, seen, HIDDEN_NAMES, "asks for names by HTTPS at", "; what it asks for cannot be seen");
	if (seen->flow.begins || seen->flow.ends)
		look_at_dhcp(state, seen);
	if (seen->flow.begins)
		look_at_icmp(state, seen);
	if (seen->flow.verdict == QW_SEEN_ANSWERED)
		look_at_services(state, seen);
	if (seen->flow.begins || seen->flow.ends)
		look_at_internet(state, seen);
}

const struct qw_watcher_ops qw_gateway = {
	.name = "gateway",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = gateway_make,
	.free = gateway_free,
	.seen = gateway_seen,
};
