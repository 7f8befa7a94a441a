#include "action/probe_calls.h"

#include "system/clock.h"

/* How long an ICMP error may take to come back for a datagram; the whole limit would be waited for nothing. */
enum { UDP_PATIENCE_MS = 1000 };

struct running {
	struct probe_attempt *attempt;
	double began, ends;
};

/* Those that are under way: of each the same place in both. */
struct field {
	const struct probe_calls *calls;
	struct probe_wait waits[PROBE_AT_ONCE];
	struct running running[PROBE_AT_ONCE];
	unsigned count;
};

static double now_ms(void)
{
	return clock_monotonic_s() * 1e3;
}

/* ---- one attempt ---- */

static void fail(const struct field *field, struct probe_attempt *attempt, const char *call,
		 int error)
{
	attempt->call = call;
	attempt->error = error;
	field->calls->explain(attempt);
}

/* False: it is over. */
static bool begin(const struct field *field, struct probe_attempt *attempt, intptr_t *socket)
{
	const char *failed = "socket";
	int error;

	attempt->call = attempt->error_name = attempt->error_text = NULL;
	attempt->error = 0;
	error = field->calls->open(attempt, socket);
	if (!error) {
		failed = field->calls->begin(attempt, *socket, &error);
		if (!failed)
			return true;
		field->calls->close(*socket);
	}
	fail(field, attempt, failed, error);
	return false;
}

static void finish(const struct field *field, struct probe_attempt *attempt, intptr_t socket)
{
	bool udp = attempt->protocol == PROTOCOL_UDP;
	int error = field->calls->error(attempt, socket);

	if (error) {
		fail(field, attempt, udp ? "send" : "connect", error);
		return;
	}
	attempt->outcome = udp ? PROBE_SENT : PROBE_CONNECTED;
	field->calls->note_local(attempt, socket);
}

/* ---- many of them ---- */

/* False: there is no descriptor as long as others are under way. */
static bool begin_one(struct field *field, struct probe_attempt *attempt, unsigned timeout_ms)
{
	const bool udp = attempt->protocol == PROTOCOL_UDP;
	const double now = now_ms();
	intptr_t socket;
	bool under_way = begin(field, attempt, &socket);

	attempt->milliseconds = now_ms() - now;
	if (!under_way)
		return attempt->outcome != PROBE_NO_DESCRIPTOR || !field->count;
	/* A datagram is answered by an error or by nothing that could be waited for. */
	if (udp && timeout_ms > UDP_PATIENCE_MS)
		timeout_ms = UDP_PATIENCE_MS;
	field->waits[field->count] = (struct probe_wait){ socket, attempt->protocol, false };
	field->running[field->count++] = (struct running){ attempt, now, now + timeout_ms };
	return true;
}

static void end_one(struct field *field, unsigned index)
{
	field->calls->close(field->waits[index].socket);
	field->count--;
	field->waits[index] = field->waits[field->count];
	field->running[index] = field->running[field->count];
}

static unsigned wait_ms(const struct field *field)
{
	double least = field->running[0].ends, now = now_ms();

	for (unsigned i = 1; i < field->count; i++)
		if (field->running[i].ends < least)
			least = field->running[i].ends;
	return least > now ? (unsigned)(least - now) + 1 : 0;
}

static void look_at(struct field *field, unsigned index, double now)
{
	const struct running *running = &field->running[index];
	const struct probe_wait *wait = &field->waits[index];
	struct probe_attempt *attempt = running->attempt;

	if (!wait->answered && now < running->ends)
		return;
	attempt->milliseconds = now - running->began;
	if (wait->answered || attempt->protocol == PROTOCOL_UDP) {
		finish(field, attempt, wait->socket);
	} else {
		attempt->outcome = PROBE_TIMED_OUT;
		field->calls->note_local(attempt, wait->socket);
	}
	end_one(field, index);
}

static void look(struct field *field)
{
	double now;

	field->calls->await(field->waits, field->count, wait_ms(field));
	now = now_ms();
	for (unsigned i = field->count; i--;)
		look_at(field, i, now);
}

void probe_run_by(const struct probe_calls *calls, struct probe_attempt *attempts,
		  size_t count, unsigned timeout_ms)
{
	struct field field = { .calls = calls };
	size_t next = 0;

	while (next < count || field.count) {
		while (next < count && field.count < PROBE_AT_ONCE &&
		       (!attempts[next].destination.family ||
			begin_one(&field, &attempts[next], timeout_ms)))
			next++;
		if (field.count)
			look(&field);
	}
}

void probe_run(struct probe_attempt *attempts, size_t count, unsigned timeout_ms)
{
	probe_run_by(&probe_calls, attempts, count, timeout_ms);
}
