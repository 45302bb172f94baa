/* SPDX-License-Identifier: Apache-2.0 */
/* A sensor's frames into a whole collector, without a network: dispatch, intake, fan-out, promotion. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/frames.h"
#include "collector/trials.h"
#include "collector/settings.h"
#include "quaywatch/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char key[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

static enum qw_err drop(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len)
{
	return QW_OK;
}

static void must(enum qw_err err)
{
	if (err != QW_OK) {
		fprintf(stderr, "%s\n", qw_strerror(err));
		abort();
	}
}

static void make_signer(struct qw_signer *signer)
{
	struct qw_sign_pair root;
	struct qw_time now = qw_time_wall();

	must(qw_keys_start());
	qw_sign_generate(&root);
	qw_sign_generate(&signer->online);
	memcpy(signer->root, root.public_key, sizeof(signer->root));
	signer->terms = (struct qw_delegation){.rights = QW_RIGHT_INDICATORS,
					       .not_after = qw_time_add(now, qw_time_seconds(86400))};
	memcpy(signer->terms.online_key, signer->online.public_key, sizeof(signer->terms.online_key));
	must(qw_delegation_sign(&signer->terms, &root, &signer->delegation, &signer->delegation_len));
}

static void make_workers(struct qw_collector *collector)
{
	const struct qw_accounts_roll roll = {NULL, NULL};
	struct qw_post post = {drop, NULL};
	const struct qw_incidents_parts incidents = {.store = collector->store, .window = qw_time_seconds(3600), .severity = 4};
	must(qw_incidents_open(&collector->incidents, &incidents, qw_time_wall()));
	struct qw_intake_parts intake = {collector->journal, collector->marks, collector->peers, collector->sightings,
					 collector->incidents, post};
	struct qw_fanout_parts fanout = {collector->channels, collector->store, collector->peers, &collector->signer,
					 post};
	struct qw_policy_options policy = {
	    .rule = {.tenants = 1,
		     .confidence = 50,
		     .tlp = QW_TLP_GREEN,
		     .window = qw_time_seconds(3600),
		     .lifetime = qw_time_seconds(3600),
		     .per_hour = 1000000,
		     .noise = 20}};

	must(qw_intake_new(&collector->intake, &intake));
	must(qw_fanout_new(&collector->fanout, &fanout));
	struct qw_restoration_parts restoration = {.channels = collector->channels,
						   .peers = collector->peers,
						   .post = post,
						   .allow_changes = &collector->allow_changes,
						   .hold = qw_time_seconds(1),
						   .now = qw_time_monotonic()};
	must(qw_restoration_new(&collector->restoration, &restoration));
	collector->publication = (struct qw_publication){collector->store, collector->channels, collector->fanout,
							 &collector->allow_changes, collector->restoration};
	must(qw_policy_new(&collector->policy, &policy, NULL));
	must(qw_candidates_open(&collector->candidates, ":memory:"));
	must(qw_accounts_new(&collector->accounts, collector->candidates, &roll));
	must(qw_dryrun_new(&collector->dryrun));
	struct qw_promotion_parts promotion = {.policy = collector->policy,
					       .publication = collector->publication,
					       .candidates = collector->candidates,
					       .accounts = collector->accounts,
					       .budget = 1000000,
					       .try_dry = qw_trials_begin,
					       .ctx = collector};
	must(qw_promotion_new(&collector->promotion, &promotion));
}

/* Lives as long as the process: making one costs more than a frame. */
static struct qw_collector *make_collector(void)
{
	static const struct qw_identity who = {"tenant", "sensor"};
	struct qw_collector *collector = calloc(1, sizeof(*collector));
	char folder[] = P_tmpdir "/quaywatch-fuzz-XXXXXX";
	struct qw_journal_options options = {.folder = folder};

	if (!collector || !mkdtemp(folder))
		abort();
	qw_log_setup("fuzz", QW_LOG_ERROR);
	make_signer(&collector->signer);
	must(qw_store_open(&collector->store, ":memory:"));
	must(qw_store_add_tenant(collector->store, who.tenant, qw_time_ns(1)));
	must(qw_store_put_sensor(collector->store, &who, key, qw_time_ns(1)));
	must(qw_registry_new(&collector->registry));
	must(qw_registry_load(collector->registry, collector->store));
	must(qw_marks_new(&collector->marks));
	must(qw_journal_open(&collector->journal, &options, &collector->recovery));
	must(qw_channels_open(&collector->channels, folder, collector->store, &collector->signer));
	must(qw_peers_new(&collector->peers));
	must(qw_sightings_new(&collector->sightings, collector->store, qw_time_seconds(86400)));
	make_workers(collector);
	return collector;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qw_collector *collector;
	struct qw_routing routing = {1, {1}};
	uint64_t group;

	if (!collector)
		collector = make_collector();
	enum qw_err err = qw_frames_take(collector, &routing, key, data, size);
	(void)err;
	if (qw_journal_pending(collector->journal) > 1000) {
		err = qw_journal_start_commit(collector->journal);
		while ((err = qw_journal_end_commit(collector->journal, &group)) == QW_EAGAIN)
			usleep(10);
		qw_intake_durable(collector->intake, group);
	}
	return 0;
}
