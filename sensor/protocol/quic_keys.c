/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/quic_keys.h"

#include "quaywatch/cipher.h"
#include "quaywatch/text.h"

enum { SALT_BYTES = 20, HEADER_MAX = 256 };

/* What differs from version to version. */
struct generation {
	uint32_t from, to; /* version numbers */
	uint8_t salt[SALT_BYTES];
	const char *key, *iv, *header; /* labels */
};

static const struct generation GENERATIONS[] = {
	{1, 1, /* RFC 9001 */
	 {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
	  0x7f, 0x0a},
	 "quic key", "quic iv", "quic hp"},
	{0x6b3343cf, 0x6b3343cf, /* RFC 9369 */
	 {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
	  0x2e, 0xd9},
	 "quicv2 key", "quicv2 iv", "quicv2 hp"},
	{0xff00001d, 0xff000020, /* drafts 29 to 32 */
	 {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90,
	  0xa8, 0x99},
	 "quic key", "quic iv", "quic hp"},
	{0xff000017, 0xff00001c, /* drafts 23 to 28 */
	 {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9,
	  0xf5, 0x02},
	 "quic key", "quic iv", "quic hp"},
	{0xfaceb002, 0xfaceb002, /* mvfst, after draft 27 */
	 {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9,
	  0xf5, 0x02},
	 "quic key", "quic iv", "quic hp"},
	{0x51303530, 0x51303530, /* Q050 */
	 {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5,
	  0x6b, 0x45},
	 "quic key", "quic iv", "quic hp"},
	{0x54303530, 0x54303530, /* T050 */
	 {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48,
	  0x83, 0x10},
	 "quic key", "quic iv", "quic hp"},
	{0x54303531, 0x54303531, /* T051 */
	 {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e,
	  0x03, 0x3d},
	 "quic key", "quic iv", "quic hp"},
};

static const struct generation *generation_of(uint32_t version)
{
	for (size_t i = 0; i < sizeof(GENERATIONS) / sizeof(*GENERATIONS); i++) {
		if (version >= GENERATIONS[i].from && version <= GENERATIONS[i].to)
			return &GENERATIONS[i];
	}
	return NULL;
}

bool qw_quic_version_known(uint32_t version)
{
	return generation_of(version) != NULL;
}

void qw_quic_version_name(uint32_t version, char out[16])
{
	struct qw_text text;
	uint8_t bytes[4] = {(uint8_t)(version >> 24), (uint8_t)(version >> 16), (uint8_t)(version >> 8),
			    (uint8_t)version};
	qw_text_init(&text, out, 16);
	if (version == 1) {
		qw_text_literal(&text, "1");
	} else if (version == 0x6b3343cf) {
		qw_text_literal(&text, "v2");
	} else if (version >> 8 == 0xff0000) {
		qw_text_literal(&text, "draft-");
		qw_text_u64(&text, bytes[3]);
	} else if (bytes[0] == 'Q' || bytes[0] == 'T') {
		qw_text_put(&text, bytes, sizeof(bytes));
	} else {
		qw_text_hex(&text, bytes, sizeof(bytes));
	}
	qw_text_string(&text);
}

/* HKDF-Expand-Label of RFC 8446, without context. */
static void expand(const uint8_t secret[QW_SHA256_BYTES], const char *label, uint8_t *out, size_t len)
{
	char memory[64];
	struct qw_text info;
	qw_text_init(&info, memory, sizeof(memory));
	qw_text_char(&info, (char)(len >> 8));
	qw_text_char(&info, (char)len);
	qw_text_char(&info, (char)(6 + strlen(label)));
	qw_text_literal(&info, "tls13 ");
	qw_text_put(&info, label, strlen(label));
	qw_text_char(&info, 0);
	qw_hkdf_expand(secret, qw_slice(info.at, info.len), out, len);
}

bool qw_quic_keys(struct qw_quic_keys *out, uint32_t version, struct qw_slice id, bool of_server)
{
	const struct generation *generation = generation_of(version);
	uint8_t initial[QW_SHA256_BYTES], secret[QW_SHA256_BYTES];
	if (!generation)
		return false;
	qw_hkdf_extract(qw_slice(generation->salt, SALT_BYTES), id, initial);
	expand(initial, of_server ? "server in" : "client in", secret, sizeof(secret));
	expand(secret, generation->key, out->key, sizeof(out->key));
	expand(secret, generation->iv, out->iv, sizeof(out->iv));
	expand(secret, generation->header, out->header, sizeof(out->header));
	return true;
}

/* Takes the mask off the first byte and the packet number; the header's bytes go to `header`. */
static size_t unmask(const struct qw_quic_keys *keys, struct qw_slice packet, size_t number_at,
		     uint8_t header[HEADER_MAX])
{
	uint8_t mask[QW_AES_BLOCK_BYTES];
	qw_aes128_block(keys->header, packet.data + number_at + 4, mask);
	memcpy(header, packet.data, number_at + 4);
	header[0] ^= mask[0] & (header[0] & 0x80 ? 0x0f : 0x1f);
	size_t number_len = (header[0] & 3) + 1;
	for (size_t i = 0; i < number_len; i++)
		header[number_at + i] ^= mask[1 + i];
	return number_len;
}

bool qw_quic_open(const struct qw_quic_keys *keys, struct qw_slice packet, size_t number_at, uint8_t *out, size_t *len)
{
	uint8_t header[HEADER_MAX], nonce[QW_GCM_IV_BYTES];
	/* The sample of the mask begins four bytes behind the start of the number. */
	if (number_at + 4 > sizeof(header) || packet.len < number_at + 4 + QW_AES_BLOCK_BYTES)
		return false;
	size_t number_len = unmask(keys, packet, number_at, header), header_len = number_at + number_len;
	size_t body_len = packet.len - header_len - QW_GCM_TAG_BYTES;
	if (body_len > *len)
		return false;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < number_len; i++)
		nonce[sizeof(nonce) - number_len + i] ^= header[number_at + i];
	*len = body_len;
	return qw_aes128_gcm_open(keys->key, nonce, qw_slice(header, header_len),
				  qw_slice(packet.data + header_len, body_len), packet.data + header_len + body_len, out);
}
