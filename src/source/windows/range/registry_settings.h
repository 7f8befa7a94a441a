#pragma once

#include <windows.h>

/*
 * Two values of HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters. The dynamic range is not among them: what is left of
 * MaxUserPort is for a remark.
 */
struct registry_route {
	LSTATUS(WINAPI *get_value)
	(HKEY key, const wchar_t *subkey, const wchar_t *name, DWORD flags, DWORD *type,
	 void *data, DWORD *size);
};

struct registry_route registry_route_of_system(void);

struct registry_settings {
	int timed_wait_delay_s; /* TcpTimedWaitDelay; -1: it is not set, and Windows has its default */
	int max_user_port;   /* MaxUserPort; -1: the same */
	const char *why_not; /* one of them is there and was not read; NULL: that is not so */
};

void registry_settings_read(const struct registry_route *route,
			    struct registry_settings *settings);
