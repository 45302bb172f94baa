/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/loader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quaywatch/log.h"

struct qw_loader {
	int post, wake;
	pthread_t thread;
	bool runs;
	/* ---- the thread's, and before it runs the maker's */
	struct qw_ruleset current, next;
	bool next_open; /* next is another than current */
	struct qw_ruleset_images pending; /* what came and is not opened yet */
	uint32_t generation;              /* of what is pending; 0: nothing is */
	struct qw_post received;
	/* ---- shared */
	_Atomic(struct qw_ruleset *) waiting; /* next, from when it is whole until it is adopted */
	atomic_bool ended;                    /* no more will come */
	pthread_mutex_t lock;                 /* of `taken` and `closing` */
	pthread_cond_t change;
	bool taken, closing;
};

/* ---- opening */

/* What did not change is shared with the ruleset in force: compiled signatures, and parts that were checked. */
static enum qw_err open_next(struct qw_loader *loader)
{
	struct qw_ruleset *next = &loader->next;
	const struct qw_ruleset *now = &loader->current;
	enum qw_err err = QW_OK;

	*next = *now;
	next->generation = loader->generation;
	if (loader->pending.signatures >= 0)
		err = qw_signatures_open(&next->signatures, loader->pending.signatures);
	if (err != QW_OK)
		return err;
	err = qw_indicators_open_over(&next->indicators, now->indicators, &loader->pending.indicators);
	if (err != QW_OK && next->signatures != now->signatures)
		qw_signatures_close(next->signatures);
	return err;
}

/* What cannot be opened stays pending: the next change is to stand on it. */
static bool prepare(struct qw_loader *loader)
{
	uint32_t generation = loader->generation;

	if (!generation)
		return false;
	enum qw_err err = open_next(loader);
	loader->generation = 0;
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "RULESET-OPEN", "ruleset %u cannot be opened: %s; the one before stays in force", generation,
		       qw_strerror(err));
		return false;
	}
	qw_ruleset_images_close(&loader->pending);
	loader->next_open = true;
	return true;
}

static void close_old(struct qw_loader *loader)
{
	if (loader->current.signatures != loader->next.signatures)
		qw_signatures_close(loader->current.signatures);
	qw_indicators_close(loader->current.indicators);
	loader->current = loader->next;
	loader->next_open = false;
}

/* ---- handing over */

static void wake_worker(const struct qw_loader *loader)
{
	const uint64_t one = 1;

	(void)!write(loader->wake, &one, sizeof(one));
}

static void hand_over(struct qw_loader *loader)
{
	loader->taken = false; /* nobody else looks at it while nothing waits */
	atomic_store_explicit(&loader->waiting, &loader->next, memory_order_release);
	wake_worker(loader);
}

/* Waits until it is adopted.  False: the worker takes no more. */
static bool settle(struct qw_loader *loader)
{
	pthread_mutex_lock(&loader->lock);
	while (!loader->taken && !loader->closing)
		pthread_cond_wait(&loader->change, &loader->lock);
	bool taken = loader->taken;
	pthread_mutex_unlock(&loader->lock);
	if (taken)
		close_old(loader);
	return taken;
}

const struct qw_ruleset *qw_loader_waiting(const struct qw_loader *loader)
{
	return atomic_load_explicit(&loader->waiting, memory_order_acquire);
}

void qw_loader_adopted(struct qw_loader *loader)
{
	uint64_t count;

	atomic_store_explicit(&loader->waiting, NULL, memory_order_relaxed);
	if (!qw_loader_ended(loader))
		(void)!read(loader->wake, &count, sizeof(count));
	pthread_mutex_lock(&loader->lock);
	loader->taken = true;
	pthread_cond_signal(&loader->change);
	pthread_mutex_unlock(&loader->lock);
}

int qw_loader_wake_fd(const struct qw_loader *loader)
{
	return loader->wake;
}

bool qw_loader_ended(const struct qw_loader *loader)
{
	return atomic_load_explicit(&loader->ended, memory_order_relaxed);
}

/* ---- the thread */

static void take(struct qw_loader *loader)
{
	struct qw_ruleset_images fresh;

	if (qw_ruleset_images_read(&fresh, &loader->received) != QW_OK)
		return;
	qw_ruleset_images_take(&loader->pending, &fresh);
	loader->generation = loader->received.number;
}

/* Waits for posts; of several rulesets only the sum is opened.  False: no more will come. */
static bool receive(struct qw_loader *loader)
{
	struct pollfd ready = {loader->post, POLLIN, 0};
	enum qw_err err;

	if (poll(&ready, 1, -1) < 0 && errno != EINTR)
		return false;
	while ((err = qw_post_receive(loader->post, &loader->received)) == QW_OK)
		take(loader);
	return err == QW_EAGAIN;
}

static void *run(void *ctx)
{
	const struct sched_param param = {0};
	struct qw_loader *loader = ctx;

	(void)prctl(PR_SET_NAME, "qw-loader");
	(void)sched_setscheduler(0, SCHED_BATCH, &param); /* packets come first */
	bool goes_on = !loader->next_open || settle(loader);
	while (goes_on && receive(loader)) {
		if (!prepare(loader))
			continue;
		hand_over(loader);
		goes_on = settle(loader);
	}
	atomic_store(&loader->ended, true);
	wake_worker(loader);
	return NULL;
}

/* ---- life */

enum qw_err qw_loader_new(struct qw_loader **out, struct qw_loader_options *options)
{
	struct qw_loader *loader = calloc(1, sizeof(*loader));

	if (!loader) {
		qw_ruleset_images_close(&options->images);
		return QW_ENOMEM;
	}
	pthread_mutex_init(&loader->lock, NULL);
	pthread_cond_init(&loader->change, NULL);
	loader->post = options->post;
	loader->pending = options->images;
	options->images = qw_ruleset_images_none();
	loader->generation = options->generation;
	loader->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int number = loader->wake < 0 ? errno : 0;
	if (number == 0 && prepare(loader))
		hand_over(loader);
	if (number == 0)
		number = pthread_create(&loader->thread, NULL, run, loader);
	loader->runs = number == 0;
	if (number != 0) {
		qw_loader_free(loader);
		return qw_err_from_errno(number);
	}
	*out = loader;
	return QW_OK;
}

static void end_thread(struct qw_loader *loader)
{
	(void)shutdown(loader->post, SHUT_RDWR);
	pthread_mutex_lock(&loader->lock);
	loader->closing = true;
	pthread_cond_signal(&loader->change);
	pthread_mutex_unlock(&loader->lock);
	pthread_join(loader->thread, NULL);
}

void qw_loader_free(struct qw_loader *loader)
{
	if (!loader)
		return;
	if (loader->runs)
		end_thread(loader);
	if (loader->next_open)
		close_old(loader);
	qw_signatures_close(loader->current.signatures);
	qw_indicators_close(loader->current.indicators);
	qw_ruleset_images_close(&loader->pending);
	close(loader->post);
	if (loader->wake >= 0)
		close(loader->wake);
	pthread_cond_destroy(&loader->change);
	pthread_mutex_destroy(&loader->lock);
	free(loader);
}
