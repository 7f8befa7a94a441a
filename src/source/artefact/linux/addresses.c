#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * Addresses of the host, as ip addr, ip -br addr and ifconfig list them: what goes there stays there. And what machine it is,
 * by uname -a.
 */
enum { ADDRESSES_MOST = 4096 };

static void add_address(struct dossier *dossier, struct span text)
{
	struct netns *netns = &dossier->netns;
	const char *slash = text.length ? memchr(text.text, '/', text.length) : NULL;
	struct address address, *moved;

	if (slash)
		text.length = (size_t)(slash - text.text);
	if (!span_address(text, &address) || address_is_loopback(&address) ||
	    address_is_any(&address) || netns_has_address(netns, &address) ||
	    netns->local_address_count == ADDRESSES_MOST)
		return;
	/* They live in the arena: it grows by doubling, and what was is left there. */
	if (!(netns->local_address_count & (netns->local_address_count - 1))) {
		size_t room = netns->local_address_count ? 2 * netns->local_address_count : 1;

		moved = arena_alloc(&dossier->snapshot->arena, room * sizeof *moved);
		if (netns->local_address_count)
			memcpy(moved, netns->local_addresses,
			       netns->local_address_count * sizeof *moved);
		netns->local_addresses = moved;
	}
	netns->local_addresses[netns->local_address_count++] = address;
	dossier_count_records(dossier, 1);
	dossier_used_for(dossier, N_("addresses of the host"));
	dossier_speaks_for(dossier, FROM_LINUX);
}

/* ---- ip addr ---- */

/* "2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc ..." */
static bool is_interface(const struct span *fields, size_t count)
{
	uint64_t number;
	struct span index = fields[0];

	if (count < 4 || index.length < 2 || index.text[index.length - 1] != ':' ||
	    fields[1].text[fields[1].length - 1] != ':')
		return false;
	index.length--;
	return span_number(index, INT32_MAX, &number) && fields[2].text[0] == '<' &&
	       span_is(fields[3], "mtu");
}

static bool is_inet(struct span word)
{
	return span_is(word, "inet") || span_is(word, "inet6");
}

struct section {
	bool is_open;
};

static bool take_ip(void *memory, struct dossier *dossier, const struct text_context *context,
		    const struct line *line)
{
	struct section *section = memory;
	struct span fields[5];
	size_t count;

	(void)context;
	if (!section->is_open && !(line->length && (unsigned)(line->text[0] - '0') <= 9))
		return false;
	count = line_fields(line, fields, 5);
	if (is_interface(fields, count)) {
		section->is_open = true;
		return true;
	}
	if (!section->is_open || !count || fields[0].text == line->text)
		return false;
	if (count > 1 && is_inet(fields[0]))
		add_address(dossier, fields[1]);
	return true;
}

const struct text_format text_format_ip_address = {
	.name = "ip addr",
	.state_size = sizeof(struct section),
	.take = take_ip,
};

/* ---- ip -br addr: "eth0@if7 UP 10.0.0.5/24 fe80::1/64" ---- */

enum { BRIEF_MOST = 64 };

static bool is_link_state(struct span word)
{
	static const char *const words[] = {
		"UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "DORMANT", "TESTING", "NOTPRESENT"
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

static bool is_prefix(struct span word)
{
	const char *slash = memchr(word.text, '/', word.length);
	struct address address;

	if (!slash)
		return false;
	word.length = (size_t)(slash - word.text);
	return span_address(word, &address);
}

static bool take_brief(void *memory, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	struct section *section = memory;
	struct span fields[BRIEF_MOST];
	size_t count = line_fields(line, fields, 2);

	(void)context;
	if (count < 2)
		return false;
	fields[1].length = listing_find(fields[1], " ");
	if (!is_link_state(fields[1]))
		return false;
	count = line_fields(line, fields, BRIEF_MOST);
	if (!(section->is_open || (count > 2 && is_prefix(fields[2]))))
		return false;
	section->is_open = true;
	for (size_t i = 2; i < count; i++)
		if (is_prefix(fields[i]))
			add_address(dossier, fields[i]);
	return true;
}

const struct text_format text_format_ip_brief = {
	.name = "ip -br addr",
	.state_size = sizeof(struct section),
	.take = take_brief,
};

/* ---- ifconfig of net-tools ---- */

/* "eth0: flags=4163<UP,BROADCAST>  mtu 1500"; before 1.60: "eth0      Link encap:Ethernet  HWaddr ...". Of other systems a
 * line with flags looks alike, but their netmasks are hexadecimal. */
static bool is_ifconfig(const struct line *line, const struct span *fields, size_t count)
{
	if (count < 3 || fields[0].text != line->text)
		return false;
	if (span_is(fields[1], "Link") && span_has(fields[2], "encap:"))
		return true;
	return fields[0].text[fields[0].length - 1] == ':' && span_has(fields[1], "flags=") &&
	       line->length > 6 && span_has(line_trimmed(line), ">  mtu ");
}

static bool take_ifconfig(void *memory, struct dossier *dossier,
			  const struct text_context *context, const struct line *line)
{
	struct section *section = memory;
	struct span fields[5];
	size_t count;

	(void)context;
	if (!section->is_open && (!line->length || line->text[0] == ' '))
		return false;
	count = line_fields(line, fields, 5);
	if (is_ifconfig(line, fields, count)) {
		section->is_open = true;
		return true;
	}
	if (!section->is_open || !count || fields[0].text == line->text)
		return false;
	if (count < 2 || !is_inet(fields[0]))
		return true;
	if (span_is(fields[1], "addr:") && count > 2) /* "inet6 addr: fe80::1/64" */
		add_address(dossier, fields[2]);
	else if (fields[1].length > 5 && !memcmp(fields[1].text, "addr:", 5))
		add_address(dossier, listing_behind(fields[1], 5));
	else
		add_address(dossier, fields[1]);
	return true;
}

const struct text_format text_format_ifconfig = {
	.name = "ifconfig",
	.state_size = sizeof(struct section),
	.take = take_ifconfig,
};

/* ---- uname -a ---- */

/* "Linux web1 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux" */
static bool take_uname(void *memory, struct dossier *dossier,
		       const struct text_context *context, const struct line *line)
{
	struct span fields[5];

	(void)memory;
	(void)context;
	if (!line_begins(line, "Linux ") || line_fields(line, fields, 5) < 5 ||
	    (unsigned)(fields[2].text[0] - '0') > 9 ||
	    !memchr(fields[2].text, '.', fields[2].length) || fields[3].text[0] != '#')
		return false;
	dossier_host(dossier, fields[1]);
	dossier->snapshot->kernel = dossier_text(dossier, fields[2]);
	dossier_count_records(dossier, 1);
	dossier_used_for(dossier, N_("which machine it is"));
	dossier_speaks_for(dossier, FROM_LINUX);
	return true;
}

const struct text_format text_format_uname = {
	.name = "uname",
	.take = take_uname,
};
