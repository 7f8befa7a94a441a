/* What looks like a lack of ports and has another cause, or hides the lack. */
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../give_up.h"
#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

/* Wide enough that ports are no matter, and no wider than what is measured by real calls. */
enum { WIDE_LAST = 40249, WIDE = 250 };

/* A holder has three descriptors beside its sockets. */
enum { DESCRIPTOR_LIMIT = 100, OTHERS = 3 };

/* A process with a limit of 100 descriptors and so many of them open. */
static void almost_out_of_descriptors(struct truth *truth, unsigned open)
{
	const unsigned sockets = open - OTHERS;
	struct rlimit usual, low;

	service_start("0.0.0.0", 9000);
	getrlimit(RLIMIT_NOFILE, &usual);
	low = usual;
	low.rlim_cur = DESCRIPTOR_LIMIT;
	setrlimit(RLIMIT_NOFILE, &low);
	const struct held held =
		HOLDER_START({ sockets, { .connect_to = LOOPBACK, .port = 9000 } });

	setrlimit(RLIMIT_NOFILE, &usual);
	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000, few descriptors left");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), WIDE, WIDE - sockets);
}

static void descriptors_few(struct truth *truth)
{
	almost_out_of_descriptors(truth, 90);
}

static void descriptors_none(struct truth *truth)
{
	almost_out_of_descriptors(truth, 99);
}

static void time_wait_overflow(struct truth *truth)
{
	const int listener = service_start("0.0.0.0", 9000);

	namespace_sysctl("tcp_max_tw_buckets", "20");
	service_time_wait(listener, 50, PLAN(.connect_to = LOOPBACK, .port = 9000));
	namespace_await_state(STATE_TIME_WAIT, 20);
	truth_nobody(truth, 20, "TIME_WAIT, at its limit; 30 more were not kept");
	truth->valid_s = 40;
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 80);
}

static void autobind_reuse(struct truth *truth)
{
	service_start("0.0.0.0", 9000);
	namespace_sysctl("ip_autobind_reuse", "1");
	const struct held held = HOLDER_START({ 100,
						{ .bind_to = LOOPBACK,
						  .reuse_address = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &held, "ESTABLISHED to 127.0.0.1:9000, bound before connect()");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
}

static void send_away(int through, const int *fds, size_t count)
{
	const size_t size = count * sizeof *fds;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(64 * sizeof(int))];
	} control = { 0 };
	char nothing = 0;
	struct iovec byte = { &nothing, 1 };
	const struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(size),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(rights), fds, size);
	if (sendmsg(through, &message, 0) != 1)
		give_up("the sockets could not be sent");
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* The message is never read, and the sockets live on in it. */
static void in_flight(struct truth *truth)
{
	int fds[12], pair[2];

	service_start("0.0.0.0", 9000);
	holder_here(ORDERS({ 12, { .connect_to = LOOPBACK, .port = 9000 } }), fds);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		give_up("there is no pair of unix sockets");
	send_away(pair[0], fds, 12);
	truth_nobody(truth, 12,
		     "ESTABLISHED to 127.0.0.1:9000, in a message that nobody reads");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 88);
	truth_target(truth, PLAN(.connect_to = "127.0.0.2", .port = 9000), ALL, 100);
}

const struct situation situations_lookalikes[] = {
	{ .name = "descriptors_few",
	  .what = "a process with nine tenths of its descriptors open",
	  .last = WIDE_LAST,
	  .make = descriptors_few },
	{ .name = "descriptors_none",
	  .what = "a process with all descriptors open but one",
	  .last = WIDE_LAST,
	  .make = descriptors_none },
	{ .name = "time_wait_overflow",
	  .what = "TIME_WAIT at tcp_max_tw_buckets",
	  .make = time_wait_overflow },
	{ .name = "autobind_reuse",
	  .what = "ip_autobind_reuse=1 and every port bound",
	  .make = autobind_reuse },
	{ .name = "in_flight",
	  .what = "connections that are only in a message of a unix socket",
	  .make = in_flight },
	{ 0 },
};
