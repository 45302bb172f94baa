/* SPDX-License-Identifier: Apache-2.0 */
/* enrol - makes a sensor's pair here, so that its secret never leaves this file; the collector gets the public half. */
#include "collector/ctl/local.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/keys.h"
#include "quaywatch/text.h"

enum { FIELD_MAX = 512, FILE_BYTES = 4096 };

struct answer {
	char address[FIELD_MAX], public_key[FIELD_MAX], root_key[FIELD_MAX];
	bool whole;
};

static void see_line(void *ctx, const char *line, size_t len)
{
	struct answer *answer = ctx;
	const char *address, *public_key, *root_key;
	json_t *root = json_loadb(line, len, 0, NULL);

	if (json_unpack(root, "{s:s,s:s,s:s}", "address", &address, "public_key", &public_key, "root_key", &root_key) ==
	    0) {
		snprintf(answer->address, sizeof(answer->address), "%s", address);
		snprintf(answer->public_key, sizeof(answer->public_key), "%s", public_key);
		snprintf(answer->root_key, sizeof(answer->root_key), "%s", root_key);
		answer->whole = true;
	}
	json_decref(root);
}

/* Z85 has no quote and no backslash, and names have neither: nothing needs escaping. */
static void write_file(struct qw_text *text, const char *tenant, const char *sensor, const struct answer *answer,
		       const struct qw_curve_pair *pair)
{
	qw_text_format(
	    text,
	    "# Enrolment of sensor %s of tenant %s. It holds a secret: keep it readable by the sensor alone.\n"
	    "sensor: {\n"
	    "\ttenant = \"%s\";\n"
	    "\tname = \"%s\";\n"
	    "\tpublic_key = \"%s\";\n"
	    "\tsecret_key = \"%s\";\n"
	    "};\n"
	    "collector: {\n"
	    "\taddress = \"%s\";\n"
	    "\tpublic_key = \"%s\";\n"
	    "\troot_key = \"%s\";\n"
	    "};\n"
	    "# rules: { packs = true; };  # the rules that ship with the sensor, too\n",
	    sensor, tenant, tenant, sensor, pair->public_z85, pair->secret_z85, answer->address, answer->public_key,
	    answer->root_key);
}

static enum qw_exit save(const char *path, const struct qw_text *text)
{
	enum qw_err err;

	if (strcmp(path, "-") == 0)
		err = qw_write_all(STDOUT_FILENO, text->at, text->len);
	else
		err = qw_file_replace(path, text->at, text->len, 0600);
	if (err == QW_OK)
		return QW_EXIT_OK;
	fprintf(stderr, "%s: %s; enrol the sensor again when it can be written (its old key is replaced then)\n", path,
		qw_strerror(err));
	return QW_EXIT_IO;
}

static enum qw_exit enrol(const struct qw_client *client, const char *tenant, const char *sensor, const char *path)
{
	struct qw_curve_pair pair;
	struct answer answer = {.whole = false};
	struct qw_answer take = {.line = see_line, .ctx = &answer};
	char file[FILE_BYTES];
	struct qw_text text;

	qw_curve_generate(&pair);
	const char *const request[] = {"enrol", tenant, sensor, pair.public_z85};
	enum qw_exit status = qw_client_ask(client, request, sizeof(request) / sizeof(request[0]), -1, &take);
	if (status == QW_EXIT_OK && !answer.whole) {
		fprintf(stderr, "the collector's answer was not understood; is quaywatchctl of its version?\n");
		status = QW_EXIT_UNAVAILABLE;
	}
	if (status == QW_EXIT_OK) {
		qw_text_init(&text, file, sizeof(file));
		write_file(&text, tenant, sensor, &answer, &pair);
		status = save(path, &text);
		qw_wipe(file, sizeof(file));
	}
	qw_wipe(&pair, sizeof(pair));
	if (status == QW_EXIT_OK && strcmp(path, "-") != 0 && client->json)
		printf("{\"tenant\":\"%s\",\"sensor\":\"%s\",\"file\":\"%s\"}\n", tenant, sensor, path);
	else if (status == QW_EXIT_OK && strcmp(path, "-") != 0)
		printf("%s/%s is enrolled; bring %s to it and start: quaywatch-sensor -c %s -i INTERFACE\n", tenant,
		       sensor, path, path);
	return status;
}

enum qw_exit qw_ctl_enrol(const struct qw_client *client, const char *const *words, size_t count)
{
	const char *name[2] = {NULL, NULL}, *path = NULL;
	char fallback[FIELD_MAX];
	size_t names = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_output = strcmp(words[i], "-o") == 0 || strcmp(words[i], "--output") == 0;
		if (is_output && i + 1 < count)
			path = words[++i];
		else if (!is_output && words[i][0] != '-' && names < 2)
			name[names++] = words[i];
		else
			names = 3;
	}
	if (names != 2) {
		fprintf(stderr, "usage: quaywatchctl enrol TENANT SENSOR [-o FILE]\n");
		return QW_EXIT_USAGE;
	}
	if (qw_keys_start() != QW_OK) {
		fprintf(stderr, "the system gives no random numbers; no key was made\n");
		return QW_EXIT_INTERNAL;
	}
	snprintf(fallback, sizeof(fallback), "%s-%s.conf", name[0], name[1]);
	return enrol(client, name[0], name[1], path ? path : fallback);
}
