#include "snapshot/saved.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define FIELD(struct_name, member, kind)                                                      \
	{                                                                                     \
#member, SAVED_##kind, offsetof(struct struct_name, member)                   \
	}
#define NAMED(name, struct_name, member, kind)                                                \
	{                                                                                     \
		name, SAVED_##kind, offsetof(struct struct_name, member)                      \
	}
#define WORDS(name, struct_name, member, kind, list)                                          \
	{                                                                                     \
		name, SAVED_##kind, offsetof(struct struct_name, member), list, COUNT(list)   \
	}
#define TABLE(name, text, struct_name, list, limit)                                           \
	const struct saved_table name = { text, sizeof(struct struct_name), list,             \
					  COUNT(list), limit }

/* ---- words for enums; where there are others, they are those of JSON ---- */

static const char *const netns_kinds[] = {
	[NETNS_OWN] = "own",	     [NETNS_HOST] = "host",
	[NETNS_NAMED] = "named",     [NETNS_CONTAINER] = "container",
	[NETNS_PROCESS] = "process",
};

static const char *const protocols[] = {
	[PROTOCOL_TCP] = "tcp",
	[PROTOCOL_UDP] = "udp",
};

static const char *const states[] = {
	[SOCKET_ESTABLISHED] = "established",
	[SOCKET_SYN_SENT] = "syn_sent",
	[SOCKET_SYN_RECV] = "syn_recv",
	[SOCKET_FIN_WAIT1] = "fin_wait1",
	[SOCKET_FIN_WAIT2] = "fin_wait2",
	[SOCKET_TIME_WAIT] = "time_wait",
	[SOCKET_CLOSE_WAIT] = "close_wait",
	[SOCKET_LAST_ACK] = "last_ack",
	[SOCKET_CLOSING] = "closing",
	[SOCKET_LISTEN] = "listen",
	[SOCKET_BOUND] = "bound",
	[SOCKET_UNCONNECTED] = "unconnected",
	[SOCKET_CLOSE] = "close",
};

static const char *const ages[] = {
	[AGE_NONE] = "none",
	[AGE_YOUNG] = "young",
	[AGE_UNCERTAIN] = "uncertain",
	[AGE_OLD] = "old",
};

static const char *const timestamps[] = {
	[TIMESTAMPS_UNKNOWN] = "unknown",
	[TIMESTAMPS_NO] = "no",
	[TIMESTAMPS_YES] = "yes",
};

static const char *const ipv6_only[] = {
	[IPV6_ONLY_NO] = "no",
	[IPV6_ONLY_YES] = "yes",
	[IPV6_ONLY_UNKNOWN] = "unknown",
};

static const char *const owner_kinds[] = {
	[OWNER_PROCESS] = "process",   [OWNER_NOBODY] = "nobody",
	[OWNER_UNFOUND] = "unfound",   [OWNER_HIDDEN] = "hidden",
	[OWNER_RECORDED] = "recorded", [OWNER_INFERRED] = "inferred",
};

static const char *const effects[] = {
	[GAP_OWNERS] = "owners",
	[GAP_ROOM] = "room",
	[GAP_SCOPE] = "scope",
	[GAP_CLAIMS] = "claims",
};

static const char *const families[] = {
	[FAMILY_NONE] = "none",
	[FAMILY_IPV4] = "ipv4",
	[FAMILY_IPV6] = "ipv6",
};

static const char *const takeovers[] = {
	[NAT_TAKEOVER_UNKNOWN] = "unknown",
	[NAT_TAKEOVER_NO] = "no",
	[NAT_TAKEOVER_YES] = "yes",
};

/* ---- tables ---- */

static const struct saved_field machine_fields[] = {
	FIELD(snapshot, host_name, TEXT),
	FIELD(snapshot, system, TEXT),
	FIELD(snapshot, kernel, TEXT),
	FIELD(snapshot, time_ms, I64),
	FIELD(snapshot, files_open, I64),
	FIELD(snapshot, files_limit, LIMIT),
	FIELD(snapshot, descriptor_ceiling, I64),
	FIELD(snapshot, wsl_mirrored, BOOL),
	FIELD(snapshot, scope_is_all, BOOL),
	WORDS("nat_takeover", snapshot, nat.takeover, WORD, takeovers),
};
TABLE(saved_machine, "machine", snapshot, machine_fields, 1);

static const struct saved_field netns_fields[] = {
	FIELD(netns, inode, U64),
	FIELD(netns, name, TEXT),
	WORDS("kind", netns, kind, WORD, netns_kinds),
	FIELD(netns, of_init, BOOL),
	FIELD(netns, enter, TEXT),
	NAMED("range", netns, settings.range, RANGE),
	NAMED("reserved", netns, settings.reserved, PORTS),
	NAMED("reserved_known", netns, settings.reserved_known, BOOL),
	NAMED("tw_reuse", netns, settings.tw_reuse, I32),
	NAMED("tw_reuse_delay_ms", netns, settings.tw_reuse_delay_ms, I32),
	NAMED("timestamps", netns, settings.timestamps, I32),
	NAMED("max_tw_buckets", netns, settings.max_tw_buckets, I64),
	NAMED("autobind_reuse", netns, settings.autobind_reuse, I32),
	NAMED("unprivileged_start", netns, settings.unprivileged_start, I32),
	NAMED("bindv6only", netns, settings.bindv6only, I32),
	NAMED("fin_timeout_s", netns, settings.fin_timeout_s, I32),
	NAMED("syn_retries", netns, settings.syn_retries, I32),
	NAMED("syn_linear_timeouts", netns, settings.syn_linear_timeouts, I32),
	NAMED("fastopen", netns, settings.fastopen, I32),
	NAMED("active_opens", netns, counters.active_opens, I64),
	NAMED("time_waits", netns, counters.time_waits, I64),
	NAMED("time_waits_reused", netns, counters.time_waits_reused, I64),
	NAMED("time_wait_overflows", netns, counters.time_wait_overflows, I64),
	NAMED("time_wait_now", netns, counters.time_wait_now, I64),
	NAMED("tcp_allocated", netns, counters.tcp_allocated, I64),
	NAMED("conntrack_entries", netns, conntrack.entries, I64),
	NAMED("conntrack_limit", netns, conntrack.limit, I64),
	NAMED("conntrack_drops", netns, conntrack.drops, I64),
	NAMED("conntrack_insert_failed", netns, conntrack.insert_failed, I64),
	NAMED("conntrack_early_drops", netns, conntrack.early_drops, I64),
	NAMED("conntrack_time_wait_s", netns, conntrack.time_wait_s, I64),
	FIELD(netns, tcp_read, BOOL),
	FIELD(netns, udp_read, BOOL),
	FIELD(netns, bound_dumped, BOOL),
	FIELD(netns, bound_seen, BOOL),
	FIELD(netns, known_bind, PORTS),
	FIELD(netns, known_connect, PORTS),
	FIELD(netns, maybe_bound, PORTS),
	FIELD(netns, kinds_read, BOOL),
	FIELD(netns, untested_why, TEXT),
	FIELD(netns, unseen_most, I64),
	FIELD(netns, nat_read, BOOL),
	FIELD(netns, nat_rules_read, BOOL),
	NAMED("listening_tcp", netns, listening[PROTOCOL_TCP], PORTS),
	NAMED("listening_udp", netns, listening[PROTOCOL_UDP], PORTS),
};
TABLE(saved_netns, "namespaces", netns, netns_fields, 1 << 15);

static const struct saved_field process_fields[] = {
	FIELD(process, pid, I32),
	FIELD(process, ended, BOOL),
	FIELD(process, start_ticks, U64),
	FIELD(process, start_time, I64),
	FIELD(process, name, TEXT),
	FIELD(process, executable, TEXT),
	FIELD(process, command_line, TEXT),
	FIELD(process, user, I64),
	FIELD(process, user_name, TEXT),
	FIELD(process, unit, TEXT),
	FIELD(process, user_unit, BOOL),
	FIELD(process, container, TEXT),
	FIELD(process, pod, TEXT),
	FIELD(process, descriptors, I64),
	FIELD(process, descriptor_limit, I64),
	FIELD(process, descriptor_hard_limit, I64),
	FIELD(process, socket_descriptors, I64),
	FIELD(process, runtime, TEXT),
	FIELD(process, package, TEXT),
	FIELD(process, version, TEXT),
	FIELD(process, vendor, TEXT),
	FIELD(process, sampled_sockets, U32),
	FIELD(process, ranged_sockets, U32),
	FIELD(process, own_range, RANGE),
};
TABLE(saved_process, "processes", process, process_fields, 1 << 22);

static const struct saved_field holding_fields[] = {
	NAMED("namespace", holding, key.netns, U32),
	NAMED("owner", holding, key.owner, U32),
	NAMED("user", holding, key.user, U32),
	NAMED("remote_port", holding, key.remote_port, U16),
	WORDS("owner_kind", holding, key.owner_kind, WORD8, owner_kinds),
	WORDS("protocol", holding, key.protocol, WORD8, protocols),
	WORDS("state", holding, key.state, WORD8, states),
	WORDS("age", holding, key.age, WORD8, ages),
	NAMED("inbound", holding, key.inbound, U8),
	WORDS("ipv6_only", holding, key.ipv6_only, WORD8, ipv6_only),
	WORDS("timestamps", holding, key.timestamps, WORD8, timestamps),
	NAMED("device", holding, key.device, U32),
	NAMED("local", holding, key.local, ADDRESS),
	NAMED("remote", holding, key.remote, ADDRESS),
	FIELD(holding, ports, PORTS),
	FIELD(holding, sockets, U32),
	FIELD(holding, fresh, U32),
	FIELD(holding, earliest_expiry_ms, U32),
	FIELD(holding, latest_expiry_ms, U32),
};
TABLE(saved_holding, "holdings", holding, holding_fields, 1 << 22);

static const struct saved_field gap_fields[] = {
	FIELD(gap, what, TEXT),
	FIELD(gap, why, TEXT),
	FIELD(gap, remedy, TEXT),
	WORDS("effect", gap, effect, WORD, effects),
	NAMED("namespace", gap, netns, I64),
};
TABLE(saved_gap, "gaps", gap, gap_fields, 1 << 13); /* each is compared with all */

static const struct saved_field source_fields[] = {
	FIELD(source_report, name, TEXT),    FIELD(source_report, used, BOOL),
	FIELD(source_report, sockets, I64),  FIELD(source_report, milliseconds, DOUBLE),
	FIELD(source_report, why_not, TEXT),
};
TABLE(saved_source, "sources", source_report, source_fields, 1000);

static const struct saved_field nat_tuple_fields[] = {
	NAMED("namespace", nat_tuple, key.netns, U32),
	NAMED("zone", nat_tuple, key.zone, U16),
	NAMED("port", nat_tuple, key.port, U16),
	WORDS("protocol", nat_tuple, key.protocol, WORD8, protocols),
	NAMED("address", nat_tuple, key.address, ADDRESS),
	NAMED("destination", nat_tuple, key.destination, ADDRESS),
	FIELD(nat_tuple, ports, PORTS),
	FIELD(nat_tuple, own, PORTS),
	FIELD(nat_tuple, resting, PORTS),
	NAMED("syn_sent", nat_tuple, states[NAT_SYN_SENT], U32),
	NAMED("syn_recv", nat_tuple, states[NAT_SYN_RECV], U32),
	NAMED("established", nat_tuple, states[NAT_ESTABLISHED], U32),
	NAMED("fin_wait", nat_tuple, states[NAT_FIN_WAIT], U32),
	NAMED("close_wait", nat_tuple, states[NAT_CLOSE_WAIT], U32),
	NAMED("last_ack", nat_tuple, states[NAT_LAST_ACK], U32),
	NAMED("time_wait", nat_tuple, states[NAT_TIME_WAIT], U32),
	NAMED("close", nat_tuple, states[NAT_CLOSE], U32),
	NAMED("unreplied", nat_tuple, states[NAT_UNREPLIED], U32),
	NAMED("replied", nat_tuple, states[NAT_REPLIED], U32),
	FIELD(nat_tuple, sources, U32),
	FIELD(nat_tuple, others, U32),
};
TABLE(saved_nat_tuple, "nat_tuples", nat_tuple, nat_tuple_fields, 1 << 22);

static const struct saved_field nat_source_fields[] = {
	NAMED("tuple", nat_source, key.tuple, U32),
	NAMED("asked_port", nat_source, key.asked_port, U16),
	NAMED("address", nat_source, key.address, ADDRESS),
	NAMED("asked", nat_source, key.asked, ADDRESS),
	FIELD(nat_source, ports, PORTS),
};
TABLE(saved_nat_source, "nat_sources", nat_source, nat_source_fields, 1 << 22);

static const struct saved_field nat_rule_fields[] = {
	NAMED("namespace", nat_rule, netns, U32),
	WORDS("family", nat_rule, family, WORD8, families),
	FIELD(nat_rule, tcp, BOOL),
	FIELD(nat_rule, udp, BOOL),
	NAMED("source", nat_rule, source.address, ADDRESS),
	NAMED("source_bits", nat_rule, source.bits, U8),
	NAMED("source_except", nat_rule, source.except, BOOL),
	NAMED("destination", nat_rule, destination.address, ADDRESS),
	NAMED("destination_bits", nat_rule, destination.bits, U8),
	NAMED("destination_except", nat_rule, destination.except, BOOL),
	FIELD(nat_rule, port, U16),
	FIELD(nat_rule, first, ADDRESS),
	FIELD(nat_rule, last, ADDRESS),
	FIELD(nat_rule, ports, RANGE),
	FIELD(nat_rule, ports_unread, BOOL),
	FIELD(nat_rule, chain, TEXT),
};
TABLE(saved_nat_rule, "nat_rules", nat_rule, nat_rule_fields, 1 << 20);

static const struct saved_field port_rule_fields[] = {
	NAMED("namespace", port_rule, netns, U32),
	FIELD(port_rule, where, TEXT),
	FIELD(port_rule, range, RANGE),
};
TABLE(saved_port_rule, "port_rules", port_rule, port_rule_fields, 1 << 20);

static const struct saved_field boot_socket_fields[] = {
	FIELD(boot_socket, unit, TEXT),
	WORDS("protocol", boot_socket, protocol, WORD, protocols),
	FIELD(boot_socket, port, U16),
};
TABLE(saved_boot_socket, "boot_sockets", boot_socket, boot_socket_fields, 1 << 16);

static const struct saved_field windows_fields[] = {
	FIELD(windows, auto_reuse, RANGE),
	FIELD(windows, auto_reuse_known, BOOL),
	FIELD(windows, timed_wait_delay_s, I32),
	FIELD(windows, max_user_port, I32),
	FIELD(windows, build, I32),
	FIELD(windows, bound_listed, BOOL),
	FIELD(windows, owners_listed, BOOL),
	FIELD(windows, listing_cut, BOOL),
	FIELD(windows, listing, TEXT),
};
TABLE(saved_windows, "windows", windows, windows_fields, 1);

static const struct saved_field windows_range_fields[] = {
	FIELD(windows_range, range, RANGE),
	FIELD(windows_range, assumed, BOOL),
	FIELD(windows_range, family_unsaid, BOOL),
	FIELD(windows_range, excluded_known, BOOL),
	FIELD(windows_range, excluded_family_unsaid, BOOL),
	FIELD(windows_range, excluded, PORTS),
	FIELD(windows_range, reserved_at_run, PORTS),
};
TABLE(saved_windows_range, "windows_ranges", windows_range, windows_range_fields,
      sizeof((struct windows *)NULL)->ranges / sizeof(struct windows_range));

static const struct saved_field log_read_fields[] = {
	FIELD(artefact, file, TEXT),	FIELD(artefact, kind, TEXT),
	FIELD(artefact, records, U64),	FIELD(artefact, used_for, TEXT),
	FIELD(artefact, partial, TEXT), FIELD(artefact, why_not, TEXT),
};
TABLE(saved_log_read, "logs_read", artefact, log_read_fields, 1 << 8);

static const struct saved_field log_fields[] = {
	NAMED("read", logged_log, artefact, U32), FIELD(logged_log, channel, TEXT),
	FIELD(logged_log, records, U64),	  FIELD(logged_log, missing, U64),
	FIELD(logged_log, oldest_ms, I64),	  FIELD(logged_log, newest_ms, I64),
	FIELD(logged_log, looked_from_ms, I64),	  FIELD(logged_log, corrupted, BOOL),
	FIELD(logged_log, cleared, BOOL),	  FIELD(logged_log, cleared_ms, I64),
};
TABLE(saved_log, "logs", logged_log, log_fields, 1 << 8);

static const struct saved_field event_fields[] = {
	NAMED("read", logged_event, artefact, U32),
	FIELD(logged_event, id, U32),
	FIELD(logged_event, provider, TEXT),
	FIELD(logged_event, count, U64),
	FIELD(logged_event, first_ms, I64),
	FIELD(logged_event, last_ms, I64),
	FIELD(logged_event, text, TEXT),
};
TABLE(saved_event, "events", logged_event, event_fields, 1 << 12);
