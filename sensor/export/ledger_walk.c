/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger_walk.h"

#include <string.h>

enum qw_err qw_ledger_walk_init(struct qw_ledger_walk *walk, const char *folder)
{
	*walk = (struct qw_ledger_walk){.folder = folder};
	enum qw_err err = qw_ledger_find(&walk->files, folder);

	return err == QW_OK ? qw_ledger_shed_read(&walk->shed, folder) : err;
}

void qw_ledger_walk_fini(struct qw_ledger_walk *walk)
{
	qw_ledger_unload(&walk->bytes);
}

static enum qw_err breaks(struct qw_ledger_walk *walk, enum qw_err err, const char *how)
{
	walk->broken = how;
	return err;
}

/* The first file goes on from what was shed, or from nothing. */
static enum qw_err check_first(struct qw_ledger_walk *walk)
{
	if (walk->number != walk->shed.number + 1)
		return breaks(walk, QW_EFORMAT, "files before it are missing that did not go for want of room");
	if (memcmp(walk->reader.before, walk->shed.chain, sizeof(walk->shed.chain)) != 0)
		return breaks(walk, QW_EFORMAT, "it does not follow the last file that went for want of room");
	return QW_OK;
}

static enum qw_err open_file(struct qw_ledger_walk *walk)
{
	uint8_t before[QW_SHA256_BYTES];
	bool is_first = walk->number == 0;

	memcpy(before, walk->reader.chain, sizeof(before));
	qw_ledger_unload(&walk->bytes);
	walk->number = is_first ? walk->files.first : walk->number + 1;
	walk->at = 0;
	enum qw_err err = qw_ledger_load(&walk->bytes, walk->folder, walk->number);
	if (err == QW_ENOENT)
		return breaks(walk, err, "the file is missing");
	if (err == QW_OK)
		err = qw_ledger_reader_init(&walk->reader, walk->bytes.whole);
	if (err != QW_OK)
		return breaks(walk, err, "the file cannot be read");
	walk->at = QW_LEDGER_HEAD;
	if (walk->reader.number != walk->number)
		return breaks(walk, QW_EFORMAT, "the file is not the one that its name says");
	if (is_first)
		return check_first(walk);
	if (memcmp(walk->reader.before, before, sizeof(before)) != 0)
		return breaks(walk, QW_EFORMAT, "it does not follow the file before it");
	return QW_OK;
}

enum qw_err qw_ledger_walk_next(struct qw_ledger_walk *walk, struct qw_ledger_record *out)
{
	enum qw_err err = walk->number ? qw_ledger_next(&walk->reader, out) : QW_EAGAIN;

	while (err == QW_EAGAIN) {
		if (walk->number == walk->files.last)
			return err;
		err = open_file(walk);
		if (err != QW_OK)
			return err;
		err = qw_ledger_next(&walk->reader, out);
	}
	if (err == QW_ETRUNC)
		return breaks(walk, err, "a record ends before its time: the file was cut");
	if (err != QW_OK)
		return breaks(walk, err, "a record is not the one that was written");
	walk->records++;
	walk->at = walk->bytes.whole.left - walk->reader.left.left;
	return QW_OK;
}
