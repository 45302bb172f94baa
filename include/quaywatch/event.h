/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - one record for people, from a worker to whatever writes it down.
 *
 * A flat list of (key, bytes) behind a small head, without pointers, so that
 * it crosses a process border in a ring as it stands.  The keys are rows of
 * one table (sensor/export/eve_keys.c) which says where each stands in EVE's JSON
 * and what kind of thing it is; redaction acts on kinds, in the exporter,
 * before a sequence is given.  The reader trusts no length in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"

enum qw_event_type {
	QW_EVENT_ALERT,
	QW_EVENT_FLOW,
	QW_EVENT_DNS,
	QW_EVENT_HTTP,
	QW_EVENT_TLS,
	QW_EVENT_OT,
	QW_EVENT_ASSET,
	QW_EVENT_STATS,
	QW_EVENT_PROPOSAL, /* never written as EVE: what a signature offers to share */
	QW_EVENT_PACKET,   /* that a rule's tag asked for; cannot be asked for otherwise */
	QW_EVENT_COUNT
};

enum { QW_EVENT_MAX = 32 * 1024 };

/* Each key once; the order is that of the JSON. */
enum qw_event_key {
	QW_KEY_FLOW_ID, /* u64 */
	QW_KEY_IN_IFACE,
	QW_KEY_VLAN,    /* u16 each, repeated */
	QW_KEY_SRC_IP,  /* struct qw_address */
	QW_KEY_SRC_PORT,
	QW_KEY_DEST_IP,
	QW_KEY_DEST_PORT,
	QW_KEY_PROTO,
	QW_KEY_ETHER_SRC, /* 6 bytes */
	QW_KEY_ETHER_DEST,
	QW_KEY_ETHER_TYPE, /* of what is not IP */
	QW_KEY_ICMP_TYPE,
	QW_KEY_ICMP_CODE,
	QW_KEY_COMMUNITY_ID,
	QW_KEY_TX_ID,
	QW_KEY_ALERT_ACTION,
	QW_KEY_ALERT_GID,
	QW_KEY_ALERT_SIGNATURE_ID,
	QW_KEY_ALERT_REV,
	QW_KEY_ALERT_SIGNATURE,
	QW_KEY_ALERT_CATEGORY,
	QW_KEY_ALERT_SEVERITY,
	QW_KEY_ALERT_METADATA, /* "key value, key value" */
	QW_KEY_ALERT_REFERENCES,
	QW_KEY_ALERT_CONTEXT, /* a name, a zero byte, a JSON object; repeated */
	QW_KEY_ALERT_SOURCE_IP, /* who attacks whom, where the rule says so */
	QW_KEY_ALERT_SOURCE_PORT,
	QW_KEY_ALERT_TARGET_IP,
	QW_KEY_ALERT_TARGET_PORT,
	QW_KEY_APP_PROTO,
	QW_KEY_DIRECTION, /* "to_server", "to_client" */
	QW_KEY_FLOWBITS,  /* names, one a line: what rules remember of the flow */
	QW_KEY_FLOWINTS,  /* "name number", one a line */
	QW_KEY_TRAFFIC_ID, /* flow bits called traffic/id/NAME, one a line */
	QW_KEY_TRAFFIC_LABEL,
	QW_KEY_DNS_TYPE,
	QW_KEY_DNS_ID,
	QW_KEY_DNS_FLAGS,
	QW_KEY_DNS_RRNAME,
	QW_KEY_DNS_RRTYPE,
	QW_KEY_DNS_RCODE,
	QW_KEY_DNS_OPCODE,
	QW_KEY_DNS_ANSWER_RRNAME, /* each of these four begins or continues an answer */
	QW_KEY_DNS_ANSWER_RRTYPE,
	QW_KEY_DNS_ANSWER_TTL,
	QW_KEY_DNS_ANSWER_RDATA,
	QW_KEY_HTTP_HOSTNAME,
	QW_KEY_HTTP_PORT,
	QW_KEY_HTTP_URL,
	QW_KEY_HTTP_USER_AGENT,
	QW_KEY_HTTP_REFERER,
	QW_KEY_HTTP_CONTENT_TYPE,
	QW_KEY_HTTP_METHOD,
	QW_KEY_HTTP_PROTOCOL,
	QW_KEY_HTTP_STATUS,
	QW_KEY_HTTP_LENGTH,
	QW_KEY_TLS_SUBJECT,
	QW_KEY_TLS_ISSUERDN,
	QW_KEY_TLS_SERIAL,
	QW_KEY_TLS_FINGERPRINT,
	QW_KEY_TLS_SNI,
	QW_KEY_TLS_VERSION,
	QW_KEY_TLS_ALPN,
	QW_KEY_TLS_JA3_HASH,
	QW_KEY_TLS_JA3_STRING,
	QW_KEY_TLS_JA3S_HASH,
	QW_KEY_TLS_JA3S_STRING,
	QW_KEY_TLS_JA4,
	QW_KEY_OT_PROTOCOL,
	QW_KEY_OT_FUNCTION,
	QW_KEY_OT_KIND,
	QW_KEY_OT_NAME,
	QW_KEY_OT_DIRECTION, /* "request", "response" */
	QW_KEY_OT_STATUS,    /* of responses: "ok", "error" */
	QW_KEY_OT_ERROR,     /* the protocol's number */
	QW_KEY_OT_ERROR_NAME,
	QW_KEY_OT_EXTENDED_STATUS,
	QW_KEY_OT_SEQUENCE,  /* what pairs request and response: transaction, sequence, context */
	QW_KEY_OT_STATE, /* number of the state that the sequence began anew for */
	QW_KEY_OT_ACKNOWLEDGED, /* sequence number that is expected next */
	QW_KEY_OT_MISSING, /* messages before this one that were not seen */
	QW_KEY_OT_UNIT,
	QW_KEY_OT_SOURCE,    /* the protocol's own addresses */
	QW_KEY_OT_SOURCE_NET, /* text: where they have two parts */
	QW_KEY_OT_DESTINATION,
	QW_KEY_OT_DESTINATION_NET,
	QW_KEY_OT_FORWARDED_FOR, /* text: who sent it to whom sends it on */
	QW_KEY_OT_HOPS, /* that are left */
	QW_KEY_OT_SESSION,
	QW_KEY_OT_CONNECTION, /* text: a UUID */
	QW_KEY_OT_LIFETIME, /* milliseconds until the next message is due */
	QW_KEY_OT_CONFIGURATION, /* revision of what sender and receivers agreed on */
	QW_KEY_OT_SYNCHRONISATION,
	QW_KEY_OT_COMMAND,   /* of a protocol inside: PCCC */
	QW_KEY_OT_SUBFUNCTION,
	QW_KEY_OT_SERVICE, /* where the function is a kind of message */
	QW_KEY_OT_SERVICE_NAME,
	QW_KEY_OT_CAUSE, /* of transmission */
	QW_KEY_OT_CAUSE_NAME,
	QW_KEY_OT_CLASS,
	QW_KEY_OT_INSTANCE,
	QW_KEY_OT_ATTRIBUTE,
	QW_KEY_OT_INDEX,
	QW_KEY_OT_RACK,
	QW_KEY_OT_SLOT,
	QW_KEY_OT_SUBSLOT,
	QW_KEY_OT_ADDRESS,   /* of the first register, coil, point … */
	QW_KEY_OT_QUANTITY,
	QW_KEY_OT_VALUE,
	QW_KEY_OT_VALUES, /* text: "21.5, on" */
	QW_KEY_OT_QUALIFIER, /* of a command */
	QW_KEY_OT_PRIORITY,
	QW_KEY_OT_TIME, /* that a command sets */
	QW_KEY_OT_OBJECTS,   /* text: "12.1, 60.2" */
	QW_KEY_OT_TYPES, /* text: "boolean x7, integer" */
	QW_KEY_OT_CONTROL_BLOCK, /* texts: what publishes, what, under which name */
	QW_KEY_OT_DATA_SET,
	QW_KEY_OT_STREAM,
	QW_KEY_OT_IP, /* struct qw_address each: of whom it tells */
	QW_KEY_OT_NETMASK,
	QW_KEY_OT_GATEWAY,
	QW_KEY_OT_MAC, /* 6 bytes */
	QW_KEY_OT_TARGET_IP,
	QW_KEY_OT_TARGET_MAC,
	QW_KEY_OT_BEFORE_MAC, /* who had the address before */
	QW_KEY_OT_CHASSIS, /* texts */
	QW_KEY_OT_PORT,
	QW_KEY_OT_PORT_DESCRIPTION,
	QW_KEY_OT_INDICATIONS,
	QW_KEY_OT_MESSAGE_TYPE, /* where the kind is its name */
	QW_KEY_OT_STATION, /* of a reference network */
	QW_KEY_OT_MOUNT_POINT,
	QW_KEY_OT_TALKER,  /* of a sentence, from here: two letters */
	QW_KEY_OT_FORMATTER,
	QW_KEY_OT_SENDER,  /* text: as the sentence's own head names it */
	QW_KEY_OT_RECEIVER,
	QW_KEY_OT_GROUP,   /* text: "1-2-34" */
	QW_KEY_OT_FIELDS,  /* text: as sent */
	QW_KEY_OT_MMSI,
	QW_KEY_OT_IMO,
	QW_KEY_OT_CALL_SIGN,
	QW_KEY_OT_DATE,    /* "2026-11-23" */
	QW_KEY_OT_LATITUDE, /* decimals, from here: degrees */
	QW_KEY_OT_LONGITUDE,
	QW_KEY_OT_ALTITUDE, /* metres */
	QW_KEY_OT_SPEED,   /* knots */
	QW_KEY_OT_COURSE,  /* degrees */
	QW_KEY_OT_HEADING,
	QW_KEY_OT_TURN,    /* degrees a minute, to starboard */
	QW_KEY_OT_HDOP,
	QW_KEY_OT_QUALITY, /* numbers */
	QW_KEY_OT_SATELLITES,
	QW_KEY_OT_NAVIGATION, /* text: "moored" */
	QW_KEY_OT_DIMENSIONS, /* text: to bow, stern, port and starboard in metres */
	QW_KEY_OT_DRAUGHT, /* metres */
	QW_KEY_OT_BOUND_FOR, /* text */
	QW_KEY_OT_ETA,
	QW_KEY_OT_TEXT,
	QW_KEY_OT_POLICY, /* of security: a URI */
	QW_KEY_OT_MODE, /* of security */
	QW_KEY_OT_USER, /* how, and as whom, somebody logs in */
	QW_KEY_OT_URL,
	QW_KEY_OT_VENDOR,    /* what a device says of itself, from here */
	QW_KEY_OT_PRODUCT,
	QW_KEY_OT_PRODUCT_CODE,
	QW_KEY_OT_REVISION,
	QW_KEY_OT_DEVICE_TYPE,
	QW_KEY_OT_SERIAL,
	QW_KEY_OT_SERIAL_NUMBER, /* text: of those that have letters in it */
	QW_KEY_OT_DEVICE, /* its number in the protocol */
	QW_KEY_OT_DEVICE_NAME,
	QW_KEY_OT_DESCRIPTION,
	QW_KEY_OT_SERIAL_TEXT, /* where it is no number */
	QW_KEY_FLOW_PKTS_TOSERVER,
	QW_KEY_FLOW_PKTS_TOCLIENT,
	QW_KEY_FLOW_BYTES_TOSERVER,
	QW_KEY_FLOW_BYTES_TOCLIENT,
	QW_KEY_FLOW_START, /* i64 nanoseconds */
	QW_KEY_FLOW_END,
	QW_KEY_FLOW_AGE,   /* seconds */
	QW_KEY_FLOW_STATE, /* "new", "established", "closed" */
	QW_KEY_FLOW_REASON, /* "timeout", "forced", "shutdown" */
	QW_KEY_ASSET_ADDRESS, /* struct qw_address; of a host that is there, from here */
	QW_KEY_ASSET_MAC,
	QW_KEY_ASSET_NAME, /* as the inventory calls it, or as it calls itself */
	QW_KEY_ASSET_ROLE,
	QW_KEY_ASSET_AREA,
	QW_KEY_ASSET_CRITICALITY,
	QW_KEY_ASSET_VENDOR,
	QW_KEY_ASSET_OUI_VENDOR, /* who made its network card */
	QW_KEY_ASSET_MODEL,
	QW_KEY_ASSET_FIRMWARE,
	QW_KEY_ASSET_SERIAL,
	QW_KEY_ASSET_SERVED, /* protocols, one a line */
	QW_KEY_ASSET_USED,
	QW_KEY_ASSET_FIRST_SEEN, /* i64 nanoseconds */
	QW_KEY_ASSET_LAST_SEEN,
	QW_KEY_PAYLOAD,    /* bytes; written as base64, and never leaves the tenant */
	QW_KEY_PAYLOAD_DIGEST, /* in its place where the tenant keeps it (sensor/export/vault.h) */
	/* what follows stands in the object "quaywatch" */
	QW_KEY_ORIGIN,
	QW_KEY_NDPI,
	QW_KEY_COUNT_ADDED,
	QW_KEY_INDICATOR_ID,
	QW_KEY_INDICATOR_TYPE,
	QW_KEY_INDICATOR_VALUE,
	QW_KEY_INDICATOR_SOURCE,
	QW_KEY_INDICATOR_CONFIDENCE,
	QW_KEY_INDICATOR_TLP,
	QW_KEY_INDICATOR_SEEN,
	QW_KEY_SRC_ASSET_NAME, /* of the hosts at both ends, from here: as the inventory has them, or as they showed */
	QW_KEY_SRC_ASSET_ROLE,
	QW_KEY_SRC_ASSET_AREA,
	QW_KEY_SRC_ASSET_CRITICALITY,
	QW_KEY_DEST_ASSET_NAME,
	QW_KEY_DEST_ASSET_ROLE,
	QW_KEY_DEST_ASSET_AREA,
	QW_KEY_DEST_ASSET_CRITICALITY,
	QW_KEY_TEXT,       /* what happened, as one sentence */
	QW_KEY_WORDS,      /* the same with the names that the tenant gives its hosts; written in its place where that is allowed */
	QW_KEY_SHARE,      /* u64, enum qw_share: what may be proposed; not written, nor what follows */
	QW_KEY_WATCH_ONLY, /* nobody asked for it: it is for the watch alone */
	QW_KEY_WATCH_BEGINS, /* of flows: this one begins (and ends, if it has a reason) */
	QW_KEY_WATCH_COUNT, /* how often the same came since it was told last */
	QW_KEY_WATCH_SHORTEST, /* nanoseconds between two of them */
	QW_KEY_WATCH_LONGEST,
	QW_KEY_WATCH_SINCE,
	QW_KEY_WATCH_PRINT, /* what it is told under, of this worker */
	QW_KEY_WATCH_SILENT, /* nanoseconds since it came last: it came steadily, and stopped */
	QW_KEY_COUNT
};

struct qw_event {
	uint32_t type; /* enum qw_event_type */
	uint32_t len;  /* bytes of body in use */
	int64_t time_ns;
	uint8_t body[]; /* { uint16_t key; uint16_t len; bytes, padded to 4 } … */
};

/* A worker's event under construction, in memory of `room` bytes, aligned to 8. */
struct qw_event_writer {
	struct qw_event *event;
	size_t room; /* of body */
	bool cut;    /* a field did not fit and was left out */
};

void qw_event_begin(struct qw_event_writer *writer, void *memory, size_t size, enum qw_event_type type, struct qw_time time);
void qw_event_put(struct qw_event_writer *writer, enum qw_event_key key, const void *data, size_t len);
void qw_event_put_u64(struct qw_event_writer *writer, enum qw_event_key key, uint64_t value);
/* `decimals` of its digits stand behind the point; 9 bytes: the number, then that. */
void qw_event_put_decimal(struct qw_event_writer *writer, enum qw_event_key key, int64_t value, uint8_t decimals);
void qw_event_put_text(struct qw_event_writer *writer, enum qw_event_key key, const char *text); /* NULL or "": left out */

/* Bytes of the whole event. */
static inline size_t qw_event_size(const struct qw_event *event)
{
	return sizeof(*event) + event->len;
}

/* Walks the fields of an event of `size` bytes.  QW_EFORMAT: lengths do not fit, or a key is unknown. */
struct qw_event_reader {
	const uint8_t *at;
	size_t left;
};
enum qw_err qw_event_open(struct qw_event_reader *reader, const void *data, size_t size, const struct qw_event **event) QW_MUSTCHECK;
bool qw_event_next(struct qw_event_reader *reader, enum qw_event_key *key, const uint8_t **data, size_t *len);
