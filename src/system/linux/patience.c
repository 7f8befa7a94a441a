#include "system/patience.h"

#include "base/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct patience {
	void (*work)(void *context);
	void (*release)(void *context);
	void *context;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool done, abandoned;
};

static struct patience *make(void)
{
	struct patience *patience = memory_zeroed(1, sizeof *patience);
	pthread_condattr_t attributes;

	pthread_mutex_init(&patience->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&patience->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return patience;
}

static void end(struct patience *patience)
{
	pthread_mutex_destroy(&patience->mutex);
	pthread_cond_destroy(&patience->changed);
	free(patience);
}

static void *run(void *argument)
{
	struct patience *patience = argument;
	bool abandoned;

	patience->work(patience->context);
	pthread_mutex_lock(&patience->mutex);
	patience->done = true;
	abandoned = patience->abandoned;
	pthread_cond_signal(&patience->changed);
	pthread_mutex_unlock(&patience->mutex);
	if (abandoned) {
		patience->release(patience->context);
		end(patience);
	}
	return NULL;
}

static bool wait_for(struct patience *patience, unsigned longest_ms)
{
	struct timespec deadline;
	bool done;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += longest_ms / 1000;
	deadline.tv_nsec += longest_ms % 1000 * 1000000L;
	if (deadline.tv_nsec >= 1000000000L) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&patience->mutex);
	while (!patience->done && pthread_cond_timedwait(&patience->changed, &patience->mutex,
							 &deadline) != ETIMEDOUT)
		;
	done = patience->done;
	patience->abandoned = !done;
	pthread_mutex_unlock(&patience->mutex);
	return done;
}

struct patience *patience_begin(void (*work)(void *context), void (*release)(void *context),
				void *context)
{
	struct patience *patience = make();

	patience->work = work;
	patience->release = release;
	patience->context = context;
	if (!pthread_create(&patience->thread, NULL, run, patience))
		return patience;
	end(patience);
	return NULL;
}

enum patience_end patience_await(struct patience *patience, unsigned longest_ms)
{
	pthread_t thread;

	if (!patience)
		return PATIENCE_NO_THREAD;
	thread = patience->thread; /* what is given up may be gone at once */
	if (!wait_for(patience, longest_ms)) {
		pthread_detach(thread);
		return PATIENCE_OVER;
	}
	pthread_join(thread, NULL);
	end(patience);
	return PATIENCE_DONE;
}

enum patience_end patience_run(unsigned longest_ms, void (*work)(void *context),
			       void (*release)(void *context), void *context)
{
	return patience_await(patience_begin(work, release, context), longest_ms);
}
