#include "source/windows/relay.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Large enough that handing over costs nothing, beside what asking for so much does. */
enum { PIECE = 64 * 1024 };

/*
 * There is one piece. It is the thread's until it sets `full`, then the waiting one's until that sets `taken`.
 */
struct relay {
	void (*work)(void *context, struct relay *relay);
	void (*release)(void *context);
	void *context;
	HANDLE full, taken;
	char *bytes;
	size_t size, capacity;
	bool was_told; /* the piece, to whoever waits */
	bool has_ended;
	volatile LONG is_alone; /* nobody waits any more */
	volatile LONG users;	/* the second to leave ends all */
};

static void leave(struct relay *relay)
{
	if (InterlockedDecrement(&relay->users))
		return;
	relay->release(relay->context);
	CloseHandle(relay->full);
	CloseHandle(relay->taken);
	free(relay->bytes);
	free(relay);
}

/* ---- the thread ---- */

bool relay_put(struct relay *relay, const void *bytes, size_t size)
{
	if (relay->is_alone)
		return false;
	if (relay->size + size > relay->capacity) {
		relay->capacity = relay->size + size > PIECE ? relay->size + size : PIECE;
		relay->bytes = memory_resize(relay->bytes, relay->capacity, 1);
	}
	memcpy(relay->bytes + relay->size, bytes, size);
	relay->size += size;
	if (relay->size < PIECE)
		return true;
	SetEvent(relay->full);
	WaitForSingleObject(relay->taken, INFINITE);
	return !relay->is_alone;
}

static DWORD WINAPI run(void *argument)
{
	struct relay *relay = argument;

	relay->work(relay->context, relay);
	relay->has_ended = true;
	SetEvent(relay->full);
	leave(relay);
	return 0;
}

/* ---- whoever waits ---- */

struct relay *relay_begin(void (*work)(void *context, struct relay *relay),
			  void (*release)(void *context), void *context)
{
	struct relay *relay = memory_zeroed(1, sizeof *relay);
	HANDLE thread;

	*relay = (struct relay){
		.work = work,
		.release = release,
		.context = context,
		.full = CreateEventW(NULL, FALSE, FALSE, NULL),
		.taken = CreateEventW(NULL, FALSE, FALSE, NULL),
		.users = 2,
	};
	thread = relay->full && relay->taken ? CreateThread(NULL, 0, run, relay, 0, NULL) :
					       NULL;
	if (thread) {
		CloseHandle(thread);
		return relay;
	}
	if (relay->full)
		CloseHandle(relay->full);
	if (relay->taken)
		CloseHandle(relay->taken);
	free(relay);
	return NULL;
}

enum relay_news relay_next(struct relay *relay, unsigned longest_ms, const char **bytes,
			   size_t *size)
{
	if (relay->was_told) {
		relay->size = 0;
		relay->was_told = false;
		if (relay->has_ended)
			return RELAY_END;
		SetEvent(relay->taken);
	}
	if (WaitForSingleObject(relay->full, longest_ms) != WAIT_OBJECT_0)
		return RELAY_LATE;
	if (!relay->size)
		return RELAY_END;
	relay->was_told = true;
	*bytes = relay->bytes;
	*size = relay->size;
	return RELAY_PIECE;
}

void relay_end(struct relay *relay)
{
	InterlockedExchange(&relay->is_alone, 1);
	SetEvent(relay->taken);
	leave(relay);
}
