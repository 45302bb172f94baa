/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says whether the rest is a file or an assignment.  What was accepted prints as what reads back. */
#include "quaywatch/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 itself forgets a string where the syntax breaks behind it: a few bytes for each refused file. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static const char *const choices[] = {"verify", "ignore", NULL};
static const struct qw_setting settings[] = {
	{.key = "capture.workers", .type = QW_SETTING_INT, .max = 64, .help = "workers"},
	{.key = "capture.checksums", .type = QW_SETTING_TEXT, .initial = "verify", .choices = choices, .help = "sums"},
	{.key = "files", .type = QW_SETTING_LIST, .help = "files"},
	{.key = "vars.*", .type = QW_SETTING_ANY, .help = "variables"},
	{.key = "ot.enabled", .type = QW_SETTING_BOOL, .help = "OT"},
};
enum { COUNT = sizeof(settings) / sizeof(settings[0]) };

static void print_and_read_back(const struct qw_config *config)
{
	char *text = NULL;
	size_t len = 0;
	struct qw_config *again;
	FILE *out = open_memstream(&text, &len);
	if (!out || qw_config_new(&again, settings, COUNT))
		abort();
	qw_config_print(config, out);
	fclose(out);
	if (qw_config_read(again, "again", text, NULL))
		abort();
	qw_config_free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_config *config;
	struct qw_diags diags;
	if (size == 0)
		return 0;
	char *text = strndup((const char *)data + 1, size - 1);
	if (!text || qw_config_new(&config, settings, COUNT))
		abort();
	qw_diags_init(&diags);
	enum qw_err err = data[0] % 2 ? qw_config_set(config, text, &diags) : qw_config_read(config, "f", text, &diags);
	if ((err == QW_OK) != (diags.errors == 0))
		abort();
	print_and_read_back(config);
	qw_diags_fini(&diags);
	qw_config_free(config);
	free(text);
	return 0;
}
