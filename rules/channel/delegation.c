/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/seal.h"

enum qw_err qw_delegation_sign(const struct qw_delegation *delegation, const struct qw_sign_pair *root, uint8_t **out,
			       size_t *len)
{
	uint8_t key[QW_SIGN_PUBLIC_BYTES];
	memcpy(key, delegation->online_key, sizeof(key));
	Quaywatch__Wire__DelegationBody body;
	quaywatch__wire__delegation_body__init(&body);
	body.online_key = (ProtobufCBinaryData){sizeof(key), key};
	body.rights = delegation->rights;
	body.not_before_ns = delegation->not_before.ns;
	body.not_after_ns = delegation->not_after.ns;
	uint8_t *packed;
	size_t packed_len;
	enum qw_err err = qw_message_pack(&body.base, &packed, &packed_len);
	if (err)
		return err;
	uint8_t signature[QW_SIGN_BYTES];
	err = qw_seal(signature, QW_SEAL_DELEGATION, qw_slice(packed, packed_len), root);
	if (err)
		goto free_packed;
	Quaywatch__Wire__Delegation whole;
	quaywatch__wire__delegation__init(&whole);
	whole.body = (ProtobufCBinaryData){packed_len, packed};
	whole.signature = (ProtobufCBinaryData){sizeof(signature), signature};
	err = qw_message_pack(&whole.base, out, len);
free_packed:
	free(packed);
	return err;
}

static enum qw_err read_body(struct qw_delegation *out, const ProtobufCBinaryData *data)
{
	Quaywatch__Wire__DelegationBody *body = quaywatch__wire__delegation_body__unpack(NULL, data->len, data->data);
	if (!body)
		return QW_EFORMAT;
	enum qw_err err = QW_EFORMAT;
	if (body->online_key.len == sizeof(out->online_key)) {
		memcpy(out->online_key, body->online_key.data, sizeof(out->online_key));
		out->rights = body->rights;
		out->not_before = qw_time_ns(body->not_before_ns);
		out->not_after = qw_time_ns(body->not_after_ns);
		err = QW_OK;
	}
	quaywatch__wire__delegation_body__free_unpacked(body, NULL);
	return err;
}

/* root_public NULL: the signature is not looked at. */
static enum qw_err open_delegation(struct qw_delegation *out, struct qw_slice data, const uint8_t *root_public)
{
	if (data.len > QW_DELEGATION_MAX)
		return QW_EFORMAT;
	Quaywatch__Wire__Delegation *whole = quaywatch__wire__delegation__unpack(NULL, data.len, data.data);
	if (!whole)
		return QW_EFORMAT;
	enum qw_err err = QW_OK;
	if (root_public)
		err = qw_seal_verify(qw_slice(whole->signature.data, whole->signature.len), QW_SEAL_DELEGATION,
				     qw_slice(whole->body.data, whole->body.len), root_public);
	if (!err)
		err = read_body(out, &whole->body);
	quaywatch__wire__delegation__free_unpacked(whole, NULL);
	return err;
}

bool qw_delegation_holds(const struct qw_delegation *delegation, struct qw_time at)
{
	return !qw_time_before(at, delegation->not_before) && !qw_time_before(delegation->not_after, at);
}

enum qw_err qw_delegation_verify(struct qw_delegation *out, const uint8_t *data, size_t len,
				 const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now)
{
	struct qw_delegation delegation;
	enum qw_err err = open_delegation(&delegation, qw_slice(data, len), root_public);
	if (err)
		return err;
	if (!qw_delegation_holds(&delegation, now))
		return QW_ESIGN;
	*out = delegation;
	return QW_OK;
}

enum qw_err qw_delegation_read(struct qw_delegation *out, struct qw_slice data)
{
	return open_delegation(out, data, NULL);
}

enum qw_err qw_delegation_of(struct qw_delegation *out, struct qw_slice data, const struct qw_sign_pair *online,
			     struct qw_time now)
{
	struct qw_delegation delegation;
	enum qw_err err = qw_delegation_read(&delegation, data);
	if (err)
		return err;
	if (memcmp(delegation.online_key, online->public_key, sizeof(delegation.online_key)) != 0 ||
	    !qw_delegation_holds(&delegation, now))
		return QW_ESIGN;
	*out = delegation;
	return QW_OK;
}
