/* SPDX-License-Identifier: Apache-2.0 */
/* quaywatch-collector: options, configuration, and then the server. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/server.h"
#include "collector/settings.h"
#include "quaywatch/log.h"
#include "quaywatch/privilege.h"
#include "quaywatch/version.h"

enum { FILES_WANTED = 4096, SETS_MAX = 64 };

struct options {
	const char *config;
	const char *set[SETS_MAX];
	size_t sets;
	bool check, print;
};

static const char help[] =
    "quaywatch-collector -c FILE [-T] [--set KEY=VALUE]\n"
    "Keeps the alerts of all sensors, and sends them the port's indicators.\n\n"
    "  -c, --config FILE      settings (libconfig); every key has a default\n"
    "  -T, --check            read the settings, print every complaint, and exit\n"
    "      --set KEY=VALUE    override one setting (repeatable); VALUE in libconfig's syntax, quotes included\n"
    "      --print-config     print all settings with their meaning, and exit\n"
    "      --version, --help\n\n"
    "Example: quaywatch-collector -c /etc/quaywatch/collector.conf\n"
    "Before the first start make the keys: quaywatchctl keygen --help\n";

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, 'T'},
    {"set", required_argument, NULL, 's'},
    {"print-config", no_argument, NULL, 'p'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* -1: go on; else the exit status. */
static int parse_options(struct options *out, int argc, char **argv)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "c:Th", long_options, NULL)) != -1) {
		switch (letter) {
		case 'c': out->config = optarg; break;
		case 'T': out->check = true; break;
		case 'p': out->print = true; break;
		case 's':
			if (out->sets < SETS_MAX)
				out->set[out->sets++] = optarg;
			break;
		case 'h': fputs(help, stdout); return QW_EXIT_OK;
		case 'v': puts("quaywatch-collector " QW_VERSION); return QW_EXIT_OK;
		default: fputs("Try: quaywatch-collector --help\n", stderr); return QW_EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: not understood; try: quaywatch-collector --help\n", argv[optind]);
	return QW_EXIT_USAGE;
}

static enum qw_exit load(struct qw_config *config, const struct options *options, struct qw_diags *diags)
{
	enum qw_err err = options->config ? qw_config_load(config, options->config, diags) : QW_OK;

	if (err == QW_ENOENT || err == QW_EACCES) {
		fprintf(stderr, "%s: %s\n", options->config, qw_strerror(err));
		return err == QW_ENOENT ? QW_EXIT_NOINPUT : QW_EXIT_PERMISSION;
	}
	for (size_t i = 0; i < options->sets; i++) {
		enum qw_err set = qw_config_set(config, options->set[i], diags);
		err = err == QW_OK ? set : err;
	}
	qw_diags_print(diags, stderr);
	return err == QW_OK ? QW_EXIT_OK : QW_EXIT_CONFIG;
}

static enum qw_log_level level_of(const char *name)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum qw_log_level)i;
	return QW_LOG_INFO;
}

/* In every thread: the loop reads them from a descriptor. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static enum qw_exit run(const struct qw_config *config)
{
	struct qw_collector collector;
	const char *user = qw_config_text(config, QW_CFG_USER);

	qw_log_setup("collector", level_of(qw_config_text(config, QW_CFG_LOG_LEVEL)));
	block_signals();
	umask(0027);
	if (qw_raise_file_limit() < FILES_WANTED)
		qw_log(QW_LOG_WARNING, "FILE-LIMIT", "fewer than %d files may be open: many sensors will not be let in",
		       FILES_WANTED);
	enum qw_err err = qw_privilege_drop(user);
	if (err == QW_OK)
		err = qw_keys_start();
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "PRIVILEGE", "cannot become user \"%s\": %s; see collector.user", user,
		       qw_strerror(err));
		return QW_EXIT_PERMISSION;
	}
	enum qw_exit status = qw_collector_open(&collector, config);
	if (status == QW_EXIT_OK)
		status = qw_server_run(&collector);
	qw_collector_close(&collector);
	return status;
}

static enum qw_exit check(const struct qw_config *config)
{
	enum qw_exit status = qw_collector_check(config);

	if (status == QW_EXIT_OK)
		puts("the settings are good");
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.config = NULL};
	struct qw_config *config;
	struct qw_diags diags;
	int status = parse_options(&options, argc, argv);

	if (status >= 0)
		return status;
	if (qw_settings_new(&config) != QW_OK)
		return QW_EXIT_INTERNAL;
	qw_diags_init(&diags);
	status = load(config, &options, &diags);
	qw_diags_fini(&diags);
	if (status == QW_EXIT_OK && options.print)
		qw_config_print(config, stdout);
	else if (status == QW_EXIT_OK && options.check)
		status = check(config);
	else if (status == QW_EXIT_OK)
		status = run(config);
	qw_config_free(config);
	return status;
}
