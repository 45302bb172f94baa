/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/settings.h"

#include <string.h>

#include "sensor/run/packs.h"

static const char *const checksum_modes[] = {"verify", "ignore", NULL};

static const struct qw_setting settings[QW_CFG_COUNT] = {
	[QW_CFG_INTERFACES] = {"capture.interfaces", QW_SETTING_LIST, .help = "mirror ports to listen on"},
	[QW_CFG_CHECKSUMS] = {"capture.checksums", QW_SETTING_TEXT, "verify", .choices = checksum_modes,
			      .help = "packets with wrong checksums: \"verify\" drops them as the endpoint would"},
	[QW_CFG_VLAN_IN_FLOW] = {"capture.vlan_in_flow", QW_SETTING_BOOL, "true",
				 .help = "false where the mirror tags the two directions differently"},
	[QW_CFG_DEDUPLICATE] = {"capture.deduplicate", QW_SETTING_BOOL, "false",
				.help = "recognise packets that the mirror port sends twice"},
	[QW_CFG_FILTER] = {"capture.filter", QW_SETTING_TEXT, .help = "BPF expression; what does not fit is not seen"},
	[QW_CFG_RING_MB] = {"capture.ring_mb", QW_SETTING_INT, "64", 1, 4096, .help = "megabytes of each capture ring"},
	[QW_CFG_SNAP] = {"capture.snap", QW_SETTING_INT, "65535", 64, 262144, .help = "bytes of each packet that are kept"},
	[QW_CFG_WORKERS] = {"capture.workers", QW_SETTING_INT, "0", 0, 64, .help = "packet workers; 0: one per processor"},
	[QW_CFG_FLOWS] = {"flow.count", QW_SETTING_INT, "131072", 1024, 1 << 24, .help = "conversations remembered at once"},
	[QW_CFG_TIMEOUT_NEW] = {"flow.timeout_new", QW_SETTING_INT, "30", 1, 86400, .help = "seconds, one side seen"},
	[QW_CFG_TIMEOUT_ESTABLISHED] = {"flow.timeout_established", QW_SETTING_INT, "600", 1, 604800, .help = "seconds, TCP"},
	[QW_CFG_TIMEOUT_CLOSED] = {"flow.timeout_closed", QW_SETTING_INT, "10", 1, 86400, .help = "seconds, TCP after its end"},
	[QW_CFG_TIMEOUT_UDP] = {"flow.timeout_udp", QW_SETTING_INT, "300", 1, 86400, .help = "seconds, both sides seen"},
	[QW_CFG_TIMEOUT_ICMP] = {"flow.timeout_icmp", QW_SETTING_INT, "60", 1, 86400, .help = "seconds"},
	[QW_CFG_DEFRAG_DATAGRAMS] = {"defrag.datagrams", QW_SETTING_INT, "4096", 16, 1 << 20,
				     .help = "fragmented packets waiting at once"},
	[QW_CFG_DEFRAG_MB] = {"defrag.mb", QW_SETTING_INT, "16", 1, 4096, .help = "megabytes of fragments waiting"},
	[QW_CFG_DEFRAG_SECONDS] = {"defrag.seconds", QW_SETTING_INT, "60", 1, 600, .help = "seconds a fragment waits"},
	[QW_CFG_MIDSTREAM] = {"stream.midstream", QW_SETTING_BOOL, "false",
			      .help = "pick up TCP sessions whose start was not seen"},
	[QW_CFG_STREAM_MB] = {"stream.mb", QW_SETTING_INT, "32", 1, 65536, .help = "megabytes of out-of-order data, all flows"},
	[QW_CFG_STREAM_FLOW_KB] = {"stream.flow_kb", QW_SETTING_INT, "1024", 16, 1 << 20,
				   .help = "kilobytes of out-of-order data, one direction"},
	[QW_CFG_STREAM_DEPTH_KB] = {"stream.depth_kb", QW_SETTING_INT, "0", 0, 1 << 30,
				    .help = "kilobytes of one direction that are looked at; 0: all"},
	[QW_CFG_STREAM_WINDOWS] = {"stream.windows", QW_SETTING_INT, "4096", 16, 1 << 20,
				   .help = "directions whose latest 4 kilobytes are kept for rules of several patterns"},
	[QW_CFG_PROTOCOL_MB] = {"protocol.mb", QW_SETTING_INT, "64", 1, 65536, .help = "megabytes of parsers' state"},
	[QW_CFG_OT] = {"ot.enabled", QW_SETTING_BOOL, "true", .help = "decode industrial protocols"},
	[QW_CFG_OT_READ_ALL] = {"ot.read_all", QW_SETTING_BOOL, "false",
				.help = "read messages that only repeat others, too: costs time, and finds nothing more"},
	[QW_CFG_OT_VALUES] = {"ot.values", QW_SETTING_BOOL, "false", .help = "events and alerts tell the values that are written"},
	[QW_CFG_RULES] = {"rules.paths", QW_SETTING_LIST, .help = "files and folders of signatures and indicators"},
	[QW_CFG_RULES_PACKS] = {"rules.packs", QW_SETTING_BOOL, "false",
				.help = "load the rules that ship with the sensor, too (--packs)"},
	[QW_CFG_RULES_PACKS_FOLDER] = {"rules.packs_folder", QW_SETTING_TEXT, .help = "where they lie"},
	[QW_CFG_RULES_CACHE] = {"rules.cache", QW_SETTING_TEXT, .help = "folder of compiled pattern databases; \"\": none"},
	[QW_CFG_RULES_DISABLE] = {"rules.disable", QW_SETTING_TEXT,
				  .help = "file of signatures never to load here, a sid or gid:sid a line"},
	[QW_CFG_RULES_SUPPRESS] = {"rules.suppress", QW_SETTING_TEXT,
				   .help = "file of observables that never alert here, one a line"},
	[QW_CFG_RULES_THRESHOLDS] = {"rules.thresholds", QW_SETTING_TEXT,
				     .help = "file of thresholds and suppressions, as Suricata's threshold.config"},
	[QW_CFG_RULES_STATE_MB] = {"rules.state_mb", QW_SETTING_INT, "8", 1, 4096,
				   .help = "megabytes of what rules remember of hosts and pairs, all workers together"},
	[QW_CFG_RULES_FLOW_STATE_MB] = {"rules.flow_state_mb", QW_SETTING_INT, "4", 1, 4096,
					.help = "megabytes of what rules remember of flows, each worker"},
	[QW_CFG_REPUTATION_CATEGORIES] = {"reputation.categories", QW_SETTING_TEXT, .help = "Suricata's iprep categories file"},
	[QW_CFG_REPUTATION_FILES] = {"reputation.files", QW_SETTING_TEXT, .help = "Suricata's iprep files, comma separated"},
	[QW_CFG_ALERTS_FILE] = {"alerts.file", QW_SETTING_TEXT, .help = "local EVE JSON Lines; \"-\": standard output; \"\": none"},
	[QW_CFG_EVENTS] = {"alerts.events", QW_SETTING_TEXT, .help = "event types besides alert: flow,dns,http,tls,ot,asset,stats; all"},
	[QW_CFG_FOLD] = {"alerts.fold", QW_SETTING_INT, "10", 0, 3600,
			 .help = "seconds in which repeats of an alert are one record with a count; 0: never"},
	[QW_CFG_PAYLOAD] = {"alerts.payload", QW_SETTING_INT, "0", 0, 4096, .help = "bytes of payload in an alert; 0: none leaves"},
	[QW_CFG_NAMES] = {"alerts.names", QW_SETTING_BOOL, "false",
			  .help = "what hosts are called (watch.inventory, or what they say of themselves) goes to the collector too"},
	[QW_CFG_TENANT] = {"sensor.tenant", QW_SETTING_TEXT, .help = "whose network this is"},
	[QW_CFG_NAME] = {"sensor.name", QW_SETTING_TEXT, .help = "of this sensor, unique at the tenant"},
	[QW_CFG_PUBLIC_KEY] = {"sensor.public_key", QW_SETTING_TEXT, .help = "CURVE, Z85"},
	[QW_CFG_SECRET_KEY] = {"sensor.secret_key", QW_SETTING_TEXT, .help = "CURVE, Z85; keep the file to yourself"},
	[QW_CFG_COLLECTOR] = {"collector.address", QW_SETTING_TEXT, .help = "\"tcp://host:9443\"; \"\": work alone"},
	[QW_CFG_COLLECTOR_KEY] = {"collector.public_key", QW_SETTING_TEXT, .help = "CURVE, Z85"},
	[QW_CFG_ROOT_KEY] = {"collector.root_key", QW_SETTING_TEXT, .help = "Ed25519, hexadecimal: who may sign rulesets"},
	[QW_CFG_STATE] = {"state.folder", QW_SETTING_TEXT, "/var/lib/quaywatch", .help = "spool and rulesets"},
	[QW_CFG_SPOOL_MB] = {"state.spool_mb", QW_SETTING_INT, "1024", 1, 1 << 20, .help = "megabytes of alerts kept for the collector"},
	[QW_CFG_HISTORY_MB] = {"state.history_mb", QW_SETTING_INT, "16", 1, 4096,
			       .help = "megabytes of each channel's latest changes, kept for a collector that lost them"},
	[QW_CFG_CONTROL] = {"control.socket", QW_SETTING_TEXT, "control.sock",
			    .help = "Unix socket of quaywatchctl; a name without a folder lies in state.folder; \"\": none"},
	[QW_CFG_USER] = {"user", QW_SETTING_TEXT, .help = "whom to become after start; \"\": stay"},
	[QW_CFG_VARS] = {"vars.*", QW_SETTING_ANY, .help = "rule variables: addresses and ports"},
	[QW_CFG_DATASETS] = {"datasets.*", QW_SETTING_ANY,
			     .help = "sets that rules share: \"type string, load names.lst\" and the like"},
};

void qw_sensor_settings(struct qw_setting *room, bool live)
{
	memcpy(room, settings, sizeof(settings));
	memcpy(room + QW_CFG_WATCH, qw_watch_settings, sizeof(qw_watch_settings));
	memcpy(room + QW_CFG_RELEASE, qw_release_settings, sizeof(qw_release_settings));
	room[QW_CFG_RULES_PACKS_FOLDER].initial = qw_packs_folder();
	if (!live)
		return;
	room[QW_CFG_MIDSTREAM].initial = "true"; /* OT sessions last months */
	room[QW_CFG_WATCH + QW_WATCH_ENABLED].initial = "true";
}

/* As in Suricata's shipped configuration, and what Quickdraw's rules need beside it. */
static const struct {
	const char *name, *value;
} variables[] = {
	{"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"},
	{"EXTERNAL_NET", "!$HOME_NET"},
	{"HTTP_SERVERS", "$HOME_NET"},
	{"SMTP_SERVERS", "$HOME_NET"},
	{"SQL_SERVERS", "$HOME_NET"},
	{"DNS_SERVERS", "$HOME_NET"},
	{"TELNET_SERVERS", "$HOME_NET"},
	{"AIM_SERVERS", "$EXTERNAL_NET"},
	{"DC_SERVERS", "$HOME_NET"},
	{"DNP3_SERVER", "$HOME_NET"},
	{"DNP3_CLIENT", "$HOME_NET"},
	{"MODBUS_CLIENT", "$HOME_NET"},
	{"MODBUS_SERVER", "$HOME_NET"},
	{"ENIP_CLIENT", "$HOME_NET"},
	{"ENIP_SERVER", "$HOME_NET"},
	{"BACNET_CLIENT", "$HOME_NET"},
	{"BACNET_SERVER", "$HOME_NET"},
	{"FINS_CLIENT", "$HOME_NET"},
	{"FINS_SERVER", "$HOME_NET"},
	{"S7_CLIENT", "$HOME_NET"},
	{"S7_SERVER", "$HOME_NET"},
	{"MODICON_CLIENT", "$HOME_NET"},
	{"MODICON_SERVER", "$HOME_NET"},
	{"HTTP_PORTS", "80"},
	{"SHELLCODE_PORTS", "!80"},
	{"ORACLE_PORTS", "1521"},
	{"SSH_PORTS", "22"},
	{"DNP3_PORTS", "20000"},
	{"MODBUS_PORTS", "502"},
	{"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
	{"FTP_PORTS", "21"},
	{"GENEVE_PORTS", "6081"},
	{"VXLAN_PORTS", "4789"},
	{"TEREDO_PORTS", "3544"},
	{"SIP_PORTS", "[5060,5061]"},
};

struct wanted {
	const char *name, *value;
};

static void match_variable(void *ctx, const char *key, const char *value)
{
	struct wanted *wanted = ctx;

	if (strcmp(key, wanted->name) == 0)
		wanted->value = value;
}

const char *qw_sensor_variable(const struct qw_config *config, const char *name)
{
	struct wanted wanted = {name, NULL};

	qw_config_each(config, QW_CFG_VARS, match_variable, &wanted);
	if (wanted.value)
		return wanted.value;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (strcmp(variables[i].name, name) == 0)
			return variables[i].value;
	return NULL;
}
