/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/finding.h"

#include <string.h>

#include "quaywatch/text.h"

static void put_end(struct qw_event_writer *writer, const struct qw_seen_end *end, enum qw_event_key address,
		    enum qw_event_key port)
{
	if (!end->known)
		return;
	qw_event_put(writer, address, &end->address, sizeof(end->address));
	if (end->port)
		qw_event_put_u64(writer, port, end->port);
}

static void put_macs(struct qw_event_writer *writer, const struct qw_seen_end *src, const struct qw_seen_end *dst)
{
	if (src->has_mac)
		qw_event_put(writer, QW_KEY_ETHER_SRC, src->mac, sizeof(src->mac));
	if (dst->has_mac)
		qw_event_put(writer, QW_KEY_ETHER_DEST, dst->mac, sizeof(dst->mac));
}

static void put_ends(struct qw_event_writer *writer, const struct qw_finding *finding)
{
	const struct qw_seen *seen = finding->seen;
	const struct qw_seen_end *src = seen ? &seen->src : &finding->src, *dst = seen ? &seen->dst : &finding->dst;

	if (seen && seen->flow_id)
		qw_event_put_u64(writer, QW_KEY_FLOW_ID, seen->flow_id);
	if (seen && seen->vlan)
		qw_event_put_u64(writer, QW_KEY_VLAN, seen->vlan);
	put_end(writer, src, QW_KEY_SRC_IP, QW_KEY_SRC_PORT);
	put_end(writer, dst, QW_KEY_DEST_IP, QW_KEY_DEST_PORT);
	if (seen && seen->proto)
		qw_event_put_u64(writer, QW_KEY_PROTO, seen->proto);
	put_macs(writer, src, dst);
}

static void put_metadata(struct qw_event_writer *writer, const struct qw_finding_row *row)
{
	char memory[128];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	if (row->technique)
		qw_text_format(&text, "mitre_attack %s", row->technique);
	if (row->detection)
		qw_text_format(&text, "%squaywatch_detection %s", text.len ? ", " : "", row->detection);
	if (text.len && !text.cut)
		qw_event_put(writer, QW_KEY_ALERT_METADATA, text.at, text.len);
}

static void put_app(struct qw_event_writer *writer, const struct qw_finding *finding)
{
	const struct qw_seen *seen = finding->seen;

	if (!seen)
		qw_event_put_text(writer, QW_KEY_APP_PROTO, finding->app);
	else if (seen->app.len)
		qw_event_put(writer, QW_KEY_APP_PROTO, seen->app.data, seen->app.len);
	if (seen)
		qw_event_put_text(writer, QW_KEY_DIRECTION, seen->to_server ? "to_server" : "to_client");
}

void qw_finding_write(struct qw_event_writer *writer, const struct qw_finding *finding, uint64_t count)
{
	const struct qw_finding_row *row = finding->row;

	put_ends(writer, finding);
	qw_event_put_text(writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(writer, QW_KEY_ALERT_GID, QW_FINDING_GID);
	qw_event_put_u64(writer, QW_KEY_ALERT_SIGNATURE_ID, row->sid);
	qw_event_put_u64(writer, QW_KEY_ALERT_REV, 1);
	qw_event_put_text(writer, QW_KEY_ALERT_SIGNATURE, row->text);
	qw_event_put_text(writer, QW_KEY_ALERT_CATEGORY, row->category);
	qw_event_put_u64(writer, QW_KEY_ALERT_SEVERITY, row->severity);
	put_metadata(writer, row);
	put_app(writer, finding);
	qw_event_put_text(writer, QW_KEY_ORIGIN, "pack");
	qw_event_put_u64(writer, QW_KEY_COUNT_ADDED, count);
	qw_event_put_text(writer, QW_KEY_TEXT, finding->detail);
}

struct qw_time qw_finding_time(const struct qw_finding *finding)
{
	return finding->seen ? finding->seen->time : finding->time;
}

static void name_end(uint8_t out[16], const struct qw_seen_end *end)
{
	memset(out, 0, 16);
	if (end->known)
		memcpy(out, end->address.bytes, sizeof(end->address.bytes));
	else if (end->has_mac)
		memcpy(out, end->mac, sizeof(end->mac));
}

struct qw_finding_key qw_finding_key(const struct qw_finding *finding)
{
	const struct qw_seen *seen = finding->seen;
	struct qw_finding_key key = {.sid = finding->row->sid, .what = finding->what};

	name_end(key.ends[0], seen ? qw_seen_client(seen) : &finding->src);
	name_end(key.ends[1], seen ? qw_seen_server(seen) : &finding->dst);
	return key;
}
