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

/*
 * Takes back a delta that was ours, from a sensor that kept it, with its rows:
 * verified as a sensor would when it was made.  That must not lie before our
 * newest change: a key whose time was over by then has no word in what came
 * after.  Pending until qw_channels_keep.  Results are those of
 * qw_channel_apply; QW_ESIGN also for its time.  Other errors are ours: keep nothing.
 */
enum qw_err qw_channels_recover(struct qw_channels *channels, const char *name, const uint8_t *delta,
				size_t len) QW_MUSTCHECK;

/* Makes what was recovered durable; on error the channel is as the store has it. */
enum qw_err qw_channels_keep(struct qw_channels *channels, const char *name) QW_MUSTCHECK;

/* Writes the channel's image now. */
void qw_channels_save(struct qw_channels *channels, const char *name);

/* Opens a new term as the channel's next delta, durably.  QW_ESIGN: our key may not.  QW_EORDER: term is not above
 * ours. */
enum qw_err qw_channels_open_term(struct qw_channels *channels, const char *name, uint64_t term,
				  struct qw_time now) QW_MUSTCHECK;

/* Somebody holds another set at an order that we reached, too: said once for a channel.  who: "tenant/sensor". */
void qw_channels_forked(struct qw_channels *channels, const char *name, struct qw_order at,
			const struct qw_identity *who);

/* Writes images where many deltas have come since, and forgets deltas that nobody will ask for. */
void qw_channels_tidy(struct qw_channels *channels);
