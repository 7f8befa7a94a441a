#include "source/services.h"

#include "base/text.h"
#include "source/linux/proc_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Files of many programs, each in a form of its own. All are made of lines, a key and a value; what is looked for is
 * only a host in the value. A line that is not understood is passed over.
 */
enum { LARGEST = 1 << 20, MOST_FILES = 100 };

/* ---- lines of "key value", "key = value", "key: value" ---- */

struct line {
	char *key, *value; /* without blanks around them */
};

static bool split(char *text, struct line *line)
{
	char *end;

	text += strspn(text, " \t");
	if (!*text || strchr("#;[!", *text))
		return false;
	line->key = text;
	end = text + strcspn(text, " \t=:");
	if (!*end)
		return false;
	line->value = end + strspn(end, " \t=:");
	*end = '\0';
	end = line->value + strlen(line->value);
	while (end > line->value && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return *line->value != '\0';
}

struct reader {
	struct services *services;
	const char *path;
	bool directory; /* it tells of one: if it may not be read, that is said */
	void (*take)(struct reader *reader, struct line *line);
	uint16_t port; /* of the host that is described just now */
	const char *host;
};

static void take_ssh(struct reader *reader, struct line *line);

static void read_lines(struct services *services, const char *path, bool directory,
		       void (*take)(struct reader *reader, struct line *line))
{
	struct reader reader = { services, path, directory, take, 0, NULL };
	struct stat status;
	size_t length;
	char *text, *save = NULL;

	if (stat(path, &status)) {
		services->directory_unread |= directory && errno == EACCES;
		return;
	}
	if (!S_ISREG(status.st_mode))
		return;
	text = proc_file_read_all(AT_FDCWD, path, LARGEST, &length);
	if (!text)
		services->directory_unread |= directory && errno == EACCES;
	for (char *at = text ? strtok_r(text, "\n", &save) : NULL; at;
	     at = strtok_r(NULL, "\n", &save)) {
		struct line line;

		if (split(at, &line))
			take(&reader, &line);
	}
	if (take == take_ssh)
		take(&reader, NULL); /* the file is over */
	free(text);
}

/* Each of the words of a value. */
static void add_each(struct reader *reader, enum service_kind kind, char *value, uint16_t port)
{
	char *save = NULL;

	/* _srv_ and DNS ask the name service which hosts these are: sssd-ldap(5), nslcd.conf(5). */
	for (char *word = strtok_r(value, " \t,", &save); word;
	     word = strtok_r(NULL, " \t,", &save))
		if (strcmp(word, "_srv_") != 0 && strncmp(word, "DNS", 3) != 0)
			services_add_host(reader->services, kind, word, port, reader->path);
}

static void take_nameserver(struct reader *reader, struct line *line)
{
	struct service service = {
		.kind = SERVICE_NAMES,
		.port = SERVICE_DNS,
		.from = reader->path,
	};

	if (strcmp(line->key, "nameserver") != 0)
		return;
	/* Link-local ones have an interface behind a percent sign. */
	line->value[strcspn(line->value, " \t")] = '\0';
	service.host = arena_copy(&reader->services->arena, line->value);
	service.protocol = PROTOCOL_UDP;
	services_add(reader->services, service);
	service.protocol = PROTOCOL_TCP;
	services_add(reader->services, service);
}

static void take_kerberos(struct reader *reader, struct line *line)
{
	if (!strcmp(line->key, "kdc") || !strcmp(line->key, "master_kdc") ||
	    !strcmp(line->key, "primary_kdc"))
		add_each(reader, SERVICE_DIRECTORY, line->value, SERVICE_KERBEROS);
}

static void take_ldap(struct reader *reader, struct line *line)
{
	static const char *const keys[] = { "uri", "host", "ldap_uri", "ldap_backup_uri" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (!strcasecmp(line->key, keys[i]))
			add_each(reader, SERVICE_DIRECTORY, line->value, SERVICE_LDAP);
	if (!strcmp(line->key, "krb5_server"))
		add_each(reader, SERVICE_DIRECTORY, line->value, SERVICE_KERBEROS);
	/* A domain by name: its controllers answer under it. */
	if (!strcmp(line->key, "ad_server") || !strcmp(line->key, "ad_domain"))
		add_each(reader, SERVICE_DIRECTORY, line->value, SERVICE_LDAP);
}

/* What was said of the host so far, in whatever order. */
static void end_ssh_host(struct reader *reader)
{
	if (reader->host)
		services_add_host(reader->services, SERVICE_LOGIN, reader->host,
				  reader->port ? reader->port : SERVICE_SSH, reader->path);
	reader->host = NULL;
	reader->port = 0;
}

static void take_ssh(struct reader *reader, struct line *line)
{
	if (!line || !strcasecmp(line->key, "Host") || !strcasecmp(line->key, "Match")) {
		end_ssh_host(reader);
	} else if (!strcasecmp(line->key, "Port")) {
		uint64_t port;

		reader->port =
			text_to_number(line->value, UINT16_MAX, &port) ? (uint16_t)port : 0;
	} else if (!strcasecmp(line->key, "HostName") && !strchr(line->value, '%')) {
		reader->host = arena_copy(&reader->services->arena, line->value);
	}
}

static void take_remmina(struct reader *reader, struct line *line)
{
	if (!strcmp(line->key, "protocol"))
		reader->port = !strcmp(line->value, "RDP") ? SERVICE_RDP :
			       !strcmp(line->value, "SSH") ? SERVICE_SSH :
							     0;
	if (!strcmp(line->key, "server"))
		reader->host = arena_copy(&reader->services->arena, line->value);
	if (reader->host && reader->port) {
		services_add_host(reader->services, SERVICE_LOGIN, reader->host, reader->port,
				  reader->path);
		reader->host = NULL;
		reader->port = 0;
	}
}

static void take_proxy(struct reader *reader, struct line *line)
{
	if (!strcasecmp(line->key, "http_proxy") || !strcasecmp(line->key, "https_proxy")) {
		line->value += *line->value == '"';
		services_add_host(reader->services, SERVICE_WEB, line->value, SERVICE_HTTP,
				  reader->path);
	}
}

/* "deb [options] http://deb.debian.org/debian stable main", "URIs: http://..." */
static void take_apt(struct reader *reader, struct line *line)
{
	char *uri = strstr(line->value, "http://"), *secure = strstr(line->value, "https://");

	if (strcmp(line->key, "deb") != 0 && strcasecmp(line->key, "URIs") != 0)
		return;
	if (secure && (!uri || secure < uri))
		uri = secure;
	if (uri)
		services_add_host(reader->services, SERVICE_WEB, uri, SERVICE_HTTP,
				  reader->path);
}

static void read_matching(struct services *services, const char *pattern,
			  void (*take)(struct reader *reader, struct line *line))
{
	glob_t found;

	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc && i < MOST_FILES; i++)
			read_lines(services, arena_copy(&services->arena, found.gl_pathv[i]),
				   false, take);
	globfree(&found);
}

/* ---- file systems of other hosts ---- */

/* "addr=10.0.0.1" among options: where it is mounted from in truth. */
static const char *option(struct arena *arena, const char *options, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, name, length) && at[length] == '=')
			return arena_copy_length(arena, at + length + 1,
						 strcspn(at + length + 1, ","));
	return NULL;
}

static void add_share(struct services *services, const char *kind, const char *source,
		      const char *options, const char *from)
{
	bool nfs = !strcmp(kind, "nfs") || !strcmp(kind, "nfs4");
	bool smb = !strcmp(kind, "cifs") || !strcmp(kind, "smb3");
	const char *address = option(&services->arena, options, "addr");
	const char *port_text = option(&services->arena, options, "port");
	struct service service = {
		.kind = SERVICE_FILES,
		.protocol = PROTOCOL_TCP,
		.port = nfs ? SERVICE_NFS : SERVICE_SMB,
		.from = from,
	};
	uint64_t port;

	if (!nfs && !smb)
		return;
	if (!address)
		address = option(&services->arena, options, "ip");
	if (port_text && text_to_number(port_text, UINT16_MAX, &port) && port)
		service.port = (uint16_t)port;
	if (!address && smb && !strncmp(source, "//", 2))
		address = arena_copy_length(&services->arena, source + 2,
					    strcspn(source + 2, "/"));
	if (!address && nfs)
		address = arena_copy_length(&services->arena, source + (*source == '['),
					    *source == '[' ? strcspn(source + 1, "]") :
							     strcspn(source, ":"));
	service.host = address;
	services_add(services, service);
}

/* fstab(5) and /proc/mounts have the same form. */
static void read_mounts(struct services *services, const char *path)
{
	size_t length;
	char *text = proc_file_read_all(AT_FDCWD, path, LARGEST, &length), *save = NULL;

	for (char *at = text ? strtok_r(text, "\n", &save) : NULL; at;
	     at = strtok_r(NULL, "\n", &save)) {
		char source[512], kind[32], options[2048] = "";

		at += strspn(at, " \t");
		if (*at != '#' &&
		    sscanf(at, "%511s %*s %31s %2047s", source, kind, options) >= 2)
			add_share(services, kind, source, options, path);
	}
	free(text);
}

/* ---- all of it ---- */

static void read_environment(struct services *services)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (getenv(names[i]))
			services_add_host(services, SERVICE_WEB, getenv(names[i]),
					  SERVICE_HTTP, names[i]);
}

/* Of another user, as sudo may leave it, are neither the programs that are started here nor their hosts. */
static const char *own_home(void)
{
	const char *home = getenv("HOME");
	struct stat status;

	return home && !stat(home, &status) && status.st_uid == geteuid() ? home : NULL;
}

void services_read(struct services *services)
{
	static const char *const directories[] = {
		"/etc/ldap.conf",	 "/etc/ldap/ldap.conf", "/etc/openldap/ldap.conf",
		"/etc/libnss-ldap.conf", "/etc/nslcd.conf",	"/etc/sssd/sssd.conf",
	};
	const char *home = own_home();

	*services = (struct services){ 0 };
	read_lines(services, "/etc/resolv.conf", false, take_nameserver);
	read_lines(services, "/etc/krb5.conf", true, take_kerberos);
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		read_lines(services, directories[i], true, take_ldap);
	read_matching(services, "/etc/sssd/conf.d/*.conf", take_ldap);
	read_mounts(services, "/proc/self/mounts");
	read_mounts(services, "/etc/fstab");
	read_lines(services, "/etc/ssh/ssh_config", false, take_ssh);
	if (home) {
		read_lines(services, arena_print(&services->arena, "%s/.ssh/config", home),
			   false, take_ssh);
		read_matching(services,
			      arena_print(&services->arena,
					  "%s/.local/share/remmina/*.remmina", home),
			      take_remmina);
	}
	read_environment(services);
	read_lines(services, "/etc/environment", false, take_proxy);
	read_lines(services, "/etc/apt/sources.list", false, take_apt);
	read_matching(services, "/etc/apt/sources.list.d/*", take_apt);
}
