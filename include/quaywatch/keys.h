/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - key pairs on disk.
 *
 * CURVE keys (ZeroMQ, Curve25519) say who talks; Ed25519 keys (RFC 8032) sign
 * deltas.  A key file is one line of text: kind, "public" or "secret", key in
 * Z85 (ZeroMQ RFC 32) for CURVE and in hexadecimal for Ed25519.  Secret files
 * are refused if group or others may read them.  Secrets are wiped when freed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum {
	QW_CURVE_BYTES = 32,
	QW_CURVE_Z85 = 40,
	QW_SIGN_PUBLIC_BYTES = 32,
	QW_SIGN_SECRET_BYTES = 64,
	QW_SIGN_BYTES = 64,
};

struct qw_curve_pair {
	char public_z85[QW_CURVE_Z85 + 1];
	char secret_z85[QW_CURVE_Z85 + 1];
};

struct qw_sign_pair {
	uint8_t public_key[QW_SIGN_PUBLIC_BYTES];
	uint8_t secret_key[QW_SIGN_SECRET_BYTES];
};

/* Call once per process before anything else here.  QW_EIO: no randomness. */
enum qw_err qw_keys_start(void) QW_MUSTCHECK;

void qw_curve_generate(struct qw_curve_pair *out);
void qw_sign_generate(struct qw_sign_pair *out);

/* Secret files are made with mode 0600; QW_EEXIST: there is one, and it is kept. */
enum qw_err qw_curve_save(const struct qw_curve_pair *pair, const char *secret_path, const char *public_path) QW_MUSTCHECK;
enum qw_err qw_sign_save(const struct qw_sign_pair *pair, const char *secret_path, const char *public_path) QW_MUSTCHECK;

/* QW_EACCES: others may read it.  QW_EFORMAT: not such a file. */
enum qw_err qw_curve_load(struct qw_curve_pair *out, const char *secret_path) QW_MUSTCHECK;
enum qw_err qw_curve_load_public(char out[QW_CURVE_Z85 + 1], const char *public_path) QW_MUSTCHECK;
enum qw_err qw_sign_load(struct qw_sign_pair *out, const char *secret_path) QW_MUSTCHECK;
enum qw_err qw_sign_load_public(uint8_t out[QW_SIGN_PUBLIC_BYTES], const char *public_path) QW_MUSTCHECK;

void qw_wipe(void *secret, size_t len);
