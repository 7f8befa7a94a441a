#include "view/range.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/dynamic_ports.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"
#include "view/range_windows.h"

#include <stdlib.h>
#include <string.h>

/*
 * The ephemeral port range as netsh shows it on Windows: a row for each of tcp and udp over IPv4
 * and IPv6. On Linux one setting rules all four.
 */

static void write_row_json(struct json *json, const struct snapshot *snapshot, uint32_t netns,
			   enum protocol protocol, uint8_t family)
{
	const struct dynamic_ports ports = dynamic_ports_of(snapshot, netns, protocol, family);
	const struct port_range range = ports.range;
	bool known = port_range_known(range);
	int64_t reserved = known && ports.reserved_known ?
				   (int64_t)port_set_count_between(ports.reserved, range.first,
								   range.last) :
				   -1;

	json_row(json, NULL);
	view_json_netns(json, "namespace", snapshot, netns);
	json_text(json, "protocol", protocol_name(protocol));
	json_text(json, "family", family == FAMILY_IPV4 ? "ipv4" : "ipv6");
	json_known(json, "first", known ? range.first : -1);
	json_known(json, "last", known ? range.last : -1);
	json_known(json, "ports", known ? (int64_t)port_range_size(range) : -1);
	json_known(json, "reserved", reserved);
	json_known(json, "usable", reserved < 0 ? -1 : port_range_size(range) - reserved);
	json_bool(json, "assumed", ports.assumed);
	json_end_object(json);
}

/* Four rows a namespace, as netsh shows them. */
void view_json_ranges(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "ranges");
	for (uint32_t i = 0; i < snapshot->namespace_count; i++)
		for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
			write_row_json(json, snapshot, i, protocol, FAMILY_IPV4);
			write_row_json(json, snapshot, i, protocol, FAMILY_IPV6);
		}
	json_end_array(json);
}

/* A port of the range that a listener or a bound socket sits on: connect() has to go round it, and
 * a service that wants it after a restart may find it taken. */
static bool collides(const struct snapshot *snapshot, const struct holding *holding)
{
	struct port_range range = dynamic_ports_of_holding(snapshot, holding).range;
	bool fixed = holding->key.state == SOCKET_LISTEN ||
		     holding->key.state == SOCKET_BOUND ||
		     holding->key.state == SOCKET_UNCONNECTED;

	return fixed && port_range_known(range) &&
	       port_set_count_between(&holding->ports, range.first, range.last);
}

/* "40000-40009, 40095": the members of a set between two bounds that `reserved` has, or has not.
 * Hundreds of scattered ports would tell nobody anything. */
struct ports_text {
	const char *text;
	unsigned count;
	uint16_t first;
};

static struct ports_text print_ports(struct arena *arena, const struct port_set *ports,
				     struct port_range bounds, const struct port_set *reserved,
				     bool wanted)
{
	enum { RUNS_SHOWN = 16 };
	struct ports_text made = { .text = "" };
	unsigned shown = 0, runs = 0;

	for (int first = port_set_next(ports, bounds.first);
	     first >= 0 && first <= bounds.last;) {
		int last = first;

		if (port_set_has(reserved, (uint16_t)first) != wanted) {
			first = port_set_next(ports, first + 1);
			continue;
		}
		while (last < bounds.last && port_set_has(ports, (uint16_t)(last + 1)) &&
		       port_set_has(reserved, (uint16_t)(last + 1)) == wanted)
			last++;
		if (!made.count)
			made.first = (uint16_t)first;
		made.count += (unsigned)(last - first) + 1;
		if (runs++ < RUNS_SHOWN) {
			made.text = arena_print(arena, first == last ? "%s%s%d" : "%s%s%d-%d",
						made.text, shown ? ", " : "", first, last);
			shown = made.count;
		}
		first = port_set_next(ports, last + 1);
	}
	if (shown < made.count)
		made.text =
			arena_print(arena, _("%s and %u more"), made.text, made.count - shown);
	return made;
}

/* ---- text ---- */

enum { COLLISIONS_SHOWN = 20, LABEL_COLUMNS = 10 };

struct text_context {
	const struct snapshot *snapshot;
	const struct view_style *style;
	struct arena arena;
	unsigned collisions; /* told so far in this namespace */
};

/* All ports of a holding on one line: "app, pid 812: tcp listener 0.0.0.0:40095". */
static void write_collision_text(struct text_context *context, const struct holding *holding,
				 bool reserved)
{
	const struct process *process = snapshot_owner(context->snapshot, holding);
	const struct dynamic_ports dynamic =
		dynamic_ports_of_holding(context->snapshot, holding);
	struct arena *arena = &context->arena;
	char where[ADDRESS_TEXT_SIZE], number[32];
	const struct ports_text ports =
		print_ports(arena, &holding->ports, dynamic.range, dynamic.reserved, reserved);
	const char *text;

	if (!ports.count || ++context->collisions > COLLISIONS_SHOWN)
		return;
	if (ports.count == 1)
		text = address_print_endpoint(where, &holding->key.local, ports.first);
	else
		text = arena_print(arena,
				   P_("%s, %s port: %s", "%s, %s ports: %s", ports.count),
				   address_print(where, &holding->key.local),
				   text_grouped(number, ports.count), ports.text);
	text = arena_print(arena,
			   holding->key.state == SOCKET_LISTEN ? _("%s listener %s") :
								 _("%s bound %s"),
			   protocol_name(holding->key.protocol), text);
	if (reserved)
		text = arena_print(arena, _("%s (reserved)"), text);
	if (process)
		text = arena_print(arena, _("%s, pid %d: %s"), process_title(process),
				   process->pid, text);
	layout_item(context->style, context->collisions == 1 ? _("in range") : "",
		    LABEL_COLUMNS, text, NULL);
}

/* Sources hand sockets over in any order; two looks at the same machine should read alike. */
static int by_first_port(const void *a, const void *b)
{
	const struct holding *left = *(const struct holding *const *)a;
	const struct holding *right = *(const struct holding *const *)b;
	int order = (int)left->key.protocol - (int)right->key.protocol;

	if (!order)
		order = port_set_next(&left->ports, 0) - port_set_next(&right->ports, 0);
	return order ? order : (int)left->key.state - (int)right->key.state;
}

static void write_collisions_text(struct text_context *context, uint32_t netns)
{
	const struct snapshot *snapshot = context->snapshot;

	const struct holding **sorted =
		arena_alloc(&context->arena, snapshot->holding_count * sizeof *sorted);
	size_t count = 0;

	context->collisions = 0;
	for (size_t i = 0; i < snapshot->holding_count; i++)
		if (snapshot->holdings[i].key.netns == netns &&
		    collides(snapshot, &snapshot->holdings[i]))
			sorted[count++] = &snapshot->holdings[i];
	qsort(sorted, count, sizeof *sorted, by_first_port);
	for (size_t i = 0; i < count; i++) {
		write_collision_text(context, sorted[i], false);
		write_collision_text(context, sorted[i], true);
	}
	if (context->collisions > COLLISIONS_SHOWN)
		layout_item(context->style, "", LABEL_COLUMNS,
			    arena_print(&context->arena,
					_("and %u more; portroom range show --json lists "
					  "them all"),
					context->collisions - COLLISIONS_SHOWN),
			    NULL);
}

/* What will sit there after a boot, too, whether it runs now or not. */
static void write_enabled_text(struct text_context *context, uint32_t netns)
{
	const struct snapshot *snapshot = context->snapshot;
	const struct netns *row = &snapshot->namespaces[netns];
	const char *label = _("enabled");

	for (size_t i = 0; i < snapshot->boot_socket_count && row->of_init; i++) {
		const struct boot_socket *socket = &snapshot->boot_sockets[i];

		if (!port_range_contains(row->settings.range, socket->port))
			continue;
		layout_item(context->style, label, LABEL_COLUMNS,
			    arena_print(&context->arena,
					port_set_has(&row->settings.reserved, socket->port) ?
						_("%s: %s port %u (reserved)") :
						_("%s: %s port %u"),
					socket->unit, protocol_name(socket->protocol),
					socket->port),
			    NULL);
		label = "";
	}
}

static void write_reserved_text(struct text_context *context,
				const struct netns_settings *settings)
{
	static const struct port_range all = { 0, UINT16_MAX };

	if (!settings->reserved_known || !settings->reserved.count)
		return;
	layout_item(context->style, _("reserved"), LABEL_COLUMNS,
		    print_ports(&context->arena, &settings->reserved, all, &settings->reserved,
				true)
			    .text,
		    NULL);
}

enum { CELLS = 7, NUMBERS = 2 };

static void write_row_text(const struct dynamic_ports *ports, const struct view_style *style,
			   const struct layout_column *columns, const char *const *names)
{
	struct port_range range = ports->range;
	unsigned reserved = port_set_count_between(ports->reserved, range.first, range.last);
	char first[8], last[8], all[32], held[32], usable[32];
	const char *cells[CELLS] = { names[0], names[1], first, last, all, held, usable };

	snprintf(first, sizeof first, "%u", range.first);
	snprintf(last, sizeof last, "%u", range.last);
	text_grouped(all, port_range_size(range));
	text_grouped(held, reserved);
	text_grouped(usable, port_range_size(range) - reserved);
	if (!ports->reserved_known)
		cells[CELLS - 2] = cells[CELLS - 1] = _("unknown");
	if (!port_range_known(range)) {
		memset(&cells[NUMBERS], 0, (CELLS - NUMBERS) * sizeof cells[0]);
		cells[NUMBERS] = _("not readable");
	}
	layout_row(style, columns, cells, CELLS);
}

/* Four rows a namespace; the headings are the keys of JSON and not translated. */
static void write_rows_text(const struct snapshot *snapshot, uint32_t netns,
			    const struct view_style *style)
{
	static const struct layout_column columns[CELLS] = {
		{ 9 },
		{ 7 },
		{ 6, .right = true },
		{ 6, .right = true },
		{ 8, .right = true },
		{ 9, .right = true },
		{ 8, .right = true },
	};
	static const char *const headings[CELLS] = { "protocol", "family",   "first", "last",
						     "ports",	 "reserved", "usable" };

	layout_row(style, columns, headings, CELLS);
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (uint8_t family = FAMILY_IPV4; family <= FAMILY_IPV6; family += 2) {
			const struct dynamic_ports ports =
				dynamic_ports_of(snapshot, netns, protocol, family);
			const char *const names[] = { protocol_name(protocol),
						      family == FAMILY_IPV4 ? "ipv4" :
									      "ipv6" };

			write_row_text(&ports, style, columns, names);
		}
}

/* Which file sets it at boot, and whether that is what is set now. */
static void write_boot_text(struct text_context *context, const struct range_facts *facts)
{
	const char *label = _("at boot");

	for (size_t i = 0; i < facts->setter_count; i++) {
		const struct range_setter *setter = &facts->setters[i];

		layout_item(context->style, label, LABEL_COLUMNS,
			    arena_print(&context->arena,
					setter->wins ? _("%s: %s = %s") :
						       _("%s: %s = %s (a later file wins)"),
					setter->path, setter->key, setter->value),
			    NULL);
		label = "";
	}
	for (size_t i = 0; i < facts->unread_count; i++) {
		layout_item(context->style, label, LABEL_COLUMNS,
			    arena_print(&context->arena, _("not seen: %s"), facts->unread[i]),
			    NULL);
		label = "";
	}
	if (facts->boot_known && !facts->setter_count && !facts->unread_count)
		layout_item(context->style, label, LABEL_COLUMNS,
			    _("no file sets the range: the kernel's default, 32768-60999"),
			    NULL);
}

void range_text(const struct range_facts *facts, const struct view_style *style)
{
	const struct snapshot *snapshot = facts->snapshot;
	struct text_context context = { .snapshot = snapshot, .style = style };

	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];

		if (i)
			fputc('\n', style->out);
		if (snapshot->namespace_count > 1)
			layout_item(style, "", 0,
				    arena_print(&context.arena,
						_("network namespace %s (%llu)"), netns->name,
						(unsigned long long)netns->inode),
				    NULL);
		write_rows_text(snapshot, i, style);
		write_reserved_text(&context, &netns->settings);
		if (snapshot->windows)
			range_windows_text(snapshot, style);
		write_collisions_text(&context, i);
		write_enabled_text(&context, i);
		if (!i)
			write_boot_text(&context, facts);
		if (!i && facts->last)
			layout_item(style, _("changed"), LABEL_COLUMNS, facts->last, NULL);
	}
	if (!snapshot->windows)
		layout_item(style, "", 0,
			    _("one setting rules all four rows: net.ipv4.ip_local_port_range"),
			    NULL);
	view_text_gaps(snapshot, style);
	arena_free(&context.arena);
}

/* ---- JSON ---- */

static void write_reserved_json(struct json *json, const struct snapshot *snapshot,
				uint32_t netns)
{
	const struct port_set *reserved = &snapshot->namespaces[netns].settings.reserved;

	if (snapshot->windows)
		range_windows_reserved_json(json, snapshot);

	for (int first = port_set_next(reserved, 0); first >= 0;) {
		int last = first;

		while (last < 65535 && port_set_has(reserved, (uint16_t)(last + 1)))
			last++;
		json_row(json, NULL);
		view_json_netns(json, "namespace", snapshot, netns);
		json_number(json, "first", first);
		json_number(json, "last", last);
		json_end_object(json);
		first = port_set_next(reserved, last + 1);
	}
}

static void write_collisions_json(struct json *json, const struct snapshot *snapshot,
				  const struct holding *holding)
{
	const struct dynamic_ports dynamic = dynamic_ports_of_holding(snapshot, holding);
	const struct process *process = snapshot_owner(snapshot, holding);

	port_set_each(port, &holding->ports) {
		if (!port_range_contains(dynamic.range, (uint16_t)port))
			continue;
		json_row(json, NULL);
		view_json_netns(json, "namespace", snapshot, holding->key.netns);
		json_text(json, "protocol", protocol_name(holding->key.protocol));
		json_number(json, "port", port);
		view_json_address(json, "address", &holding->key.local);
		json_text(json, "what",
			  holding->key.state == SOCKET_LISTEN ? "listener" : "bound");
		json_known(json, "pid", process ? process->pid : -1);
		json_text(json, "name", process ? process->name : NULL);
		json_bool(json, "reserved", port_set_has(dynamic.reserved, (uint16_t)port));
		json_end_object(json);
	}
}

static void write_enabled_json(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "enabled");
	for (size_t i = 0; i < snapshot->boot_socket_count; i++) {
		const struct boot_socket *socket = &snapshot->boot_sockets[i];

		json_row(json, NULL);
		json_text(json, "unit", socket->unit);
		json_text(json, "protocol", protocol_name(socket->protocol));
		json_number(json, "port", socket->port);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_boot_json(struct json *json, const struct range_facts *facts)
{
	if (!facts->boot_known) {
		json_null(json, "boot");
		json_null(json, "boot_unread");
		return;
	}
	json_array(json, "boot");
	for (size_t i = 0; i < facts->setter_count; i++) {
		json_row(json, NULL);
		json_text(json, "file", facts->setters[i].path);
		json_text(json, "key", facts->setters[i].key);
		json_text(json, "value", facts->setters[i].value);
		json_bool(json, "wins", facts->setters[i].wins);
		json_end_object(json);
	}
	json_end_array(json);
	json_array(json, "boot_unread");
	for (size_t i = 0; i < facts->unread_count; i++)
		json_text(json, NULL, facts->unread[i]);
	json_end_array(json);
}

void range_json(const struct range_facts *facts, FILE *out)
{
	const struct snapshot *snapshot = facts->snapshot;
	struct json json = { .out = out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.range/1");
	view_json_time(&json, "time", snapshot->time_ms);
	view_json_host(&json, snapshot);
	view_json_namespaces(&json, snapshot);
	view_json_ranges(&json, snapshot);
	json_array(&json, "reserved");
	for (uint32_t i = 0; i < snapshot->namespace_count; i++)
		write_reserved_json(&json, snapshot, i);
	json_end_array(&json);
	json_array(&json, "collisions");
	for (size_t i = 0; i < snapshot->holding_count; i++)
		if (collides(snapshot, &snapshot->holdings[i]))
			write_collisions_json(&json, snapshot, &snapshot->holdings[i]);
	json_end_array(&json);
	write_enabled_json(&json, snapshot);
	write_boot_json(&json, facts);
	range_windows_settings_json(&json, snapshot);
	json_text(&json, "changed", facts->last);
	view_json_gaps(&json, snapshot);
	view_json_sources(&json, snapshot);
	json_end_object(&json);
}
