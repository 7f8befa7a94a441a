#include "source/artefact/linux/sysctl_fact.h"

#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a setting's number is for ---- */

#define SETTING(field)                                                                        \
	static void set_##field(struct dossier *dossier, int64_t number)                      \
	{                                                                                     \
		dossier->netns.settings.field = (int)number;                                  \
	}

SETTING(tw_reuse)
SETTING(tw_reuse_delay_ms)
SETTING(timestamps)
SETTING(autobind_reuse)
SETTING(unprivileged_start)
SETTING(bindv6only)
SETTING(fin_timeout_s)
SETTING(syn_retries)
SETTING(syn_linear_timeouts)
SETTING(fastopen)

static void set_max_tw_buckets(struct dossier *dossier, int64_t number)
{
	dossier->netns.settings.max_tw_buckets = number;
}

static void set_tracked(struct dossier *dossier, int64_t number)
{
	dossier->netns.conntrack.entries = number;
}

static void set_tracked_most(struct dossier *dossier, int64_t number)
{
	dossier->netns.conntrack.limit = number;
}

static void set_tracked_rest(struct dossier *dossier, int64_t number)
{
	dossier->netns.conntrack.time_wait_s = number;
}

static void set_descriptor_ceiling(struct dossier *dossier, int64_t number)
{
	dossier->snapshot->descriptor_ceiling = number;
}

/* Names: Linux Documentation/networking/ip-sysctl.rst, nf_conntrack-sysctl.rst. */
static const struct number_setting {
	const char *name;
	void (*set)(struct dossier *dossier, int64_t number);
} number_settings[] = {
	{ "net.ipv4.tcp_tw_reuse", set_tw_reuse },
	{ "net.ipv4.tcp_tw_reuse_delay", set_tw_reuse_delay_ms },
	{ "net.ipv4.tcp_timestamps", set_timestamps },
	{ "net.ipv4.tcp_max_tw_buckets", set_max_tw_buckets },
	{ "net.ipv4.ip_autobind_reuse", set_autobind_reuse },
	{ "net.ipv4.ip_unprivileged_port_start", set_unprivileged_start },
	{ "net.ipv4.tcp_fin_timeout", set_fin_timeout_s },
	{ "net.ipv4.tcp_syn_retries", set_syn_retries },
	{ "net.ipv4.tcp_syn_linear_timeouts", set_syn_linear_timeouts },
	{ "net.ipv4.tcp_fastopen", set_fastopen },
	{ "net.ipv6.bindv6only", set_bindv6only },
	{ "net.netfilter.nf_conntrack_count", set_tracked },
	{ "net.netfilter.nf_conntrack_max", set_tracked_most },
	{ "net.netfilter.nf_conntrack_tcp_timeout_time_wait", set_tracked_rest },
	{ "fs.nr_open", set_descriptor_ceiling },
};

static bool take_number(struct dossier *dossier, struct span name, struct span value)
{
	for (size_t i = 0; i < sizeof number_settings / sizeof number_settings[0]; i++) {
		uint64_t number;

		if (!span_is(name, number_settings[i].name))
			continue;
		/* The kernel's are of type int. */
		if (!span_number(value, INT32_MAX, &number))
			return false;
		number_settings[i].set(dossier, (int64_t)number);
		return true;
	}
	return false;
}

bool sysctl_fact_is_known(struct span name)
{
	static const char *const others[] = { "net.ipv4.ip_local_port_range",
					      "net.ipv4.ip_local_reserved_ports", "fs.file-nr",
					      "kernel.hostname", "kernel.osrelease" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (span_is(name, others[i]))
			return true;
	for (size_t i = 0; i < sizeof number_settings / sizeof number_settings[0]; i++)
		if (span_is(name, number_settings[i].name))
			return true;
	return false;
}

/* ---- what is more than a number ---- */

static size_t split(struct span value, struct span *words, size_t most)
{
	const struct line line = { .text = value.text, .length = value.length };

	return line_fields(&line, words, most);
}

static bool take_range(struct dossier *dossier, struct span value)
{
	struct span words[3];
	uint64_t first, last;

	if (split(value, words, 3) != 2 || !span_number(words[0], 65535, &first) ||
	    !span_number(words[1], 65535, &last) || !first || first > last)
		return false;
	dossier->netns.settings.range =
		(struct port_range){ .first = (uint16_t)first, .last = (uint16_t)last };
	return true;
}

static bool take_reserved(struct dossier *dossier, struct span value)
{
	struct netns_settings *settings = &dossier->netns.settings;
	char *text = memory_zeroed(value.length + 1, 1);
	struct port_set reserved = { 0 };
	bool taken;

	memcpy(text, value.text, value.length);
	taken = port_set_parse(&reserved, text);
	free(text);
	if (!taken) {
		port_set_free(&reserved);
		return false;
	}
	port_set_free(&settings->reserved);
	settings->reserved = reserved;
	settings->reserved_known = true;
	return true;
}

/* Descriptors in use, zero, and how many there may be (Linux Documentation/admin-guide/sysctl/fs.rst). */
static bool take_files(struct dossier *dossier, struct span value)
{
	struct span words[4];
	uint64_t open, limit;

	if (split(value, words, 4) != 3 || !span_number(words[0], INT64_MAX, &open) ||
	    !span_number(words[2], INT64_MAX, &limit))
		return false;
	dossier->snapshot->files_open = (int64_t)open;
	dossier->snapshot->files_limit = (int64_t)limit;
	return true;
}

static bool take_text(struct dossier *dossier, struct span value, const char **text)
{
	if (!value.length)
		return false;
	*text = dossier_text(dossier, value);
	return true;
}

static bool take_host(struct dossier *dossier, struct span value)
{
	dossier_host(dossier, value);
	return value.length > 0;
}

bool sysctl_fact(struct dossier *dossier, struct span name, struct span value)
{
	struct snapshot *snapshot = dossier->snapshot;

	if (span_is(name, "net.ipv4.ip_local_port_range"))
		return take_range(dossier, value);
	if (span_is(name, "net.ipv4.ip_local_reserved_ports"))
		return take_reserved(dossier, value);
	if (span_is(name, "fs.file-nr"))
		return take_files(dossier, value);
	if (span_is(name, "kernel.hostname"))
		return take_host(dossier, value);
	if (span_is(name, "kernel.osrelease"))
		return take_text(dossier, value, &snapshot->kernel);
	return take_number(dossier, name, value);
}
