/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/settings.h"

const struct qw_setting qw_watch_settings[QW_WATCH_KEYS] = {
	/* ---- of all watchers */
	[QW_WATCH_ENABLED] = {"watch.enabled", QW_SETTING_BOOL, "false",
			      .help = "watch who is there, who talks to whom, and what is not as ever"},
	[QW_WATCH_AGAIN] = {"watch.again", QW_SETTING_INT, "3600", 0, 604800,
			    .help = "seconds in which one finding about one pair of hosts is one alert; 0: each is told"},

	/* ---- assets */
	[QW_WATCH_ASSETS] = {"watch.assets", QW_SETTING_INT, "20000", 1, 1000000, .help = "hosts that are known; beyond that the longest unseen goes"},
	[QW_WATCH_TALKS] = {"watch.talks", QW_SETTING_INT, "100000", 1, 4000000,
			    .help = "of who talks to whom; beyond that the longest unseen goes"},
	[QW_WATCH_INVENTORY] = {"watch.inventory", QW_SETTING_TEXT,
				.help = "CSV file: address (or network, or MAC), name, role, area, criticality; \"\": none"},
	[QW_WATCH_MAKERS] = {"watch.makers", QW_SETTING_TEXT, "/usr/share/ieee-data/oui.txt",
			     .help = "IEEE's list of who made a network card (package ieee-data); \"\": none"},

	/* ---- baseline */
	[QW_WATCH_LEARN] = {"watch.learn", QW_SETTING_INT, "604800", 0, 31536000,
			    .help = "seconds since the first event in which all that comes is normal"},
	[QW_WATCH_LEARN_ALL] = {"watch.learn_all", QW_SETTING_BOOL, "false",
				.help = "all that comes is normal, and nothing else afterwards: --learn FILE sets it"},
	[QW_WATCH_BASELINE] = {"watch.baseline", QW_SETTING_TEXT,
			       .help = "file of what is normal; \"\": baseline.json in the state folder"},
	[QW_WATCH_BASELINE_ENTRIES] = {"watch.baseline_entries", QW_SETTING_INT, "200000", 1, 10000000,
				       .help = "hosts, talks and functions known as normal, no more"},

	/* ---- windows */
	[QW_WATCH_MAINTENANCE] = {"watch.maintenance", QW_SETTING_LIST,
		.help = "when new things are expected, in local time, and at which hosts: \"Sat 22:00-02:00 10.1.4.0/24\", \"2026-11-23T08:00/2026-11-23T12:00 *\""},
	[QW_WATCH_ZONE] = {"watch.zone", QW_SETTING_TEXT,
		.help = "time zone of watch.maintenance: \"Europe/Berlin\"; \"\": the machine's"},

	/* ---- cycle */
	[QW_WATCH_CYCLE_LEARN] = {"watch.cycle.learn", QW_SETTING_INT, "600", 60, 604800,
		.help = "seconds that a message comes steadily until it is missed when it stops"},
	[QW_WATCH_CYCLE_FACTOR] = {"watch.cycle.factor", QW_SETTING_INT, "200", 110, 10000,
		.help = "percent of its period, or of one by which it is divided, beyond which a message's period has changed"},
	[QW_WATCH_CYCLE_MESSAGES] = {"watch.cycle.messages", QW_SETTING_INT, "50000", 1, 1000000,
		.help = "messages of which it is known how steadily they come; beyond that the longest unseen goes"},

	/* ---- sessions */
	[QW_WATCH_SESSIONS_HOURS] = {"watch.sessions.hours", QW_SETTING_LIST,
		.help = "hours in which remote sessions into machines are agreed, in UTC: \"mon-fri 06:00-18:00\"; empty: nothing is agreed, each is told alike"},

	/* ---- scans */
	[QW_WATCH_SCANS_SECONDS] = {"watch.scans.seconds", QW_SETTING_INT, "60", 1, 3600,
		.help = "seconds in which a scan is counted; a slow one: an hour"},
	[QW_WATCH_SCANS_PORTS] = {"watch.scans.ports", QW_SETTING_INT, "60", 2, 65535,
		.help = "unanswered ports of one host in that time that are a scan; ten answered ones count as one"},
	[QW_WATCH_SCANS_HOSTS] = {"watch.scans.hosts", QW_SETTING_INT, "40", 2, 1000000,
		.help = "unanswered hosts on one port in that time that are a scan; ten answered ones count as one"},
	[QW_WATCH_SCANS_SLOW] = {"watch.scans.slow", QW_SETTING_INT, "150", 2, 1000000,
		.help = "unanswered hosts and ports within an hour that are a slow scan"},
	[QW_WATCH_SCANS_SMB] = {"watch.scans.smb", QW_SETTING_INT, "20", 2, 1000000,
		.help = "hosts within five minutes that somebody speaks SMB or RPC to for the first time"},
	[QW_WATCH_SCANS_IDENTITY] = {"watch.scans.identity", QW_SETTING_INT, "10", 2, 1000000,
		.help = "devices within five minutes that somebody asks what they are"},
	[QW_WATCH_SCANS_ALLOW] = {"watch.scans.allow", QW_SETTING_LIST,
		.help = "hosts and networks that may scan: management, vulnerability scanners"},

	/* ---- beacon */
	[QW_WATCH_BEACON_COUNT] = {"watch.beacon.count", QW_SETTING_INT, "24", 8, 32,
		.help = "connections at one distance in time that are a beacon"},
	[QW_WATCH_BEACON_JITTER] = {"watch.beacon.jitter", QW_SETTING_INT, "5", 0, 50,
		.help = "percent by which their distance may differ"},
	[QW_WATCH_BEACON_ALLOW] = {"watch.beacon.allow", QW_SETTING_LIST,
		.help = "servers outside that may be called by the clock: updates, monitoring"},

	/* ---- exfil */
	[QW_WATCH_EXFIL_MEGABYTES] = {"watch.exfil.megabytes", QW_SETTING_INT, "500", 1, 10000000,
		.help = "megabytes within an hour from one host of ours to one outside that are much"},
	[QW_WATCH_EXFIL_TIMES] = {"watch.exfil.times", QW_SETTING_INT, "3", 1, 1000,
		.help = "and so many times what it sent in any hour before"},
	[QW_WATCH_EXFIL_ALLOW] = {"watch.exfil.allow", QW_SETTING_LIST,
		.help = "hosts and networks outside that may get much: backups, mail"},

	/* ---- silence */
	[QW_WATCH_EXPECT] = {"watch.expect", QW_SETTING_LIST,
		.help = "flows that must come, in UTC: \"10.1.4.9 -> 10.1.9.2:873 daily 02:00 +2h >= 100M\""},

	/* ---- gateway */
	[QW_WATCH_GATEWAY_LEARN] = {"watch.gateway.learn", QW_SETTING_INT, "604800", 0, 31536000,
		.help = "seconds from the start in which servers and routers are learnt that the configuration does not name"},
	[QW_WATCH_DHCP_SERVERS] = {"watch.dhcp_servers", QW_SETTING_LIST,
		.help = "the DHCP servers and relays; empty: the first that answers on a VLAN"},
	[QW_WATCH_DNS_SERVERS] = {"watch.dns_servers", QW_SETTING_LIST,
		.help = "the DNS servers; empty: they are learnt"},
	[QW_WATCH_NTP_SERVERS] = {"watch.ntp_servers", QW_SETTING_LIST,
		.help = "the NTP servers; empty: they are learnt"},
	[QW_WATCH_ROUTERS] = {"watch.routers", QW_SETTING_LIST,
		.help = "the routers, by the addresses that they announce themselves with; empty: the first on a VLAN"},

	/* ---- zones */
	[QW_WATCH_ZONES] = {"watch.zones", QW_SETTING_LIST,
		.help = "zones and their networks, no more than 64: \"yard: 10.2.0.0/16, 10.3.4.0/24\""},
	[QW_WATCH_CONDUITS] = {"watch.conduits", QW_SETTING_LIST,
		.help = "who may talk to whom across zones: \"office -> yard: rdp, 44818, 123/udp\""},
	[QW_WATCH_ZONES_STRICT] = {"watch.zones_strict", QW_SETTING_BOOL, "false",
		.help = "what is in no zone is in zone \"other\", and needs a conduit too"},

	/* ---- positions */
	[QW_WATCH_POSITIONS_LEARN] = {"watch.positions.learn", QW_SETTING_INT, "604800", 0, 31536000,
		.help = "seconds in which it is learnt who speaks for a talker, and which antennas stand still"},
	[QW_WATCH_POSITIONS_STILL] = {"watch.positions.still", QW_SETTING_BOOL, "false",
		.help = "tell of positions that do not change by a digit for ten minutes, though not fixed; many receivers do so"},
	[QW_WATCH_FIXED] = {"watch.fixed", QW_SETTING_LIST,
		.help = "antennas that never move: \"10.1.7.4 53.54010 9.97010 5m\": address, latitude, longitude, radius"},

	/* ---- ais */
	[QW_WATCH_AIS_LEARN] = {"watch.ais.learn", QW_SETTING_INT, "604800", 0, 31536000,
		.help = "seconds in which base stations and aids to navigation are learnt"},
};
