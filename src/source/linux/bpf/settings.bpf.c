// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/slots.h"

/*
 * The settings of every network namespace, from where the kernel keeps them. /proc/sys has them too, but
 * to look one up there takes longer the more namespaces there are: they share the name, and all that
 * have it are compared (Linux fs/proc/proc_sysctl.c, proc_sys_compare()).
 */
enum { WORDS = 65536 / 64 };

struct walk_progress settings_progress; /* .lost: there was no room for all */

static u64 ring_at, ring_end;

static __always_inline void fill_range(struct seen_settings *seen, u64 net)
{
	u32 range;

	if (HAS(net___two, ipv4.ip_local_ports.range[1])) {
		u64 ports = word_at(net + OFFSET(net___two, ipv4.ip_local_ports.range));

		seen->range_first = ports;
		seen->range_last = ports >> 32;
		return;
	}
	if (!HAS(net, ipv4.ip_local_ports.range))
		return;
	range = FIELD(net, net, ipv4.ip_local_ports.range);
	seen->range_first = range;
	seen->range_last = range >> 16;
}

static __always_inline void fill_settings(struct seen_settings *seen, u64 net)
{
	seen->kind = SEEN_SETTINGS;
	seen->netns = FIELD(net, net, ns.inum);
	seen->range_first = seen->range_last = 0;
	fill_range(seen, net);
	seen->tw_reuse = FIELD(net, net, ipv4.sysctl_tcp_tw_reuse);
	seen->timestamps = FIELD(net, net, ipv4.sysctl_tcp_timestamps);
	seen->autobind_reuse = FIELD(net, net, ipv4.sysctl_ip_autobind_reuse);
	seen->bindv6only = FIELD(net, net, ipv6.sysctl.bindv6only);
	seen->syn_retries = FIELD(net, net, ipv4.sysctl_tcp_syn_retries);
	seen->max_tw_buckets = FIELD(net, net, ipv4.tcp_death_row.sysctl_max_tw_buckets);
	seen->unprivileged_start = FIELD(net, net, ipv4.sysctl_ip_prot_sock);
	seen->fin_timeout_s =
		(u32)FIELD(net, net, ipv4.sysctl_tcp_fin_timeout) / ticks_per_second;
	seen->fastopen = FIELD(net, net, ipv4.sysctl_tcp_fastopen);
	seen->tw_reuse_delay_ms = seen->syn_linear_timeouts = -1;
	if (HAS(net, ipv4.sysctl_tcp_tw_reuse_delay))
		seen->tw_reuse_delay_ms = (int)FIELD(net, net, ipv4.sysctl_tcp_tw_reuse_delay);
	if (HAS(net, ipv4.sysctl_tcp_syn_linear_timeouts))
		seen->syn_linear_timeouts =
			FIELD(net, net, ipv4.sysctl_tcp_syn_linear_timeouts);
}

/* NULL: there is no room for more, and that is noted. */
static __always_inline union seen *next_record(void)
{
	if (settings_progress.records >= slot_records) {
		settings_progress.lost++;
		return 0;
	}
	return record_at(0, settings_progress.records++);
}

struct reserving {
	u64 words;
	u32 netns;
};

static long step_reserved(u32 index, void *context)
{
	struct reserving *reserving = context;
	u64 ports = word_at(reserving->words + index * sizeof(u64));
	union seen *seen;

	if (!ports)
		return 0;
	seen = next_record();
	if (!seen)
		return 1;
	seen->reserved.kind = SEEN_RESERVED;
	seen->reserved.netns = reserving->netns;
	seen->reserved.first = index * 64;
	seen->reserved.ports = ports;
	return 0;
}

static long step_namespace(u32 index, void *context)
{
	struct reserving reserving;
	union seen *seen;
	u64 net;

	if (!ring_at || ring_at == ring_end)
		return 1;
	seen = next_record();
	if (!seen)
		return 1;
	net = CONTAINER(net, ring_at, list);
	fill_settings(&seen->settings, net);
	reserving.words = POINTER(net, net, ipv4.sysctl_local_reserved_ports);
	reserving.netns = seen->settings.netns;
	if (reserving.words)
		bpf_loop(WORDS, step_reserved, &reserving, 0);
	ring_at = next_node(ring_at);
	return 0;
}

SEC("raw_tp/never")
int read_settings(struct bpf_raw_tracepoint_args *context)
{
	u64 init_net =
		POINTER(nsproxy, POINTER(task_struct, find_init_task(), nsproxy), net_ns);

	settings_progress = (struct walk_progress){ 0 };
	ring_at = init_net ? init_net + OFFSET(net, list) : 0;
	ring_end = POINTER(net, init_net, list.prev);
	bpf_loop(MOST_STEPS, step_namespace, 0, 0);
	return 0;
}
