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
enum { LARGEST = 1 << 20, MOST = 200, MOST_FILES = 100 };

enum {
	PORT_DNS = 53,
	PORT_KERBEROS = 88,
	PORT_LDAP = 389,
	PORT_LDAPS = 636,
	PORT_NFS = 2049,
	PORT_SMB = 445,
	PORT_SSH = 22,
	PORT_RDP = 3389,
	PORT_HTTP = 80,
	PORT_HTTPS = 443
};

static void add(struct services *services, struct service service)
{
	if (!service.host || !*service.host || services->count >= MOST)
		return;
	for (size_t i = 0; i < services->count; i++) {
		const struct service *known = &services->items[i];

		if (known->kind == service.kind && known->port == service.port &&
		    known->protocol == service.protocol && !strcmp(known->host, service.host))
			return;
	}
	array_reserve(services->items, services->count, services->capacity);
	services->items[services->count++] = service;
}

/* "ldap://10.0.0.1:389/dc=x", "host:88", "[2001:db8::1]:88", "host": the host, and the port if it names one. */
static struct service parse_host(struct services *services, const char *text, uint16_t port)
{
	struct service service = { .port = port };
	const char *scheme = strstr(text, "://"), *begin, *end;
	uint64_t number;

	if (scheme) {
		if (!strncasecmp(text, "ldaps:", 6))
			service.port = PORT_LDAPS;
		else if (!strncasecmp(text, "https:", 6))
			service.port = PORT_HTTPS;
		text = scheme + 3;
	}
	/* user:password@, and there may be another such sign in the password. */
	while (strcspn(text, "@") < strcspn(text, "/"))
		text += strcspn(text, "@") + 1;
	begin = text;
	if (*text == '[') {
		begin++;
		end = begin + strcspn(begin, "]");
		text = *end ? end + 1 : end;
	} else {
		end = text + strcspn(text, ":/ \t,;\"'");
		/* An address of IPv6 without brackets has more colons. */
		if (*end == ':' && strchr(end + 1, ':'))
			end = text + strcspn(text, "/ \t,;\"'");
		text = end;
	}
	service.host = arena_copy_length(&services->arena, begin, (size_t)(end - begin));
	if (*text == ':') {
		size_t length = strspn(text + 1, "0123456789");
		const char *digits = arena_copy_length(&services->arena, text + 1, length);

		if (text_to_number(digits, UINT16_MAX, &number) && number)
			service.port = (uint16_t)number;
		else if (length)
			service.host = NULL; /* no port has that number */
	}
	return service;
}

static void add_host(struct services *services, enum service_kind kind, const char *text,
		     uint16_t port, const char *from)
{
	struct service service = parse_host(services, text, port);

	service.kind = kind;
	service.protocol = PROTOCOL_TCP;
	service.from = arena_copy(&services->arena, from);
	add(services, service);
}

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
			add_host(reader->services, kind, word, port, reader->path);
}

static void take_nameserver(struct reader *reader, struct line *line)
{
	struct service service = {
		.kind = SERVICE_NAMES,
		.port = PORT_DNS,
		.from = reader->path,
	};

	if (strcmp(line->key, "nameserver") != 0)
		return;
	/* Link-local ones have an interface behind a percent sign. */
	line->value[strcspn(line->value, " \t")] = '\0';
	service.host = arena_copy(&reader->services->arena, line->value);
	service.protocol = PROTOCOL_UDP;
	add(reader->services, service);
	service.protocol = PROTOCOL_TCP;
	add(reader->services, service);
}

static void take_kerberos(struct reader *reader, struct line *line)
{
	if (!strcmp(line->key, "kdc") || !strcmp(line->key, "master_kdc") ||
	    !strcmp(line->key, "primary_kdc"))
		add_each(reader, SERVICE_DIRECTORY, line->value, PORT_KERBEROS);
}

static void take_ldap(struct reader *reader, struct line *line)
{
	static const char *const keys[] = { "uri", "host", "ldap_uri", "ldap_backup_uri" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (!strcasecmp(line->key, keys[i]))
			add_each(reader, SERVICE_DIRECTORY, line->value, PORT_LDAP);
	if (!strcmp(line->key, "krb5_server"))
		add_each(reader, SERVICE_DIRECTORY, line->value, PORT_KERBEROS);
	/* A domain by name: its controllers answer under it. */
	if (!strcmp(line->key, "ad_server") || !strcmp(line->key, "ad_domain"))
		add_each(reader, SERVICE_DIRECTORY, line->value, PORT_LDAP);
}

/* What was said of the host so far, in whatever order. */
static void end_ssh_host(struct reader *reader)
{
	if (reader->host)
		add_host(reader->services, SERVICE_LOGIN, reader->host,
			 reader->port ? reader->port : PORT_SSH, reader->path);
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
		reader->port = !strcmp(line->value, "RDP") ? PORT_RDP :
			       !strcmp(line->value, "SSH") ? PORT_SSH :
							     0;
	if (!strcmp(line->key, "server"))
		reader->host = arena_copy(&reader->services->arena, line->value);
	if (reader->host && reader->port) {
		add_host(reader->services, SERVICE_LOGIN, reader->host, reader->port,
			 reader->path);
		reader->host = NULL;
		reader->port = 0;
	}
}

static void take_proxy(struct reader *reader, struct line *line)
{
	if (!strcasecmp(line->key, "http_proxy") || !strcasecmp(line->key, "https_proxy")) {
		line->value += *line->value == '"';
		add_host(reader->services, SERVICE_WEB, line->value, PORT_HTTP, reader->path);
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
		add_host(reader->services, SERVICE_WEB, uri, PORT_HTTP, reader->path);
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
		.port = nfs ? PORT_NFS : PORT_SMB,
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
	add(services, service);
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
			add_host(services, SERVICE_WEB, getenv(names[i]), PORT_HTTP, names[i]);
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
