#pragma once

#include "base/error.h"
#include "snapshot/snapshot.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What every process has open, sockets or not: descriptors on Linux, handles on Windows.
 */
enum handle_kind {
	HANDLE_SOCKET,
	HANDLE_FILE,   /* a regular file or a directory, deleted ones too */
	HANDLE_DEVICE, /* below /dev */
	HANDLE_PIPE,
	HANDLE_EPOLL,
	HANDLE_EVENT, /* eventfd, signalfd */
	HANDLE_TIMER,
	HANDLE_WATCH,	  /* inotify, fanotify */
	HANDLE_MEMORY,	  /* memfd, shared memory, dma-buf */
	HANDLE_BPF,	  /* programs, maps, links; perf events */
	HANDLE_NAMESPACE, /* of any kind; pidfd too */
	HANDLE_OTHER,
	HANDLE_KIND_COUNT
};

const char *handle_kind_name(enum handle_kind kind);  /* "socket", for programs */
const char *handle_kind_title(enum handle_kind kind); /* "sockets", for people */

struct handle_count {
	uint32_t process; /* index into the snapshot's processes */
	int64_t count;	  /* of all kinds */
	int64_t kinds[HANDLE_KIND_COUNT];
};

struct handles {
	struct handle_count *items; /* of every process that could be looked at */
	size_t count, capacity;
	unsigned refused; /* processes that could not be, for want of a privilege */
	unsigned
		unanswered; /* handles that did not tell in time whether they are sockets; of Windows */
};

/*
 * Looks at all processes, or at one (`pid`, 0: all), of this machine or of a copied /proc (`root`, NULL: live). They are
 * added to the snapshot, whose other facts are left alone. -1 with a sentence if nothing could be read, or if that
 * one is not there or may not be looked at.
 */
int handles_read(struct handles *handles, struct snapshot *snapshot, const char *root,
		 int32_t pid, struct error *error);
void handles_free(struct handles *handles);
