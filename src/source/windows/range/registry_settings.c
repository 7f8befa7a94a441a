#include "source/windows/range/registry_settings.h"

#include "system/windows/error_text.h"

static const wchar_t parameters[] = L"SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";

/* Beyond it is a mistake of whoever set it (source/artefact/windows/told_setting.c). */
enum { LONGEST_DELAY_S = 86400, LAST_PORT = 65535 };

struct registry_route registry_route_of_system(void)
{
	return (struct registry_route){ .get_value = RegGetValueW };
}

static int read_number(const struct registry_route *route, const wchar_t *name, DWORD most,
		       const char **why_not)
{
	DWORD number = 0, size = sizeof number;
	LSTATUS status = route->get_value(HKEY_LOCAL_MACHINE, parameters, name,
					  RRF_RT_REG_DWORD, NULL, &number, &size);

	if (status == ERROR_FILE_NOT_FOUND)
		return -1;
	if (status || number > most) {
		*why_not = error_text(status ? (unsigned long)status : ERROR_INVALID_DATA);
		return -1;
	}
	return (int)number;
}

void registry_settings_read(const struct registry_route *route,
			    struct registry_settings *settings)
{
	settings->why_not = NULL;
	settings->timed_wait_delay_s =
		read_number(route, L"TcpTimedWaitDelay", LONGEST_DELAY_S, &settings->why_not);
	settings->max_user_port =
		read_number(route, L"MaxUserPort", LAST_PORT, &settings->why_not);
}
