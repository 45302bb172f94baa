/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channels - the collector's own copy of each channel, and the key that signs.
 *
 * "community" and one per tenant.  A channel lives in memory; on disk are a
 * whole image of it (channels/NAME) and, in the store, the deltas since.  A
 * change is durable in the store before anybody is told of it.
 *
 * One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/store.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "quaywatch/keys.h"

#define QW_COMMUNITY "community"

/* What the daemon signs with; the root's secret is elsewhere. */
struct qw_signer {
	struct qw_sign_pair online;
	uint8_t root[QW_SIGN_PUBLIC_BYTES];
	uint8_t *delegation; /* packed; owned */
	size_t delegation_len;
	struct qw_delegation terms; /* what it says */
};

/* online.secret, online.delegation and root.public of the state folder.  QW_ESIGN: the delegation is not good now. */
enum qw_err qw_signer_load(struct qw_signer *out, const char *folder, struct qw_time now) QW_MUSTCHECK;
void qw_signer_wipe(struct qw_signer *signer);

struct qw_channels;

/* signer and store outlive it; signer may be exchanged in place. */
enum qw_err qw_channels_open(struct qw_channels **out, const char *folder, struct qw_store *store,
			     const struct qw_signer *signer) QW_MUSTCHECK;

/* Saves images.  NULL is fine. */
void qw_channels_close(struct qw_channels *channels);

/* Finds, or loads from disk, or makes empty. */
enum qw_err qw_channels_get(struct qw_channel **out, struct qw_channels *channels, const char *name) QW_MUSTCHECK;

size_t qw_channels_count(const struct qw_channels *channels);
const struct qw_channel *qw_channels_at(const struct qw_channels *channels, size_t index);

/*
 * Signs the entries as the channel's next delta and makes it durable, with
 * whatever else the store has pending.  The delta is the caller's to free.
 * On error nothing happened; the store was rolled back.  QW_ESIGN: our key may
 * not change that kind.  QW_ELIMIT: too large for one delta.
 */
enum qw_err qw_channels_commit(struct qw_channels *channels, const char *name, const struct qw_entry *entries,
			       size_t count, struct qw_time now, uint8_t **delta, size_t *len) QW_MUSTCHECK;

/* Writes images where many deltas have come since, and forgets deltas that nobody will ask for. */
void qw_channels_tidy(struct qw_channels *channels);
