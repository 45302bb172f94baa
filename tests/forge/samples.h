/* SPDX-License-Identifier: Apache-2.0 */
/* samples - one right frame of every kind that is decoded. */
#pragma once

#include "tests/forge/forge.h"

struct forge_sample {
	const char *name;
	void (*build)(struct forge_packet *packet); /* layers, without begin and end */
	uint16_t link;
	uint32_t views;
	bool plain; /* every layer is one that the forge knows, and must be whole */
};

extern const struct forge_sample forge_samples[];
extern const size_t forge_sample_count;

/* Protocols right above Ethernet, which decoding calls no network protocol of its own. */
extern const struct forge_sample forge_link_samples[];
extern const size_t forge_link_sample_count;

/* There is one of that name, or it aborts. */
const struct forge_sample *forge_sample_find(const char *name);
void forge_sample_build(struct forge_packet *packet, const struct forge_sample *sample);
