#include "source/linux/bpf/iterators.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_BPF

#include <iterators-cast.skel.h>
#include <iterators-probe.skel.h>

/* A link ties a program to the kernel's iterator; each reading opens a file by it. */
struct bpf_iterators {
	void *skeleton;
	void (*destroy)(void *skeleton);
	int sockets_link[PROTOCOL_COUNT], descriptors_link;
	u32 *socket_number, *netns_number;
	bool *only_bound;
	const volatile bool *shows_bound;
};

/* For kernels with bpf_rdonly_cast() and without; see walk.c. 0, or -1 with errno set. */
#define LOADER(way)                                                                           \
	static void destroy_##way(void *skeleton)                                             \
	{                                                                                     \
		iterators_##way##__destroy(skeleton);                                         \
	}                                                                                     \
                                                                                              \
	static int load_##way(struct bpf_iterators *iterators)                                \
	{                                                                                     \
		struct iterators_##way *skeleton = iterators_##way##__open();                 \
                                                                                              \
		if (!skeleton)                                                                \
			return -1;                                                            \
		skeleton->rodata->ticks_per_second = bpf_ticks_per_second();                  \
		if (iterators_##way##__load(skeleton) ||                                      \
		    iterators_##way##__attach(skeleton) < 0) {                                \
			int failed = errno;                                                   \
                                                                                              \
			iterators_##way##__destroy(skeleton);                                 \
			errno = failed;                                                       \
			return -1;                                                            \
		}                                                                             \
		iterators->skeleton = skeleton;                                               \
		iterators->destroy = destroy_##way;                                           \
		iterators->sockets_link[PROTOCOL_TCP] = skeleton->links.see_tcp_fd;           \
		iterators->sockets_link[PROTOCOL_UDP] = skeleton->links.see_udp_fd;           \
		iterators->descriptors_link = skeleton->links.see_descriptors_fd;             \
		iterators->socket_number = &skeleton->bss->socket_number;                     \
		iterators->netns_number = &skeleton->bss->netns_number;                       \
		iterators->only_bound = &skeleton->bss->only_bound;                           \
		iterators->shows_bound = &skeleton->bss->shows_bound;                         \
		return 0;                                                                     \
	}

LOADER(cast)
LOADER(probe)

struct bpf_iterators *bpf_iterators_open(struct error *error)
{
	struct bpf_iterators *iterators = memory_zeroed(1, sizeof *iterators);
	const char *obstacle = bpf_obstacle();

	if (obstacle)
		error_set(error, "%s", obstacle);
	else if (load_cast(iterators) && load_probe(iterators))
		bpf_refusal(error, errno);
	else
		return iterators;
	bpf_iterators_close(iterators);
	return NULL;
}

void bpf_iterators_close(struct bpf_iterators *iterators)
{
	if (!iterators)
		return;
	if (iterators->skeleton)
		iterators->destroy(iterators->skeleton);
	free(iterators);
}

static int open_iteration(int link)
{
	union bpf_attr attributes = { .iter_create.link_fd = (u32)link };

	return skel_sys_bpf(BPF_ITER_CREATE, &attributes, sizeof attributes);
}

/* 0, or -1 with errno set. A read is cut short at the end of a record (see bpf/iterators.bpf.c), and
 * gives nothing at all, EAGAIN, after a million objects without one. */
static int read_records(int iteration, bpf_walk_callback take, void *context)
{
	/* What the kernel has ready at most (kernel/bpf/bpf_iter.c, bpf_seq_read()). */
	size_t size = 8 * (size_t)sysconf(_SC_PAGESIZE);
	union seen *records = memory_zeroed(1, size);
	ssize_t length;

	do {
		length = read(iteration, records, size);
		if (length > 0)
			take(context, records, (size_t)length / sizeof *records);
	} while (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)));
	free(records);
	return length < 0 ? -1 : 0;
}

static int iterate(int link, bpf_walk_callback take, void *context)
{
	int iteration = open_iteration(link), result, failed;

	if (iteration < 0)
		return -1;
	result = read_records(iteration, take, context);
	failed = errno;
	close(iteration);
	errno = failed;
	return result;
}

int bpf_iterators_descriptors(struct bpf_iterators *iterators, bool only_bound,
			      bpf_walk_callback take, void *context, struct error *error)
{
	/* Neither has a port. */
	int socket_file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int netns_file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int result = -1;

	if (socket_file >= 0 && netns_file >= 0) {
		*iterators->socket_number = (u32)socket_file;
		*iterators->netns_number = (u32)netns_file;
		*iterators->only_bound = only_bound;
		result = iterate(iterators->descriptors_link, take, context);
	}
	if (result)
		error_set(error, _("BPF: the iteration over descriptors broke off: %s"),
			  language_errno(errno));
	if (socket_file >= 0)
		close(socket_file);
	if (netns_file >= 0)
		close(netns_file);
	return result;
}

int bpf_iterators_sockets(struct bpf_iterators *iterators, enum protocol protocol,
			  bpf_walk_callback take, void *context, struct error *error)
{
	if (iterate(iterators->sockets_link[protocol], take, context))
		return error_set(error, _("BPF: the iteration over sockets broke off: %s"),
				 language_errno(errno));
	return 0;
}

bool bpf_iterators_shows_bound(const struct bpf_iterators *iterators)
{
	return *iterators->shows_bound;
}

#else

struct bpf_iterators *bpf_iterators_open(struct error *error)
{
	error_set(error, "%s", bpf_obstacle());
	return NULL;
}

void bpf_iterators_close(struct bpf_iterators *iterators)
{
	(void)iterators;
}

int bpf_iterators_descriptors(struct bpf_iterators *iterators, bool only_bound,
			      bpf_walk_callback take, void *context, struct error *error)
{
	(void)iterators, (void)only_bound, (void)take, (void)context;
	return error_set(error, "%s", bpf_obstacle());
}

int bpf_iterators_sockets(struct bpf_iterators *iterators, enum protocol protocol,
			  bpf_walk_callback take, void *context, struct error *error)
{
	(void)protocol;
	return bpf_iterators_descriptors(iterators, false, take, context, error);
}

bool bpf_iterators_shows_bound(const struct bpf_iterators *iterators)
{
	(void)iterators;
	return false;
}

#endif
