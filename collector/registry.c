/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

/* Open addressing by key; entries are only ever added. */
struct qw_registry {
	struct qw_hash_key hash;
	struct qw_entrant **slot;
	size_t mask, count, admitted;
	char (*tenant)[QW_NAME_MAX + 1]; /* those in good standing */
	size_t tenants;
};

enum { SLOTS_START = 64 };

enum qw_err qw_registry_new(struct qw_registry **out)
{
	struct qw_registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return QW_ENOMEM;
	registry->hash = qw_hash_key_random();
	registry->mask = SLOTS_START - 1;
	registry->slot = calloc(SLOTS_START, sizeof(struct qw_entrant *));
	if (!registry->slot) {
		free(registry);
		return QW_ENOMEM;
	}
	*out = registry;
	return QW_OK;
}

void qw_registry_free(struct qw_registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i <= registry->mask; i++)
		free(registry->slot[i]);
	free(registry->slot);
	free(registry->tenant);
	free(registry);
}

static size_t place_of(const struct qw_registry *registry, const char *key)
{
	size_t at = (size_t)qw_siphash(registry->hash, key, strlen(key)) & registry->mask;

	while (registry->slot[at] && strcmp(registry->slot[at]->key, key) != 0)
		at = (at + 1) & registry->mask;
	return at;
}

static enum qw_err double_slots(struct qw_registry *registry)
{
	struct qw_entrant **old = registry->slot;
	size_t slots = registry->mask + 1;

	registry->slot = calloc(slots * 2, sizeof(struct qw_entrant *));
	if (!registry->slot) {
		registry->slot = old;
		return QW_ENOMEM;
	}
	registry->mask = slots * 2 - 1;
	for (size_t i = 0; i < slots; i++)
		if (old[i])
			registry->slot[place_of(registry, old[i]->key)] = old[i];
	free(old);
	return QW_OK;
}

static enum qw_err load_sensor(void *ctx, const struct qw_sensor_row *row)
{
	struct qw_registry *registry = ctx;
	struct qw_entrant *entrant = registry->slot[place_of(registry, row->key)];

	if (!entrant) {
		if ((registry->count + 1) * 2 > registry->mask && double_slots(registry) != QW_OK)
			return QW_ENOMEM;
		entrant = calloc(1, sizeof(*entrant));
		if (!entrant)
			return QW_ENOMEM;
		snprintf(entrant->key, sizeof(entrant->key), "%s", row->key);
		registry->slot[place_of(registry, row->key)] = entrant;
		registry->count++;
	}
	snprintf(entrant->who.tenant, sizeof(entrant->who.tenant), "%s", row->tenant);
	snprintf(entrant->who.sensor, sizeof(entrant->who.sensor), "%s", row->name);
	entrant->admitted = row->revoked.ns == 0;
	registry->admitted += entrant->admitted;
	return QW_OK;
}

static enum qw_err load_tenant(void *ctx, const struct qw_tenant_row *row)
{
	struct qw_registry *registry = ctx;

	if (row->revoked.ns != 0)
		return QW_OK;
	char(*grown)[QW_NAME_MAX + 1] = realloc(registry->tenant, (registry->tenants + 1) * sizeof(*grown));
	if (!grown)
		return QW_ENOMEM;
	registry->tenant = grown;
	snprintf(grown[registry->tenants++], sizeof(*grown), "%s", row->name);
	return QW_OK;
}

enum qw_err qw_registry_load(struct qw_registry *registry, struct qw_store *store)
{
	/* A key that the store no longer holds was replaced. */
	for (size_t i = 0; i <= registry->mask; i++)
		if (registry->slot[i])
			registry->slot[i]->admitted = false;
	registry->tenants = registry->admitted = 0;
	enum qw_err err = qw_store_each_tenant(store, load_tenant, registry);
	return err == QW_OK ? qw_store_each_sensor(store, load_sensor, registry) : err;
}

const struct qw_entrant *qw_registry_find(const struct qw_registry *registry, const char *key)
{
	return registry->slot[place_of(registry, key)];
}

bool qw_registry_has_tenant(const struct qw_registry *registry, const char *tenant)
{
	for (size_t i = 0; i < registry->tenants; i++)
		if (strcmp(registry->tenant[i], tenant) == 0)
			return true;
	return false;
}

size_t qw_registry_sensors(const struct qw_registry *registry, const char *tenant)
{
	size_t count = 0;

	for (size_t i = 0; i <= registry->mask; i++) {
		const struct qw_entrant *entrant = registry->slot[i];
		count += entrant && entrant->admitted && strcmp(entrant->who.tenant, tenant) == 0;
	}
	return count;
}

size_t qw_registry_count(const struct qw_registry *registry)
{
	return registry->admitted;
}
