/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "quaywatch/file.h"
#include "quaywatch/text.h"

enum { LINE_MAX_BYTES = 256 };

enum qw_err qw_keys_start(void)
{
	return sodium_init() < 0 ? QW_EIO : QW_OK;
}

void qw_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

void qw_curve_generate(struct qw_curve_pair *out)
{
	uint8_t public_key[QW_CURVE_BYTES], secret_key[QW_CURVE_BYTES];
	crypto_box_keypair(public_key, secret_key);
	zmq_z85_encode(out->public_z85, public_key, sizeof(public_key));
	zmq_z85_encode(out->secret_z85, secret_key, sizeof(secret_key));
	qw_wipe(secret_key, sizeof(secret_key));
}

void qw_sign_generate(struct qw_sign_pair *out)
{
	crypto_sign_keypair(out->public_key, out->secret_key);
}

static enum qw_err save_line(const char *path, const char *kind, const char *key, mode_t mode)
{
	char line[LINE_MAX_BYTES];
	int len = snprintf(line, sizeof(line), "%s %s\n", kind, key);
	enum qw_err err = qw_file_create(path, line, (size_t)len, mode);
	qw_wipe(line, sizeof(line));
	return err;
}

/* Both files or none: a pair whose public half is missing helps nobody. */
static enum qw_err save_pair(const char *secret_path, const char *secret_kind, const char *secret,
			     const char *public_path, const char *public_kind, const char *public_key)
{
	enum qw_err err = save_line(secret_path, secret_kind, secret, 0600);
	if (err)
		return err;
	err = save_line(public_path, public_kind, public_key, 0644);
	if (err) {
		int number = errno;
		unlink(secret_path);
		errno = number;
	}
	return err;
}

enum qw_err qw_curve_save(const struct qw_curve_pair *pair, const char *secret_path, const char *public_path)
{
	return save_pair(secret_path, "curve secret", pair->secret_z85, public_path, "curve public", pair->public_z85);
}

static void put_hex(char *out, const uint8_t *key, size_t len)
{
	sodium_bin2hex(out, 2 * len + 1, key, len);
}

enum qw_err qw_sign_save(const struct qw_sign_pair *pair, const char *secret_path, const char *public_path)
{
	char secret[2 * QW_SIGN_SECRET_BYTES + 1], public_key[2 * QW_SIGN_PUBLIC_BYTES + 1];
	put_hex(secret, pair->secret_key, sizeof(pair->secret_key));
	put_hex(public_key, pair->public_key, sizeof(pair->public_key));
	enum qw_err err = save_pair(secret_path, "ed25519 secret", secret, public_path, "ed25519 public", public_key);
	qw_wipe(secret, sizeof(secret));
	return err;
}

static enum qw_err read_line(int fd, bool secret, char line[LINE_MAX_BYTES])
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return qw_err_from_errno(errno);
	if (secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		errno = EACCES;
		return QW_EACCES;
	}
	ssize_t len = read(fd, line, LINE_MAX_BYTES - 1);
	if (len < 0)
		return qw_err_from_errno(errno);
	line[len] = 0;
	return QW_OK;
}

/* The key behind "kind " on the file's one line, exactly key_len characters, into out with a NUL. */
static enum qw_err load_key(const char *path, const char *kind, bool secret, char *out, size_t key_len)
{
	char line[LINE_MAX_BYTES];
	size_t kind_len = strlen(kind);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return qw_err_from_errno(errno);
	enum qw_err err = read_line(fd, secret, line);
	int number = errno;
	close(fd);
	errno = number;
	if (err)
		return err;
	line[strcspn(line, "\r\n")] = 0;
	if (strncmp(line, kind, kind_len) != 0 || line[kind_len] != ' ' || strlen(line + kind_len + 1) != key_len)
		err = QW_EFORMAT;
	else
		memcpy(out, line + kind_len + 1, key_len + 1);
	qw_wipe(line, sizeof(line));
	return err;
}

enum qw_err qw_curve_load_public(char out[QW_CURVE_Z85 + 1], const char *public_path)
{
	char key[QW_CURVE_Z85 + 1];
	uint8_t bytes[QW_CURVE_BYTES];
	enum qw_err err = load_key(public_path, "curve public", false, key, QW_CURVE_Z85);
	if (err)
		return err;
	if (!zmq_z85_decode(bytes, key))
		return QW_EFORMAT;
	memcpy(out, key, sizeof(key));
	return QW_OK;
}

enum qw_err qw_curve_load(struct qw_curve_pair *out, const char *secret_path)
{
	struct qw_curve_pair pair;
	uint8_t public_key[QW_CURVE_BYTES], secret_key[QW_CURVE_BYTES];
	enum qw_err err = load_key(secret_path, "curve secret", true, pair.secret_z85, QW_CURVE_Z85);
	if (err)
		return err;
	if (zmq_z85_decode(secret_key, pair.secret_z85) && crypto_scalarmult_base(public_key, secret_key) == 0) {
		zmq_z85_encode(pair.public_z85, public_key, sizeof(public_key));
		*out = pair;
	} else {
		err = QW_EFORMAT;
	}
	qw_wipe(secret_key, sizeof(secret_key));
	qw_wipe(&pair, sizeof(pair));
	return err;
}

enum qw_err qw_sign_load_public(uint8_t out[QW_SIGN_PUBLIC_BYTES], const char *public_path)
{
	char hex[2 * QW_SIGN_PUBLIC_BYTES + 1];
	uint8_t key[QW_SIGN_PUBLIC_BYTES];
	enum qw_err err = load_key(public_path, "ed25519 public", false, hex, sizeof(hex) - 1);
	if (err)
		return err;
	if (!qw_hex_decode(hex, sizeof(hex) - 1, key))
		return QW_EFORMAT;
	memcpy(out, key, sizeof(key));
	return QW_OK;
}

/* A secret key is seed and public key; one that does not fit its seed would leak the seed when it signs. */
static bool fits_seed(const uint8_t secret_key[QW_SIGN_SECRET_BYTES])
{
	uint8_t public_key[QW_SIGN_PUBLIC_BYTES], again[QW_SIGN_SECRET_BYTES];
	crypto_sign_seed_keypair(public_key, again, secret_key);
	bool same = sodium_memcmp(again, secret_key, sizeof(again)) == 0;
	qw_wipe(again, sizeof(again));
	return same;
}

enum qw_err qw_sign_load(struct qw_sign_pair *out, const char *secret_path)
{
	char hex[2 * QW_SIGN_SECRET_BYTES + 1];
	uint8_t key[QW_SIGN_SECRET_BYTES];
	enum qw_err err = load_key(secret_path, "ed25519 secret", true, hex, sizeof(hex) - 1);
	if (err)
		return err;
	if (qw_hex_decode(hex, sizeof(hex) - 1, key) && fits_seed(key)) {
		memcpy(out->secret_key, key, sizeof(key));
		crypto_sign_ed25519_sk_to_pk(out->public_key, key);
	} else {
		err = QW_EFORMAT;
	}
	qw_wipe(hex, sizeof(hex));
	qw_wipe(key, sizeof(key));
	return err;
}
