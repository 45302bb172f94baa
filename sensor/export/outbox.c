/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"
#include "quaywatch/wire.h"

enum {
	BATCH_BYTES = 256 * 1024, /* of alerts in one frame */
	HEAD_MAX = 64,            /* of a frame before its alerts */
	FLIGHTS_MAX = 4096,       /* batches that wait for an acknowledgement */
	MEND_MS = 1000,           /* between two tries to write down what the ledger lacks */
};

/* A batch that was sent. */
struct flight {
	uint64_t epoch, last;
	uint32_t alerts;
};

struct qw_outbox {
	struct qw_spool *spool;
	struct qw_session *session;
	struct qw_ledger *ledger; /* NULL: nothing is written down */
	uint64_t ledger_epoch;
	bool behind;              /* the ledger lacks what the spool has: nothing leaves until it has it */
	struct qw_time tried;     /* to write that down, monotonic */
	bool open;       /* welcomed: may send */
	uint32_t credit; /* alerts that may be unacknowledged */
	uint32_t out;    /* alerts that are */
	struct flight flight[FLIGHTS_MAX]; /* a circle: oldest at `first` */
	unsigned first, flights;
	/* the batch being gathered */
	uint64_t epoch, begin, next;
	uint32_t count;
	size_t len;
	bool holds; /* a record was read that the gathered batch has no place for */
	struct qw_spool_record held;
	uint8_t held_data[QW_SPOOL_RECORD_MAX];
	struct qw_outbox_counters counters;
	uint8_t body[BATCH_BYTES + QW_SPOOL_RECORD_MAX];
	uint8_t frame[HEAD_MAX + BATCH_BYTES + QW_SPOOL_RECORD_MAX];
};

enum qw_err qw_outbox_new(struct qw_outbox **out, struct qw_spool *spool, struct qw_session *session)
{
	struct qw_outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		return QW_ENOMEM;
	outbox->spool = spool;
	outbox->session = session;
	*out = outbox;
	return QW_OK;
}

void qw_outbox_free(struct qw_outbox *outbox)
{
	free(outbox);
}

/* ---- the ledger has what the spool has, before it leaves */

/*
 * A record goes into the spool first, then into the ledger.  Where the second
 * did not happen (the process died, the disk was full), the spool's records
 * behind the ledger's last are written down when it can be done again.
 */

static bool spool_has(struct qw_outbox *outbox, uint64_t epoch)
{
	struct qw_spool_record record;
	bool found = false;

	qw_spool_rewind(outbox->spool);
	while (!found && qw_spool_read(outbox->spool, &record) == QW_OK)
		found = record.epoch == epoch;
	return found;
}

static enum qw_err write_down(struct qw_outbox *outbox, const struct qw_spool_record *record)
{
	struct qw_ledger_record row = {
		.time_ns = qw_time_wall().ns,
		.epoch = record->epoch,
		.sequence = record->sequence,
		.mended = true,
		.data = record->data,
	};

	return qw_ledger_append(outbox->ledger, &row);
}

static enum qw_err mend(struct qw_outbox *outbox)
{
	struct qw_spool_record record;
	uint64_t epoch, sequence, written = 0;
	enum qw_err err = QW_OK;

	qw_ledger_last(outbox->ledger, &epoch, &sequence);
	bool reached = !spool_has(outbox, epoch); /* then all of it came later */
	qw_spool_rewind(outbox->spool);
	while (err == QW_OK && qw_spool_read(outbox->spool, &record) == QW_OK) {
		reached |= record.epoch == epoch;
		if (!reached || (record.epoch == epoch && record.sequence <= sequence))
			continue;
		err = write_down(outbox, &record);
		written += err == QW_OK;
	}
	qw_spool_rewind(outbox->spool);
	if (written)
		qw_log(QW_LOG_INFO, "LEDGER-MENDED", "%" PRIu64 " alerts that were spooled but not written down are in the ledger now", written);
	return err;
}

/* True: all that the spool has is written down. */
static bool catch_up(struct qw_outbox *outbox)
{
	struct qw_time now = qw_time_monotonic();

	if (!outbox->behind)
		return true;
	if (now.ns - outbox->tried.ns < MEND_MS * QW_NS_PER_MS)
		return false;
	outbox->tried = now;
	outbox->behind = mend(outbox) != QW_OK;
	if (outbox->open)
		qw_outbox_restart(outbox, outbox->credit); /* reading began anew */
	return !outbox->behind;
}

void qw_outbox_keep(struct qw_outbox *outbox, struct qw_ledger *ledger, uint64_t epoch)
{
	outbox->ledger = ledger;
	outbox->ledger_epoch = epoch;
	outbox->tried = qw_time_monotonic();
	outbox->behind = ledger && mend(outbox) != QW_OK;
}

/* ---- packing one alert, as it lies in the spool */

static char *text_of(struct qw_slice slice, char *room, size_t size)
{
	size_t len = slice.len < size - 1 ? slice.len : size - 1;

	if (len) /* an empty slice may point nowhere */
		memcpy(room, slice.data, len);
	room[len] = 0;
	return room;
}

/* A host and the room for its texts. */
struct host {
	Quaywatch__Wire__AlertHost wire;
	char name[192], role[128], area[128], criticality[128];
};

/* NULL: nothing is known of it. */
static Quaywatch__Wire__AlertHost *host_of(struct host *host, const struct qw_eve_asset *asset)
{
	if (!asset->name.len && !asset->role.len && !asset->area.len && !asset->criticality.len)
		return NULL;
	host->wire = (Quaywatch__Wire__AlertHost)QUAYWATCH__WIRE__ALERT_HOST__INIT;
	host->wire.name = text_of(asset->name, host->name, sizeof(host->name));
	host->wire.role = text_of(asset->role, host->role, sizeof(host->role));
	host->wire.area = text_of(asset->area, host->area, sizeof(host->area));
	host->wire.criticality = text_of(asset->criticality, host->criticality, sizeof(host->criticality));
	return &host->wire;
}

static enum qw_err enter(struct qw_outbox *outbox, uint64_t sequence, struct qw_ledger_fields fields, struct qw_slice data)
{
	struct qw_ledger_record row = {
		.time_ns = qw_time_wall().ns,
		.epoch = outbox->ledger_epoch,
		.sequence = sequence,
		.fields = fields,
		.data = data,
	};

	return qw_ledger_append(outbox->ledger, &row);
}

enum qw_err qw_outbox_add(struct qw_outbox *outbox, struct qw_slice eve, const struct qw_eve_parts *parts,
			  struct qw_ledger_fields fields, uint64_t *sequence)
{
	Quaywatch__Wire__Alert alert = QUAYWATCH__WIRE__ALERT__INIT;
	Quaywatch__Wire__IndicatorHit hit = QUAYWATCH__WIRE__INDICATOR_HIT__INIT;
	const struct qw_eve_own *own = &parts->own;
	char origin[16], ndpi[64], ruleset[128], type[16], value[2049], source[64], tlp[16], seen[8], text[2048];
	struct host src, dest;
	uint8_t *data;
	size_t len;

	alert.eve = (ProtobufCBinaryData){eve.len, (uint8_t *)(uintptr_t)eve.data};
	alert.time_ns = parts->time_ns;
	alert.origin = text_of(own->origin, origin, sizeof(origin));
	alert.ndpi = text_of(own->ndpi, ndpi, sizeof(ndpi));
	alert.ruleset = text_of(own->ruleset, ruleset, sizeof(ruleset));
	alert.count = own->count;
	alert.gid = parts->gid;
	alert.sid = parts->sid;
	alert.text = text_of(own->words.len ? own->words : own->text, text, sizeof(text));
	alert.src = host_of(&src, &own->src);
	alert.dest = host_of(&dest, &own->dest);
	if (own->has_indicator) {
		hit.id = own->indicator.id;
		hit.type = text_of(own->indicator.type, type, sizeof(type));
		hit.value = text_of(own->indicator.value, value, sizeof(value));
		hit.source = text_of(own->indicator.source, source, sizeof(source));
		hit.tlp = text_of(own->indicator.tlp, tlp, sizeof(tlp));
		hit.seen = text_of(own->indicator.seen, seen, sizeof(seen));
		hit.confidence = own->indicator.confidence;
		alert.indicator = &hit;
	}
	enum qw_err err = qw_message_pack(&alert.base, &data, &len);
	if (err != QW_OK)
		return err;
	err = qw_spool_append(outbox->spool, qw_slice(data, len), sequence);
	if (err == QW_OK && outbox->ledger && !outbox->behind)
		outbox->behind = enter(outbox, *sequence, fields, qw_slice(data, len)) != QW_OK;
	free(data);
	return err;
}

/* ---- batches: Frame { version, alerts { epoch, first, alerts … } }, put together without unpacking what the spool holds */

static size_t put_varint(uint8_t *at, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		at[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	at[len++] = (uint8_t)value;
	return len;
}

static size_t varint_size(uint64_t value)
{
	uint8_t scratch[10];

	return put_varint(scratch, value);
}

enum { TAG_VERSION = 0x08, TAG_ALERTS = 0x22, TAG_EPOCH = 0x09, TAG_FIRST = 0x10, TAG_ALERT = 0x1a };

/* Writes the frame's and the batch's heads for a body of `len` bytes. */
static size_t put_heads(uint8_t *at, uint64_t epoch, uint64_t begin, size_t len)
{
	size_t batch = 1 + 8 + 1 + varint_size(begin) + len, used = 0;

	at[used++] = TAG_VERSION;
	used += put_varint(at + used, QW_WIRE_VERSION);
	at[used++] = TAG_ALERTS;
	used += put_varint(at + used, batch);
	at[used++] = TAG_EPOCH;
	for (int i = 0; i < 8; i++)
		at[used++] = (uint8_t)(epoch >> (8 * i));
	at[used++] = TAG_FIRST;
	used += put_varint(at + used, begin);
	return used;
}

static void add_record(struct qw_outbox *outbox, const struct qw_spool_record *record)
{
	if (outbox->count == 0) {
		outbox->epoch = record->epoch;
		outbox->begin = record->sequence;
	}
	outbox->body[outbox->len++] = TAG_ALERT;
	outbox->len += put_varint(outbox->body + outbox->len, record->data.len);
	memcpy(outbox->body + outbox->len, record->data.data, record->data.len);
	outbox->len += record->data.len;
	outbox->next = record->sequence + 1;
	outbox->count++;
}

/* QW_EAGAIN: it stays gathered and is tried again. */
static enum qw_err send_batch(struct qw_outbox *outbox)
{
	if (outbox->count == 0)
		return QW_OK;
	if (outbox->flights == FLIGHTS_MAX)
		return QW_EAGAIN;
	size_t head = put_heads(outbox->frame, outbox->epoch, outbox->begin, outbox->len);
	memcpy(outbox->frame + head, outbox->body, outbox->len);
	enum qw_err err = qw_session_send(outbox->session, outbox->frame, head + outbox->len);
	if (err != QW_OK)
		return err;
	outbox->flight[(outbox->first + outbox->flights++) % FLIGHTS_MAX] =
	    (struct flight){outbox->epoch, outbox->next - 1, outbox->count};
	outbox->out += outbox->count;
	outbox->counters.batches++;
	outbox->counters.alerts += outbox->count;
	outbox->count = 0;
	outbox->len = 0;
	return QW_OK;
}

/* True: the record cannot join what is gathered. */
static bool breaks(const struct qw_outbox *outbox, const struct qw_spool_record *record)
{
	return outbox->count && (record->epoch != outbox->epoch || record->sequence != outbox->next ||
				 outbox->count >= QW_WIRE_BATCH_ALERTS || outbox->len + record->data.len + 8 > BATCH_BYTES);
}

/* The next record: the one that was put back, or the spool's. */
static enum qw_err next_record(struct qw_outbox *outbox, struct qw_spool_record *record)
{
	if (!outbox->holds)
		return qw_spool_read(outbox->spool, record);
	*record = outbox->held;
	outbox->holds = false;
	return QW_OK;
}

static void hold(struct qw_outbox *outbox, const struct qw_spool_record *record)
{
	if (record->data.data != outbox->held_data)
		memcpy(outbox->held_data, record->data.data, record->data.len);
	outbox->held = *record;
	outbox->held.data.data = outbox->held_data;
	outbox->holds = true;
}

void qw_outbox_pump(struct qw_outbox *outbox)
{
	struct qw_spool_record record;

	if (!catch_up(outbox))
		return;
	while (outbox->open && outbox->out + outbox->count < outbox->credit && next_record(outbox, &record) == QW_OK) {
		if (breaks(outbox, &record) && send_batch(outbox) != QW_OK) {
			hold(outbox, &record);
			return;
		}
		add_record(outbox, &record);
	}
	if (outbox->open)
		(void)send_batch(outbox); /* what cannot go now stays gathered */
}

void qw_outbox_restart(struct qw_outbox *outbox, uint32_t credit)
{
	qw_spool_rewind(outbox->spool);
	outbox->open = true;
	outbox->holds = false;
	outbox->credit = credit ? credit : 1;
	outbox->out = outbox->count = 0;
	outbox->len = 0;
	outbox->first = outbox->flights = 0;
}

void qw_outbox_pause(struct qw_outbox *outbox)
{
	outbox->open = false;
}

void qw_outbox_acknowledge(struct qw_outbox *outbox, uint64_t epoch, uint64_t through)
{
	enum qw_err err = qw_spool_acknowledge(outbox->spool, epoch, through);

	if (err == QW_EORDER) {
		qw_log(QW_LOG_WARNING, "ACK-STRANGE", "the collector acknowledged %" PRIu64 " of epoch %016" PRIx64 ", which was never sent",
		       through, epoch);
		return;
	}
	while (outbox->flights) {
		const struct flight *flight = &outbox->flight[outbox->first];
		if (flight->epoch == epoch && flight->last > through)
			break;
		if (flight->epoch != epoch)
			break;
		outbox->out -= flight->alerts;
		outbox->counters.acknowledged += flight->alerts;
		outbox->first = (outbox->first + 1) % FLIGHTS_MAX;
		outbox->flights--;
	}
}

struct qw_outbox_counters qw_outbox_counters(const struct qw_outbox *outbox)
{
	return outbox->counters;
}
