/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/journal.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "collector/recovery.h"
#include "collector/sums.h"
#include "quaywatch/file.h"

struct group {
	struct qw_text text;
	size_t line_start; /* of the line being rendered */
	size_t records;
	struct qw_time first; /* when the first line came */
};

enum commit { COMMIT_IDLE, COMMIT_ASKED, COMMIT_DONE };

/*
 * The caller owns group[filling]; the committer owns the other one and the
 * segment while commit is COMMIT_ASKED.
 */
struct qw_journal {
	char *folder;
	struct qw_segment segment;
	struct group group[2];
	unsigned filling;
	uint64_t number;   /* of the filling group */
	bool busy;         /* the committer was asked and its answer is not taken yet */
	bool kept;         /* group[!filling] waits for room on the disk */
	uint64_t durable;  /* bytes of the segment, as of the last answer */
	enum qw_err state; /* QW_OK, or final */
	struct qw_journal_stats stats;
	int event;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	enum commit commit;
	enum qw_err result;
	uint64_t result_ns; /* how long it took */
	bool stop;
};

/* ---- the committer's side */

static enum qw_err sync_both(const struct qw_segment *segment)
{
	if (fdatasync(segment->data) != 0 || fdatasync(segment->sums) != 0)
		return QW_EIO;
	return QW_OK;
}

/* Takes back a write that did not end; only a disk that is full is not final. */
static enum qw_err undo_write(const struct qw_segment *segment, enum qw_err err)
{
	if (ftruncate(segment->data, (off_t)segment->size) != 0 ||
	    ftruncate(segment->sums, (off_t)segment->sum_size) != 0)
		return QW_EIO;
	return err;
}

static enum qw_err write_group(struct qw_segment *segment, const struct group *group)
{
	char line[QW_SUM_LINE_MAX];
	struct qw_text text;
	struct qw_sum sum = qw_sum_of(segment->size, group->text.at, group->text.len);

	qw_text_init(&text, line, sizeof(line));
	qw_sum_write(&text, &sum);
	enum qw_err err = qw_write_all(segment->data, group->text.at, group->text.len);
	if (err == QW_OK)
		err = qw_write_all(segment->sums, line, text.len);
	if (err != QW_OK)
		return undo_write(segment, err);
	err = sync_both(segment);
	if (err != QW_OK)
		return err;
	segment->size += group->text.len;
	segment->sum_size += text.len;
	return QW_OK;
}

static void signal_done(struct qw_journal *journal)
{
	uint64_t one = 1;
	/* The counter cannot overflow: one commit is outstanding at most. */
	ssize_t wrote = write(journal->event, &one, sizeof(one));
	(void)wrote;
}

static void *committer(void *arg)
{
	struct qw_journal *journal = arg;

	pthread_mutex_lock(&journal->lock);
	for (;;) {
		while (journal->commit != COMMIT_ASKED && !journal->stop)
			pthread_cond_wait(&journal->wake, &journal->lock);
		if (journal->commit != COMMIT_ASKED)
			break;
		struct group *group = &journal->group[!journal->filling];
		pthread_mutex_unlock(&journal->lock);

		struct qw_time start = qw_time_monotonic();
		enum qw_err err = write_group(&journal->segment, group);
		uint64_t took = (uint64_t)qw_time_sub(qw_time_monotonic(), start).ns;

		pthread_mutex_lock(&journal->lock);
		journal->result = err;
		journal->result_ns = took;
		journal->commit = COMMIT_DONE;
		signal_done(journal);
		pthread_cond_broadcast(&journal->wake);
	}
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

/* ---- opening and closing */

static int open_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static enum qw_err open_segment(struct qw_journal *journal)
{
	journal->segment.data = open_file(journal->folder, "alerts.json");
	if (journal->segment.data < 0)
		return qw_err_from_errno(errno);
	journal->segment.sums = open_file(journal->folder, "alerts.json.sum");
	if (journal->segment.sums < 0)
		return qw_err_from_errno(errno);
	return qw_sync_folder(journal->folder);
}

static void close_segment(struct qw_segment *segment)
{
	if (segment->data >= 0)
		close(segment->data);
	if (segment->sums >= 0)
		close(segment->sums);
	segment->data = segment->sums = -1;
}

static enum qw_err make_group(struct group *group)
{
	char *memory = malloc(QW_JOURNAL_BUFFER);

	if (!memory)
		return QW_ENOMEM;
	qw_text_init(&group->text, memory, QW_JOURNAL_BUFFER);
	return QW_OK;
}

/* Signals are the main thread's. */
static enum qw_err start_thread(struct qw_journal *journal)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&journal->thread, NULL, committer, journal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	journal->started = failed == 0;
	return failed ? qw_err_from_errno(failed) : QW_OK;
}

enum qw_err qw_journal_open(struct qw_journal **out, const struct qw_journal_options *options,
			    struct qw_journal_recovery *recovery)
{
	struct qw_journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return QW_ENOMEM;
	pthread_mutex_init(&journal->lock, NULL);
	pthread_cond_init(&journal->wake, NULL);
	journal->segment.data = journal->segment.sums = -1;
	journal->number = 1;
	journal->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	journal->folder = strdup(options->folder);
	enum qw_err err = journal->event < 0 ? qw_err_from_errno(errno) : journal->folder ? QW_OK : QW_ENOMEM;
	if (err == QW_OK)
		err = make_group(&journal->group[0]);
	if (err == QW_OK)
		err = make_group(&journal->group[1]);
	if (err == QW_OK)
		err = open_segment(journal);
	if (err == QW_OK)
		err = qw_recover_segment(&journal->segment, options, recovery);
	journal->durable = journal->segment.size;
	if (err == QW_OK)
		err = start_thread(journal);
	if (err != QW_OK) {
		qw_journal_close(journal);
		return err;
	}
	*out = journal;
	return QW_OK;
}

/* Waits for the commit under way, if any, and takes its result. */
static enum qw_err wait_commit(struct qw_journal *journal)
{
	uint64_t group;

	pthread_mutex_lock(&journal->lock);
	while (journal->commit == COMMIT_ASKED)
		pthread_cond_wait(&journal->wake, &journal->lock);
	pthread_mutex_unlock(&journal->lock);
	enum qw_err err = qw_journal_end_commit(journal, &group);
	return err == QW_EAGAIN ? QW_OK : err;
}

static void stop_thread(struct qw_journal *journal)
{
	enum qw_err err = wait_commit(journal);

	for (int rounds = 0; err == QW_OK && rounds < 2; rounds++) {
		err = qw_journal_start_commit(journal);
		if (err == QW_OK)
			err = wait_commit(journal);
	}
	pthread_mutex_lock(&journal->lock);
	journal->stop = true;
	pthread_cond_broadcast(&journal->wake);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->thread, NULL);
}

void qw_journal_close(struct qw_journal *journal)
{
	if (!journal)
		return;
	if (journal->started)
		stop_thread(journal);
	close_segment(&journal->segment);
	if (journal->event >= 0)
		close(journal->event);
	free(journal->group[0].text.at);
	free(journal->group[1].text.at);
	free(journal->folder);
	pthread_cond_destroy(&journal->wake);
	pthread_mutex_destroy(&journal->lock);
	free(journal);
}

/* ---- filling */

struct qw_text *qw_journal_line(struct qw_journal *journal, size_t max)
{
	struct group *group = &journal->group[journal->filling];

	if (journal->state != QW_OK || max > group->text.size - group->text.len)
		return NULL;
	group->line_start = group->text.len;
	return &group->text;
}

void qw_journal_end_line(struct qw_journal *journal, struct qw_time now)
{
	struct group *group = &journal->group[journal->filling];

	if (group->text.cut) { /* never in the log as if it were whole; the caller asked for too little */
		group->text.len = group->line_start;
		group->text.cut = false;
		return;
	}
	if (group->records++ == 0)
		group->first = now;
}

uint64_t qw_journal_group(const struct qw_journal *journal)
{
	return journal->number;
}

size_t qw_journal_pending(const struct qw_journal *journal)
{
	return journal->group[journal->filling].records;
}

/* ---- committing */

int64_t qw_journal_due(const struct qw_journal *journal, struct qw_time now)
{
	const struct group *group = &journal->group[journal->filling];

	if (journal->state != QW_OK || group->records == 0 || journal->kept || journal->busy)
		return -1;
	if (group->records >= QW_JOURNAL_GROUP_RECORDS)
		return 0;
	int64_t left = group->first.ns + QW_JOURNAL_GROUP_MS * QW_NS_PER_MS - now.ns;
	return left > 0 ? left : 0;
}

static void ask_commit(struct qw_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	journal->commit = COMMIT_ASKED;
	if (!journal->kept) {
		journal->filling = !journal->filling;
		journal->number++;
	}
	journal->kept = false;
	journal->busy = true;
	pthread_cond_broadcast(&journal->wake);
	pthread_mutex_unlock(&journal->lock);
}

enum qw_err qw_journal_start_commit(struct qw_journal *journal)
{
	if (journal->state != QW_OK)
		return journal->state;
	if (journal->busy)
		return QW_EAGAIN;
	if (journal->kept || journal->group[journal->filling].records > 0)
		ask_commit(journal);
	return QW_OK;
}

bool qw_journal_is_busy(const struct qw_journal *journal)
{
	return journal->busy;
}

int qw_journal_fd(const struct qw_journal *journal)
{
	return journal->event;
}

static void count_commit(struct qw_journal *journal, struct group *group, uint64_t took)
{
	journal->stats.commits++;
	journal->stats.records += group->records;
	journal->stats.bytes += group->text.len;
	if (took > journal->stats.commit_ns_max)
		journal->stats.commit_ns_max = took;
	group->records = group->text.len = 0;
}

enum qw_err qw_journal_end_commit(struct qw_journal *journal, uint64_t *group)
{
	uint64_t count;
	ssize_t got = read(journal->event, &count, sizeof(count));

	(void)got; /* EAGAIN: told below */
	pthread_mutex_lock(&journal->lock);
	bool done = journal->commit == COMMIT_DONE;
	enum qw_err err = done ? journal->result : QW_EAGAIN;
	uint64_t took = journal->result_ns;
	if (done) {
		journal->commit = COMMIT_IDLE;
		journal->busy = false;
		journal->durable = journal->segment.size;
	}
	pthread_mutex_unlock(&journal->lock);
	if (err == QW_OK) {
		count_commit(journal, &journal->group[!journal->filling], took);
		*group = journal->number - 1;
	} else if (err == QW_ENOSPC) {
		journal->kept = true;
		journal->stats.full++;
	} else if (err != QW_EAGAIN) {
		journal->state = err;
	}
	return err;
}

enum qw_err qw_journal_state(const struct qw_journal *journal)
{
	return journal->state;
}

struct qw_journal_place qw_journal_place(const struct qw_journal *journal)
{
	return (struct qw_journal_place){journal->segment.number, journal->durable};
}

struct qw_journal_stats qw_journal_stats(const struct qw_journal *journal)
{
	return journal->stats;
}

/* ---- rotation */

static enum qw_err rename_pair(struct qw_journal *journal, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "%s/alerts.json.sum", journal->folder);
	snprintf(to, sizeof(to), "%s/%s.sum", journal->folder, name);
	if (rename(from, to) != 0)
		return qw_err_from_errno(errno);
	snprintf(from, sizeof(from), "%s/alerts.json", journal->folder);
	snprintf(to, sizeof(to), "%s/%s", journal->folder, name);
	return rename(from, to) == 0 ? QW_OK : qw_err_from_errno(errno);
}

static void segment_name(char name[QW_JOURNAL_NAME_MAX], struct qw_time now, uint64_t number)
{
	time_t seconds = (time_t)(now.ns / QW_NS_PER_S);
	char stamp[24];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
	/* The number keeps two rotations of one second apart, and the names in order. */
	snprintf(name, QW_JOURNAL_NAME_MAX, "alerts-%s-%06llu.json", stamp, (unsigned long long)number);
}

static enum qw_err begin_segment(struct qw_journal *journal, uint64_t number)
{
	char line[QW_SUM_LINE_MAX];
	struct qw_text text;

	close_segment(&journal->segment);
	enum qw_err err = open_segment(journal);
	if (err != QW_OK)
		return err;
	qw_text_init(&text, line, sizeof(line));
	qw_sum_write_head(&text, number);
	journal->segment.number = number;
	journal->segment.size = journal->durable = 0;
	journal->segment.sum_size = text.len;
	err = qw_write_all(journal->segment.sums, line, text.len);
	return err == QW_OK ? sync_both(&journal->segment) : err;
}

enum qw_err qw_journal_rotate(struct qw_journal *journal, struct qw_time now, char name[QW_JOURNAL_NAME_MAX])
{
	uint64_t number = journal->segment.number;

	if (journal->state != QW_OK)
		return journal->state;
	if (journal->busy || journal->kept)
		return QW_EAGAIN;
	segment_name(name, now, number);
	enum qw_err err = rename_pair(journal, name);
	if (err == QW_OK)
		err = begin_segment(journal, number + 1);
	journal->state = err;
	return err;
}
