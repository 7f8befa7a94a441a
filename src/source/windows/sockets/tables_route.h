#pragma once

#include <winsock2.h>

#include <iphlpapi.h>

/*
 * Functions of iphlpapi.dll that list sockets (learn.microsoft.com, GetExtendedTcpTable, GetExtendedUdpTable: since Windows XP
 * SP2). NULL: this Windows does not have it.
 */
struct tables_route {
	DWORD(WINAPI *tcp)
	(void *table, DWORD *size, BOOL sorted, ULONG family, TCP_TABLE_CLASS class,
	 ULONG reserved);
	DWORD(WINAPI *udp)
	(void *table, DWORD *size, BOOL sorted, ULONG family, UDP_TABLE_CLASS class,
	 ULONG reserved);
};

void tables_find(struct tables_route *route);
