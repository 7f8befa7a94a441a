#pragma once

#include "base/error.h"
#include "source/windows/rows.h"

#include <windows.h>

/*
 * Bound TCP ports by the table that netstat -q reads: functions of iphlpapi.dll that no header names, both of which are there
 * since Windows 10 version 1809. They allocate from the heap that they are given.
 */
struct bound_internal_route {
	ULONG(WINAPI *get4)(void **table, HANDLE heap, ULONG flags); /* MIB_TCPTABLE2 */
	ULONG(WINAPI *get6)(void **table, HANDLE heap, ULONG flags); /* MIB_TCP6TABLE2 */
	int build;						     /* of the system */
	HANDLE heap;
};

void bound_internal_find(struct bound_internal_route *route, int build);

/* 0, and rows of SOCKET_BOUND behind the others; -1 with why not, and no row. */
int bound_internal_read(const struct bound_internal_route *route, struct rows *rows,
			struct error *error);
