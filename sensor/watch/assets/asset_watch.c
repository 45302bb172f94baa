/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/asset_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "sensor/watch/assets/asset_command.h"
#include "sensor/watch/assets/asset_event.h"
#include "sensor/watch/assets/asset_file.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/inventory.h"
#include "sensor/watch/assets/oui.h"
#include "sensor/watch/assets/words.h"

enum { EVENT_MAX = 8 * 1024 };

struct keeper {
	struct qw_world *world;
	struct qw_assets *assets;
	struct qw_inventory *inventory; /* NULL: the tenant says nothing */
	struct qw_oui *oui;             /* NULL: no list of makers */
	struct qw_words *words;
	char path[PATH_MAX]; /* of the file that remembers; "": none does */
	bool refused;        /* what lies there is of no use: it is put aside before another is written */
	bool told;           /* that it cannot be written */
	pid_t child;         /* that writes it now; 0: none */
	bool late;           /* it wrote still when there was more to write */
	alignas(8) uint8_t event[EVENT_MAX];
};

static bool is_home(void *ctx, const struct qw_address *address)
{
	return qw_world_is_home(((struct keeper *)ctx)->world, address);
}

static void no_room(void *ctx)
{
	qw_world_no_room(((struct keeper *)ctx)->world);
}

/* ---- making */

static enum qw_err open_inventory(struct keeper *keeper)
{
	const char *path = qw_world_text(keeper->world, QW_WATCH_INVENTORY);
	struct qw_diags diags;

	if (*path == '\0')
		return QW_OK;
	qw_diags_init(&diags);
	enum qw_err err = qw_inventory_open(&keeper->inventory, path, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	return err;
}

/* Without the list all is as it was but for the makers: that is worth a line, not a refusal. */
static enum qw_err open_makers(struct keeper *keeper)
{
	const char *path = qw_world_text(keeper->world, QW_WATCH_MAKERS);
	enum qw_err err = *path ? qw_oui_open(&keeper->oui, path) : QW_OK;

	if (err == QW_ENOMEM)
		return err;
	if (err != QW_OK && qw_world_is_live(keeper->world))
		qw_log(QW_LOG_INFO, "NO-MAKERS", "%s: %s; who made a network card is not told; install ieee-data, or set watch.makers",
		       path, qw_strerror(err));
	qw_world_set_makers(keeper->world, keeper->oui);
	return QW_OK;
}

/* ---- writing */

static enum qw_err write_here(const struct keeper *keeper)
{
	return qw_asset_file_save(keeper->path, keeper->assets, keeper->words);
}

static void note_written(struct keeper *keeper, enum qw_err err)
{
	if (err != QW_OK && !keeper->told)
		qw_log(QW_LOG_WARNING, "ASSETS-WRITE", "%s: %s; who is there is forgotten at the next start", keeper->path, qw_strerror(err));
	keeper->told = err != QW_OK;
}

/*
 * A hundred thousand talks take a tenth of a second and more to write, in which
 * events would wait: a child, which has all as it is now, writes them.  It
 * neither logs nor touches what is shared.  False: there is none.
 */
static bool write_apart(struct keeper *keeper)
{
	enum { OTHER = 127 };
	pid_t child = fork();

	if (child == 0) {
		enum qw_err err = write_here(keeper);
		_exit(err > -OTHER ? -(int)err : OTHER);
	}
	keeper->child = child > 0 ? child : 0;
	return child > 0;
}

/* Does the child write still?  Without WNOHANG it is waited for. */
static bool is_writing(struct keeper *keeper, int flags)
{
	int status = 0;
	pid_t ended;

	if (keeper->child == 0)
		return false;
	do
		ended = waitpid(keeper->child, &status, flags);
	while (ended < 0 && errno == EINTR);
	if (ended == 0)
		return true;
	keeper->child = 0;
	note_written(keeper, ended > 0 && WIFEXITED(status) ? (enum qw_err)-WEXITSTATUS(status) : QW_EINVAL);
	return false;
}

static void keeper_free(void *state)
{
	struct keeper *keeper = state;

	(void)is_writing(keeper, 0);
	if (keeper->late)
		note_written(keeper, write_here(keeper));
	qw_words_free(keeper->words);
	qw_oui_free(keeper->oui);
	qw_inventory_free(keeper->inventory);
	qw_assets_free(keeper->assets);
	free(keeper);
}

static void count(struct keeper *keeper)
{
	struct qw_watch_counters *counters = qw_world_counters(keeper->world);

	counters->assets = qw_assets_count(keeper->assets);
	counters->talks = qw_assets_talks(keeper->assets);
}

static enum qw_err make_lists(struct keeper *keeper)
{
	struct qw_assets_options options = {
		.assets = (size_t)qw_world_int(keeper->world, QW_WATCH_ASSETS),
		.talks = (size_t)qw_world_int(keeper->world, QW_WATCH_TALKS),
		.is_home = is_home,
		.no_room = no_room,
		.ctx = keeper,
	};

	qw_words_free(keeper->words);
	qw_assets_free(keeper->assets);
	keeper->words = NULL;
	keeper->assets = NULL;
	enum qw_err err = qw_assets_new(&keeper->assets, &options);
	return err == QW_OK ? qw_words_new(&keeper->words, keeper->assets, keeper->inventory) : err;
}

static bool is_called_machine(void *ctx, const struct qw_address *address)
{
	const struct keeper *keeper = ctx;
	struct qw_host host = qw_host_of(address);
	const struct qw_asset *asset = qw_assets_find(keeper->assets, &host);
	const struct qw_inventory_row *row = qw_inventory_find(keeper->inventory, &host, asset && asset->has_mac ? asset->mac : NULL);

	return row && qw_inventory_is_machine(row);
}

/* What cannot be read is told, and the inventory begins anew: a sensor watches all the same. */
static enum qw_err remember(struct keeper *keeper)
{
	const char *folder = qw_world_state_folder(keeper->world);
	struct qw_diags diags;

	if (*folder == '\0')
		return QW_OK;
	if ((size_t)snprintf(keeper->path, sizeof(keeper->path), "%s/assets.json", folder) >= sizeof(keeper->path))
		return QW_ELIMIT;
	qw_diags_init(&diags);
	enum qw_err err = qw_asset_file_load(keeper->path, keeper->assets, keeper->words, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	if (err == QW_OK || err == QW_ENOENT)
		return QW_OK;
	keeper->refused = true;
	qw_log(QW_LOG_ERROR, "ASSETS-REFUSED", "%s: %s; the inventory begins anew, and the file is kept as assets.json.refused",
	       keeper->path, qw_strerror(err));
	return make_lists(keeper);
}

static enum qw_err keeper_make(void **state, struct qw_world *world)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		return QW_ENOMEM;
	keeper->world = world;
	enum qw_err err = open_inventory(keeper);
	if (err == QW_OK)
		err = open_makers(keeper);
	if (err == QW_OK)
		err = make_lists(keeper);
	if (err == QW_OK)
		err = remember(keeper);
	if (err != QW_OK) {
		keeper_free(keeper);
		return err;
	}
	count(keeper);
	qw_world_set_assets(world, keeper->assets);
	if (keeper->inventory)
		qw_world_set_called_machine(world, is_called_machine, keeper);
	*state = keeper;
	return QW_OK;
}

/* ---- watching */

static void keeper_seen(void *state, const struct qw_seen *seen)
{
	struct keeper *keeper = state;

	qw_assets_see(keeper->assets, seen);
	count(keeper);
}

static void tell(void *ctx, const struct qw_asset *asset)
{
	struct keeper *keeper = ctx;
	struct qw_event_writer writer;
	struct qw_called called = qw_words_called(keeper->assets, keeper->inventory, &asset->host);
	const char *maker = asset->host.is_mac ? qw_oui_find(keeper->oui, asset->host.bytes)
			    : asset->has_mac   ? qw_oui_find(keeper->oui, asset->mac)
					       : NULL;

	qw_asset_event(&writer, keeper->event, sizeof(keeper->event), asset, &called, maker);
	qw_world_emit(keeper->world, writer.event, qw_event_size(writer.event));
}

static void tell_news(struct keeper *keeper)
{
	if (qw_world_wants(keeper->world, QW_EVENT_ASSET))
		qw_assets_each_news(keeper->assets, tell, keeper);
}

/* What is learnt within a second is one event. */
static void keeper_tick(void *state, struct qw_time now)
{
	struct keeper *keeper = state;

	(void)now;
	tell_news(keeper);
}

static void put_aside(struct keeper *keeper)
{
	if (qw_file_set_aside(keeper->path) == QW_OK)
		keeper->refused = false;
}

static void keeper_save(void *state)
{
	struct keeper *keeper = state;

	tell_news(keeper);
	if (keeper->path[0] == '\0')
		return;
	keeper->late = is_writing(keeper, WNOHANG);
	if (keeper->late)
		return;
	if (keeper->refused)
		put_aside(keeper);
	if (!qw_world_is_live(keeper->world) || !write_apart(keeper))
		note_written(keeper, write_here(keeper));
}

static size_t keeper_dress(void *state, void *event, size_t size, size_t room)
{
	return qw_words_dress(((struct keeper *)state)->words, event, size, room);
}

static enum qw_exit answer_assets(void *state, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	struct keeper *keeper = state;
	struct qw_asset_list list = {keeper->assets, keeper->inventory, keeper->oui};

	return qw_asset_command(&list, request, first, reply);
}

static const struct qw_watch_command commands[] = {
	{"assets", "[ADDRESS]", "who is there; of one host also whom it talks to, and about what", answer_assets},
};

const struct qw_watcher_ops qw_asset_watch = {
	.name = "assets",
	.make = keeper_make,
	.free = keeper_free,
	.seen = keeper_seen,
	.tick = keeper_tick,
	.save = keeper_save,
	.dress = keeper_dress,
	.commands = commands,
	.command_count = sizeof(commands) / sizeof(commands[0]),
};
