/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "quaywatch/version.h"

enum { OPT_EVENTS = 256, OPT_STATS, OPT_SET, OPT_PACKS, OPT_STRICT, OPT_LEARN, OPT_PRINT, OPT_VERSION };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},   {"interface", required_argument, NULL, 'i'},
	{"read", required_argument, NULL, 'r'},     {"rules", required_argument, NULL, 'S'},
	{"alerts", required_argument, NULL, 'o'},   {"events", required_argument, NULL, OPT_EVENTS},
	{"stats", required_argument, NULL, OPT_STATS}, {"workers", required_argument, NULL, 'w'},
	{"check", no_argument, NULL, 'T'},          {"set", required_argument, NULL, OPT_SET},
	{"filter", required_argument, NULL, 'f'},   {"packs", no_argument, NULL, OPT_PACKS},
	{"learn", required_argument, NULL, OPT_LEARN},
	{"strict", no_argument, NULL, OPT_STRICT},  {"help", no_argument, NULL, 'h'},
	{"print-config", no_argument, NULL, OPT_PRINT}, {"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: quaywatch-sensor [-c FILE] (-i IF... | -r CAPTURE...) [-S PATH...] [-o FILE|-]\n"
	"\n"
	"Listens on a mirror port, or reads captures, and alerts on what the ruleset holds.\n"
	"\n"
	"  -c, --config FILE      configuration (libconfig); every key has a default\n"
	"  -i, --interface IF     listen there (repeatable)\n"
	"  -r, --read PATH        pcap or pcapng file, or a folder of them (repeatable)\n"
	"  -S, --rules PATH       file or folder of signatures, indicator lists, STIX, MISP (repeatable)\n"
	"  -o, --alerts FILE|-    write alerts there as EVE JSON Lines\n"
	"      --events LIST      write these too: flow,dns,http,tls,ot,asset,stats or all\n"
	"      --stats FILE|-     one JSON object of counts at the end\n"
	"  -w, --workers N        packet workers (default: one per processor live, 1 for files)\n"
	"  -T, --check            read configuration and rules, print every complaint and which rules cost most, exit\n"
	"      --strict           a refused signature is fatal\n"
	"      --set KEY=VALUE    override one configuration key (repeatable)\n"
	"  -f, --filter EXPR      BPF filter\n"
	"      --packs            load the shipped rule packs too\n"
	"      --learn FILE       learn from captures what is normal, into FILE (watch.baseline), and alert on nothing\n"
	"      --print-config     print every configuration key with its value and meaning, and exit\n"
	"      --version          print the version\n"
	"\n"
	"examples:\n"
	"  quaywatch-sensor -r crane.pcap -S rules/ -o -\n"
	"  quaywatch-sensor -r monday.pcap --learn normal.json\n"
	"  quaywatch-sensor -c /etc/quaywatch/sensor.conf\n";

static bool list_add(struct qw_option_list *list, const char *item)
{
	if (list->count == QW_OPTION_LIST_MAX) {
		fprintf(stderr, "quaywatch-sensor: more than %d of one option: use a folder instead\n", QW_OPTION_LIST_MAX);
		return false;
	}
	list->item[list->count++] = item;
	return true;
}

static bool read_workers(struct qw_options *options, const char *text)
{
	char *end;
	errno = 0;
	long value = strtol(text, &end, 10);

	if (errno || end == text || *end || value < 1 || value > 64) {
		fprintf(stderr, "quaywatch-sensor: --workers '%s': a number from 1 to 64 is wanted\n", text);
		return false;
	}
	options->workers = (int)value;
	return true;
}

static bool take(struct qw_options *options, int option, const char *value)
{
	switch (option) {
	case 'c': options->config = value; return true;
	case 'i': return list_add(&options->interfaces, value);
	case 'r': return list_add(&options->captures, value);
	case 'S': return list_add(&options->rules, value);
	case 'o': options->alerts = value; return true;
	case 'f': options->filter = value; return true;
	case 'w': return read_workers(options, value);
	case 'T': options->check = true; return true;
	case OPT_EVENTS: options->events = value; return true;
	case OPT_STATS: options->stats = value; return true;
	case OPT_SET: return list_add(&options->set, value);
	case OPT_LEARN: options->learn = value; return true;
	case OPT_PACKS: options->packs = true; return true;
	case OPT_STRICT: options->strict = true; return true;
	case OPT_PRINT: options->print_config = true; return true;
	default: return false;
	}
}

static bool is_coherent(const struct qw_options *options)
{
	if (options->interfaces.count && options->captures.count)
		fprintf(stderr, "quaywatch-sensor: --interface and --read: choose one\n");
	else if (options->learn && options->captures.count == 0)
		fprintf(stderr, "quaywatch-sensor: --learn learns from captures: give --read FILE (a sensor that listens learns by itself: watch.learn)\n");
	else if (options->check || options->print_config || options->config || options->interfaces.count || options->captures.count)
		return true;
	else
		fprintf(stderr, "quaywatch-sensor: nothing to do: give --read FILE, --interface IF or --config FILE "
				"(--help shows examples)\n");
	return false;
}

enum qw_option_result qw_options_parse(struct qw_options *options, int argc, char **argv)
{
	int option;

	*options = (struct qw_options){.workers = -1};
	while ((option = getopt_long(argc, argv, "c:i:r:S:o:w:Tf:h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return QW_OPTIONS_DONE;
		}
		if (option == OPT_VERSION) {
			puts("quaywatch-sensor " QW_VERSION);
			return QW_OPTIONS_DONE;
		}
		if (!take(options, option, optarg))
			return QW_OPTIONS_WRONG;
	}
	if (optind < argc) {
		fprintf(stderr, "quaywatch-sensor: '%s': not an option; captures are given with --read\n", argv[optind]);
		return QW_OPTIONS_WRONG;
	}
	return is_coherent(options) ? QW_OPTIONS_RUN : QW_OPTIONS_WRONG;
}
