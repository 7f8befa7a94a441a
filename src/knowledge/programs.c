#include "knowledge/programs.h"

#include "base/language.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Each directive stands in the program's own manual. How nginx, HAProxy, curl, Node and Python bind
 * was observed: the first three set IP_BIND_ADDRESS_NO_PORT by themselves, the others do not.
 */
const struct program programs[] = {
	{
		.title = "nginx",
		.names = "nginx|openresty",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("nginx: `keepalive 32;` in the upstream block, with "
				"`proxy_http_version 1.1;` and `proxy_set_header Connection \"\";`"),
			[ADVICE_CLOSE] = N_("nginx: `keepalive_timeout` in the upstream block, shorter than "
				"the server's"),
			[ADVICE_SOURCE] = N_("nginx: `proxy_bind $variable;` with `split_clients` over "
				"several local addresses"),
			[ADVICE_BIND_NO_PORT] = N_("nginx: `proxy_bind ADDRESS;` without a port chooses the "
				"port at connect by itself"),
			[ADVICE_TIMEOUT] = N_("nginx: `proxy_connect_timeout 3s;`"),
		},
	},
	{
		.title = "HAProxy",
		.names = "haproxy",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("HAProxy: `http-reuse always` in the backend, and no "
				"`option httpclose`"),
			[ADVICE_CLOSE] = N_("HAProxy: `timeout server`, and `pool-purge-delay` for idle "
				"connections"),
			[ADVICE_SOURCE] = N_("HAProxy: `source ADDRESS` on each `server` line, a different "
				"address for each"),
			[ADVICE_BIND_NO_PORT] = N_("HAProxy: `source ADDRESS` without ports; `source "
				"ADDRESS:LOW-HIGH` takes the ports explicitly, from everybody if they lie "
				"in the ephemeral range"),
			[ADVICE_TIMEOUT] = N_("HAProxy: `timeout connect 3s`"),
		},
	},
	{
		.title = "Envoy",
		.names = "envoy",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Envoy: no `max_requests_per_connection: 1` in the cluster; "
				"HTTP/2 upstream needs few connections"),
			[ADVICE_CLOSE] = N_("Envoy: `idle_timeout` in the cluster's "
				"`common_http_protocol_options`, shorter than the server's"),
			[ADVICE_SOURCE] = N_("Envoy: `upstream_bind_config` with another `source_address` in "
				"each cluster"),
			[ADVICE_BIND_NO_PORT] = N_("Envoy: in `upstream_bind_config`, `socket_options` with "
				"level 0, name 24, int_value 1, state STATE_PREBIND"),
			[ADVICE_TIMEOUT] = N_("Envoy: `connect_timeout: 3s` in the cluster"),
		},
	},
	{
		.title = "curl",
		.names = "curl",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("curl: give one command several URLs; each command makes "
				"connections of its own"),
			[ADVICE_SOURCE] = N_("curl: `--interface ADDRESS`, without `--local-port`"),
			[ADVICE_TIMEOUT] = N_("curl: `--connect-timeout 3`"),
		},
	},
	{
		.title = "PostgreSQL client",
		.names = "psql|pgbench|pg_dump|pg_isready",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("PostgreSQL clients: a pool (PgBouncer) between them and the "
				"server; pgbench without `-C`"),
			[ADVICE_SOURCE] = N_("PostgreSQL clients: several `host` addresses of the server, or a "
				"Unix socket to a local PgBouncer"),
			[ADVICE_TIMEOUT] = N_("PostgreSQL clients: `connect_timeout=3` in the connection "
				"string"),
		},
	},
	{
		.title = "PgBouncer",
		.names = "pgbouncer",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("PgBouncer: `pool_mode = transaction`, and `server_lifetime` "
				"not too short"),
			[ADVICE_CLOSE] = N_("PgBouncer: `server_idle_timeout`, shorter than the server's"),
			[ADVICE_TIMEOUT] = N_("PgBouncer: `server_connect_timeout = 3`"),
		},
	},
	{
		.title = "MySQL client",
		.names = "mysql|mariadb|mysqladmin|mysqlslap",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("MySQL clients: persistent connections or a pool (ProxySQL) "
				"instead of one connection per query"),
			[ADVICE_SOURCE] = N_("MySQL clients: a Unix socket where the server is on this host"),
			[ADVICE_TIMEOUT] = N_("MySQL clients: `--connect-timeout=3`"),
		},
	},
	{
		.title = "Redis client",
		.names = "redis-cli|redis-benchmark|valkey-cli|valkey-benchmark",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Redis clients: one connection pool per process; "
				"redis-benchmark with `-k 1`"),
			[ADVICE_SOURCE] = N_("Redis clients: a Unix socket where the server is on this host"),
			[ADVICE_TIMEOUT] = N_("Redis clients: `socket_connect_timeout` or the like in the "
				"client library"),
		},
	},
	{
		.title = "Java",
		.names = "java",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Java: one HttpClient for all requests; HttpURLConnection keeps "
				"connections (`-Dhttp.maxConnections`) only if answers are read to the end"),
			[ADVICE_CLOSE] = N_("Java: close every response and connection with "
				"try-with-resources"),
			[ADVICE_TIMEOUT] = N_("Java: `HttpClient.Builder.connectTimeout()`, "
				"`Socket.connect(address, 3000)`"),
		},
	},
	{
		.title = "Go", /* a program in Go is named after itself: known by its runtime */
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Go: one http.Client for all requests, "
				"`Transport.MaxIdleConnsPerHost` above its default of 2, and answers read "
				"to the end before `resp.Body.Close()`"),
			[ADVICE_CLOSE] = N_("Go: `defer resp.Body.Close()` after every request"),
			[ADVICE_SOURCE] = N_("Go: `net.Dialer.LocalAddr` with port 0"),
			[ADVICE_BIND_NO_PORT] = N_("Go: set IP_BIND_ADDRESS_NO_PORT in "
				"`net.Dialer.Control`"),
			[ADVICE_TIMEOUT] = N_("Go: `net.Dialer{Timeout: 3 * time.Second}`"),
		},
	},
	{
		.title = ".NET",
		.names = "dotnet|w3wp",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_(".NET: one static HttpClient, or IHttpClientFactory; never a "
				"new HttpClient per request"),
			[ADVICE_CLOSE] = N_(".NET: `using` around every response, connection and reader"),
			[ADVICE_SOURCE] = N_(".NET: bind the socket in `SocketsHttpHandler.ConnectCallback`"),
			[ADVICE_BIND_NO_PORT] = N_(".NET: `socket.SetRawSocketOption(0, 24, "
				"BitConverter.GetBytes(1))` before Bind() (24 is "
				"IP_BIND_ADDRESS_NO_PORT)"),
			[ADVICE_TIMEOUT] = N_(".NET: `SocketsHttpHandler.ConnectTimeout`"),
		},
	},
	{
		.title = "Node.js",
		.names = "node|nodejs",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Node.js: one `new http.Agent({ keepAlive: true })` for all "
				"requests; it is the default since Node 19 only"),
			[ADVICE_CLOSE] = N_("Node.js: read every response to its end, or `response.destroy()`"),
			[ADVICE_TIMEOUT] = N_("Node.js: `signal: AbortSignal.timeout(3000)`, or "
				"`request.setTimeout()`"),
		},
	},
	{
		.title = "Python",
		.names = "python|pypy|gunicorn|uwsgi|celery",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Python: one `requests.Session()` (or urllib3 PoolManager) per "
				"process, with `pool_maxsize` as large as the number of threads"),
			[ADVICE_CLOSE] = N_("Python: `with session.get(...) as response:`, and read the whole "
				"response"),
			[ADVICE_SOURCE] = N_("Python: `source_address=(ADDRESS, 0)` of http.client and urllib3"),
			[ADVICE_BIND_NO_PORT] = N_("Python: `socket_options=[(socket.IPPROTO_IP, 24, 1)]` in "
				"urllib3 next to source_address (24 is IP_BIND_ADDRESS_NO_PORT)"),
			[ADVICE_TIMEOUT] = N_("Python: `timeout=(3, 30)` in requests"),
		},
	},
	{
		.title = "PHP",
		.names = "php-fpm|php|php-cgi",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("PHP: `PDO::ATTR_PERSISTENT`, `pfsockopen()`, phpredis "
				"`pconnect()`; one curl handle for many requests"),
			[ADVICE_CLOSE] = N_("PHP: `pm.max_requests` ends workers that leak"),
			[ADVICE_SOURCE] = N_("PHP: a Unix socket for services on this host; "
				"`CURLOPT_INTERFACE` for others"),
			[ADVICE_TIMEOUT] = N_("PHP: `default_socket_timeout`, `CURLOPT_CONNECTTIMEOUT`"),
		},
	},
	{
		.title = "Ruby",
		.names = "ruby|puma|sidekiq",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Ruby: `Net::HTTP.start` around many requests, or the gem "
				"net-http-persistent"),
			[ADVICE_CLOSE] = N_("Ruby: the block form of `Net::HTTP.start` closes the connection"),
			[ADVICE_TIMEOUT] = N_("Ruby: `Net::HTTP#open_timeout = 3`"),
		},
	},
	{
		.title = "Apache httpd",
		.names = "apache2|httpd",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Apache httpd: `enablereuse=on` in ProxyPass, no "
				"`SetEnv proxy-nokeepalive`, and the event MPM"),
			[ADVICE_CLOSE] = N_("Apache httpd: `ttl=` in ProxyPass, shorter than the server's idle "
				"limit"),
			[ADVICE_TIMEOUT] = N_("Apache httpd: `connectiontimeout=3` in ProxyPass"),
		},
	},
	{
		.title = "ab",
		.names = "ab",
		.advice = { [ADVICE_KEEP_ALIVE] = N_("ab: `-k`") },
	},
	{
		.title = "Traefik",
		.names = "traefik",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Traefik: `serversTransport.maxIdleConnsPerHost`, higher"),
			[ADVICE_CLOSE] = N_("Traefik: `forwardingTimeouts.idleConnTimeout`, shorter than the "
				"server's"),
			[ADVICE_TIMEOUT] = N_("Traefik: `forwardingTimeouts.dialTimeout: 3s`"),
		},
	},
	{
		.title = "Caddy",
		.names = "caddy",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Caddy: `keepalive_idle_conns_per_host` in `transport http`, "
				"higher"),
			[ADVICE_CLOSE] = N_("Caddy: `keepalive 30s` in `transport http`, shorter than the "
				"server's"),
			[ADVICE_TIMEOUT] = N_("Caddy: `dial_timeout 3s` in `transport http`"),
		},
	},
	{
		.title = "Squid",
		.names = "squid",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Squid: `server_persistent_connections on`"),
			[ADVICE_CLOSE] = N_("Squid: `server_idle_pconn_timeout`, shorter than the server's"),
			[ADVICE_SOURCE] = N_("Squid: `tcp_outgoing_address` with an acl, several addresses"),
			[ADVICE_TIMEOUT] = N_("Squid: `connect_timeout 3 seconds`"),
		},
	},
	{
		.title = "unbound",
		.names = "unbound",
		.advice = {
			[ADVICE_SOURCE] = N_("unbound: several `outgoing-interface:` lines, and more ports in "
				"`outgoing-port-permit:`"),
		},
	},
	{
		.title = "Docker",
		.names = "docker-proxy|dockerd",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("docker-proxy: `\"userland-proxy\": false` in daemon.json; it "
				"opens a connection of its own for every client"),
		},
	},
	{
		.title = "kubelet",
		.names = "kubelet",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("kubelet: a longer `periodSeconds` in probes; each probe is a "
				"connection of its own"),
		},
	},
	{
		.title = "Varnish",
		.names = "varnishd|cache-main",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("Varnish: a longer `backend_idle_timeout`, below the server's"),
			[ADVICE_TIMEOUT] = N_("Varnish: `.connect_timeout = 3s` of the backend"),
		},
	},
	{
		.title = "wget",
		.names = "wget",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("wget: give one command several URLs (`-i FILE`), without "
				"`--no-http-keep-alive`"),
			[ADVICE_SOURCE] = N_("wget: without `--bind-address`, which takes a port from "
				"everybody"),
			[ADVICE_TIMEOUT] = N_("wget: `--connect-timeout=3`"),
		},
	},
	{
		.title = "ssh",
		.names = "ssh|sftp|scp",
		.advice = {
			[ADVICE_KEEP_ALIVE] = N_("ssh: `ControlMaster auto` with `ControlPersist 60`"),
			[ADVICE_TIMEOUT] = N_("ssh: `-o ConnectTimeout=3`"),
		},
	},
	{ 0 },
};

const char *advice_name(enum advice_kind kind)
{
	static const char *const names[] = {
		[ADVICE_KEEP_ALIVE] = "keep_alive",   [ADVICE_CLOSE] = "close",
		[ADVICE_SOURCE] = "source",	      [ADVICE_BIND_NO_PORT] = "bind_no_port",
		[ADVICE_TIMEOUT] = "connect_timeout",
	};

	static_assert(sizeof names / sizeof names[0] == ADVICE_KIND_COUNT, "a name per kind");
	return names[kind];
}

/* "python3.11" and "php-fpm8.2" are "python" and "php-fpm". */
static bool is_version(const char *text)
{
	return !text[strspn(text, "0123456789.-")];
}

static bool is_called(const struct program *program, const char *name)
{
	const char *known = program->names;

	while (known && *known) {
		size_t length = strcspn(known, "|");

		if (!strncmp(name, known, length) && is_version(name + length))
			return true;
		known += length + (known[length] == '|');
	}
	return false;
}

static const struct program *called(const char *name)
{
	for (const struct program *program = programs; program->title; program++)
		if (is_called(program, name))
			return program;
	return NULL;
}

/* Caddy's own directives say more than those of Go, in which it is written; and they still do where
 * an update has made its executable "caddy (deleted)", which only the process's name tells. */
const struct program *program_find(const char *executable, const char *name,
				   const char *runtime)
{
	const char *slash = executable ? strrchr(executable, '/') : NULL;
	const struct program *program = NULL;

	if (executable && *executable)
		program = called(slash ? slash + 1 : executable);
	if (!program && name)
		program = called(name);
	return program || !runtime ? program : program_titled(runtime);
}

const struct program *program_titled(const char *title)
{
	for (const struct program *program = programs; program->title; program++)
		if (!strcmp(program->title, title))
			return program;
	return NULL;
}

const char *program_advice(const char *executable, const char *name, const char *runtime,
			   enum advice_kind kind)
{
	const struct program *program = program_find(executable, name, runtime);

	return program ? program->advice[kind] : NULL;
}
