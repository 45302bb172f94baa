/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/request.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

static enum qw_err take_words(struct qw_request *request, const json_t *words)
{
	size_t count = json_array_size(words);

	if (!json_is_array(words) || count == 0)
		return QW_EFORMAT;
	if (count > QW_REQUEST_WORDS)
		return QW_ELIMIT;
	for (size_t i = 0; i < count; i++) {
		request->word[i] = json_string_value(json_array_get(words, i));
		if (!request->word[i])
			return QW_EFORMAT;
	}
	request->count = count;
	return QW_OK;
}

enum qw_err qw_request_parse(struct qw_request *out, const char *line, size_t len)
{
	struct qw_request request = {.fd = -1, .uid = -1};
	json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	if (!root)
		return QW_EFORMAT;
	request.memory = root;
	request.json = json_is_true(json_object_get(root, "json"));
	enum qw_err err = take_words(&request, json_object_get(root, "command"));
	if (err != QW_OK) {
		json_decref(root);
		return err;
	}
	*out = request;
	return QW_OK;
}

void qw_request_fini(struct qw_request *request)
{
	if (request->memory)
		json_decref(request->memory);
	if (request->fd >= 0)
		close(request->fd);
	*request = (struct qw_request){.fd = -1};
}

static const struct qw_option *find(const struct qw_option *options, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

enum qw_err qw_request_options(struct qw_request *request, size_t first, const struct qw_option *options, size_t count,
			       size_t *rest, const char **bad)
{
	size_t kept = first;

	for (size_t i = first; i < request->count; i++) {
		const char *word = request->word[i];
		if (strncmp(word, "--", 2) != 0) {
			request->word[kept++] = word;
			continue;
		}
		const struct qw_option *option = find(options, count, word);
		bool lacks = option && option->value && i + 1 == request->count;
		if (!option || lacks) {
			*bad = word;
			return QW_EINVAL;
		}
		if (option->flag)
			*option->flag = true;
		else
			*option->value = request->word[++i];
	}
	request->count = kept;
	*rest = kept - first;
	return QW_OK;
}
