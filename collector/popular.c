/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/popular.h"

#include <string.h>

enum { QUARTER = 4, OTHERS = 2 };

struct tenant {
	const char *name;
	uint64_t hosts, sensors;
};

struct tenants {
	size_t count;
	struct tenant row[QW_DRYRUN_SENSORS];
};

/* A sensor says any number it likes; the sum must not wrap. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static bool counts(const struct qw_dryrun_voice *voice)
{
	return voice->answered && voice->known;
}

static void gather(struct tenants *tenants, const struct qw_dryrun_result *result)
{
	tenants->count = 0;
	for (size_t i = 0; i < result->asked; i++) {
		const struct qw_dryrun_voice *voice = &result->voice[i];
		size_t at = 0;
		if (!counts(voice))
			continue;
		while (at < tenants->count && strcmp(tenants->row[at].name, voice->who.tenant) != 0)
			at++;
		if (at == tenants->count)
			tenants->row[tenants->count++] = (struct tenant){.name = voice->who.tenant};
		tenants->row[at].hosts = sum(tenants->row[at].hosts, voice->hosts);
		tenants->row[at].sensors++;
	}
}

/* Of the one tenant that is loud, the sensors that made it so. */
static void name_far(struct qw_popularity *out, const struct qw_dryrun_result *result, const struct tenant *loud,
		     uint64_t noise)
{
	for (size_t i = 0; i < result->asked; i++) {
		const struct qw_dryrun_voice *voice = &result->voice[i];
		if (counts(voice) && strcmp(voice->who.tenant, loud->name) == 0 && voice->hosts > noise / loud->sensors)
			out->far[out->far_count++] = &voice->who;
	}
}

static bool all_stand_alone(const struct qw_popularity *popularity, const struct qw_popular_trust *trust)
{
	for (size_t i = 0; i < popularity->far_count; i++)
		if (!trust->stands_alone(trust->ctx, popularity->far[i]))
			return false;
	return true;
}

void qw_popularity_weigh(struct qw_popularity *out, const struct qw_dryrun_result *result, uint64_t noise,
			 const struct qw_popular_trust *trust)
{
	const struct tenant *loud = NULL;
	struct tenants tenants;
	uint64_t second = 0; /* most hosts at a tenant that is not loud */

	gather(&tenants, result);
	*out = (struct qw_popularity){.tenants = tenants.count};
	for (size_t i = 0; i < tenants.count; i++) {
		const struct tenant *tenant = &tenants.row[i];
		out->loudest = tenant->hosts > out->loudest ? tenant->hosts : out->loudest;
		if (tenant->hosts > noise) {
			out->loud++;
			loud = tenant;
		} else if (tenant->hosts > second) {
			second = tenant->hosts;
		}
	}
	out->refused = out->loud > 0;
	if (out->loud != 1 || second > noise / QUARTER)
		return;
	name_far(out, result, loud, noise);
	out->refused = tenants.count <= OTHERS && all_stand_alone(out, trust);
}
