#include "source/linux/bpf/programs.h"

#include "base/error.h"
#include "suite.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * A walk that is led into a neighbour's chain at every bucket must notice it, by the end of the chain or by
 * an entry that does not belong there, and count right all the same.
 */
enum { CONNECTIONS = 400 };

/* So many sockets that the walks ask ahead. */
enum { MANY = 10000000 };

struct counting {
	struct seen_namespace *namespaces;
	size_t namespace_count;
	uint32_t netns;
	unsigned mine;
};

static void count_namespaces(void *context, const union seen *records, size_t count)
{
	struct counting *counting = context;

	counting->namespaces = calloc(count, sizeof *counting->namespaces);
	counting->namespace_count = count;
	for (size_t i = 0; i < count; i++)
		counting->namespaces[i] = records[i].namespace;
}

static void count_sockets(void *context, const union seen *records, size_t count)
{
	struct counting *counting = context;

	for (size_t i = 0; i < count; i++)
		counting->mine += records[i].socket.netns == counting->netns;
}

static uint32_t own_namespace(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/self/ns/net", &status), 0);
	return (uint32_t)status.st_ino;
}

static void set_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
}

static void make_connections(int *fds)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(9000),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(server, CONNECTIONS), 0);
	for (int i = 0; i < CONNECTIONS; i++) {
		fds[2 * i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(
			connect(fds[2 * i], (struct sockaddr *)&address, sizeof address), 0);
		fds[2 * i + 1] = accept(server, NULL, NULL);
	}
	close(server);
}

static struct bpf_walk_tally walk_connections(const struct bpf_walk_options *options,
					      struct counting *counting)
{
	struct bpf_walk_tally tally = { 0 };
	struct error error;
	struct bpf_walk *walk = bpf_walk_open(options, &error);

	assert_that(walk != NULL, "%s", error.text);
	counting->netns = own_namespace();
	assert_int_equal(bpf_walk_namespaces(walk, count_namespaces, counting, &error), 0);
	/* The first is the initial one, whose table the others share. */
	assert_int_equal(bpf_walk_table(walk, BPF_TABLE_CONNECTIONS, &counting->namespaces[0],
					count_sockets, counting, &tally, &error),
			 0);
	bpf_walk_close(walk);
	free(counting->namespaces);
	return tally;
}

TEST(a_walk_that_is_led_astray_counts_right)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fds[2 * CONNECTIONS];
	struct counting plain = { 0 }, misled = { 0 }, ahead = { 0 };
	struct bpf_walk_tally tally;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	set_loopback_up();
	make_connections(fds);
	tally = walk_connections(&(struct bpf_walk_options){ 0 }, &plain);
	assert_int_equal(plain.mine, 2 * CONNECTIONS);
	assert_int_equal(tally.lost, 0);
	tally = walk_connections(&(struct bpf_walk_options){ .sockets = MANY }, &ahead);
	assert_int_equal(ahead.mine, 2 * CONNECTIONS);
	assert_int_equal(tally.lost, 0);
	tally = walk_connections(&(struct bpf_walk_options){ .misled = true }, &misled);
	assert_int_equal(misled.mine, 2 * CONNECTIONS);
	assert_int_equal(tally.lost, 0);
	/* Nearly every bucket of the table, and more than one of the sort that the hash tells. */
	assert_that(tally.repeats > misled.mine, "only %llu repeats",
		    (unsigned long long)tally.repeats);
	for (int i = 0; i < 2 * CONNECTIONS; i++)
		close(fds[i]);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

TEST(the_initial_namespace_is_the_first_and_ours_is_there)
{
	struct counting counting = { 0 };
	struct error error;
	struct bpf_walk *walk = bpf_walk_open(&(struct bpf_walk_options){ 0 }, &error);
	bool found = false;

	assert_that(walk != NULL, "%s", error.text);
	assert_int_equal(bpf_walk_namespaces(walk, count_namespaces, &counting, &error), 0);
	for (size_t i = 0; i < counting.namespace_count; i++)
		found = found || counting.namespaces[i].netns == own_namespace();
	assert_true(found);
	assert_true(counting.namespaces[0].connections > 1);
	free(counting.namespaces);
	bpf_walk_close(walk);
}

/* The kernel refuses more as it sees fit; the slower way would then be taken, and nobody notice. */
TEST(to_ask_ahead_takes_no_other_way)
{
	struct error error;
	struct bpf_walk *few = bpf_walk_open(&(struct bpf_walk_options){ 0 }, &error);
	struct bpf_walk *many =
		bpf_walk_open(&(struct bpf_walk_options){ .sockets = MANY }, &error);

	assert_true(few && many);
	assert_false(few->ask_ahead);
	assert_true(many->ask_ahead);
	assert_string_equal(few->tables.built, many->tables.built);
	assert_string_equal(few->descriptors.built, many->descriptors.built);
	bpf_walk_close(few);
	bpf_walk_close(many);
}

SUITE(bpf_walk, cmocka_unit_test(a_walk_that_is_led_astray_counts_right),
      cmocka_unit_test(the_initial_namespace_is_the_first_and_ours_is_there),
      cmocka_unit_test(to_ask_ahead_takes_no_other_way), );
