#include "source/linux/watch/ledger.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/socket.h"
#include "source/linux/bpf/run.h"
#include "source/linux/bpf/support.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

size_t ledger_entries_for(int64_t time_waits)
{
	size_t entries = LEDGER_ENTRIES_LEAST;

	while (entries < LEDGER_ENTRIES_MOST && (int64_t)entries < 2 * time_waits)
		entries *= 2;
	return entries;
}

struct address ledger_address(const struct ledger_entry *entry, const u8 bytes[16])
{
	return entry->flags & LEDGER_IPV6 ? address_ipv6(bytes) : address_ipv4(bytes);
}

#ifdef HAVE_BPF

#include <ledger-probe.skel.h>

/* What was at a place when it was looked at last. */
struct collected {
	u32 turn; /* 0: nothing */
	bool no_port;
};

struct ledger {
	struct ledger_probe
		*skeleton; /* NULL: it is another's, and the parts are closed singly */
	struct ledger_parts parts;
	const struct ledger_entry *entries; /* mapped */
	const struct ledger_state *state;   /* mapped */
	size_t count;
	struct collected *collected; /* by place */
};

/* ---- beginning and end ---- */

static void close_part(int number)
{
	if (number >= 0)
		close(number);
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	if (ledger->entries)
		munmap((void *)ledger->entries, ledger->count * sizeof *ledger->entries);
	if (ledger->state)
		munmap((void *)ledger->state, sizeof *ledger->state);
	if (ledger->skeleton) {
		ledger_probe__destroy(ledger->skeleton);
	} else {
		close_part(ledger->parts.entries);
		close_part(ledger->parts.makers);
		close_part(ledger->parts.state);
		close_part(ledger->parts.link);
	}
	free(ledger->collected);
	free(ledger);
}

static const void *map(int number, size_t size)
{
	void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, number, 0);

	return mapped == MAP_FAILED ? NULL : mapped;
}

static int map_parts(struct ledger *ledger)
{
	ledger->entries = map(ledger->parts.entries, ledger->count * sizeof *ledger->entries);
	ledger->state = map(ledger->parts.state, sizeof *ledger->state);
	ledger->collected = memory_zeroed(ledger->count, sizeof *ledger->collected);
	return ledger->entries && ledger->state ? 0 : -1;
}

struct ledger *ledger_of_parts(struct ledger_parts parts, size_t entries)
{
	struct ledger *ledger = memory_zeroed(1, sizeof *ledger);
	int failed;

	ledger->parts = parts;
	ledger->count = entries;
	if (!map_parts(ledger))
		return ledger;
	failed = errno;
	ledger_close(ledger);
	errno = failed;
	return NULL;
}

struct ledger_parts ledger_parts_of(const struct ledger *ledger)
{
	return ledger->parts;
}

/* Whose numbers of processes are told, before the first is noted. */
static int write_state(const struct ledger_probe *skeleton)
{
	struct ledger_state state = { .layout = LEDGER_LAYOUT };
	struct stat pid_namespace;
	u32 first = 0;

	if (!stat("/proc/self/ns/pid", &pid_namespace))
		state.pid_namespace = (u32)pid_namespace.st_ino;
	return skel_map_update_elem(skeleton->maps.ledger_state.map_fd, &first, &state, 0);
}

static int begin(struct ledger *ledger)
{
	enum { YOUNG_S = 60 };
	struct ledger_probe *skeleton = ledger->skeleton;

	skeleton->maps.ledger_entries.max_entries = (u32)ledger->count;
	skeleton->rodata->entry_mask = (u32)ledger->count - 1;
	skeleton->rodata->young_ticks = YOUNG_S * bpf_ticks_per_second();
	if (ledger_probe__load(skeleton) || write_state(skeleton))
		return -1;
	ledger->parts = (struct ledger_parts){
		.entries = skeleton->maps.ledger_entries.map_fd,
		.makers = skeleton->maps.ledger_makers.map_fd,
		.state = skeleton->maps.ledger_state.map_fd,
	};
	if (map_parts(ledger) || ledger_probe__attach(skeleton) < 0)
		return -1;
	ledger->parts.link = skeleton->links.note_connection_fd;
	return 0;
}

struct ledger *ledger_open(size_t entries, struct error *error)
{
	const char *obstacle = bpf_obstacle();
	struct ledger *ledger;

	if (obstacle) {
		error_set(error, "%s", obstacle);
		return NULL;
	}
	ledger = memory_zeroed(1, sizeof *ledger);
	ledger->count = entries;
	ledger->skeleton = ledger_probe__open();
	if (ledger->skeleton && !begin(ledger))
		return ledger;
	bpf_refusal(error, errno);
	ledger_close(ledger);
	return NULL;
}

/* ---- reading ---- */

/* A copy that nobody wrote to meanwhile; false if the cookie's entry is not there. */
static bool read_entry(const struct ledger_entry *from, u64 cookie, struct ledger_entry *entry)
{
	if (!cookie || __atomic_load_n(&from->cookie, __ATOMIC_ACQUIRE) != cookie)
		return false;
	*entry = *from;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&from->cookie, __ATOMIC_RELAXED) == cookie;
}

/* A socket may be connected again and keeps its cookie: then this is not the connection. */
static bool is_connection(const struct ledger_entry *entry, uint64_t netns,
			  const struct socket_record *record)
{
	struct address local = ledger_address(entry, entry->local);
	struct address remote = ledger_address(entry, entry->remote);

	return entry->netns == netns && entry->remote_port == record->remote_port &&
	       address_equal(&local, &record->local) &&
	       address_equal(&remote, &record->remote);
}

bool ledger_find(const struct ledger *ledger, uint64_t netns,
		 const struct socket_record *record, struct ledger_maker_key *maker)
{
	const struct ledger_entry *place =
		&ledger->entries[record->cookie & (ledger->count - 1)];
	struct ledger_entry entry;

	if (!read_entry(place, record->cookie, &entry) ||
	    !is_connection(&entry, netns, record))
		return false;
	*maker = (struct ledger_maker_key){ entry.process, entry.began };
	return true;
}

bool ledger_describe(const struct ledger *ledger, const struct ledger_maker_key *key,
		     struct ledger_maker *maker)
{
	union bpf_attr attributes = { 0 };

	attributes.map_fd = (u32)ledger->parts.makers;
	attributes.key = (u64)(uintptr_t)key;
	attributes.value = (u64)(uintptr_t)maker;
	return !skel_sys_bpf(BPF_MAP_LOOKUP_ELEM, &attributes, sizeof attributes);
}

uint64_t ledger_collect(struct ledger *ledger,
			void (*take)(void *context, const struct ledger_entry *entry,
				     bool turned),
			void *context)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < ledger->count; i++) {
		struct collected *before = &ledger->collected[i];
		const struct ledger_entry *place = &ledger->entries[i];
		struct ledger_entry entry;
		bool no_port;

		if (!read_entry(place, place->cookie, &entry))
			continue;
		no_port = entry.flags & LEDGER_NO_PORT;
		if (entry.turn == before->turn && no_port == before->no_port)
			continue;
		if (entry.turn != before->turn)
			lost += entry.turn - before->turn - 1;
		if (take)
			take(context, &entry, entry.turn == before->turn);
		*before = (struct collected){ entry.turn, no_port };
	}
	return lost;
}

/* Also where an entry is being written, of which no more is known yet. */
void ledger_skip(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++)
		ledger->collected[i].turn = ledger->entries[i].turn;
	ledger_collect(ledger, NULL, NULL);
}

struct ledger_state ledger_state_of(const struct ledger *ledger)
{
	return *ledger->state;
}

#else

struct ledger *ledger_open(size_t entries, struct error *error)
{
	(void)entries;
	error_set(error, "%s", bpf_obstacle());
	return NULL;
}

void ledger_close(struct ledger *ledger)
{
	(void)ledger;
}

bool ledger_find(const struct ledger *ledger, uint64_t netns,
		 const struct socket_record *record, struct ledger_maker_key *maker)
{
	(void)ledger, (void)netns, (void)record, (void)maker;
	return false;
}

bool ledger_describe(const struct ledger *ledger, const struct ledger_maker_key *key,
		     struct ledger_maker *maker)
{
	(void)ledger, (void)key, (void)maker;
	return false;
}

uint64_t ledger_collect(struct ledger *ledger,
			void (*take)(void *context, const struct ledger_entry *entry,
				     bool turned),
			void *context)
{
	(void)ledger, (void)take, (void)context;
	return 0;
}

void ledger_skip(struct ledger *ledger)
{
	(void)ledger;
}

struct ledger_state ledger_state_of(const struct ledger *ledger)
{
	(void)ledger;
	return (struct ledger_state){ 0 };
}

#endif
