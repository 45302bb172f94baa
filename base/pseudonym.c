/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/pseudonym.h"

#include <nettle/aes.h>
#include <nettle/hmac.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/cipher.h"
#include "quaywatch/file.h"
#include "quaywatch/text.h"

enum {
	HALF = QW_PSEUDONYM_KEY_BYTES / 2, /* the cipher's key, then what the pad is made of */
	KEY_DIGITS = 2 * QW_PSEUDONYM_KEY_BYTES,
	NAME_PIECE = 64,
};

struct qw_pseudonym {
	struct aes128_ctx cipher;
	uint8_t pad[AES_BLOCK_SIZE];
	uint8_t names[QW_SHA256_BYTES]; /* keys of the HMACs, drawn from the one key */
	uint8_t macs[QW_SHA256_BYTES];
};

_Static_assert(HALF == AES128_KEY_SIZE && HALF == AES_BLOCK_SIZE, "the key is two blocks");

static void draw_key(const uint8_t *key, const char *purpose, uint8_t out[QW_SHA256_BYTES])
{
	uint8_t secret[QW_SHA256_BYTES];

	qw_hkdf_extract(qw_slice_text("quaywatch pseudonym"), (struct qw_slice){key, QW_PSEUDONYM_KEY_BYTES}, secret);
	qw_hkdf_expand(secret, qw_slice_text(purpose), out, QW_SHA256_BYTES);
	sodium_memzero(secret, sizeof(secret));
}

enum qw_err qw_pseudonym_new(struct qw_pseudonym **out, const uint8_t key[QW_PSEUDONYM_KEY_BYTES])
{
	struct qw_pseudonym *pseudonym = malloc(sizeof(*pseudonym));

	if (!pseudonym)
		return QW_ENOMEM;
	aes128_set_encrypt_key(&pseudonym->cipher, key);
	aes128_encrypt(&pseudonym->cipher, AES_BLOCK_SIZE, pseudonym->pad, key + HALF);
	draw_key(key, "names", pseudonym->names);
	draw_key(key, "macs", pseudonym->macs);
	*out = pseudonym;
	return QW_OK;
}

void qw_pseudonym_free(struct qw_pseudonym *pseudonym)
{
	if (pseudonym)
		sodium_memzero(pseudonym, sizeof(*pseudonym));
	free(pseudonym);
}

/* ---- the key's file */

static enum qw_err make_key(const char *path)
{
	uint8_t key[QW_PSEUDONYM_KEY_BYTES];
	char line[KEY_DIGITS + 1];
	struct qw_text text;

	randombytes_buf(key, sizeof(key));
	qw_text_init(&text, line, sizeof(line));
	qw_text_hex(&text, key, sizeof(key));
	qw_text_char(&text, '\n');
	enum qw_err err = qw_file_create(path, line, sizeof(line), 0600);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(line, sizeof(line));
	return err == QW_EEXIST ? QW_OK : err;
}

static enum qw_err read_key(const char *path, uint8_t key[QW_PSEUDONYM_KEY_BYTES])
{
	char *line;
	size_t len;
	enum qw_err err = qw_file_read(path, KEY_DIGITS + 2, &line, &len);

	if (err != QW_OK)
		return err == QW_ELIMIT ? QW_EFORMAT : err;
	if (len < KEY_DIGITS || (len > KEY_DIGITS && line[KEY_DIGITS] != '\n') || !qw_hex_decode(line, KEY_DIGITS, key))
		err = QW_EFORMAT;
	sodium_memzero(line, len);
	free(line);
	return err;
}

enum qw_err qw_pseudonym_open(struct qw_pseudonym **out, const char *path)
{
	uint8_t key[QW_PSEUDONYM_KEY_BYTES];
	enum qw_err err = read_key(path, key);

	if (err == QW_ENOENT) {
		err = make_key(path);
		if (err == QW_OK)
			err = read_key(path, key);
	}
	if (err == QW_OK)
		err = qw_pseudonym_new(out, key);
	sodium_memzero(key, sizeof(key));
	return err;
}

/* ---- stand-ins */

/* Bit i of the result is bit i of the input, flipped where the cipher of the first i bits (filled up from the pad) says so. */
static void replace_bits(const struct qw_pseudonym *pseudonym, const uint8_t *in, uint8_t *out, unsigned bits)
{
	uint8_t block[AES_BLOCK_SIZE], cipher[AES_BLOCK_SIZE];

	memcpy(block, pseudonym->pad, sizeof(block));
	for (unsigned i = 0; i < bits; i++) {
		uint8_t mask = (uint8_t)(0x80 >> i % 8);
		aes128_encrypt(&pseudonym->cipher, AES_BLOCK_SIZE, cipher, block);
		uint8_t flip = cipher[0] & 0x80 ? mask : 0;
		out[i / 8] = (uint8_t)((out[i / 8] & ~mask) | ((in[i / 8] & mask) ^ flip));
		block[i / 8] = (uint8_t)((block[i / 8] & ~mask) | (in[i / 8] & mask));
	}
}

struct qw_address qw_pseudonym_address(const struct qw_pseudonym *pseudonym, const struct qw_address *address)
{
	struct qw_address out = *address;
	unsigned fixed = qw_address_is_v4(address) ? sizeof(QW_ADDRESS_V4_PREFIX) : 0;

	replace_bits(pseudonym, address->bytes + fixed, out.bytes + fixed, (unsigned)(sizeof(out.bytes) - fixed) * 8);
	return out;
}

void qw_pseudonym_name(const struct qw_pseudonym *pseudonym, struct qw_slice name, char out[QW_PSEUDONYM_NAME_DIGITS + 1])
{
	struct hmac_sha256_ctx ctx;
	uint8_t piece[NAME_PIECE], digest[QW_SHA256_BYTES];
	struct qw_text text;

	hmac_sha256_set_key(&ctx, sizeof(pseudonym->names), pseudonym->names);
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.data[i];
		piece[i % NAME_PIECE] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
		if (i % NAME_PIECE == NAME_PIECE - 1 || i == name.len - 1)
			hmac_sha256_update(&ctx, i % NAME_PIECE + 1, piece);
	}
	hmac_sha256_digest(&ctx, sizeof(digest), digest);
	qw_text_init(&text, out, QW_PSEUDONYM_NAME_DIGITS);
	qw_text_hex(&text, digest, QW_PSEUDONYM_NAME_DIGITS / 2);
	out[QW_PSEUDONYM_NAME_DIGITS] = '\0';
}

void qw_pseudonym_mac(const struct qw_pseudonym *pseudonym, const uint8_t mac[QW_PSEUDONYM_MAC_BYTES],
		      uint8_t out[QW_PSEUDONYM_MAC_BYTES])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, sizeof(pseudonym->macs), pseudonym->macs);
	hmac_sha256_update(&ctx, QW_PSEUDONYM_MAC_BYTES, mac);
	hmac_sha256_digest(&ctx, QW_PSEUDONYM_MAC_BYTES, out);
	out[0] = (uint8_t)((out[0] & ~1u) | 2u);
}
