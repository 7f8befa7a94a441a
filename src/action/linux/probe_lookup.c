#include "action/probe.h"

#include "base/arena.h"
#include "base/language.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/*
 * getaddrinfo() has no time limit of its own but that of resolv.conf(5), half a minute with two servers that do not
 * answer. Each name has a thread, which is left behind if it does not come back in time: the program ends soon.
 * Such a thread owns the question, which outlives whoever asked.
 */
enum { AT_ONCE = 32 };

struct question {
	pthread_mutex_t lock;
	pthread_cond_t done;
	char *host;
	bool finished, abandoned;
	int result, system_error;
	struct addrinfo *found;
};

static void free_question(struct question *question)
{
	if (question->found)
		freeaddrinfo(question->found);
	pthread_mutex_destroy(&question->lock);
	pthread_cond_destroy(&question->done);
	free(question->host);
	free(question);
}

static void *ask(void *context)
{
	struct question *question = context;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	int result = getaddrinfo(question->host, NULL, &hints, &found), error = errno;
	bool abandoned;

	pthread_mutex_lock(&question->lock);
	question->found = result ? NULL : found;
	question->result = result;
	question->system_error = error;
	question->finished = true;
	abandoned = question->abandoned;
	pthread_cond_signal(&question->done);
	pthread_mutex_unlock(&question->lock);
	if (abandoned)
		free_question(question);
	return NULL;
}

/* NULL: no thread could be made. */
static struct question *begin(const char *host)
{
	struct question *question = memory_zeroed(1, sizeof *question);
	pthread_attr_t detached;
	pthread_condattr_t clock;
	pthread_t thread;
	int failed;

	question->host = memory_zeroed(strlen(host) + 1, 1);
	memcpy(question->host, host, strlen(host));
	pthread_mutex_init(&question->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&question->done, &clock);
	pthread_condattr_destroy(&clock);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	failed = pthread_create(&thread, &detached, ask, question);
	pthread_attr_destroy(&detached);
	if (!failed)
		return question;
	free_question(question);
	return NULL;
}

static void take_addresses(struct probe_name *name, const struct addrinfo *found)
{
	size_t count = 0;

	for (const struct addrinfo *each = found; each; each = each->ai_next)
		count++;
	name->addresses = memory_zeroed(count, sizeof *name->addresses);
	for (const struct addrinfo *each = found; each; each = each->ai_next) {
		if (each->ai_family == AF_INET)
			name->addresses[name->count++] = address_ipv4(
				&((const struct sockaddr_in *)(const void *)each->ai_addr)
					 ->sin_addr);
		else if (each->ai_family == AF_INET6)
			name->addresses[name->count++] = address_ipv6(
				&((const struct sockaddr_in6 *)(const void *)each->ai_addr)
					 ->sin6_addr);
	}
}

static void take_answer(struct probe_name *name, const struct question *question)
{
	if (!question->result) {
		take_addresses(name, question->found);
		name->outcome = PROBE_CONNECTED;
		return;
	}
	/* EAI_AGAIN is what the resolver says when no server answers, and when it gets no port for its question. */
	name->outcome = question->result == EAI_NONAME ? PROBE_NO_NAME : PROBE_NAME_FAILED;
	snprintf(name->why, sizeof name->why, "%s",
		 question->result == EAI_SYSTEM ? language_errno(question->system_error) :
						  gai_strerror(question->result));
}

static void await(struct probe_name *name, struct question *question,
		  const struct timespec *deadline)
{
	bool finished;

	pthread_mutex_lock(&question->lock);
	while (!question->finished &&
	       pthread_cond_timedwait(&question->done, &question->lock, deadline) != ETIMEDOUT)
		;
	finished = question->finished;
	question->abandoned = !finished;
	if (finished)
		take_answer(name, question);
	pthread_mutex_unlock(&question->lock);
	if (finished) {
		free_question(question);
		return;
	}
	name->outcome = PROBE_NAME_TIMED_OUT;
	snprintf(name->why, sizeof name->why, "%s", _("no answer from the name service"));
}

/* At the same time. */
static void ask_some(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	struct question *questions[AT_ONCE];
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}

	for (size_t i = 0; i < count; i++)
		questions[i] = begin(names[i].host);
	for (size_t i = 0; i < count; i++) {
		if (questions[i]) {
			await(&names[i], questions[i], &deadline);
			continue;
		}
		names[i].outcome = PROBE_NAME_FAILED;
		snprintf(names[i].why, sizeof names[i].why, "%s",
			 _("no thread could be made to ask the name service"));
	}
}

void probe_resolve(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	for (size_t at = 0; at < count; at += AT_ONCE)
		ask_some(&names[at], count - at < AT_ONCE ? count - at : AT_ONCE, timeout_ms);
}
