#include "source/linux/bpf/programs.h"

#ifdef HAVE_BPF

#include <errno.h> /* the skeletons need it before them */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <descriptors-cast.skel.h>
#include <descriptors-probe.skel.h>
#include <tables-cast.skel.h>
#include <tables-probe.skel.h>

/*
 * Each file is there twice, for kernels with bpf_rdonly_cast() and without; what the two skeletons are
 * called is all that differs. 0, or -1 with errno set.
 */
#define LOADERS(way)                                                                          \
	static void destroy_tables_##way(void *skeleton)                                      \
	{                                                                                     \
		tables_##way##__destroy(skeleton);                                            \
	}                                                                                     \
                                                                                              \
	static int load_tables_##way(struct bpf_walk *walk)                                   \
	{                                                                                     \
		struct tables_##way *skeleton = tables_##way##__open();                       \
                                                                                              \
		if (!skeleton)                                                                \
			return -1;                                                            \
		skeleton->rodata->slot_records = walk->tables.slot_records;                   \
		skeleton->rodata->ask_ahead = walk->ask_ahead;                                \
		skeleton->rodata->ticks_per_second = bpf_ticks_per_second();                  \
		skeleton->rodata->misled = walk->misled;                                      \
		skeleton->maps.records.max_entries = WALK_SLOTS * walk->tables.slot_records;  \
		if (tables_##way##__load(skeleton)) {                                         \
			int failed = errno;                                                   \
                                                                                              \
			tables_##way##__destroy(skeleton);                                    \
			errno = failed;                                                       \
			return -1;                                                            \
		}                                                                             \
		walk->tables.built = #way;                                                    \
		walk->tables.skeleton = skeleton;                                             \
		walk->tables.destroy = destroy_tables_##way;                                  \
		walk->tables.records_map = skeleton->maps.records.map_fd;                     \
		walk->find_namespaces = skeleton->progs.find_namespaces.prog_fd;              \
		walk->walk_table[BPF_TABLE_CONNECTIONS] =                                     \
			skeleton->progs.walk_connections.prog_fd;                             \
		walk->walk_table[BPF_TABLE_LISTENERS] =                                       \
			skeleton->progs.walk_listeners.prog_fd;                               \
		walk->walk_table[BPF_TABLE_PORTS] = skeleton->progs.walk_ports.prog_fd;       \
		walk->walk_table[BPF_TABLE_UDP] = skeleton->progs.walk_udp.prog_fd;           \
		walk->progress = skeleton->bss->progress;                                     \
		return 0;                                                                     \
	}                                                                                     \
                                                                                              \
	static void destroy_descriptors_##way(void *skeleton)                                 \
	{                                                                                     \
		descriptors_##way##__destroy(skeleton);                                       \
	}                                                                                     \
                                                                                              \
	static int load_descriptors_##way(struct bpf_walk *walk)                              \
	{                                                                                     \
		struct descriptors_##way *skeleton = descriptors_##way##__open();             \
                                                                                              \
		if (!skeleton)                                                                \
			return -1;                                                            \
		skeleton->rodata->slot_records = walk->descriptors.slot_records;              \
		skeleton->rodata->ask_ahead = walk->ask_ahead;                                \
		skeleton->maps.records.max_entries =                                          \
			DESCRIPTOR_SLOTS * walk->descriptors.slot_records;                    \
		if (descriptors_##way##__load(skeleton)) {                                    \
			int failed = errno;                                                   \
                                                                                              \
			descriptors_##way##__destroy(skeleton);                               \
			errno = failed;                                                       \
			return -1;                                                            \
		}                                                                             \
		walk->descriptors.built = #way;                                               \
		walk->descriptors.skeleton = skeleton;                                        \
		walk->descriptors.destroy = destroy_descriptors_##way;                        \
		walk->descriptors.records_map = skeleton->maps.records.map_fd;                \
		walk->learn_files = skeleton->progs.learn_files.prog_fd;                      \
		walk->walk_descriptors = skeleton->progs.walk_descriptors.prog_fd;            \
		walk->descriptor_progress = skeleton->bss->descriptor_progress;               \
		walk->udp_table = &skeleton->bss->udp_table;                                  \
		return 0;                                                                     \
	}

LOADERS(cast)
LOADERS(probe)

static size_t records_size(const struct bpf_programs *programs)
{
	return (size_t)programs->slots * programs->slot_records * sizeof(union seen);
}

static int map_records(struct bpf_programs *programs)
{
	void *records = mmap(NULL, records_size(programs), PROT_READ, MAP_SHARED,
			     programs->records_map, 0);

	if (records == MAP_FAILED)
		return -1;
	programs->records = records;
	return 0;
}

static void close_programs(struct bpf_programs *programs)
{
	if (programs->records)
		munmap((void *)programs->records, records_size(programs));
	if (programs->skeleton)
		programs->destroy(programs->skeleton);
}

void bpf_programs_unload(struct bpf_walk *walk)
{
	close_programs(&walk->tables);
	close_programs(&walk->descriptors);
}

/* The descriptors' walk knows a socket's file and a namespace's by comparing them with these two. Neither
 * has a port. */
static int learn_files(struct bpf_walk *walk, bool passive)
{
	int socket_file = passive ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) :
				    socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int netns_file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int result = -1, failed;

	if (socket_file >= 0 && netns_file >= 0) {
		u64 arguments[4] = { (u64)socket_file, (u64)netns_file, !passive };

		result = bpf_run(walk->learn_files, arguments);
	}
	failed = errno;
	if (socket_file >= 0)
		close(socket_file);
	if (netns_file >= 0)
		close(netns_file);
	errno = failed;
	return result;
}

static void *load_descriptors(void *context)
{
	struct bpf_walk *walk = context;

	if (load_descriptors_cast(walk) && load_descriptors_probe(walk))
		walk->descriptors_failed = errno;
	return NULL;
}

/* Fewer sockets are mostly found in a processor's cache. */
enum { SOCKETS_TO_ASK_AHEAD = 65536 };

/* The kernel fits each file to its types, which takes milliseconds: the two are loaded at once. */
int bpf_programs_load(struct bpf_walk *walk, u32 slot_records,
		      const struct bpf_walk_options *options)
{
	pthread_t thread;
	bool threaded;
	int failed;

	walk->tables.slots = WALK_SLOTS;
	walk->descriptors.slots = DESCRIPTOR_SLOTS;
	walk->ask_ahead = options->sockets >= SOCKETS_TO_ASK_AHEAD;
	walk->misled = options->misled;
	walk->tables.slot_records = slot_records;
	walk->descriptors.slot_records = slot_records / DESCRIPTOR_SLOTS;
	threaded = !pthread_create(&thread, NULL, load_descriptors, walk);
	failed = load_tables_cast(walk) && load_tables_probe(walk) ? errno : 0;
	if (threaded)
		pthread_join(thread, NULL);
	else
		load_descriptors(walk);
	errno = failed ? failed : walk->descriptors_failed;
	if (errno || map_records(&walk->tables) || map_records(&walk->descriptors))
		return -1;
	return learn_files(walk, options->passive);
}

#endif
