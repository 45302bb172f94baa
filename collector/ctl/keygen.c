/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keygen - the collector's keys, made where its state folder is.
 *
 * The root pair belongs on a medium that is unplugged afterwards; what stays is
 * its public half, an online pair, and the root's word (the delegation) what
 * the online key may change and until when.
 */
#include "collector/ctl/local.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/channel.h"
#include "quaywatch/file.h"
#include "quaywatch/keys.h"
#include "quaywatch/text.h"

enum { DAYS_DEFAULT = 90, DAYS_MAX = 3650, DAY_S = 86400, SKEW_S = 300 };

struct wish {
	const char *state, *root, *days, *rights;
};

static const struct {
	const char *name;
	uint32_t right;
} rights[] = {
    {"indicators", QW_RIGHT_INDICATORS},
    {"allow", QW_RIGHT_ALLOW},
    {"signatures", QW_RIGHT_SIGNATURES},
    {"term", QW_RIGHT_TERM},
};

static bool read_wish(struct wish *out, const char *const *words, size_t count)
{
	for (size_t i = 0; i + 1 < count; i += 2) {
		const char *name = words[i], *value = words[i + 1];
		if (strcmp(name, "--state") == 0)
			out->state = value;
		else if (strcmp(name, "--root") == 0)
			out->root = value;
		else if (strcmp(name, "--days") == 0)
			out->days = value;
		else if (strcmp(name, "--rights") == 0)
			out->rights = value;
		else
			return false;
	}
	return count % 2 == 0;
}

/* "indicators,allow"; 0: a word is not known. */
static uint32_t read_rights(const char *text)
{
	uint32_t out = 0;

	while (*text) {
		size_t len = strcspn(text, ","), i;
		for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
			if (strlen(rights[i].name) == len && memcmp(rights[i].name, text, len) == 0)
				break;
		if (i == sizeof(rights) / sizeof(rights[0]))
			return 0;
		out |= rights[i].right;
		text += len + (text[len] == ',');
	}
	return out;
}

static enum qw_exit fail(enum qw_err err, const char *path)
{
	fprintf(stderr, "%s: %s\n", path, qw_strerror(err));
	return err == QW_EACCES ? QW_EXIT_PERMISSION : QW_EXIT_IO;
}

/* An existing pair is kept; *fresh tells. */
static enum qw_err sign_pair(struct qw_sign_pair *out, const char *folder, const char *name, bool *fresh)
{
	char secret[PATH_MAX], public[PATH_MAX];

	snprintf(secret, sizeof(secret), "%s/%s.secret", folder, name);
	snprintf(public, sizeof(public), "%s/%s.public", folder, name);
	enum qw_err err = qw_sign_load(out, secret);
	*fresh = err == QW_ENOENT;
	if (err != QW_ENOENT)
		return err;
	qw_sign_generate(out);
	return qw_sign_save(out, secret, public);
}

static enum qw_err curve_pair(const char *folder)
{
	char secret[PATH_MAX], public[PATH_MAX];
	struct qw_curve_pair pair;

	snprintf(secret, sizeof(secret), "%s/collector.secret", folder);
	snprintf(public, sizeof(public), "%s/collector.public", folder);
	enum qw_err err = qw_curve_load(&pair, secret);
	if (err == QW_ENOENT) {
		qw_curve_generate(&pair);
		err = qw_curve_save(&pair, secret, public);
	}
	qw_wipe(&pair, sizeof(pair));
	return err;
}

/* The state folder's copy of the root's public half; another root's is a mistake that would cut off every sensor. */
static enum qw_err keep_root(const char *folder, const struct qw_sign_pair *root)
{
	char path[PATH_MAX], source[2 * QW_SIGN_PUBLIC_BYTES + 32];
	uint8_t known[QW_SIGN_PUBLIC_BYTES];
	struct qw_text text;

	snprintf(path, sizeof(path), "%s/root.public", folder);
	enum qw_err err = qw_sign_load_public(known, path);
	if (err == QW_OK)
		return memcmp(known, root->public_key, sizeof(known)) == 0 ? QW_OK : QW_ESIGN;
	if (err != QW_ENOENT)
		return err;
	qw_text_init(&text, source, sizeof(source));
	qw_text_literal(&text, "ed25519 public ");
	qw_text_hex(&text, root->public_key, sizeof(root->public_key));
	qw_text_char(&text, '\n');
	return qw_file_replace(path, source, text.len, 0644);
}

static enum qw_err delegate(const char *folder, const struct qw_sign_pair *root, const struct qw_sign_pair *online,
			    uint32_t granted, long days)
{
	struct qw_time now = qw_time_wall();
	struct qw_delegation delegation = {
	    .rights = granted,
	    .not_before = qw_time_sub(now, qw_time_seconds(SKEW_S)), /* clocks differ */
	    .not_after = qw_time_add(now, qw_time_seconds((int64_t)days * DAY_S)),
	};
	char path[PATH_MAX];
	uint8_t *packed;
	size_t len;

	memcpy(delegation.online_key, online->public_key, sizeof(delegation.online_key));
	enum qw_err err = qw_delegation_sign(&delegation, root, &packed, &len);
	if (err != QW_OK)
		return err;
	snprintf(path, sizeof(path), "%s/online.delegation", folder);
	err = qw_file_replace(path, packed, len, 0644);
	free(packed);
	return err;
}

/* Made by root for the collector's user: the new files follow the folder's owner. */
static void follow_owner(const char *folder)
{
	static const char *const names[] = {"collector.secret", "collector.public", "online.secret",
					    "online.public",    "root.public",      "online.delegation"};
	struct stat info;
	char path[PATH_MAX];

	if (geteuid() != 0 || stat(folder, &info) != 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (lchown(path, info.st_uid, info.st_gid) != 0)
			fprintf(stderr, "%s: could not be given to the folder's owner; do it with chown\n", path);
	}
}

static enum qw_exit make(const struct wish *wish, uint32_t granted, long days)
{
	struct qw_sign_pair root, online;
	bool root_fresh = false, online_fresh = false;

	enum qw_err err = qw_make_folder(wish->root, 0700);
	if (err != QW_OK)
		return fail(err, wish->root);
	err = qw_make_folder(wish->state, 0750);
	if (err == QW_OK)
		err = sign_pair(&root, wish->root, "root", &root_fresh);
	if (err != QW_OK)
		return fail(err, err == QW_OK ? wish->state : wish->root);
	err = keep_root(wish->state, &root);
	if (err == QW_ESIGN) {
		fprintf(
		    stderr,
		    "%s: root.public there is another root's; give the folder of that root, or an empty state folder\n",
		    wish->state);
		return QW_EXIT_DATA;
	}
	if (err == QW_OK)
		err = curve_pair(wish->state);
	if (err == QW_OK)
		err = sign_pair(&online, wish->state, "online", &online_fresh);
	if (err == QW_OK)
		err = delegate(wish->state, &root, &online, granted, days);
	qw_wipe(&root, sizeof(root));
	qw_wipe(&online, sizeof(online));
	if (err != QW_OK)
		return fail(err, wish->state);
	follow_owner(wish->state);
	printf("%s: %s; the collector may sign for %ld days\n", wish->state,
	       online_fresh ? "keys made" : "delegation renewed", days);
	if (root_fresh)
		printf("%s: the root key. Keep it offline: whoever has it commands every sensor\n", wish->root);
	return QW_EXIT_OK;
}

enum qw_exit qw_ctl_keygen(const struct qw_client *client, const char *const *words, size_t count)
{
	struct wish wish = {.rights = "indicators,allow"};
	long days = DAYS_DEFAULT;

	(void)client;
	bool good = read_wish(&wish, words, count) && wish.state && wish.root;
	uint32_t granted = read_rights(wish.rights);
	if (good && wish.days) {
		char *end;
		days = strtol(wish.days, &end, 10);
		good = *end == '\0' && days > 0 && days <= DAYS_MAX;
	}
	if (!good || granted == 0) {
		fprintf(stderr,
			"usage: quaywatchctl keygen --state FOLDER --root FOLDER [--days 1..%d]"
			" [--rights indicators,allow,signatures,term]\n",
			DAYS_MAX);
		return QW_EXIT_USAGE;
	}
	if (qw_keys_start() != QW_OK) {
		fprintf(stderr, "the system gives no random numbers; no key was made\n");
		return QW_EXIT_INTERNAL;
	}
	return make(&wish, granted, days);
}
