#pragma once

#include <winsock2.h>

#include <ws2tcpip.h>

#include <iphlpapi.h>

/*
 * Functions of iphlpapi.dll about addresses and routes: all since Windows Vista (learn.microsoft.com, GetBestRoute2). NULL: this
 * Windows does not have it.
 */
struct route_route {
	DWORD(WINAPI *adapters)
	(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *adapters,
	 ULONG *size);
	DWORD(WINAPI *best_route)
	(NET_LUID *luid, NET_IFINDEX index, const SOCKADDR_INET *source,
	 const SOCKADDR_INET *destination, ULONG options, MIB_IPFORWARD_ROW2 *route,
	 SOCKADDR_INET *chosen);
	DWORD(WINAPI *best_interface)(struct sockaddr *destination, DWORD *index);
};

void route_find(struct route_route *route);
