#include "source/artefact/windows/afd_endpoint.h"

#include "source/artefact/dump/little_endian.h"

/*
 * Codes and layouts are those of System Informer, phnt/include/ntafd.h: an address is a SOCKADDR of sockets that speak to the
 * transport in the new way, which all TCP and UDP sockets do since Windows Vista; or TDI_ADDRESS_INFO: a count of uses, the
 * count of addresses (1), the length of the address without its family, and there the SOCKADDR begins.
 */
enum { WINDOWS_INET = 2, WINDOWS_INET6 = 23 };
enum { SOCKADDR_IN = 16, SOCKADDR_IN6 = 28 };
enum { TDI_COUNT = 4, TDI_LENGTH = 8, TDI_ADDRESS = 10 };

/* It can be no SOCKADDR: what is one, the count, would be the address 1.0.0.0, or a label that nobody uses. */
static bool is_tdi(const uint8_t *bytes, size_t size)
{
	return size > TDI_ADDRESS + SOCKADDR_IN - 2 &&
	       little_endian_32(bytes + TDI_COUNT) == 1 &&
	       (little_endian_16(bytes + TDI_LENGTH) == SOCKADDR_IN - 2 ||
		little_endian_16(bytes + TDI_LENGTH) == SOCKADDR_IN6 - 2);
}

bool afd_endpoint_address(const uint8_t *bytes, size_t size, struct address *address,
			  uint16_t *port)
{
	uint16_t family;

	if (is_tdi(bytes, size)) {
		bytes += TDI_ADDRESS;
		size -= TDI_ADDRESS;
	}
	if (size < 8)
		return false;
	family = little_endian_16(bytes);
	if (family == WINDOWS_INET)
		*address = address_ipv4(bytes + 4);
	else if (family == WINDOWS_INET6 && size >= 24)
		*address = address_ipv6(bytes + 8);
	else
		return false;
	*port = (uint16_t)(bytes[2] << 8 | bytes[3]);
	return true;
}

/* SOCK_SHARED_INFO, which the library of sockets leaves with the driver, as far as it is used here. */
enum { STATE = 0, FAMILY = 4, TYPE = 8, PROTOCOL = 12, FLAGS = 44, CONTEXT_LEAST = 46 };
enum { STATE_CONNECTED = 3, TYPE_STREAM = 1, TYPE_DATAGRAM = 2, FLAG_LISTENING = 1 };
enum { WINDOWS_TCP = 6, WINDOWS_UDP = 17 };

void afd_endpoint_context(const uint8_t *bytes, size_t size, struct afd_endpoint *endpoint)
{
	uint32_t family, type, protocol;
	bool is_ip;

	if (size < CONTEXT_LEAST)
		return;
	family = little_endian_32(bytes + FAMILY);
	type = little_endian_32(bytes + TYPE);
	protocol = little_endian_32(bytes + PROTOCOL);
	is_ip = family == WINDOWS_INET || family == WINDOWS_INET6;
	endpoint->is_known = true;
	endpoint->is_tcp =
		is_ip && type == TYPE_STREAM && (!protocol || protocol == WINDOWS_TCP);
	endpoint->is_udp =
		is_ip && type == TYPE_DATAGRAM && (!protocol || protocol == WINDOWS_UDP);
	endpoint->is_connected = little_endian_32(bytes + STATE) == STATE_CONNECTED;
	endpoint->is_listening = little_endian_16(bytes + FLAGS) & FLAG_LISTENING;
}
