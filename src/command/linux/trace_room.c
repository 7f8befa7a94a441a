#include "command/trace_room.h"

#include "base/arena.h"
#include "diagnosis/capacity.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * The reader is forked, reads the namespace, says when, and then answers questions about what it has read,
 * until the line to it is closed. A thread would not do: what it finds under /proc/self is the main
 * thread's namespace. It reads by sock_diag, which is the faster for a single namespace, and by BPF once an
 * answer is not exact.
 */
enum {
	FRESH_MS = 1000,
	WAIT_MS = 250,
	REST_FACTOR = 20, /* reading takes a twentieth of the time at most */
	LONG_MS = 10,
	ANSWERS = 64,
};

struct answer {
	struct capacity_query query;
	struct failure_room room;
};

struct trace_rooms {
	const struct source_request *request;
	bool by_bpf;
	pid_t reader; /* 0: there is none */
	int line;     /* to it */
	uint64_t netns;
	int64_t begun_ms, next_ms;
	int64_t ready_ms; /* 0: it still reads */
	struct answer answers[ANSWERS];
	size_t known; /* answers had from this reader; the latest ANSWERS are kept */
	bool owed;    /* the answer to `asked` has not come yet */
	struct capacity_query asked;
	int64_t asked_ms;
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the reader ---- */

/* By the namespace's name, else by the process that is in it. No port is tried: where it is not read by BPF
 * who owns a port, the answer is an interval. */
static int read_namespace(const struct trace_rooms *rooms, const struct failure *failure,
			  const char *only, struct snapshot *snapshot)
{
	struct source_request request = *rooms->request;
	struct error error;
	char pid[16];

	snprintf(pid, sizeof pid, "%d", failure->process->pid);
	request.netns = failure->netns_name ? failure->netns_name : pid;
	request.scope = !strcmp(request.netns, "own")  ? SCOPE_OWN :
			!strcmp(request.netns, "host") ? SCOPE_HOST :
							 SCOPE_ONE;
	request.only = only;
	request.no_owners = true;
	request.no_port_test = true;
	if (source_read(&request, snapshot, &error))
		return -1;
	/* A process that has ended may have left its number to another, elsewhere. */
	return snapshot->namespaces[0].inode == failure->netns ? 0 : -1;
}

struct reading {
	const struct trace_rooms *rooms;
	const struct failure *failure;
	struct snapshot snapshot;
	struct port_map *map;
	bool by_bpf; /* read so, or tried to */
};

static void read_by_bpf(struct reading *reading)
{
	struct snapshot snapshot;

	reading->by_bpf = true;
	if (read_namespace(reading->rooms, reading->failure, "bpf_tables", &snapshot))
		return;
	port_map_free(reading->map);
	snapshot_free(&reading->snapshot);
	reading->snapshot = snapshot;
	reading->map = port_map_new(&reading->snapshot, 0, NULL);
}

static void serve(struct reading *reading, int line)
{
	struct capacity_query query;

	while (recv(line, &query, sizeof query, 0) == (ssize_t)sizeof query) {
		struct capacity capacity = capacity_of(reading->map, &query);
		struct failure_room room;

		if ((!capacity.known || !capacity.exact) && !reading->by_bpf) {
			read_by_bpf(reading);
			capacity = capacity_of(reading->map, &query);
		}
		room = (struct failure_room){
			.known = capacity.known,
			.min = capacity.room_min,
			.max = capacity.room_max,
			.time_ms = reading->snapshot.time_ms,
		};
		if (send(line, &room, sizeof room, MSG_NOSIGNAL) < 0)
			return;
	}
}

static void read_and_serve(const struct trace_rooms *rooms, const struct failure *failure,
			   int line, pid_t parent)
{
	const char *only = rooms->request->only ? rooms->request->only : "sock_diag";
	const char ready = 1;
	struct reading reading = {
		.rooms = rooms,
		.failure = failure,
		.by_bpf = !rooms->by_bpf || rooms->request->only,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && /* else it has died before */
	    !read_namespace(rooms, failure, only, &reading.snapshot)) {
		reading.map = port_map_new(&reading.snapshot, 0, NULL);
		if (send(line, &ready, sizeof ready, MSG_NOSIGNAL) > 0)
			serve(&reading, line);
	}
	_exit(0);
}

/* ---- its life ---- */

static void dismiss(struct trace_rooms *rooms)
{
	if (!rooms->reader)
		return;
	close(rooms->line);
	kill(rooms->reader, SIGKILL);
	waitpid(rooms->reader, NULL, 0);
	rooms->reader = 0;
	rooms->ready_ms = 0;
	rooms->known = 0;
	rooms->owed = false;
}

static void start(struct trace_rooms *rooms, const struct failure *failure)
{
	pid_t parent = getpid();
	int ends[2];

	rooms->begun_ms = monotonic_ms();
	rooms->next_ms = rooms->begun_ms + FRESH_MS;
	rooms->netns = failure->netns;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	rooms->reader = fork();
	if (!rooms->reader) {
		close(ends[0]);
		read_and_serve(rooms, failure, ends[1], parent);
	}
	close(ends[1]);
	rooms->line = ends[0];
	if (rooms->reader < 0) {
		close(ends[0]);
		rooms->reader = 0;
	}
}

static void has_read(struct trace_rooms *rooms, int64_t begun_ms, int64_t now_ms)
{
	int64_t rest = (now_ms - begun_ms) * REST_FACTOR;

	rooms->ready_ms = now_ms;
	rooms->next_ms = now_ms + (rest > FRESH_MS ? rest : FRESH_MS);
}

/* Whether the reader has read, at the latest then. One that could not is dismissed. */
static bool is_ready(struct trace_rooms *rooms, int timeout_ms)
{
	struct pollfd news = { .fd = rooms->line, .events = POLLIN };
	char ready;

	if (!rooms->reader || rooms->ready_ms)
		return rooms->reader != 0;
	if (poll(&news, 1, timeout_ms) < 1)
		return false;
	has_read(rooms, rooms->begun_ms, monotonic_ms());
	if (recv(rooms->line, &ready, sizeof ready, 0) < 1) {
		dismiss(rooms);
		return false;
	}
	return true;
}

struct trace_rooms *trace_rooms_new(const struct source_request *request, bool by_bpf)
{
	struct trace_rooms *rooms = memory_zeroed(1, sizeof *rooms);

	rooms->request = request;
	rooms->by_bpf = by_bpf;
	return rooms;
}

void trace_rooms_free(struct trace_rooms *rooms)
{
	if (rooms)
		dismiss(rooms);
	free(rooms);
}

/* ---- questions ---- */

static struct capacity_query query_of(const struct failure *failure)
{
	bool udp = failure->protocol == PROTOCOL_UDP;
	bool binds = failure->call == FAILURE_BIND || failure->call == FAILURE_LISTEN;

	return (struct capacity_query){
		.kind = binds ? (udp ? CAPACITY_UDP_BIND : CAPACITY_BIND) :
				(udp ? CAPACITY_UDP_CONNECT : CAPACITY_CONNECT),
		.source = failure->source,
		.destination = failure->destination,
		.port = failure->port,
		.own_range = failure->own_range,
		.device = failure->device,
		.only_six = failure->only_six,
	};
}

static bool is_same(const struct capacity_query *a, const struct capacity_query *b)
{
	return a->kind == b->kind && a->port == b->port && a->device == b->device &&
	       a->only_six == b->only_six && a->own_range.first == b->own_range.first &&
	       a->own_range.last == b->own_range.last &&
	       address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination);
}

/* Whether no answer is owed, at the latest then. One that took long has come from a new reading. */
static bool take_answer(struct trace_rooms *rooms, int timeout_ms)
{
	struct pollfd news = { .fd = rooms->line, .events = POLLIN };
	int64_t now;
	struct failure_room room;

	if (!rooms->owed)
		return true;
	if (poll(&news, 1, timeout_ms) < 1)
		return false;
	if (recv(rooms->line, &room, sizeof room, 0) != (ssize_t)sizeof room) {
		dismiss(rooms);
		return false;
	}
	rooms->owed = false;
	rooms->answers[rooms->known++ % ANSWERS] = (struct answer){ rooms->asked, room };
	now = monotonic_ms();
	if (now - rooms->asked_ms > LONG_MS)
		has_read(rooms, rooms->asked_ms, now);
	return true;
}

static const struct failure_room *find_answer(const struct trace_rooms *rooms,
					      const struct capacity_query *query)
{
	size_t kept = rooms->known < ANSWERS ? rooms->known : ANSWERS;

	for (size_t i = 0; i < kept; i++)
		if (is_same(&rooms->answers[i].query, query))
			return &rooms->answers[i].room;
	return NULL;
}

static void ask_reader(struct trace_rooms *rooms, const struct capacity_query *query)
{
	rooms->asked = *query;
	rooms->asked_ms = monotonic_ms();
	rooms->owed = send(rooms->line, query, sizeof *query, MSG_NOSIGNAL) > 0;
	if (!rooms->owed)
		dismiss(rooms);
	else
		(void)take_answer(rooms, WAIT_MS);
}

void trace_rooms_tick(struct trace_rooms *rooms)
{
	if (is_ready(rooms, 0) && take_answer(rooms, 0) &&
	    monotonic_ms() - rooms->ready_ms >= FRESH_MS)
		dismiss(rooms);
}

struct failure_room trace_rooms_ask(struct trace_rooms *rooms, const struct failure *failure)
{
	struct capacity_query query = query_of(failure);
	const struct failure_room *room = NULL;

	if (!failure->netns || !failure->protocol_known || !failure->source.family ||
	    (!failure->netns_name && !failure->process->pid))
		return (struct failure_room){ 0 };
	trace_rooms_tick(rooms);
	if (!rooms->reader && monotonic_ms() >= rooms->next_ms) {
		start(rooms, failure);
		(void)is_ready(rooms, WAIT_MS);
	}
	if (rooms->ready_ms && rooms->netns == failure->netns) {
		room = find_answer(rooms, &query);
		if (!room && !rooms->owed) {
			ask_reader(rooms, &query);
			room = find_answer(rooms, &query);
		}
	}
	return room ? *room : (struct failure_room){ 0 };
}
