#include "source/handles.h"

#include "base/language.h"

#include <stdlib.h>

static const struct kind {
	const char *name, *title;
} kinds[HANDLE_KIND_COUNT] = {
	[HANDLE_SOCKET] = { "socket", N_("sockets") },
	[HANDLE_FILE] = { "file", N_("files") },
	[HANDLE_DEVICE] = { "device", N_("devices") },
	[HANDLE_PIPE] = { "pipe", N_("pipes") },
	[HANDLE_EPOLL] = { "epoll", N_("epoll") },
	[HANDLE_EVENT] = { "event", N_("events") },
	[HANDLE_TIMER] = { "timer", N_("timers") },
	[HANDLE_WATCH] = { "watch", N_("file watches") },
	[HANDLE_MEMORY] = { "memory", N_("memory") },
	[HANDLE_BPF] = { "bpf", N_("BPF, perf") },
	[HANDLE_NAMESPACE] = { "namespace", N_("namespaces, pidfds") },
	[HANDLE_OTHER] = { "other", N_("others") },
};

const char *handle_kind_name(enum handle_kind kind)
{
	return kinds[kind].name;
}

const char *handle_kind_title(enum handle_kind kind)
{
	return _(kinds[kind].title);
}

void handles_free(struct handles *handles)
{
	free(handles->items);
	*handles = (struct handles){ 0 };
}
