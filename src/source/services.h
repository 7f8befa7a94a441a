#pragma once

#include "base/arena.h"
#include "snapshot/socket.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Hosts that this machine is configured to use: what fails first when ports run out (Microsoft, "Troubleshoot port
 * exhaustion issues": logons with domain accounts, group policy, file shares, remote desktop from this machine).
 */
enum service_kind {
	SERVICE_NAMES,	   /* DNS */
	SERVICE_DIRECTORY, /* LDAP, Kerberos */
	SERVICE_FILES,	   /* SMB, NFS */
	SERVICE_LOGIN,	   /* SSH, RDP to other machines */
	SERVICE_WEB,	   /* proxies, package sources */
	SERVICE_KIND_COUNT
};

struct service {
	enum service_kind kind;
	enum protocol protocol;
	const char *host; /* a name or an address, without brackets */
	uint16_t port;
	const char *from; /* the file that names it */
};

struct services {
	struct arena arena;
	struct service *items;
	size_t count, capacity;
	bool directory_unread; /* a directory is configured in a file that only root may read */
};

/* What is configured for the machine, and for whoever asks (HOME, http_proxy). Nobody is asked over the network. */
void services_read(struct services *services);
void services_free(struct services *services);
