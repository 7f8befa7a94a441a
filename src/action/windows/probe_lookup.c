#include "action/probe.h"

#include "action/winsock.h"
#include "base/arena.h"
#include "base/language.h"
#include "system/clock.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

/*
 * GetAddrInfoW() has no time limit of its own. Each name has a thread, which is left behind if it does not come back in
 * time: the program ends soon. Whoever comes last, the thread or who waits for it, frees the question. So many threads
 * may be left behind and no more: a name service that hangs will not answer the others either.
 */
enum { AT_ONCE = 32, MOST_LEFT = 64 };

struct question {
	wchar_t *host;
	HANDLE done;
	LONG holders; /* of it: the thread, and who asks */
	int result;
	ADDRINFOW *found;
};

static void let_go(struct question *question)
{
	if (InterlockedDecrement(&question->holders))
		return;
	if (question->found)
		FreeAddrInfoW(question->found);
	CloseHandle(question->done);
	free(question->host);
	free(question);
}

static DWORD WINAPI ask(void *context)
{
	struct question *question = context;
	const ADDRINFOW hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };

	question->result = GetAddrInfoW(question->host, NULL, &hints, &question->found);
	if (question->result)
		question->found = NULL;
	SetEvent(question->done);
	let_go(question);
	return 0;
}

/* NULL: no thread could be made. */
static struct question *begin(const char *host)
{
	struct question *question = memory_zeroed(1, sizeof *question);
	HANDLE thread;

	question->holders = 2;
	question->host = wide_of(host);
	question->done = CreateEventW(NULL, TRUE, FALSE, NULL);
	thread = question->done ? CreateThread(NULL, 0, ask, question, 0, NULL) : NULL;
	if (thread) {
		CloseHandle(thread);
		return question;
	}
	question->holders = 1;
	let_go(question);
	return NULL;
}

static void take_addresses(struct probe_name *name, const ADDRINFOW *found)
{
	size_t count = 0;

	for (const ADDRINFOW *each = found; each; each = each->ai_next)
		count++;
	name->addresses = memory_zeroed(count, sizeof *name->addresses);
	for (const ADDRINFOW *each = found; each; each = each->ai_next) {
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

/* WSATRY_AGAIN is what is said when no server answers, and it may be since the question got no port. */
static void take_answer(struct probe_name *name, const struct question *question)
{
	if (!question->result) {
		take_addresses(name, question->found);
		name->outcome = PROBE_CONNECTED;
		return;
	}
	name->outcome =
		question->result == WSAHOST_NOT_FOUND || question->result == WSANO_DATA ?
			PROBE_NO_NAME :
			PROBE_NAME_FAILED;
	snprintf(name->why, sizeof name->why, "%s", winsock_text(question->result));
}

static void fail(struct probe_name *name, enum probe_outcome outcome, const char *why)
{
	name->outcome = outcome;
	snprintf(name->why, sizeof name->why, "%s", why);
}

/* False: the thread is left behind. */
static bool await(struct probe_name *name, struct question *question, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_monotonic_ms();
	bool answered = WaitForSingleObject(question->done,
					    left_ms > 0 ? (DWORD)left_ms : 0) == WAIT_OBJECT_0;

	if (answered)
		take_answer(name, question);
	else
		fail(name, PROBE_NAME_TIMED_OUT, _("no answer from the name service"));
	let_go(question);
	return answered;
}

/* At the same time. How many threads were left behind. */
static unsigned ask_some(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	struct question *questions[AT_ONCE];
	int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	unsigned left = 0;

	for (size_t i = 0; i < count; i++)
		questions[i] = begin(names[i].host);
	for (size_t i = 0; i < count; i++) {
		if (questions[i])
			left += !await(&names[i], questions[i], deadline_ms);
		else
			fail(&names[i], PROBE_NAME_FAILED,
			     _("no thread could be made to ask the name service"));
	}
	return left;
}

void probe_resolve(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	unsigned left = 0;
	WSADATA data;
	/* Never undone: threads that are left behind need it. */
	int failed = WSAStartup(MAKEWORD(2, 2), &data);

	for (size_t at = 0; at < count; at += AT_ONCE) {
		size_t some = count - at < AT_ONCE ? count - at : AT_ONCE;

		if (!failed && left < MOST_LEFT) {
			left += ask_some(&names[at], some, timeout_ms);
			continue;
		}
		for (size_t i = at; i < at + some; i++)
			fail(&names[i], PROBE_NAME_FAILED,
			     failed ? winsock_text(failed) :
				      _("the name service has not answered the others"));
	}
}
