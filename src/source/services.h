#pragma once

#include "base/arena.h"
#include "snapshot/socket.h"

#include <stdbool.h>
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

/* Where they are, unless it is said otherwise. */
enum service_port {
	SERVICE_SSH = 22,
	SERVICE_DNS = 53,
	SERVICE_HTTP = 80,
	SERVICE_KERBEROS = 88,
	SERVICE_LDAP = 389,
	SERVICE_HTTPS = 443,
	SERVICE_SMB = 445,
	SERVICE_LDAPS = 636,
	SERVICE_SOCKS = 1080,
	SERVICE_NFS = 2049,
	SERVICE_RDP = 3389
};

struct service {
	enum service_kind kind;
	enum protocol protocol;
	const char *host; /* a name or an address, without brackets */
	uint16_t port;
	const char *from; /* the file, the key of the registry or the call that names it */
};

enum { SERVICES_NOTES = 4 };

struct services {
	struct arena arena;
	struct service *items;
	size_t count, capacity;
	bool directory_unread; /* a directory is configured in a file that only root may read */
	const char *notes[SERVICES_NOTES]; /* what else is to be known of them, for people */
	size_t note_count;
};

/* What is configured for the machine, and for whoever asks (HOME, http_proxy). Nobody is asked over the network. */
void services_read(struct services *services);
void services_free(struct services *services);

/* ---- for who reads them ---- */

/* One is listed once, and not more than 200 are. Without a host it is none. */
void services_add(struct services *services, struct service service);

/* TCP; the text as files have it: "ldap://10.0.0.1:389/dc=x", "host:88", "[2001:db8::1]:88", "host". `port`: where it names none. */
void services_add_host(struct services *services, enum service_kind kind, const char *text,
		       uint16_t port, const char *from);
void services_note(struct services *services, const char *text);
