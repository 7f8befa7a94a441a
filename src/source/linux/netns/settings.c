#include "source/linux/netns/settings.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/counters.h"
#include "source/linux/nat/conntrack.h"
#include "source/linux/netns/settings_bpf.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_TABLE = 1 << 20 };

static const char *reason(char buffer[128], const char *path, int failed)
{
	snprintf(buffer, 128, _("/proc/%s: %s"), path, language_errno(failed));
	return buffer;
}

static void read_range(struct snapshot *snapshot, uint32_t index, int proc)
{
	static const char path[] = "sys/net/ipv4/ip_local_port_range";
	struct netns *netns = &snapshot->namespaces[index];
	char text[64], why[128];
	unsigned first, last;

	errno = 0;
	if (proc_file_read(proc, path, text, sizeof text) > 0 &&
	    sscanf(text, "%u %u", &first, &last) == 2 && first && first <= last &&
	    last <= 65535) {
		netns->settings.range = (struct port_range){ .first = (uint16_t)first,
							     .last = (uint16_t)last };
		return;
	}
	snapshot_add_gap(snapshot, GAP_ROOM, index, _("the ephemeral port range"),
			 reason(why, path, errno ? errno : EINVAL),
			 _("make this file readable in /proc, or copy it too"));
}

static void read_reserved(struct snapshot *snapshot, uint32_t index, int proc)
{
	static const char path[] = "sys/net/ipv4/ip_local_reserved_ports";
	struct netns_settings *settings = &snapshot->namespaces[index].settings;
	size_t length;
	char why[128];
	char *text = proc_file_read_all(proc, path, LARGEST_TABLE, &length);

	if (text && port_set_parse(&settings->reserved, text))
		settings->reserved_known = true;
	else
		snapshot_add_gap(snapshot, GAP_ROOM, index, _("reserved ports"),
				 reason(why, path, text ? EINVAL : errno),
				 _("make this file readable in /proc, or copy it too"));
	free(text);
}

/* A setting that every kernel has: not to find it is a gap. */
static int read_setting(struct snapshot *snapshot, uint32_t netns, int proc, const char *path,
			const char *what)
{
	int64_t value = proc_file_number(proc, path);
	char why[128];

	if (value < 0)
		snapshot_add_gap(snapshot, GAP_ROOM, netns, what, reason(why, path, errno),
				 _("make this file readable in /proc, or copy it too"));
	return value > INT32_MAX ? INT32_MAX : (int)value;
}

/* In netstat and snmp a line of names is followed by a line of numbers with the same prefix. */
static int64_t counter(const char *text, const char *prefix, const char *name)
{
	const char *names = text ? strstr(text, prefix) : NULL;
	const char *numbers = names ? strstr(names + strlen(prefix), prefix) : NULL;
	size_t length = strlen(name);

	if (!numbers)
		return -1;
	names += strlen(prefix);
	numbers += strlen(prefix);
	while (*names == ' ' && *numbers == ' ') {
		names++;
		numbers++;
		if (!strncmp(names, name, length) &&
		    (names[length] == ' ' || names[length] == '\n'))
			return strtoll(numbers, NULL, 10);
		names += strcspn(names, " \n");
		numbers += strcspn(numbers, " \n");
	}
	return -1;
}

char *settings_netstat(int proc)
{
	size_t length;

	return proc_file_read_all(proc, "net/netstat", LARGEST_TABLE, &length);
}

int64_t settings_counter(const char *netstat, const struct counter_column *column)
{
	char prefix[32];

	snprintf(prefix, sizeof prefix, "%s:", column->group);
	return counter(netstat, prefix, column->key);
}

static int64_t sockstat(const char *text, const char *name)
{
	const char *found = text ? strstr(text, name) : NULL;

	if (!found || found[strlen(name)] < '0' || found[strlen(name)] > '9')
		return -1;
	return strtoll(found + strlen(name), NULL, 10);
}

int64_t settings_tcp_allocated(int proc)
{
	size_t length;
	char *text = proc_file_read_all(proc, "net/sockstat", LARGEST_TABLE, &length);
	int64_t allocated = sockstat(text, " alloc ");

	free(text);
	return allocated;
}

int64_t settings_tcp_entries(int proc)
{
	size_t length;
	char *text = proc_file_read_all(proc, "net/sockstat", LARGEST_TABLE, &length);
	int64_t allocated = sockstat(text, " alloc "), resting = sockstat(text, " tw ");

	free(text);
	return allocated < 0 || resting < 0 ? -1 : allocated + resting;
}

static void read_counters(struct netns_counters *counters, int proc)
{
	char *text = settings_netstat(proc);
	size_t length;

	counters->time_waits = counter(text, "TcpExt:", "TW");
	counters->time_waits_reused = counter(text, "TcpExt:", "TWRecycled");
	counters->time_wait_overflows = counter(text, "TcpExt:", "TCPTimeWaitOverflow");
	free(text);
	text = proc_file_read_all(proc, "net/snmp", LARGEST_TABLE, &length);
	counters->active_opens = counter(text, "Tcp:", "ActiveOpens");
	free(text);
	text = proc_file_read_all(proc, "net/sockstat", LARGEST_TABLE, &length);
	counters->time_wait_now = sockstat(text, " tw ");
	counters->tcp_allocated = sockstat(text, " alloc ");
	free(text);
}

static void read_files(struct snapshot *snapshot, uint32_t netns, int proc)
{
	struct netns_settings *settings = &snapshot->namespaces[netns].settings;

	read_range(snapshot, netns, proc);
	read_reserved(snapshot, netns, proc);
	settings->tw_reuse = read_setting(snapshot, netns, proc, "sys/net/ipv4/tcp_tw_reuse",
					  _("whether TIME_WAIT is reused (tcp_tw_reuse)"));
	settings->timestamps =
		read_setting(snapshot, netns, proc, "sys/net/ipv4/tcp_timestamps",
			     _("whether TCP timestamps are used (tcp_timestamps)"));
	settings->tw_reuse_delay_ms =
		(int)proc_file_number(proc, "sys/net/ipv4/tcp_tw_reuse_delay");
	settings->max_tw_buckets = proc_file_number(proc, "sys/net/ipv4/tcp_max_tw_buckets");
	settings->autobind_reuse =
		(int)proc_file_number(proc, "sys/net/ipv4/ip_autobind_reuse");
	settings->unprivileged_start =
		(int)proc_file_number(proc, "sys/net/ipv4/ip_unprivileged_port_start");
	settings->fin_timeout_s = (int)proc_file_number(proc, "sys/net/ipv4/tcp_fin_timeout");
	settings->syn_retries = (int)proc_file_number(proc, "sys/net/ipv4/tcp_syn_retries");
	settings->syn_linear_timeouts =
		(int)proc_file_number(proc, "sys/net/ipv4/tcp_syn_linear_timeouts");
	settings->fastopen = (int)proc_file_number(proc, "sys/net/ipv4/tcp_fastopen");
	settings->bindv6only = (int)proc_file_number(proc, "sys/net/ipv6/bindv6only");
}

void settings_read(struct snapshot *snapshot, uint32_t netns, int proc,
		   const struct settings_table *known)
{
	struct netns *row = &snapshot->namespaces[netns];

	if (!settings_table_find(known, row->inode, &row->settings))
		read_files(snapshot, netns, proc);
	read_counters(&row->counters, proc);
	conntrack_read(&row->conntrack, proc);
}
