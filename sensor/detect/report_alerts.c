/* SPDX-License-Identifier: Apache-2.0 */
/* report_alerts - alerts of rules, of indicators and of the sensor itself; folded, or held back while a packet is judged. */
#include "sensor/detect/report_parts.h"

#include <stdio.h>
#include <string.h>

#include "sensor/detect/facts.h"

enum {
	GID_INDICATOR = 2,
	GID_ENGINE = 4,
	CONTEXT_MAX = QW_CONTEXT_KEY_MAX + 1 + QW_CONTEXT_JSON_MAX,
};

/* What makes two alerts the same. */
static uint64_t hash_of(const struct qw_reporter *reporter, const struct qw_scene *scene, uint64_t what)
{
	static const struct qw_address nobody;
	const struct qw_address *src = &nobody, *dst = &nobody;
	struct qw_address ends[2] = {0}; /* of what is not IP */

	if (scene->packet && !(scene->packet->flags & QW_PACKET_IP) && scene->packet->mac) {
		memcpy(ends[0].bytes, scene->packet->mac + 6, 6);
		memcpy(ends[1].bytes, scene->packet->mac, 6);
		src = &ends[0];
		dst = &ends[1];
	} else if (scene->packet) {
		src = &scene->packet->src;
		dst = &scene->packet->dst;
	} else {
		src = scene->direction == QW_TO_SERVER ? qw_flow_client(scene->flow) : qw_flow_server(scene->flow);
		dst = scene->direction == QW_TO_SERVER ? qw_flow_server(scene->flow) : qw_flow_client(scene->flow);
	}
	return qw_fold_hash(reporter->fold, what, src, dst);
}

/* Counts an alert; false: it was folded, there is nothing to write. */
static bool is_first(struct qw_reporter *reporter, struct qw_time time, uint64_t hash)
{
	reporter->counters.alerts++;
	return !qw_fold_count(reporter->fold, hash, time);
}

static void finish_alert(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene,
			 uint64_t hash)
{
	qw_fold_begin(reporter->fold, hash, qw_report_time(scene), writer->event, qw_event_size(writer->event));
	qw_report_emit(reporter, writer);
}

/* Who attacks whom, where the rule says which end is the target. */
static void put_target(struct qw_event_writer *writer, const struct qw_scene *scene, enum qw_signature_target target)
{
	struct qw_facts facts;

	if (target == QW_TARGET_UNSAID)
		return;
	if (scene->packet)
		qw_facts_of_packet(&facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&facts, scene->flow, scene->direction);
	bool src = target == QW_TARGET_SRC, ports = qw_report_has_ports(facts.proto);
	qw_event_put(writer, QW_KEY_ALERT_SOURCE_IP, src ? &facts.dst : &facts.src, sizeof(facts.src));
	if (ports)
		qw_event_put_u64(writer, QW_KEY_ALERT_SOURCE_PORT, src ? facts.dport : facts.sport);
	qw_event_put(writer, QW_KEY_ALERT_TARGET_IP, src ? &facts.src : &facts.dst, sizeof(facts.src));
	if (ports)
		qw_event_put_u64(writer, QW_KEY_ALERT_TARGET_PORT, src ? facts.sport : facts.dport);
}

static const char *action_text(enum qw_signature_action action)
{
	return action == QW_ACTION_PASS ? "pass" : "allowed"; /* a passive sensor blocks nothing */
}

/* What the sets say that the rule asked. */
static void put_contexts(struct qw_event_writer *writer, const struct qw_signature *signature)
{
	char memory[CONTEXT_MAX];
	struct qw_text text;

	for (uint32_t i = 0; i < signature->context_count; i++) {
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_put(&text, signature->contexts[i].key, strlen(signature->contexts[i].key) + 1);
		qw_text_put(&text, signature->contexts[i].json, strlen(signature->contexts[i].json));
		writer->cut |= text.cut;
		if (!text.cut)
			qw_event_put(writer, QW_KEY_ALERT_CONTEXT, text.at, text.len);
	}
}

void qw_report_signature(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_signature *signature)
{
	struct qw_event_writer writer;
	uint64_t hash = hash_of(reporter, scene, (uint64_t)signature->gid << 32 | signature->sid);

	if (!reporter->holding && !is_first(reporter, qw_report_time(scene), hash))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, qw_report_time(scene));
	qw_report_head(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ALERT_ACTION, action_text(signature->action));
	qw_event_put_u64(&writer, QW_KEY_ALERT_GID, signature->gid);
	qw_event_put_u64(&writer, QW_KEY_ALERT_SIGNATURE_ID, signature->sid);
	qw_event_put_u64(&writer, QW_KEY_ALERT_REV, signature->rev);
	qw_event_put(&writer, QW_KEY_ALERT_SIGNATURE, signature->msg, strlen(signature->msg));
	qw_event_put(&writer, QW_KEY_ALERT_CATEGORY, signature->category, strlen(signature->category));
	qw_event_put_u64(&writer, QW_KEY_ALERT_SEVERITY, signature->priority);
	qw_event_put_text(&writer, QW_KEY_ALERT_METADATA, signature->metadata);
	qw_event_put_text(&writer, QW_KEY_ALERT_REFERENCES, signature->references);
	put_contexts(&writer, signature);
	put_target(&writer, scene, signature->target);
	qw_report_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, signature->gid == 3 ? "pack" : "signature");
	qw_report_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	if (signature->share)
		qw_event_put_u64(&writer, QW_KEY_SHARE, signature->share);
	if (reporter->holding && qw_hold_put(&reporter->hold, hash, writer.event))
		return;
	if (!reporter->holding || is_first(reporter, qw_report_time(scene), hash))
		finish_alert(reporter, &writer, scene, hash);
}

void qw_report_hold(struct qw_reporter *reporter)
{
	reporter->holding = true;
}

void qw_report_release(struct qw_reporter *reporter, bool passed)
{
	const struct qw_event *event;
	size_t at = 0;
	uint64_t hash;

	while (!passed && (event = qw_hold_next(&reporter->hold, &at, &hash))) {
		if (!is_first(reporter, qw_time_ns(event->time_ns), hash))
			continue;
		qw_fold_begin(reporter->fold, hash, qw_time_ns(event->time_ns), event, qw_event_size(event));
		qw_report_emit_folded(reporter, event, qw_event_size(event));
	}
	reporter->hold.used = 0;
	reporter->holding = false;
}

/* 1 for what is nearly certain, 3 for a hint. */
static uint64_t severity_of(uint8_t confidence)
{
	return confidence >= 75 ? 1 : confidence >= 40 ? 2 : 3;
}

void qw_report_indicator(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_hit *hit)
{
	struct qw_event_writer writer;
	char text[QW_OBSERVABLE_TEXT_MAX + 64];
	const char *type = qw_observable_type_name(hit->type);
	uint64_t hash = hash_of(reporter, scene, hit->id);

	if (!is_first(reporter, qw_report_time(scene), hash))
		return;
	int len = snprintf(text, sizeof(text), "indicator %s %s", type, hit->value);
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, qw_report_time(scene));
	qw_report_head(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(&writer, QW_KEY_ALERT_GID, GID_INDICATOR);
	qw_event_put_u64(&writer, QW_KEY_ALERT_SIGNATURE_ID, (uint64_t)hit->type + 1);
	qw_event_put_u64(&writer, QW_KEY_ALERT_REV, 1);
	qw_event_put(&writer, QW_KEY_ALERT_SIGNATURE, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
	qw_event_put_text(&writer, QW_KEY_ALERT_CATEGORY, "Traffic with a listed indicator");
	qw_event_put_u64(&writer, QW_KEY_ALERT_SEVERITY, severity_of(hit->confidence));
	qw_report_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "indicator");
	qw_report_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	qw_event_put_u64(&writer, QW_KEY_INDICATOR_ID, hit->id);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_TYPE, type);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_VALUE, hit->value);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_SOURCE, hit->source);
	qw_event_put_u64(&writer, QW_KEY_INDICATOR_CONFIDENCE, hit->confidence);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_TLP, qw_tlp_name(hit->tlp));
	if (hit->seen != QW_PREVALENCE_UNTOLD)
		qw_event_put_text(&writer, QW_KEY_INDICATOR_SEEN, qw_prevalence_name(hit->seen));
	finish_alert(reporter, &writer, scene, hash);
}

static void put_engine_alert(struct qw_event_writer *writer, const struct qw_engine_alert *alert)
{
	qw_event_put_text(writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(writer, QW_KEY_ALERT_GID, GID_ENGINE);
	qw_event_put_u64(writer, QW_KEY_ALERT_SIGNATURE_ID, alert->sid);
	qw_event_put_u64(writer, QW_KEY_ALERT_REV, 1);
	qw_event_put_text(writer, QW_KEY_ALERT_SIGNATURE, alert->text);
	qw_event_put_text(writer, QW_KEY_ALERT_CATEGORY, "Of the sensor itself");
	qw_event_put_u64(writer, QW_KEY_ALERT_SEVERITY, alert->severity);
}

void qw_report_engine(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_engine_alert *alert)
{
	struct qw_event_writer writer;
	uint64_t hash = hash_of(reporter, scene, (uint64_t)GID_ENGINE << 32 | alert->sid);

	if (!is_first(reporter, qw_report_time(scene), hash))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, qw_report_time(scene));
	qw_report_head(reporter, &writer, scene);
	put_engine_alert(&writer, alert);
	qw_report_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "engine");
	qw_report_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, alert->count);
	finish_alert(reporter, &writer, scene, hash);
}

void qw_report_engine_count(struct qw_reporter *reporter, struct qw_time now, const struct qw_engine_alert *alert)
{
	struct qw_event_writer writer;

	reporter->counters.alerts += alert->count;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, now);
	put_engine_alert(&writer, alert);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "engine");
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, alert->count);
	qw_report_emit(reporter, &writer);
}
