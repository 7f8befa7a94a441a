#include "action/windows/ending_route.h"

/*
 * WM_CLOSE is what the close button of a window sends: its program may ask its user first, or refuse. A window of a process with
 * more rights than ours is not reached (user interface privilege isolation), and neither is one of another session.
 */
struct windows {
	const struct ending_route *route;
	DWORD pid;
	struct ending_asked asked;
};

static BOOL CALLBACK take(HWND window, LPARAM context)
{
	struct windows *windows = (struct windows *)context;
	DWORD pid = 0;

	windows->route->window_process(window, &pid);
	if (pid != windows->pid)
		return TRUE;
	if (windows->route->post(window, WM_CLOSE, 0, 0))
		windows->asked.count++;
	else
		windows->asked.denied |= GetLastError() == ERROR_ACCESS_DENIED;
	return TRUE;
}

struct ending_asked ending_ask_windows(const struct ending_route *route, DWORD pid)
{
	struct windows windows = { .route = route, .pid = pid };

	if (route->each_window && route->window_process && route->post)
		route->each_window(take, (LPARAM)&windows);
	return windows.asked;
}
