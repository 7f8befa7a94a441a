#pragma once

#include "source/windows/wmi.h"

#include <stdint.h>

/*
 * WMI as far as it is asked: rows of the settings of TCP and UDP and of connections, and ways of answering badly.
 */
struct fake_wmi {
	HRESULT connects; /* of ConnectServer */
	HRESULT asks;	  /* of ExecQuery */
	HRESULT ends;	  /* of Next, behind the last row */
	bool hangs;	  /* ConnectServer does not answer until fake_wmi_end() */
	/* DynamicPortRangeStartPort and the others; -1: VT_NULL. */
	int64_t tcp[4][WMI_COLUMNS], udp[4][WMI_COLUMNS];
	size_t tcp_count, udp_count;
	/* LocalPort, State and OwningProcess, and LocalAddress; NULL: VT_NULL. */
	int64_t connections[4][WMI_COLUMNS];
	const wchar_t *addresses[4];
	size_t connection_count;
	VARTYPE type; /* of the numbers */
};

struct wmi_route fake_wmi_begin(const struct fake_wmi *fake);

/* Whoever hangs goes on; how many interfaces were not released. */
int fake_wmi_end(void);
