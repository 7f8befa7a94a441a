#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Makes sockets and says what it made, a line of JSON each; then takes more commands from its input,
 * a line each, until that ends. Its arguments are such commands, too:
 *
 *   listen N [ADDRESS [PORT]]    listeners, on ports that the system chooses where none is given
 *   connect N PORT [ADDRESS]     connections to a listener, each with one send()
 *   accept N                     accepts so many at the newest listener
 *   pair N [ADDRESS]             connections to a listener of its own, both ends kept, one send() each way
 *   half N [ADDRESS]             the same, and the accepting end has said that it sends no more: FIN_WAIT2
 *                                there, CLOSE_WAIT at the connecting end
 *   time_wait N [ADDRESS]        the same, closed by the connecting end first
 *   reset N [ADDRESS [PORT]]     connections from that port, which the accepting end has reset; the other is kept
 *   bound N [ADDRESS [PORT]]     TCP sockets that are bound and no more
 *   udp N [ADDRESS [PORT]]       UDP sockets, each with one sendto() to itself
 *   events N                     handles that are no sockets
 *   close KIND                   closes what was made of that kind
 *
 * The first line is {"pid": N}; the last of each command {"done": "COMMAND"}. A command ends early with
 * {"failed": "CALL", "error": N}. The one send() is for Wine, which knows the process of a socket only
 * after input or output on it (Wine 8.0, dlls/nsiproxy.sys/tcp.c).
 */

#define MOST 70000
#define DEFAULT_ADDRESS "127.0.0.1"

enum kind {
	KIND_LISTEN,
	KIND_CONNECT,
	KIND_ACCEPT,
	KIND_RESET,
	KIND_BOUND,
	KIND_UDP,
	KIND_EVENTS,
	KIND_COUNT
};

static const char *const kind_names[] = { "listen", "connect", "accept", "reset",
					  "bound",  "udp",     "events" };

struct thing {
	enum kind kind;
	UINT_PTR handle;
};

static struct thing things[MOST];
static unsigned count;

struct command {
	unsigned n;
	bool first; /* time that it is done */
	const char *address;
	uint16_t port;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static bool failed(const char *call)
{
	printf("{\"failed\": \"%s\", \"error\": %d}\n", call, WSAGetLastError());
	return false;
}

static void keep(enum kind kind, UINT_PTR handle)
{
	if (count == MOST) {
		fprintf(stderr, "sockets: more than %d\n", MOST);
		exit(1);
	}
	things[count++] = (struct thing){ kind, handle };
}

static union address address_of(const char *text, uint16_t port, int *size)
{
	union address address = { 0 };

	address.any.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	*size = address.any.sa_family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
	if (WSAStringToAddressA((char *)(uintptr_t)text, address.any.sa_family, NULL,
				&address.any, size)) {
		fprintf(stderr, "sockets: no address: %s\n", text);
		exit(1);
	}
	if (address.any.sa_family == AF_INET)
		address.v4.sin_port = htons(port);
	else
		address.v6.sin6_port = htons(port);
	return address;
}

static uint16_t port_of(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port :
							 address->v6.sin6_port);
}

/* What was made: its kind, and the port at either end. */
static uint16_t tell(enum kind kind, SOCKET s, const char *text)
{
	union address local = { 0 }, peer = { 0 };
	int local_size = sizeof(local), peer_size = sizeof(peer);

	getsockname(s, &local.any, &local_size);
	printf("{\"kind\": \"%s\", \"address\": \"%s\", \"port\": %u", kind_names[kind], text,
	       port_of(&local));
	if (!getpeername(s, &peer.any, &peer_size))
		printf(", \"peer_port\": %u", port_of(&peer));
	printf("}\n");
	return port_of(&local);
}

static SOCKET made(const struct command *command, int type, bool bind_it)
{
	int size;
	union address address = address_of(command->address, command->port, &size);
	SOCKET s = socket(address.any.sa_family, type, 0);

	if (s == INVALID_SOCKET) {
		failed("socket");
	} else if (bind_it && bind(s, &address.any, size)) {
		failed("bind");
		closesocket(s);
		s = INVALID_SOCKET;
	}
	return s;
}

static SOCKET listener(const struct command *command, uint16_t *port)
{
	SOCKET s = made(command, SOCK_STREAM, true);

	if (s == INVALID_SOCKET)
		return s;
	if (listen(s, SOMAXCONN)) {
		failed("listen");
		closesocket(s);
		return INVALID_SOCKET;
	}
	keep(KIND_LISTEN, s);
	*port = tell(KIND_LISTEN, s, command->address);
	return s;
}

static SOCKET connection(const struct command *command)
{
	int size;
	union address peer = address_of(command->address, command->port, &size);
	SOCKET s = made(command, SOCK_STREAM, false);

	if (s == INVALID_SOCKET)
		return s;
	if (connect(s, &peer.any, size)) {
		failed("connect");
		closesocket(s);
		return INVALID_SOCKET;
	}
	send(s, "x", 1, 0);
	return s;
}

static SOCKET accepted(SOCKET at, const char *address, bool told)
{
	SOCKET s = accept(at, NULL, NULL);

	if (s == INVALID_SOCKET) {
		failed("accept");
	} else {
		send(s, "y", 1, 0);
		if (told)
			tell(KIND_ACCEPT, s, address);
	}
	return s;
}

static bool do_listen(const struct command *command)
{
	uint16_t port;

	return listener(command, &port) != INVALID_SOCKET;
}

static bool do_connect(const struct command *command)
{
	SOCKET s = connection(command);

	if (s == INVALID_SOCKET)
		return false;
	keep(KIND_CONNECT, s);
	tell(KIND_CONNECT, s, command->address);
	return true;
}

static bool do_accept(const struct command *command)
{
	for (unsigned i = count; i-- > 0;)
		if (things[i].kind == KIND_LISTEN) {
			SOCKET s = accepted(things[i].handle, command->address, true);

			if (s != INVALID_SOCKET)
				keep(KIND_ACCEPT, s);
			return s != INVALID_SOCKET;
		}
	return failed("no listener");
}

/* One listener for all of a command: it is made by the first. */
static bool two_ends(const struct command *command, SOCKET *near_end, SOCKET *far_end)
{
	static SOCKET at = INVALID_SOCKET;
	static uint16_t port;
	struct command with_port = *command;

	if (command->first) {
		with_port.port = 0;
		at = listener(&with_port, &port);
	}
	if (at == INVALID_SOCKET)
		return false;
	with_port.port = port;
	*near_end = connection(&with_port);
	if (*near_end == INVALID_SOCKET)
		return false;
	*far_end = accepted(at, command->address, false);
	return *far_end != INVALID_SOCKET;
}

static bool do_pair(const struct command *command)
{
	SOCKET near_end, far_end;

	if (!two_ends(command, &near_end, &far_end))
		return false;
	keep(KIND_CONNECT, near_end);
	keep(KIND_ACCEPT, far_end);
	tell(KIND_CONNECT, near_end, command->address);
	tell(KIND_ACCEPT, far_end, command->address);
	return true;
}

static void read_to_end(SOCKET s)
{
	char bytes[16];

	while (recv(s, bytes, sizeof(bytes), 0) > 0)
		;
}

static bool do_half(const struct command *command)
{
	SOCKET near_end, far_end;

	if (!two_ends(command, &near_end, &far_end))
		return false;
	shutdown(far_end, SD_SEND);
	read_to_end(near_end);
	keep(KIND_CONNECT, near_end);
	keep(KIND_ACCEPT, far_end);
	tell(KIND_CONNECT, near_end, command->address);
	tell(KIND_ACCEPT, far_end, command->address);
	return true;
}

static bool do_time_wait(const struct command *command)
{
	SOCKET near_end, far_end;

	if (!two_ends(command, &near_end, &far_end))
		return false;
	tell(KIND_CONNECT, near_end, command->address);
	shutdown(near_end, SD_SEND);
	read_to_end(far_end);
	closesocket(far_end);
	read_to_end(near_end);
	closesocket(near_end);
	return true;
}

static bool is_connected(SOCKET s, const char *address, uint16_t port)
{
	int size;
	union address peer = address_of(address, port, &size);

	return !connect(s, &peer.any, size) || failed("connect");
}

static bool do_reset(const struct command *command)
{
	static const struct linger at_once = { 1, 0 };
	struct command any_port = *command;
	uint16_t port;
	SOCKET near_end = made(command, SOCK_STREAM, true), far_end, at;

	any_port.port = 0;
	at = listener(&any_port, &port);
	if (near_end == INVALID_SOCKET || at == INVALID_SOCKET ||
	    !is_connected(near_end, command->address, port))
		return false;
	far_end = accepted(at, command->address, false);
	if (far_end == INVALID_SOCKET)
		return false;
	setsockopt(far_end, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof(at_once));
	closesocket(far_end);
	read_to_end(near_end);
	keep(KIND_RESET, near_end);
	tell(KIND_RESET, near_end, command->address);
	return true;
}

static bool do_bound(const struct command *command)
{
	SOCKET s = made(command, SOCK_STREAM, true);

	if (s == INVALID_SOCKET)
		return false;
	keep(KIND_BOUND, s);
	tell(KIND_BOUND, s, command->address);
	return true;
}

static bool do_udp(const struct command *command)
{
	union address local;
	int size = sizeof(local);
	SOCKET s = made(command, SOCK_DGRAM, true);

	if (s == INVALID_SOCKET)
		return false;
	if (!getsockname(s, &local.any, &size))
		sendto(s, "x", 1, 0, &local.any, size);
	keep(KIND_UDP, s);
	tell(KIND_UDP, s, command->address);
	return true;
}

static bool do_events(const struct command *command)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

	(void)command;
	keep(KIND_EVENTS, (UINT_PTR)event);
	return event != NULL;
}

static const struct {
	const char *name;
	bool (*once)(const struct command *command);
	bool port_first; /* PORT [ADDRESS], not [ADDRESS [PORT]] */
} commands[] = {
	{ "listen", do_listen, false }, { "connect", do_connect, true },
	{ "accept", do_accept, false }, { "pair", do_pair, false },
	{ "half", do_half, false },	{ "time_wait", do_time_wait, false },
	{ "reset", do_reset, false },	{ "bound", do_bound, false },
	{ "udp", do_udp, false },	{ "events", do_events, false },
};

static bool do_close(const char *name)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		if (strcmp(kind_names[things[i].kind], name))
			things[kept++] = things[i];
		else if (things[i].kind == KIND_EVENTS)
			CloseHandle((HANDLE)things[i].handle);
		else
			closesocket(things[i].handle);
	}
	count = kept;
	return true;
}

static bool obey(char *words[4])
{
	if (words[0] && words[1] && !strcmp(words[0], "close"))
		return do_close(words[1]);
	for (size_t i = 0; words[0] && i < ARRAYSIZE(commands); i++) {
		const char *port = words[commands[i].port_first ? 2 : 3];
		const char *address = words[commands[i].port_first ? 3 : 2];
		struct command command = { .n = words[1] ? strtoul(words[1], NULL, 10) : 1,
					   .address = address ? address : DEFAULT_ADDRESS,
					   .port = port ? strtoul(port, NULL, 10) : 0 };

		if (strcmp(words[0], commands[i].name))
			continue;
		for (unsigned n = 0; n < command.n; n++) {
			command.first = !n;
			if (!commands[i].once(&command))
				return false;
		}
		return true;
	}
	fprintf(stderr, "sockets: no such command: %s\n", words[0] ? words[0] : "");
	return false;
}

static void obey_line(const char *line)
{
	char text[200], *words[4] = { 0 };
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " \r\n"); word && n < ARRAYSIZE(words);
	     word = strtok(NULL, " \r\n"))
		words[n++] = word;
	obey(words);
	printf("{\"done\": \"%s\"}\n", words[0] ? words[0] : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	WSADATA data;
	char line[200];

	if (WSAStartup(MAKEWORD(2, 2), &data))
		return 1;
	printf("{\"pid\": %lu}\n", GetCurrentProcessId());
	fflush(stdout);
	for (int i = 1; i < argc; i++)
		obey_line(argv[i]);
	while (fgets(line, sizeof(line), stdin))
		obey_line(line);
	return 0;
}
