#include "action/probe_calls.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/clock.h"
#include "system/patience.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The name service has no time limit but its own: with two servers that do not answer resolv.conf(5) waits half a minute. Each
 * name has a thread, which is left behind if it does not come back in time: the program ends soon. So many may be
 * left behind and no more: a name service that hangs will not answer the others either.
 */
enum { AT_ONCE = 32, MOST_LEFT = 64 };

/* What a thread works with: nothing of it is anybody else's. */
struct question {
	const struct probe_calls *calls;
	char *host;
	struct probe_name answer;
};

static void fail(struct probe_name *name, enum probe_outcome outcome, const char *why)
{
	name->outcome = outcome;
	snprintf(name->why, sizeof name->why, "%s", why);
}

static void ask(void *context)
{
	struct question *question = context;

	question->calls->lookup(&question->answer);
}

static void release(void *context)
{
	struct question *question = context;

	free(question->answer.addresses);
	free(question->host);
	free(question);
}

static struct question *make(const struct probe_calls *calls, const char *host)
{
	struct question *question = memory_zeroed(1, sizeof *question);
	size_t size = strlen(host) + 1;

	question->calls = calls;
	question->host = memcpy(memory_zeroed(size, 1), host, size);
	question->answer.host = question->host;
	return question;
}

static void take(struct probe_name *name, struct question *question)
{
	const char *host = name->host;

	*name = question->answer;
	name->host = host;
	question->answer.addresses = NULL;
	release(question);
}

/* Whether its thread is left behind. */
static bool await(struct probe_name *name, struct patience *patience,
		  struct question *question, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_monotonic_ms();

	switch (patience_await(patience, left_ms > 0 ? (unsigned)left_ms : 0)) {
	case PATIENCE_DONE:
		take(name, question);
		break;
	case PATIENCE_OVER:
		fail(name, PROBE_NAME_TIMED_OUT, _("no answer from the name service"));
		return true;
	case PATIENCE_NO_THREAD:
		fail(name, PROBE_NAME_FAILED,
		     _("no thread could be made to ask the name service"));
		release(question);
		break;
	}
	return false;
}

/* At the same time. How many threads are left behind. */
static unsigned ask_some(const struct probe_calls *calls, struct probe_name *names,
			 size_t count, unsigned timeout_ms)
{
	const int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	struct question *questions[AT_ONCE];
	struct patience *patiences[AT_ONCE];
	unsigned left = 0;

	for (size_t i = 0; i < count; i++) {
		questions[i] = make(calls, names[i].host);
		patiences[i] = patience_begin(ask, release, questions[i]);
	}
	for (size_t i = 0; i < count; i++)
		left += await(&names[i], patiences[i], questions[i], deadline_ms);
	return left;
}

void probe_resolve_by(const struct probe_calls *calls, struct probe_name *names, size_t count,
		      unsigned timeout_ms)
{
	unsigned left = 0;

	for (size_t at = 0; at < count; at += AT_ONCE) {
		size_t some = count - at < AT_ONCE ? count - at : AT_ONCE;

		if (left < MOST_LEFT) {
			left += ask_some(calls, &names[at], some, timeout_ms);
			continue;
		}
		for (size_t i = at; i < at + some; i++)
			fail(&names[i], PROBE_NAME_FAILED,
			     _("the name service has not answered the others"));
	}
}

void probe_resolve(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	probe_resolve_by(&probe_calls, names, count, timeout_ms);
}

/* A hosts file that has a line twice names the address twice. */
void probe_name_add(struct probe_name *name, const struct address *address)
{
	for (size_t i = 0; i < name->count; i++)
		if (address_equal(&name->addresses[i], address))
			return;
	name->addresses =
		memory_resize(name->addresses, name->count + 1, sizeof *name->addresses);
	name->addresses[name->count++] = *address;
}

void probe_names_free(struct probe_name *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i].addresses);
}
