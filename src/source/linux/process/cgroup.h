#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;

/*
 * What a cgroup path tells about its process. Each is NULL where the path does not name it.
 * Sources: systemd.unit(5) and the cgroup drivers of Docker, containerd, CRI-O, Podman and kubelet
 * (systemd driver: kubepods-besteffort-pod<uid with _ for ->.slice/cri-containerd-<id>.scope;
 * cgroupfs driver: /kubepods/besteffort/pod<uid>/<id>).
 */
struct cgroup_names {
	const char *unit;      /* "nginx.service", "session-3.scope" */
	bool user_unit;	       /* of a user's manager: below user@<uid>.service */
	const char *container; /* 64 hexadecimal digits */
	const char *pod;       /* uid with dashes */
};

/* `text` is the content of /proc/PID/cgroup, version 1 or 2. Copies live in `arena`. */
struct cgroup_names cgroup_read(struct arena *arena, const char *text);

/* The cgroup of the unified hierarchy that has this inode number, as /proc/PID/cgroup would tell it:
 * "0::/path". NULL if it is gone, or may not be looked for (CAP_DAC_READ_SEARCH). */
const char *cgroup_of_id(struct arena *arena, uint64_t id);
