/* SPDX-License-Identifier: Apache-2.0 */
/* quaywatchctl: options and command, then the collector, or what is done here. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands.h"
#include "collector/ctl/local.h"
#include "collector/settings.h"
#include "quaywatch/text.h"
#include "quaywatch/version.h"

/* Commands of which a part is done here; all others go to the socket as they are. */
static const struct {
	const char *words;
	enum qw_exit (*run)(const struct qw_client *client, const char *const *words, size_t count);
} locals[] = {
    {"keygen", qw_ctl_keygen},         {"enrol", qw_ctl_enrol},
    {"alerts", qw_ctl_alerts},         {"indicators import", qw_ctl_import},
    {"indicators export", qw_ctl_indicators_export}, {"export", qw_ctl_export},
    {"rules publish", qw_ctl_publish}, {"version", qw_ctl_version},
};

static void print_help(void)
{
	size_t count;
	const struct qw_command *command = qw_commands(&count);

	printf("quaywatchctl [--json] [--socket PATH] COMMAND\n\n"
	       "  --json           one JSON object a line\n"
	       "  --socket PATH    of the collector, or of a sensor (default %s)\n\n",
	       QW_CONTROL_DEFAULT);
	for (size_t i = 0; i < count; i++)
		printf("  %s %s\n      %s\n", command[i].words, command[i].arguments, command[i].help);
	printf("\nquaywatchctl COMMAND --help shows an example.\n");
}

static void print_command(const struct qw_command *command)
{
	printf("quaywatchctl %s %s\n  %s\n\nExample: %s\n", command->words, command->arguments, command->help,
	       command->example);
}

static bool asks_help(const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
			return true;
	return false;
}

/* The rows that begin with the word ("indicators"), on standard error; how many. */
static size_t print_family(const char *word)
{
	size_t count, shown = 0, len = strlen(word);
	const struct qw_command *command = qw_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (strncmp(command[i].words, word, len) != 0 || command[i].words[len] != ' ')
			continue;
		fprintf(stderr, "quaywatchctl %s %s\n", command[i].words, command[i].arguments);
		shown++;
	}
	return shown;
}

static enum qw_exit not_found(const char *word)
{
	const char *names[64];
	size_t count, known = 0;
	const struct qw_command *command = qw_commands(&count);

	for (size_t i = 0; i < count && known < sizeof(names) / sizeof(names[0]); i++)
		names[known++] = command[i].words;
	const char *nearest = qw_nearest(word, names, known);
	if (nearest)
		fprintf(stderr, "%s: no such command; did you mean \"%s\"?\n", word, nearest);
	else
		fprintf(stderr, "%s: no such command; see quaywatchctl --help\n", word);
	return QW_EXIT_USAGE;
}

static enum qw_exit run(const struct qw_client *client, const char *const *words, size_t count)
{
	size_t first;
	const struct qw_command *command = qw_commands_find(words, count, &first);

	if (command && asks_help(words + first, count - first)) {
		print_command(command);
		return QW_EXIT_OK;
	}
	if (!command && print_family(words[0]) > 0)
		return QW_EXIT_USAGE;
	/* A sensor knows commands that the collector does not: with its own socket given, it decides. */
	if (!command && strcmp(client->socket, QW_CONTROL_DEFAULT) == 0)
		return not_found(words[0]);
	for (size_t i = 0; command && i < sizeof(locals) / sizeof(locals[0]); i++)
		if (strcmp(locals[i].words, command->words) == 0)
			return locals[i].run(client, words + first, count - first);
	return qw_client_ask(client, words, count, -1, NULL);
}

int main(int argc, char **argv)
{
	struct qw_client client = {.socket = QW_CONTROL_DEFAULT};
	const char *words[256];
	size_t count = 0;

	signal(SIGPIPE, SIG_IGN);
	if (getenv("QUAYWATCH_SOCKET"))
		client.socket = getenv("QUAYWATCH_SOCKET");
	for (int i = 1; i < argc && count < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argv[i], "--json") == 0)
			client.json = true;
		else if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc)
			client.socket = argv[++i];
		else if (strcmp(argv[i], "--version") == 0 && count == 0)
			words[count++] = "version";
		else
			words[count++] = argv[i];
	}
	if (count > 0 && strcmp(words[0], "--help") != 0 && strcmp(words[0], "-h") != 0 &&
	    strcmp(words[0], "help") != 0)
		return run(&client, words, count);
	print_help();
	return count > 0 ? QW_EXIT_OK : QW_EXIT_USAGE;
}
