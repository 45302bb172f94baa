/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/alarm.h"

#include <ctype.h>
#include <string.h>

#include "quaywatch/text.h"

enum { VERSION_BYTES = 128, VERSIONS_TEXT = 2 * (VERSION_BYTES * 4 + 64) };

static const struct {
	uint8_t severity;
	const char *text;
} rows[QW_ALARM_COUNT] = {
    [QW_ALARM_STREAM_OVERLAP] = {2, "two versions of the same TCP bytes were sent (payload shows both): evasion, or a "
				    "broken stack; find out which one the receiver's system keeps"},
    [QW_ALARM_FRAGMENT_OVERLAP] = {2, "two versions of the same bytes of a fragmented packet were sent (payload shows "
				      "both): evasion; find out which one the receiver's system keeps"},
    [QW_ALARM_STREAM_MEMORY] = {3, "no memory for TCP data out of order: parts of streams were not looked at; raise "
				   "stream.mb, or look for packets lost at the mirror port"},
    [QW_ALARM_FRAGMENT_MEMORY] = {3, "no memory for fragments: packets were not put together; raise defrag.mb, "
				     "or look for a flood of fragments"},
    [QW_ALARM_FLOW_MEMORY] = {3, "no room for flows: the oldest were given up; raise flow.count, or look for a scan or "
				 "a flood"},
    [QW_ALARM_PARSER_MEMORY] = {3, "no memory for protocol parsers: flows go on without names, headers and files; "
				   "raise protocol.mb"},
    [QW_ALARM_BODY_MEMORY] = {3, "a name, body or file was larger than is kept: its rest was not looked at"},
    [QW_ALARM_STATE_MEMORY] = {3, "no room to remember streams and transactions that rules wait for: late matches may "
				  "be missed; raise stream.windows"},
    [QW_ALARM_CANDIDATES] = {3, "more rules fitted one piece of data than are tried: some were left out; look for "
				"rules without a content"},
    [QW_ALARM_URGENT] = {3, "TCP urgent data: receivers read it in line or leave the urgent byte out (payload shows both); rules "
			    "on payload saw both, protocol parsers the first; look at the sender unless this is telnet or FTP"},
    [QW_ALARM_LAYERS] = {2, "packets in packets, or fragments in fragments, deeper than is looked (payload shows where it ended): "
			    "no honest network nests so; find out what the sender hides"},
    [QW_ALARM_FLOW_STATES] = {3, "no room for what rules remember of flows (flowbits, flowint): the oldest was forgotten, and rules "
				 "that ask for it miss; raise rules.flow_state_mb, or look for rules that set more than 12 bits of "
				 "one flow"},
    [QW_ALARM_HOST_STATES] = {3, "no room for what rules remember of hosts (xbits, thresholds): the oldest was forgotten, rules that "
				 "ask for it miss, and counts begin anew; raise rules.state_mb, or look for a scan or a flood"},
};

uint32_t qw_alarm_sid(enum qw_alarm alarm)
{
	return 1 + (uint32_t)alarm;
}

static struct qw_engine_alert alert_of(enum qw_alarm alarm, uint64_t count)
{
	return (struct qw_engine_alert){
	    .sid = qw_alarm_sid(alarm), .severity = rows[alarm].severity, .text = rows[alarm].text, .count = count};
}

/* As a rule's content would have it: printable as it is, the rest between bars. */
static void put_version(struct qw_text *text, const char *name, struct qw_slice data)
{
	size_t len = data.len < VERSION_BYTES ? data.len : VERSION_BYTES;
	bool hex = false;

	qw_text_put(text, name, strlen(name));
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = data.data[i];
		bool plain = isprint(byte) && byte != '|' && byte != '"' && byte != ';' && byte != '\\';
		if (plain == hex)
			qw_text_char(text, '|');
		else if (hex)
			qw_text_char(text, ' ');
		hex = !plain;
		if (plain)
			qw_text_char(text, (char)byte);
		else
			qw_text_hex(text, &byte, 1);
	}
	if (hex)
		qw_text_char(text, '|');
	qw_text_char(text, '\n');
}

void qw_alarm(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_alarm alarm, struct qw_slice taken,
	      struct qw_slice other)
{
	char memory[VERSIONS_TEXT];
	struct qw_engine_alert alert = alert_of(alarm, 1);
	struct qw_scene shown = *scene;
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	put_version(&text, "taken: ", taken);
	put_version(&text, "other: ", other);
	shown.payload = qw_slice((const uint8_t *)text.at, text.len);
	qw_report_engine(reporter, &shown, &alert);
}

void qw_alarm_scene(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_alarm alarm)
{
	struct qw_engine_alert alert = alert_of(alarm, 1);
	struct qw_scene shown = *scene;

	shown.payload = qw_slice(scene->packet->payload, scene->packet->payload_len);
	qw_report_engine(reporter, &shown, &alert);
}

void qw_alarm_count(struct qw_reporter *reporter, struct qw_alarm_watch *watch, enum qw_alarm alarm, uint64_t count,
		    struct qw_time now, bool last_call)
{
	uint64_t grown = count - watch->told[alarm];
	int64_t since = now.ns - watch->last[alarm].ns;

	/* A clock that leapt back is another capture's. */
	if (grown == 0 || (!last_call && watch->told[alarm] && since >= 0 && since < QW_ALARM_SECONDS * QW_NS_PER_S))
		return;
	struct qw_engine_alert alert = alert_of(alarm, grown);
	watch->told[alarm] = count;
	watch->last[alarm] = now;
	qw_report_engine_count(reporter, now, &alert);
}
