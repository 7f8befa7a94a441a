#include "service.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "give_up.h"
#include "namespace.h"

enum { CLIENT_GONE_WITHIN_MS = 20000, FAR_CLIENTS_MAX = 200 };

static int open_or_give_up(const struct plan *plan, const char *what)
{
	const int fd = sockets_open(plan);

	if (fd < 0)
		give_up("%s: %s", what, strerror(-fd));
	return fd;
}

int service_start(const char *address, uint16_t port)
{
	const struct plan plan = {
		.bind_to = address,
		.bind_port = port,
		.reuse_address = true,
		.listens = true,
	};

	return open_or_give_up(&plan, "the server");
}

static void await_end(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };
	char byte;

	if (poll(&end, 1, CLIENT_GONE_WITHIN_MS) != 1 || read(fd, &byte, 1) != 0)
		give_up("the client did not close");
}

void service_time_wait(int listener, unsigned count, const struct plan *client)
{
	for (unsigned i = 0; i < count; i++) {
		const int near = open_or_give_up(client, "a connection for TIME_WAIT");
		const int far = sockets_accept(listener);

		close(near);
		await_end(far);
		close(far);
	}
}

void service_close_accepted(int listener, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(sockets_accept(listener));
}

void service_reset_accepted(int listener, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sockets_reset(sockets_accept(listener));
}

void service_leaves_accepted(uint16_t listener_port, uint16_t client_port, struct held *held)
{
	const struct plan server = { .bind_to = LOOPBACK,
				     .bind_port = listener_port,
				     .listens = true };
	const int listener = open_or_give_up(&server, "a short-lived server");
	const struct plan client = {
		.bind_to = "127.0.0.2",
		.bind_port = client_port,
		.connect_to = LOOPBACK,
		.port = sockets_local_port(listener),
	};

	open_or_give_up(&client, "the client of a short-lived server");
	ports_add(&held->ports, sockets_local_port(sockets_accept(listener)));
	held->pid = getpid();
	held->sockets++;
	close(listener);
}

/* Runs in the other namespace until the situation ends. */
_Noreturn static void serve_far(int listener)
{
	struct pollfd fds[1 + FAR_CLIENTS_MAX] = { { .fd = listener, .events = POLLIN } };
	nfds_t count = 1;
	char byte;

	for (;;) {
		if (poll(fds, count, -1) < 0)
			_exit(EXIT_SET_UP_FAILED);
		for (nfds_t i = count - 1; i > 0; i--) {
			if (!fds[i].revents ||
			    (read(fds[i].fd, &byte, 1) < 0 && errno == EAGAIN))
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[0].revents && count <= FAR_CLIENTS_MAX)
			fds[count++] = (struct pollfd){ .fd = sockets_accept(listener),
							.events = POLLIN };
	}
}

/* `go` is written to when the device has arrived, `ready` when the server can be reached. */
_Noreturn static void live_far(const char *address, uint16_t port, int ready, int go)
{
	char byte = 'x';

	if (unshare(CLONE_NEWNET) < 0 || write(ready, &byte, 1) != 1 ||
	    read(go, &byte, 1) != 1)
		_exit(EXIT_SET_UP_FAILED);
	namespace_add_address("far", address, 24);
	namespace_set_up("far");
	int listener = service_start(address, port);
	if (write(ready, &byte, 1) != 1)
		_exit(EXIT_SET_UP_FAILED);
	serve_far(listener);
}

static void await_byte(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		give_up("the server in the other namespace failed");
}

void service_start_far(const char *near_address, const char *far_address, uint16_t port)
{
	int ready[2], go[2];
	pid_t pid;

	if (pipe(ready) < 0 || pipe(go) < 0)
		give_up("pipe: %s", strerror(errno));
	pid = holder_fork();
	if (pid == 0) {
		close(ready[0]);
		close(go[1]);
		live_far(far_address, port, ready[1], go[0]);
	}
	close(ready[1]);
	close(go[0]);
	await_byte(ready[0]);
	namespace_add_veth("near", "far", pid);
	namespace_add_address("near", near_address, 24);
	if (write(go[1], "x", 1) != 1)
		give_up("write: %s", strerror(errno));
	await_byte(ready[0]);
	close(ready[0]);
	close(go[1]);
}

/* Until the peer's window and the own buffer are full, and stay so. */
void service_stuff(int fd)
{
	static const char data[4096];
	const struct timespec moment = { .tv_nsec = 5000000 };

	for (unsigned quiet = 0; quiet < 2; quiet++) {
		while (send(fd, data, sizeof data, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			quiet = 0;
		nanosleep(&moment, NULL);
	}
}

void service_close_stuck(int fd)
{
	service_stuff(fd);
	close(fd);
}
