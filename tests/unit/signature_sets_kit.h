/* SPDX-License-Identifier: Apache-2.0 */
/* signature_sets_kit - rules that name files, each test in a folder of its own. */
#pragma once

#include "signature_kit.h"

#include "quaywatch/file.h"

/* ---- a folder for each test */

static char folder[] = "qw-sets-XXXXXX";

static inline int enter(void **state)
{
	memcpy(folder, "qw-sets-XXXXXX", sizeof(folder));
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static inline int leave(void **state)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return chdir("..") != 0 || system(command) != 0;
}

static inline void put(const char *path, const char *text)
{
	assert_int_equal(qw_file_replace(path, text, strlen(text), 0600), QW_OK);
}

/* ---- rules that are understood, and what they find */

#define RULE(options) "alert tcp any any -> any any (" options " sid:1;)\n"

static inline void begin(struct kit *kit)
{
	kit_begin(kit);
	kit->options.categories = "categories";
	kit->options.reputation = "first.list, second.list";
}

static inline void open_rules(struct kit *kit, const char *rules)
{
	begin(kit);
	kit_read(kit, rules);
	if (kit->diags.errors)
		fail_msg("%s%u:%u: %s", rules, kit->diags.rows[0].line, kit->diags.rows[0].column, kit->diags.rows[0].text);
	kit_open(kit);
}

/* Does the first rule, of one value? */
static inline bool fires_on(struct kit *kit, enum qw_buffer buffer, const char *data, size_t len)
{
	struct scene scene = scene_tcp();
	scene.values[0] = (struct value){buffer, data, len};
	return scene_fires(kit, &scene, 0);
}
