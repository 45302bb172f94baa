/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/roles.h"

#include <ctype.h>
#include <string.h>

#define APP(name) (UINT64_C(1) << QW_APP_##name)

#define PLCS (APP(S7COMM) | APP(S7COMM_PLUS) | APP(ENIP) | APP(MODBUS) | APP(OMRON_FINS) | APP(SLMP) | APP(ADS))
#define STATIONS (APP(DNP3) | APP(IEC104))
#define RELAYS (APP(MMS) | APP(GOOSE) | APP(SV))
#define BUILDINGS (APP(BACNET) | APP(FOX))
#define FIELD (APP(PROFINET) | APP(PROFINET_IO))
#define DEVICES (PLCS | STATIONS | RELAYS | BUILDINGS | FIELD | APP(OPCUA) | APP(HART_IP) | APP(C37_118) | APP(LLRP))
#define SERVICES \
	(APP(HTTP) | APP(TLS) | APP(DNS) | APP(SSH) | APP(SMTP) | APP(FTP) | APP(SMB) | APP(DCERPC) | APP(HTTP2) | \
	 APP(IMAP) | APP(POP3) | APP(NTP) | APP(DHCP) | APP(TFTP) | APP(KRB5) | APP(NFS) | APP(RDP) | APP(RFB) | \
	 APP(LDAP) | APP(TELNET) | APP(NTRIP))

enum { HISTORIAN_DEVICES = 3 };

/* All that a row names must be so; what it does not name does not matter. */
struct rule {
	enum qw_role role;
	const char *word;      /* in what the host says that it is */
	uint64_t serves, uses; /* one of these */
	uint64_t serves_not;
	uint8_t deeds, deeds_not; /* one of these; none of those */
	uint32_t devices;      /* at least */
};

/* From what a host says itself down to what its protocols let one guess. */
static const struct rule rules[] = {
	{QW_ROLE_DRIVE, .word = "drive"},
	{QW_ROLE_DRIVE, .word = "inverter"},
	{QW_ROLE_DRIVE, .word = "sinamics"},
	{QW_ROLE_DRIVE, .word = "powerflex"},
	{QW_ROLE_DRIVE, .word = "altivar"},
	{QW_ROLE_DRIVE, .word = "micromaster"},
	{QW_ROLE_PANEL, .word = "panel"},
	{QW_ROLE_PANEL, .word = "hmi"},
	{QW_ROLE_SWITCH, .word = "scalance"},
	{QW_ROLE_SWITCH, .word = "switch"},
	{QW_ROLE_SWITCH, .word = "stratix"},
	{QW_ROLE_SWITCH, .word = "hirschmann"},
	{QW_ROLE_IO, .word = "et200"},
	{QW_ROLE_IO, .word = "et 200"},
	{QW_ROLE_READER, .serves = APP(LLRP)},
	{QW_ROLE_TRANSPONDER, .deeds = QW_DEED_SHIPS},
	{QW_ROLE_RECEIVER, .deeds = QW_DEED_LOCATES},
	{QW_ROLE_ENGINEERING, .deeds = QW_DEED_PROGRAMS, .serves_not = PLCS},
	{QW_ROLE_SCADA, .serves = APP(OPCUA), .uses = PLCS | STATIONS | RELAYS},
	{QW_ROLE_PLC, .serves = PLCS},
	{QW_ROLE_PLC, .deeds = QW_DEED_DRIVES},
	{QW_ROLE_RTU, .serves = STATIONS},
	{QW_ROLE_RELAY, .serves = RELAYS},
	{QW_ROLE_PMU, .serves = APP(C37_118)},
	{QW_ROLE_INSTRUMENT, .serves = APP(HART_IP)},
	{QW_ROLE_BUILDING, .serves = BUILDINGS},
	{QW_ROLE_IO, .serves = FIELD},
	{QW_ROLE_SCADA, .serves = APP(OPCUA)},
	{QW_ROLE_HISTORIAN, .uses = DEVICES, .deeds = QW_DEED_READS, .deeds_not = QW_DEED_WRITES, .devices = HISTORIAN_DEVICES},
	{QW_ROLE_HMI, .uses = DEVICES},
	{QW_ROLE_RECEIVER, .serves = APP(NMEA) | APP(RTCM)},
	{QW_ROLE_BROKER, .serves = APP(MQTT)},
	{QW_ROLE_SERVER, .serves = SERVICES},
};

static const char *const names[QW_ROLE_COUNT] = {
	[QW_ROLE_UNKNOWN] = "",
	[QW_ROLE_PLC] = "PLC",
	[QW_ROLE_DRIVE] = "drive",
	[QW_ROLE_PANEL] = "operator panel",
	[QW_ROLE_SWITCH] = "switch",
	[QW_ROLE_IO] = "I/O device",
	[QW_ROLE_RTU] = "RTU",
	[QW_ROLE_RELAY] = "protection relay",
	[QW_ROLE_PMU] = "phasor measurement unit",
	[QW_ROLE_INSTRUMENT] = "instrument",
	[QW_ROLE_BUILDING] = "building controller",
	[QW_ROLE_READER] = "RFID reader",
	[QW_ROLE_RECEIVER] = "position receiver",
	[QW_ROLE_TRANSPONDER] = "AIS transponder",
	[QW_ROLE_ENGINEERING] = "engineering station",
	[QW_ROLE_SCADA] = "SCADA server",
	[QW_ROLE_HISTORIAN] = "historian",
	[QW_ROLE_HMI] = "HMI",
	[QW_ROLE_BROKER] = "message broker",
	[QW_ROLE_SERVER] = "server",
};

const char *qw_role_name(enum qw_role role)
{
	return role < QW_ROLE_COUNT ? names[role] : "";
}

bool qw_role_is_industrial(enum qw_app app)
{
	return app == QW_APP_MQTT || (app >= QW_APP_MODBUS && app < QW_APP_COUNT);
}

static bool says(const struct qw_asset *asset, const char *word)
{
	return (asset->model[0] && strcasestr(asset->model, word)) || (asset->vendor[0] && strcasestr(asset->vendor, word));
}

static bool fits(const struct rule *rule, const struct qw_asset *asset)
{
	if (rule->word && !says(asset, rule->word))
		return false;
	if (rule->serves && !(asset->serves & rule->serves))
		return false;
	if (rule->uses && !(asset->uses & rule->uses))
		return false;
	if (rule->deeds && !(asset->deeds & rule->deeds))
		return false;
	return !(asset->serves & rule->serves_not) && !(asset->deeds & rule->deeds_not) && asset->devices >= rule->devices;
}

enum qw_role qw_role_of(const struct qw_asset *asset)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (fits(&rules[i], asset))
			return rules[i].role;
	return QW_ROLE_UNKNOWN;
}

/* ---- deeds */

struct word {
	const char *text; /* in lower case */
	enum qw_deed deed;
	bool whole;       /* the name is this word, not only one with it in it */
};

/* The first in it counts: "program_area_write" programs, "read_write_multiple_registers" writes. */
static const struct word words[] = {
	{"download", QW_DEED_PROGRAMS, false},
	{"upload", QW_DEED_PROGRAMS, false},
	{"program", QW_DEED_PROGRAMS, false},
	{"firmware", QW_DEED_PROGRAMS, false},
	{"pi_service", QW_DEED_PROGRAMS, false},
	{"plc_stop", QW_DEED_PROGRAMS, false},
	{"remote_", QW_DEED_PROGRAMS, false},
	{"restart", QW_DEED_PROGRAMS, false},
	{"write_control", QW_DEED_PROGRAMS, true},
	{"reinitializedevice", QW_DEED_PROGRAMS, true},
	{"c_rp_na_1", QW_DEED_PROGRAMS, true},
	{"start", QW_DEED_PROGRAMS, true},
	{"stop", QW_DEED_PROGRAMS, true},
	{"run", QW_DEED_PROGRAMS, true},
	{"reset", QW_DEED_PROGRAMS, true},
	{"kill", QW_DEED_PROGRAMS, true},
	{"start_appl", QW_DEED_PROGRAMS, true},
	{"stop_appl", QW_DEED_PROGRAMS, true},
	{"write", QW_DEED_WRITES, false},
	{"set_", QW_DEED_WRITES, false},
	{"setvariable", QW_DEED_WRITES, false},
	{"setmultivar", QW_DEED_WRITES, false},
	{"operate", QW_DEED_WRITES, false},
	{"select", QW_DEED_WRITES, true},
	{"force", QW_DEED_WRITES, false},
	{"memory_area_fill", QW_DEED_WRITES, true},
	{"c_sc_", QW_DEED_WRITES, false},
	{"c_dc_", QW_DEED_WRITES, false},
	{"c_rc_", QW_DEED_WRITES, false},
	{"c_se_", QW_DEED_WRITES, false},
	{"c_bo_", QW_DEED_WRITES, false},
	{"c_cs_", QW_DEED_WRITES, false},
	{"p_me_", QW_DEED_WRITES, false},
	{"call", QW_DEED_WRITES, true},
	{"invoke", QW_DEED_WRITES, true},
	{"read", QW_DEED_READS, false},
	{"get", QW_DEED_READS, false},
	{"monitor", QW_DEED_READS, false},
	{"c_ic_", QW_DEED_READS, false},
	{"c_ci_", QW_DEED_READS, false},
	{"subscribe", QW_DEED_READS, false},
	{"publish", QW_DEED_READS, true},
};

enum { NAME_MAX_BYTES = 64 };

static enum qw_deed deed_of_name(struct qw_slice name)
{
	char lower[NAME_MAX_BYTES];
	size_t len = name.len < sizeof(lower) - 1 ? name.len : sizeof(lower) - 1;

	for (size_t i = 0; i < len; i++)
		lower[i] = (char)tolower(name.data[i]);
	lower[len] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].whole ? strcmp(lower, words[i].text) == 0 : strstr(lower, words[i].text) != NULL)
			return words[i].deed;
	return 0;
}

enum qw_deed qw_deed_of(const struct qw_seen_ot *ot)
{
	enum qw_deed deed = deed_of_name(ot->service_name);

	if (deed == 0)
		deed = deed_of_name(ot->name);
	return deed ? deed : deed_of_name(ot->kind);
}
