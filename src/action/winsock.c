#include "action/winsock.h"

#include "base/language.h"

#include <string.h>

/*
 * Numbers: learn.microsoft.com, "Windows Sockets Error Codes". Written out, since this is tried on every system.
 *
 * What Windows and Wine say when no port is left. Windows has STATUS_TOO_MANY_ADDRESSES, which Winsock makes WSAENOBUFS of,
 * whatever the call (learn.microsoft.com, "Troubleshoot port exhaustion issues"). Wine's server makes a number of each errno
 * of Linux (Wine 8.0, server/sock.c, sock_get_error()): so connect() says WSAEADDRNOTAVAIL, bind() to port 0
 * WSAEADDRINUSE, and of UDP connect() WSAEWOULDBLOCK; it never says WSAENOBUFS for that. All of these were seen there.
 */
enum {
	NOT_ENOUGH_MEMORY = 8,
	ACCESS = 10013,
	TOO_MANY_SOCKETS = 10024,
	WOULD_BLOCK = 10035,
	ADDRESS_IN_USE = 10048,
	ADDRESS_NOT_AVAILABLE = 10049,
	NETWORK_DOWN = 10050,
	NETWORK_UNREACHABLE = 10051,
	NETWORK_RESET = 10052,
	RESET = 10054,
	NO_BUFFERS = 10055,
	TIMED_OUT = 10060,
	REFUSED = 10061,
	HOST_DOWN = 10064,
	HOST_UNREACHABLE = 10065,
};

static const struct {
	int error;
	const char *name, *text;
} errors[] = {
	{ 8, "WSA_NOT_ENOUGH_MEMORY", N_("no memory is left") },
	{ 10004, "WSAEINTR", N_("the call was broken off") },
	{ 10009, "WSAEBADF", N_("it is no socket") },
	{ 10013, "WSAEACCES", N_("access to the port is forbidden") },
	{ 10014, "WSAEFAULT", N_("the system does not take the question") },
	{ 10022, "WSAEINVAL", N_("the system does not take the question") },
	{ 10024, "WSAEMFILE", N_("too many open sockets") },
	{ 10035, "WSAEWOULDBLOCK", N_("the call would have to wait") },
	{ 10036, "WSAEINPROGRESS", N_("another call is under way") },
	{ 10037, "WSAEALREADY", N_("another call is under way") },
	{ 10038, "WSAENOTSOCK", N_("it is no socket") },
	{ 10039, "WSAEDESTADDRREQ", N_("it has no destination") },
	{ 10040, "WSAEMSGSIZE", N_("the message is too long") },
	{ 10041, "WSAEPROTOTYPE", N_("the protocol is not of this kind of socket") },
	{ 10042, "WSAENOPROTOOPT", N_("this Windows does not have that option") },
	{ 10043, "WSAEPROTONOSUPPORT", N_("this Windows does not have the protocol") },
	{ 10044, "WSAESOCKTNOSUPPORT", N_("this Windows does not have that kind of socket") },
	{ 10045, "WSAEOPNOTSUPP", N_("this kind of socket cannot do it") },
	{ 10046, "WSAEPFNOSUPPORT", N_("this Windows does not have the protocol") },
	{ 10047, "WSAEAFNOSUPPORT",
	  N_("this Windows does not have the address family: IPv6 is switched off") },
	{ 10048, "WSAEADDRINUSE", N_("the address and port are in use") },
	{ 10049, "WSAEADDRNOTAVAIL", N_("the address is not valid here") },
	{ 10050, "WSAENETDOWN", N_("the network is down") },
	{ 10051, "WSAENETUNREACH", N_("there is no route to the network") },
	{ 10052, "WSAENETRESET", N_("the network has dropped the connection") },
	{ 10053, "WSAECONNABORTED", N_("software of this machine has ended the connection") },
	{ 10054, "WSAECONNRESET", N_("the other side has reset the connection") },
	{ 10055, "WSAENOBUFS", N_("no port is left, or no memory for the socket") },
	{ 10056, "WSAEISCONN", N_("the socket is connected") },
	{ 10057, "WSAENOTCONN", N_("the socket is not connected") },
	{ 10058, "WSAESHUTDOWN", N_("the socket was shut down") },
	{ 10060, "WSAETIMEDOUT", N_("no answer in time") },
	{ 10061, "WSAECONNREFUSED", N_("the connection was refused") },
	{ 10064, "WSAEHOSTDOWN", N_("the host is down") },
	{ 10065, "WSAEHOSTUNREACH", N_("there is no route to the host") },
	{ 10067, "WSAEPROCLIM", N_("too many programs use sockets") },
	{ 10091, "WSASYSNOTREADY", N_("the network of this system is not ready") },
	{ 10093, "WSANOTINITIALISED", N_("Winsock was not started") },
	{ 10106, "WSAEPROVIDERFAILEDINIT",
	  N_("a provider of Winsock could not be started: netsh winsock show catalog lists "
	     "them") },
	{ 11001, "WSAHOST_NOT_FOUND", N_("there is no such host") },
	{ 11002, "WSATRY_AGAIN",
	  N_("the name service did not answer, or has no answer just now") },
	{ 11003, "WSANO_RECOVERY", N_("the name service failed") },
	{ 11004, "WSANO_DATA", N_("the name has no address") },
};

static size_t find(int error)
{
	size_t i = 0;

	while (i < sizeof errors / sizeof errors[0] && errors[i].error != error)
		i++;
	return i;
}

const char *winsock_name(int error)
{
	size_t at = find(error);

	return at < sizeof errors / sizeof errors[0] ? errors[at].name : NULL;
}

const char *winsock_text(int error)
{
	size_t at = find(error);

	return at < sizeof errors / sizeof errors[0] ?
		       _(errors[at].text) :
		       _("an error of Winsock that is not among those it names");
}

/* ---- those that stand for more than one thing ---- */

/* socket() takes no port, so it is memory there. Else only the tables tell: with ports left it was memory. */
static enum probe_outcome of_no_buffers(const char *call, const struct winsock_facts *facts)
{
	if (!strcmp(call, "socket") || facts->room > 0)
		return PROBE_NO_MEMORY;
	return PROBE_NO_PORT;
}

/* With a port that the system chose bind() and the first datagram find none free; connect() found one, but the very pair
 * of addresses and ports is in use, or was a short time ago (event 4227). */
static enum probe_outcome of_in_use(const char *call)
{
	return strcmp(call, "connect") ? PROBE_NO_PORT : PROBE_CLASH;
}

/* Of bind() it is about the address. A source that bind() took is ours, and one that the system chose is, too: of connect() it
 * then says that there is none for that destination; or, under Wine, that there is no port on it, unless the
 * tables have some. UDP has another word for ports there. */
static enum probe_outcome of_not_available(const char *call, enum protocol protocol,
					   const struct winsock_facts *facts)
{
	if (!strcmp(call, "bind"))
		return PROBE_NOT_OURS;
	if (facts->is_wine && protocol == PROTOCOL_TCP && facts->room <= 0)
		return PROBE_NO_PORT;
	return PROBE_UNREACHABLE;
}

enum probe_outcome winsock_outcome(int error, const char *call, enum protocol protocol,
				   const struct winsock_facts *facts)
{
	switch (error) {
	case NO_BUFFERS:
		return of_no_buffers(call, facts);
	case ADDRESS_IN_USE:
		return of_in_use(call);
	case ADDRESS_NOT_AVAILABLE:
		return of_not_available(call, protocol, facts);
	case WOULD_BLOCK: /* of TCP it says that the attempt is under way, and nobody asks here */
		return facts->is_wine && protocol == PROTOCOL_UDP ? PROBE_NO_PORT :
								    PROBE_FAILED;
	case TOO_MANY_SOCKETS:
		return PROBE_NO_DESCRIPTOR;
	case NOT_ENOUGH_MEMORY:
		return PROBE_NO_MEMORY;
	case ACCESS:
		return PROBE_FORBIDDEN;
	case REFUSED:
		return PROBE_REFUSED;
	case RESET:
		/* After a datagram it is that the port is closed: learn.microsoft.com, "recv function (winsock.h)". */
		return protocol == PROTOCOL_UDP ? PROBE_REFUSED : PROBE_RESET;
	case TIMED_OUT:
		return PROBE_TIMED_OUT;
	case NETWORK_DOWN:
	case NETWORK_UNREACHABLE:
	case NETWORK_RESET:
	case HOST_DOWN:
	case HOST_UNREACHABLE:
		return PROBE_UNREACHABLE;
	}
	return PROBE_FAILED;
}
