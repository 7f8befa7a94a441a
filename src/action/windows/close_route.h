#pragma once

#include "base/error.h"

#include <winsock2.h>

#include <iphlpapi.h>
#include <stdbool.h>

struct closer;

/*
 * What closes a connection from outside, and tells of one: iphlpapi.dll (learn.microsoft.com: GetExtendedTcpTable since Windows XP
 * SP2, SetTcpEntry since 2000, Get- and SetPerTcpConnectionEStats since Vista). What is not there is NULL.
 */
struct close_route {
	DWORD(WINAPI *table)
	(void *bytes, DWORD *size, BOOL sorted, ULONG family, TCP_TABLE_CLASS class,
	 ULONG reserved);
	DWORD(WINAPI *set_entry)(MIB_TCPROW *row);
	ULONG(WINAPI *statistics)
	(MIB_TCPROW *row, TCP_ESTATS_TYPE type, UCHAR *rw, ULONG rw_version, ULONG rw_size,
	 UCHAR *ros, ULONG ros_version, ULONG ros_size, UCHAR *rod, ULONG rod_version,
	 ULONG rod_size);
	ULONG(WINAPI *set_statistics)
	(MIB_TCPROW *row, TCP_ESTATS_TYPE type, UCHAR *rw, ULONG version, ULONG size,
	 ULONG offset);
	bool (*is_elevated)(void); /* whether this process has administrator rights */
};

void close_find(struct close_route *route);

/* close_open() by another route. */
struct closer *close_open_by(const struct close_route *route, struct error *error);
