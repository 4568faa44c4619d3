/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

/* What nobody waits for may wait so long for company. */
enum { LAZY_MS = 50 };
/* The thread is woken ahead of work that may not come: so often at most. */
enum { WARM_MS = 20 };

enum task { TASK_NONE, TASK_BEGIN, TASK_LOAD, TASK_WARM, TASK_WRITE, TASK_END };

/* What store_load asks of the thread. */
struct question {
	const char *path, *boot_id;
	uint64_t now_ms;
	const struct rows_claims *into;
	struct rows_loaded *loaded;
	struct error *error;
};

/* Between the two threads, under the lock. While a task is set, its batch and its question are the
 * writer's; afterwards they are main's again. */
static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum task task;
	struct question question;
	uint64_t done;
	bool failed;
	struct error error;
} shared;

/* The writer's alone. */
static struct rows *rows;

/* Main's alone. */
static struct rows_batch batches[2];
static struct rows_batch *filling = &batches[0], *writing = &batches[1];
static uint64_t ticket; /* of filling */
static bool urgent;
static uint64_t since_ms; /* of filling's first put that was flushed; 0: none yet */
static uint64_t warmed_ms;
static int event = -1;

static void answer_load(void)
{
	const struct question *q = &shared.question;

	rows = rows_open(q->path, q->boot_id, q->now_ms, q->into, q->loaded, q->error);
	shared.failed = rows == NULL;
}

/* The commit itself runs without the lock; main does not touch the batch as long as the task is set. */
static void do_write(void)
{
	struct error error;

	pthread_mutex_unlock(&shared.lock);
	int result = rows_write(rows, writing, &error);
	pthread_mutex_lock(&shared.lock);
	if (result == -1) {
		shared.failed = true;
		shared.error = error;
	} else {
		shared.done++;
	}
}

/* Main waits for this, and so would wait for ever. */
static void wake_main(void)
{
	if (eventfd_write(event, 1) == -1)
		log_fatal("cannot tell that the record is written: %s", strerror(errno));
}

/* Main goes on, and may give the next task meanwhile. */
static void settle(void)
{
	pthread_mutex_unlock(&shared.lock);
	rows_settle(rows);
	pthread_mutex_lock(&shared.lock);
}

/* The next task may come meanwhile. */
static void warm(void)
{
	shared.task = TASK_NONE;
	pthread_cond_broadcast(&shared.changed);
	pthread_mutex_unlock(&shared.lock);
	rows_warm(rows);
	pthread_mutex_lock(&shared.lock);
}

static void *write_batches(void *unused)
{
	bool ended = false;

	(void)unused;
	pthread_mutex_lock(&shared.lock);
	while (!ended) {
		while (shared.task == TASK_NONE)
			pthread_cond_wait(&shared.changed, &shared.lock);
		if (shared.task == TASK_WARM) {
			warm();
			continue;
		}
		if (shared.task == TASK_LOAD)
			answer_load();
		else if (shared.task == TASK_WRITE)
			do_write();
		else
			ended = shared.task == TASK_END;
		shared.task = TASK_NONE;
		pthread_cond_broadcast(&shared.changed);
		wake_main();
		if (rows != NULL && !ended)
			settle();
	}
	pthread_mutex_unlock(&shared.lock);
	rows_close(rows);
	rows = NULL;
	return NULL;
}

static void give(enum task task)
{
	shared.task = task;
	pthread_cond_broadcast(&shared.changed);
}

/* With the lock. */
static void wait_idle(void)
{
	while (shared.task != TASK_NONE)
		pthread_cond_wait(&shared.changed, &shared.lock);
}

/* Signals are for main. Waits until it runs: a thread that begins makes system calls that it may
 * not make later. */
static int make_thread(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int result = pthread_create(&shared.thread, NULL, write_batches, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (result != 0)
		return result;
	pthread_mutex_lock(&shared.lock);
	give(TASK_BEGIN);
	wait_idle();
	pthread_mutex_unlock(&shared.lock);
	return 0;
}

int store_start(void)
{
	memset(&shared, 0, sizeof shared);
	pthread_mutex_init(&shared.lock, NULL);
	pthread_cond_init(&shared.changed, NULL);
	ticket = 1;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event == -1)
		return -1;
	int result = make_thread();
	if (result == 0)
		return event;
	close(event);
	errno = result;
	return event = -1;
}

int store_load(const char *path, const char *boot_id, uint64_t now_ms,
	       const struct rows_claims *into, struct rows_loaded *loaded, struct error *error)
{
	pthread_mutex_lock(&shared.lock);
	shared.question = (struct question){path, boot_id, now_ms, into, loaded, error};
	give(TASK_LOAD);
	wait_idle();
	bool failed = shared.failed;
	pthread_mutex_unlock(&shared.lock);
	return failed ? -1 : 0;
}

/* The array with room for one more. */
static void *grown(void *array, size_t *room, size_t count, size_t item)
{
	if (count < *room)
		return array;
	*room = *room > 0 ? *room * 2 : 64;
	array = reallocarray(array, *room, item);
	if (array == NULL)
		log_fatal("no memory for what must be written");
	return array;
}

#define APPEND(name, value)                                                                    \
	do {                                                                                   \
		filling->name = grown(filling->name, &filling->room_##name, filling->n_##name, \
				      sizeof *filling->name);                                  \
		filling->name[filling->n_##name++] = (value);                                  \
	} while (0)

uint64_t store_put_claim(uint32_t id, const struct claims *claims)
{
	APPEND(claims, ((struct rows_claim){id, *claims}));
	return store_hurry();
}

void store_put_about(const struct rows_about *about)
{
	filling->about = *about;
	filling->has_about = true;
}

void store_put_opened(const struct grant *grant)
{
	APPEND(opened, *grant);
}

void store_put_turn(uint64_t number, enum rows_turn_what what)
{
	APPEND(turns, ((struct rows_turn){number, what}));
}

void store_put_block(const struct rows_block *block)
{
	APPEND(blocks, *block);
}

void store_put_event(const struct rows_event *happened)
{
	APPEND(events, *happened);
}

uint64_t store_hurry(void)
{
	urgent = true;
	return ticket;
}

static bool is_empty(const struct rows_batch *batch)
{
	return batch->n_claims + batch->n_opened + batch->n_turns + batch->n_events +
		       batch->n_blocks ==
		   0 &&
	       !batch->has_about;
}

static void empty(struct rows_batch *batch)
{
	batch->n_claims = batch->n_opened = batch->n_turns = 0;
	batch->n_events = batch->n_blocks = 0;
	batch->has_about = false;
}

/* With the lock, the thread idle. */
static void hand_over(void)
{
	struct rows_batch *written = writing;

	writing = filling;
	filling = written;
	empty(filling);
	urgent = false;
	since_ms = 0;
	ticket++;
	give(TASK_WRITE);
}

void store_flush(uint64_t boot_ms)
{
	if (is_empty(filling) && !urgent)
		return;
	if (since_ms == 0)
		since_ms = boot_ms;
	if (!urgent && boot_ms < since_ms + LAZY_MS)
		return;
	urgent = true; /* where the thread is busy, its being done is what we wait for */
	pthread_mutex_lock(&shared.lock);
	/* A batch takes the place of what only was to make ready for it. */
	if ((shared.task == TASK_NONE || shared.task == TASK_WARM) && !shared.failed)
		hand_over();
	pthread_mutex_unlock(&shared.lock);
}

void store_warm(uint64_t boot_ms)
{
	if (boot_ms < warmed_ms + WARM_MS)
		return;
	warmed_ms = boot_ms;
	pthread_mutex_lock(&shared.lock);
	if (shared.task == TASK_NONE && !shared.failed)
		give(TASK_WARM);
	pthread_mutex_unlock(&shared.lock);
}

uint64_t store_deadline(void)
{
	return since_ms == 0 || urgent ? UINT64_MAX : since_ms + LAZY_MS;
}

int store_done(uint64_t *done, struct error *error)
{
	eventfd_t count;

	eventfd_read(event, &count);
	pthread_mutex_lock(&shared.lock);
	*done = shared.done;
	bool failed = shared.failed;
	if (failed)
		*error = shared.error;
	pthread_mutex_unlock(&shared.lock);
	return failed ? -1 : 0;
}

uint64_t store_commits(void)
{
	pthread_mutex_lock(&shared.lock);
	uint64_t done = shared.done;
	pthread_mutex_unlock(&shared.lock);
	return done;
}

static void release(struct rows_batch *batch)
{
	free(batch->claims);
	free(batch->opened);
	free(batch->turns);
	free(batch->events);
	free(batch->blocks);
	memset(batch, 0, sizeof *batch);
}

void store_end(void)
{
	if (event == -1 || pthread_equal(pthread_self(), shared.thread))
		return;
	pthread_mutex_lock(&shared.lock);
	wait_idle();
	if (!is_empty(filling) && !shared.failed) {
		hand_over();
		wait_idle();
	}
	give(TASK_END);
	pthread_mutex_unlock(&shared.lock);
	pthread_join(shared.thread, NULL);
	pthread_cond_destroy(&shared.changed);
	pthread_mutex_destroy(&shared.lock);
	release(filling);
	release(writing);
	close(event);
	event = -1;
}
