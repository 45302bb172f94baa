/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/delta.h"

#include <stdlib.h>
#include <string.h>

#include "rules/channel/seal.h"
#include "rules/channel/state.h"

/* protobuf-c's types know no const; packing only reads. */
static ProtobufCBinaryData lend(const void *data, size_t len)
{
	return (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)data};
}

static enum qw_err pack_body(uint8_t **out, size_t *len, const struct qw_delta *delta)
{
	ProtobufCBinaryData *entries = malloc((delta->count ? delta->count : 1) * sizeof(*entries));
	if (!entries)
		return QW_ENOMEM;
	for (size_t at = 0; at < delta->count; at++)
		entries[at] = lend(delta->entries[at].data, delta->entries[at].len);
	Quaywatch__Wire__Order order;
	quaywatch__wire__order__init(&order);
	order.term = delta->order.term;
	order.sequence = delta->order.sequence;
	Quaywatch__Wire__DeltaBody body;
	quaywatch__wire__delta_body__init(&body);
	body.channel = (char *)(uintptr_t)delta->channel;
	body.order = &order;
	body.before = lend(delta->before.bytes, sizeof(delta->before.bytes));
	body.after = lend(delta->after.bytes, sizeof(delta->after.bytes));
	body.created_ns = delta->created.ns;
	body.expires_ns = delta->expires.ns;
	body.n_entries = delta->count;
	body.entries = entries;
	enum qw_err err = qw_message_pack(&body.base, out, len);
	free(entries);
	return err;
}

enum qw_err qw_delta_pack(uint8_t **out, size_t *len, const struct qw_delta *delta, const struct qw_sign_pair *online,
			  struct qw_slice delegation)
{
	uint8_t *body;
	size_t body_len;
	enum qw_err err = pack_body(&body, &body_len, delta);
	if (err)
		return err;
	uint8_t signature[QW_SIGN_BYTES];
	err = qw_seal(signature, QW_SEAL_DELTA, qw_slice(body, body_len), online);
	if (err)
		goto free_body;
	Quaywatch__Wire__Delta whole;
	quaywatch__wire__delta__init(&whole);
	whole.body = lend(body, body_len);
	whole.signature = lend(signature, sizeof(signature));
	whole.delegation = lend(delegation.data, delegation.len);
	if (protobuf_c_message_get_packed_size(&whole.base) > QW_DELTA_MAX)
		err = QW_ELIMIT;
	else
		err = qw_message_pack(&whole.base, out, len);
free_body:
	free(body);
	return err;
}

static bool read_digest(struct qw_digest *out, const ProtobufCBinaryData *data)
{
	if (data->len != sizeof(out->bytes))
		return false;
	memcpy(out->bytes, data->data, sizeof(out->bytes));
	return true;
}

static enum qw_err read_body(struct qw_delta_open *delta)
{
	const Quaywatch__Wire__DeltaBody *body = delta->inner;
	struct qw_delta *says = &delta->says;
	if (!body->order || !qw_channel_name_valid(body->channel) || !read_digest(&says->before, &body->before) ||
	    !read_digest(&says->after, &body->after))
		return QW_EFORMAT;
	delta->entries = malloc((body->n_entries ? body->n_entries : 1) * sizeof(*delta->entries));
	if (!delta->entries)
		return QW_ENOMEM;
	for (size_t at = 0; at < body->n_entries; at++)
		delta->entries[at] = qw_slice(body->entries[at].data, body->entries[at].len);
	says->channel = body->channel;
	says->order = (struct qw_order){body->order->term, body->order->sequence};
	says->created = qw_time_ns(body->created_ns);
	says->expires = qw_time_ns(body->expires_ns);
	says->entries = delta->entries;
	says->count = body->n_entries;
	return QW_OK;
}

static enum qw_err verify(const Quaywatch__Wire__Delta *outer, const uint8_t *root_public, struct qw_time now,
			  struct qw_delegation *delegation)
{
	enum qw_err err =
	    qw_delegation_verify(delegation, outer->delegation.data, outer->delegation.len, root_public, now);
	if (err)
		return err;
	return qw_seal_verify(qw_slice(outer->signature.data, outer->signature.len), QW_SEAL_DELTA,
			      qw_slice(outer->body.data, outer->body.len), delegation->online_key);
}

enum qw_err qw_delta_open(struct qw_delta_open *out, struct qw_slice data, const uint8_t *root_public,
			  struct qw_time now, struct qw_delegation *delegation)
{
	if (data.len > QW_DELTA_MAX)
		return QW_EFORMAT;
	struct qw_delta_open delta = {.outer = quaywatch__wire__delta__unpack(NULL, data.len, data.data)};
	if (!delta.outer)
		return QW_EFORMAT;
	enum qw_err err = root_public ? verify(delta.outer, root_public, now, delegation) : QW_OK;
	if (err)
		goto close;
	delta.inner = quaywatch__wire__delta_body__unpack(NULL, delta.outer->body.len, delta.outer->body.data);
	err = delta.inner ? read_body(&delta) : QW_EFORMAT;
	if (err)
		goto close;
	*out = delta;
	return QW_OK;
close:
	qw_delta_close(&delta);
	return err;
}

void qw_delta_close(struct qw_delta_open *delta)
{
	free(delta->entries);
	if (delta->inner)
		quaywatch__wire__delta_body__free_unpacked(delta->inner, NULL);
	if (delta->outer)
		quaywatch__wire__delta__free_unpacked(delta->outer, NULL);
}

enum qw_err qw_delta_head(struct qw_delta_head *out, const uint8_t *data, size_t len)
{
	struct qw_delta_open delta;
	enum qw_err err = qw_delta_open(&delta, qw_slice(data, len), NULL, (struct qw_time){0}, NULL);
	if (err)
		return err;
	*out = (struct qw_delta_head){
	    .order = delta.says.order,
	    .before = delta.says.before,
	    .after = delta.says.after,
	    .created = delta.says.created,
	    .entries = delta.says.count,
	};
	memcpy(out->channel, delta.says.channel, strlen(delta.says.channel));
	struct qw_delegation delegation;
	if (qw_delegation_read(&delegation, qw_slice(delta.outer->delegation.data, delta.outer->delegation.len)) == QW_OK)
		out->good_until = delegation.not_after;
	qw_delta_close(&delta);
	return QW_OK;
}
