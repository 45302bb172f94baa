/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands.h"

#include <stdio.h>
#include <string.h>

#include "collector/collector.h"
#include "collector/commands_of.h"

static const struct qw_command table[] = {
    {"status", "", "what the collector does, and whether it is well", "quaywatchctl status", qw_command_status, false},
    {"sensors", "", "every sensor: connected or not, its ruleset, its backlog", "quaywatchctl sensors",
     qw_command_sensors, false},
    {"sensor revoke", "TENANT SENSOR", "a sensor's key is worth nothing from now on",
     "quaywatchctl sensor revoke berth-100 gate-1", qw_command_sensor_revoke, true},
    {"tenants", "", "every tenant", "quaywatchctl tenants", qw_command_tenants, false},
    {"tenant list", "", "every tenant", "quaywatchctl tenant list", qw_command_tenants, false},
    {"tenant add", "TENANT", "a new tenant; letters, digits, '.', '_', '-'", "quaywatchctl tenant add berth-100",
     qw_command_tenant_add, true},
    {"tenant revoke", "TENANT", "none of a tenant's sensors is let in any more", "quaywatchctl tenant revoke berth-100",
     qw_command_tenant_revoke, true},
    {"enrol", "TENANT SENSOR [-o FILE]", "makes a sensor's key and the one file that it needs",
     "quaywatchctl enrol berth-100 gate-1 -o gate-1.conf", qw_command_enrol, true},
    {"alerts", "[--follow] [--tenant T] [--since TIME] [--limit N]", "the alert log, or its end as it grows",
     "quaywatchctl alerts --follow --tenant berth-100", qw_command_alerts, false},
    {"incidents show", "NUMBER [--tenant T]",
     "who met it, in which order, and by what; --tenant: as much as that tenant may be shown",
     "quaywatchctl incidents show 7 --tenant berth-100", qw_command_incidents_show, false},
    {"incidents ack", "NUMBER", "somebody looks after it", "quaywatchctl incidents ack 7", qw_command_incidents_ack, true},
    {"incidents close", "NUMBER --why TEXT",
     "it is over; another tenant that meets it opens it again, unless TEXT begins with \"false\"",
     "quaywatchctl incidents close 7 --why \"cleaned, passwords changed\"", qw_command_incidents_close, true},
    {"incidents", "[--all] [--limit N]", "attacks that more than one tenant met, the gravest first; --all: closed ones, too",
     "quaywatchctl incidents", qw_command_incidents, false},
    {"indicators add", "TYPE VALUE [--confidence N] [--tlp LABEL] [--until TIME] [--renew] [--tenant T] [--allow]"
     " [--canary] [--force] [--why TEXT]",
     "an indicator for every tenant, or for one; TYPE may be \"auto\"; --force: past allow entries and warning lists;"
     " --renew: each sighting puts its end off by as long again",
     "quaywatchctl indicators add domain bad.example --confidence 90 --tlp green", qw_command_indicators_add, true},
    {"indicators import", "FILE [--source NAME] [--confidence N] [--tlp LABEL] [--until TIME] [--tenant T] [--force]",
     "all indicators of a feed: plain, CSV, STIX 2.1, MISP",
     "quaywatchctl indicators import feed.json --source partner-cert", qw_command_indicators_import, true},
    {"export", "csv|plain|stix|misp|suricata [--type TYPE] [--tlp LABEL] [--tenant T]",
     "indicators for others: those that may leave the port (CLEAR), or as far as LABEL says, to standard output",
     "quaywatchctl export plain --type ip > firewall.txt", qw_command_export, true},
    {"indicators export", "[--format FORMAT] [--type TYPE] [--tlp LABEL] [--tenant T]", "the same as export",
     "quaywatchctl indicators export --format stix > port.json", qw_command_indicators_export, true},
    {"indicators list", "[--tenant T] [--limit N]", "the newest first", "quaywatchctl indicators list --limit 20",
     qw_command_indicators_list, false},
    {"indicators show", "VALUE", "who added it, when, why, who saw it, who has it",
     "quaywatchctl indicators show bad.example", qw_command_indicators_show, false},
    {"indicators revoke", "VALUE [--tenant T] [--allow]", "takes one back from every sensor",
     "quaywatchctl indicators revoke bad.example", qw_command_indicators_revoke, true},
    {"indicators false-positive", "[TYPE] VALUE", "takes one back from every sensor, and charges who brought it",
     "quaywatchctl indicators false-positive cdn.example", qw_command_false_positive, true},
    {"feeds add",
     "NAME PLACE [kind=auto|taxii|misp] [every=SECONDS] [confidence=N] [tlp=LABEL] [days=N] [source=TEXT] [tenant=T]"
     " [keep=PERCENT] [most=N] [megabytes=N] [timeout=SECONDS] [headers=FILE] [authority=FILE]",
     "a feed that is read again and again: file, folder, http(s), TAXII 2.1 collection, MISP feed",
     "quaywatchctl feeds add partner https://feeds.example/ip.txt every=900 confidence=70 days=14", qw_command_feeds_add,
     true},
    {"feeds list", "", "every feed: how old, how large, and whether it is well", "quaywatchctl feeds list", qw_command_feeds,
     false},
    {"feeds show", "NAME", "all that is known of a feed: its words, its last run, its first complaints",
     "quaywatchctl feeds show partner", qw_command_feeds_show, false},
    {"feeds run", "NAME [--shrunk] [--all]",
     "now, and waits for its end; --shrunk: it may have become small; --all: looks at entries that did not change, too",
     "quaywatchctl feeds run partner", qw_command_feeds_run, true},
    {"feeds remove", "NAME", "a feed that was added by hand; what it alone brought leaves every sensor",
     "quaywatchctl feeds remove partner", qw_command_feeds_remove, true},
    {"candidates promote", "[TYPE] VALUE [--confidence N] [--tlp LABEL]",
     "the urgent path: does not wait for more tenants; guards hold",
     "quaywatchctl candidates promote ip 198.51.100.7 --confidence 90", qw_command_candidates_promote, true},
    {"candidates", "[--limit N]", "what was proposed, how many tenants agree, and what it waits for",
     "quaywatchctl candidates", qw_command_candidates, false},
    {"proposals", "[--limit N]", "the same as candidates", "quaywatchctl proposals", qw_command_candidates, false},
    {"why", "VALUE", "its whole life: who proposed it, verdict, sequence, receipts, sightings, end",
     "quaywatchctl why 198.51.100.7", qw_command_why, false},
    {"quarantine list", "", "whose proposals count nothing, and why", "quaywatchctl quarantine list",
     qw_command_quarantine_list, false},
    {"quarantine lift", "TENANT [SENSOR]", "lets a sensor propose again",
     "quaywatchctl quarantine lift berth-100 gate-1", qw_command_quarantine_lift, true},
    {"rules publish", "FILE [--tenant T]", "signatures into a channel", "quaywatchctl rules publish port.rules",
     qw_command_rules_publish, true},
    {"channel term", "[--tenant T] [--to N]",
     "after a restored backup, when no sensor has what was lost: gives it up, and every sensor follows what is held "
     "here",
     "quaywatchctl channel term --to 3", qw_command_channel_term, true},
    {"receipts", "[--since TIME [--limit N]]",
     "which sensor holds which ruleset, since when, and whether that is proven; --since: each change that was, the last first",
     "quaywatchctl receipts --since 2026-11-01", qw_command_receipts, false},
    {"audit", "[--limit N]", "who changed what, and when", "quaywatchctl audit --limit 50", qw_command_audit, false},
    {"assets", "[ADDRESS]", "who is there, and who talks to whom: of a sensor, by its own socket (--socket)",
     "quaywatchctl --socket /var/lib/quaywatch/control.sock assets 10.1.4.20", NULL, false},
    {"propose", "[TYPE] VALUE [--confidence N] [--tlp LABEL] [--why TEXT]",
     "offers an indicator to the port: of a sensor, by its own socket (--socket)",
     "quaywatchctl --socket /var/lib/quaywatch/control.sock propose 198.51.100.7 --why \"scans our cranes\"", NULL,
     false},
    {"keygen", "--state FOLDER --root FOLDER [--days N] [--rights LIST]",
     "makes or renews the collector's keys (offline)",
     "quaywatchctl keygen --state /var/lib/quaywatch --root /media/usb/quaywatch-root", NULL, false},
    {"version", "", "this program's version", "quaywatchctl version", NULL, false},
};

const struct qw_command *qw_commands(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

/* How many words of the row the request begins with, all of them; 0: not this row. */
static size_t match(const char *row, const char *const *words, size_t count)
{
	size_t used = 0;

	for (;; used++) {
		size_t len = strcspn(row, " ");
		if (used == count || strlen(words[used]) != len || memcmp(words[used], row, len) != 0)
			return 0;
		if (row[len] == '\0')
			return used + 1;
		row += len + 1;
	}
}

const struct qw_command *qw_commands_find(const char *const *words, size_t count, size_t *first)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t used = match(table[i].words, words, count);
		if (used == 0)
			continue;
		*first = used;
		return &table[i];
	}
	return NULL;
}

enum { AUDIT_TEXT_MAX = 1024 };

/* Secrets never come this way, so the words can be kept as they are. */
static void words_of(const struct qw_request *request, char out[AUDIT_TEXT_MAX])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < request->count && len < AUDIT_TEXT_MAX; i++)
		len += (size_t)snprintf(out + len, AUDIT_TEXT_MAX - len, "%s%s", i ? " " : "", request->word[i]);
}

static enum qw_err write_audit(struct qw_collector *collector, const struct qw_request *request, const char *what,
			       const char *detail)
{
	struct qw_audit_row row = {request->now, request->uid, what, detail};
	enum qw_err err = qw_store_audit(collector->store, &row);

	return err == QW_OK ? qw_store_commit(collector->store) : err;
}

/* What is asked for is recorded before it is done: also what fails, and what never ends. */
static enum qw_exit run_recorded(struct qw_collector *collector, const struct qw_command *command,
				 struct qw_request *request, size_t first, struct qw_reply *reply, struct qw_job **job)
{
	char what[AUDIT_TEXT_MAX];

	words_of(request, what);
	if (write_audit(collector, request, what, "asked") != QW_OK)
		return qw_reply_error(reply, QW_EXIT_IO, "not done: the audit log cannot be written (%s)",
				      qw_store_message(collector->store));
	enum qw_exit status = command->run(collector, request, first, reply, job);
	if (!*job && write_audit(collector, request, what, status == QW_EXIT_OK ? "done" : "failed") != QW_OK)
		qw_reply_error(reply, status, "done, but the audit log could not be written (%s)",
			       qw_store_message(collector->store));
	return status;
}

enum qw_exit qw_commands_run(void *ctx, struct qw_request *request, struct qw_reply *reply, struct qw_job **job)
{
	size_t first;
	const struct qw_command *command = qw_commands_find(request->word, request->count, &first);

	if (!command || !command->run)
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: the collector does not do that; see quaywatchctl --help",
				      request->word[0]);
	if (command->changes)
		return run_recorded(ctx, command, request, first, reply, job);
	return command->run(ctx, request, first, reply, job);
}

/* ---- for all commands */

/* The channel that it was about, or another that waits: what to do is the same. */
static enum qw_exit told_to_wait(const struct qw_collector *collector, struct qw_reply *reply, const char *what)
{
	char sentence[QW_RESTORATION_SENTENCE_MAX] = "not now; try again in a moment";
	struct qw_time now = qw_time_monotonic();

	for (size_t i = 0; i < qw_channels_count(collector->channels); i++)
		if (qw_restoration_holds(collector->restoration,
					 qw_channel_name(qw_channels_at(collector->channels, i)), now, sentence))
			break;
	return qw_reply_error(reply, QW_EXIT_UNAVAILABLE, "%s: %s", what, sentence);
}

enum qw_exit qw_command_failed(struct qw_collector *collector, struct qw_reply *reply, enum qw_err err,
			       const char *what)
{
	switch (err) {
	case QW_ESIGN:
		return qw_reply_error(
		    reply, QW_EXIT_PERMISSION,
		    "%s: the collector's key may not sign that, or not any more; renew it with quaywatchctl keygen"
		    " (--rights for signatures)",
		    what);
	case QW_EAGAIN: return told_to_wait(collector, reply, what);
	case QW_ENOSPC: return qw_reply_error(reply, QW_EXIT_IO, "%s: the disk is full; make room", what);
	case QW_ELIMIT: return qw_reply_error(reply, QW_EXIT_DATA, "%s: too large; give it in several files", what);
	case QW_ENOMEM: return qw_reply_error(reply, QW_EXIT_INTERNAL, "%s: out of memory", what);
	default:
		return qw_reply_error(reply, QW_EXIT_IO, "%s: %s (%s)", what, qw_strerror(err),
				      qw_store_message(collector->store));
	}
}

enum qw_exit qw_command_usage(struct qw_reply *reply, const struct qw_request *request, size_t first, const char *bad)
{
	size_t used;
	const struct qw_command *command = qw_commands_find(request->word, first, &used);

	if (bad)
		qw_reply_error(reply, QW_EXIT_USAGE, "%s: no option of this command, or its value is missing", bad);
	return qw_reply_error(reply, QW_EXIT_USAGE, "usage: quaywatchctl %s %s", command->words, command->arguments);
}

bool qw_command_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	uint64_t value = 0;

	if (!*text || strlen(text) > 18)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	if (value < least || value > most)
		return false;
	*out = value;
	return true;
}

void qw_command_time(struct qw_time at, char out[QW_COMMAND_TIME_MAX])
{
	char eve[QW_TIME_EVE_LEN + 1];

	if (at.ns == 0) {
		snprintf(out, QW_COMMAND_TIME_MAX, "-");
		return;
	}
	qw_time_eve(at, eve);
	snprintf(out, QW_COMMAND_TIME_MAX, "%.10s %.8sZ", eve, eve + 11);
}
