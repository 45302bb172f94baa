/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault - payload of alerts, kept at the tenant until somebody asks for it.
 *
 *	folder/9f86d081…   16 random bytes, then the payload; the name is the SHA-256 of both
 *
 * An alert that leaves names that digest and nothing else: the random bytes
 * keep others from guessing what was in it, and who is handed the file can
 * prove that it is the one.  Bounded in files: the oldest goes.  One thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/command_row.h"
#include "quaywatch/digest.h"
#include "quaywatch/err.h"

enum { QW_VAULT_SALT = 16, QW_VAULT_NAME = 2 * QW_SHA256_BYTES, QW_VAULT_PAYLOAD_MAX = 16 * 1024 };

struct qw_vault;

/* QW_EINVAL: files_max 0, or a folder too long.  QW_EACCES, QW_EIO, …. */
enum qw_err qw_vault_open(struct qw_vault **out, const char *folder, size_t files_max) QW_MUSTCHECK;
void qw_vault_close(struct qw_vault *vault);

/* QW_ELIMIT: larger than a payload may be.  QW_ENOSPC, QW_EIO, …: it is not kept; told at the first. */
enum qw_err qw_vault_put(struct qw_vault *vault, struct qw_slice payload, char name[QW_VAULT_NAME + 1]) QW_MUSTCHECK;

size_t qw_vault_count(const struct qw_vault *vault);

/* The rows; vault NULL: none is kept. */
struct qw_command_part qw_vault_commands(const struct qw_vault *vault);
