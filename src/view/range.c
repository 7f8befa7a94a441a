#include "view/view.h"

#include "base/json.h"
#include "base/text.h"
#include "snapshot/snapshot.h"

#include <string.h>

/*
 * The ephemeral port range as netsh shows it on Windows: a row for each of tcp and udp over IPv4
 * and IPv6. On Linux one setting rules all four.
 */

/* Four rows a namespace, as netsh shows them. */
void view_json_ranges(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "ranges");
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns_settings *settings = &snapshot->namespaces[i].settings;
		struct port_range range = settings->range;
		bool known = port_range_known(range);
		int64_t reserved =
			known && settings->reserved_known ?
				(int64_t)port_set_count_between(&settings->reserved,
								range.first, range.last) :
				-1;

		for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
			for (int family = 4; family <= 6; family += 2) {
				json_row(json, NULL);
				view_json_netns(json, "namespace", snapshot, i);
				json_text(json, "protocol", protocol_name(protocol));
				json_text(json, "family", family == 4 ? "ipv4" : "ipv6");
				json_known(json, "first", known ? range.first : -1);
				json_known(json, "last", known ? range.last : -1);
				json_known(json, "ports",
					   known ? (int64_t)port_range_size(range) : -1);
				json_known(json, "reserved", reserved);
				json_known(json, "usable",
					   reserved < 0 ? -1 :
							  port_range_size(range) - reserved);
				json_end_object(json);
			}
	}
	json_end_array(json);
}

/* A port of the range that a listener or a bound socket sits on: connect() has to go round it, and
 * a service that wants it after a restart may find it taken. */
static bool collides(const struct snapshot *snapshot, const struct holding *holding)
{
	struct port_range range = snapshot->namespaces[holding->key.netns].settings.range;
	bool fixed = holding->key.state == SOCKET_LISTEN ||
		     holding->key.state == SOCKET_BOUND ||
		     holding->key.state == SOCKET_UNCONNECTED;

	return fixed && port_range_known(range) &&
	       port_set_count_between(&holding->ports, range.first, range.last);
}

static const char *collision_kind(const struct holding *holding)
{
	return holding->key.state == SOCKET_LISTEN ? "listener" : "bound";
}

struct collision {
	const struct holding *holding;
	uint16_t port;
	bool reserved;
};

static void each_collision(const struct snapshot *snapshot,
			   void (*write)(void *context, const struct snapshot *snapshot,
					 const struct collision *collision),
			   void *context)
{
	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];
		const struct netns_settings *settings =
			&snapshot->namespaces[holding->key.netns].settings;

		if (!collides(snapshot, holding))
			continue;
		port_set_each(port, &holding->ports) {
			struct collision collision = {
				.holding = holding,
				.port = (uint16_t)port,
				.reserved = port_set_has(&settings->reserved, (uint16_t)port),
			};

			if (port_range_contains(settings->range, collision.port))
				write(context, snapshot, &collision);
		}
	}
}

/* ---- text ---- */

enum { COLLISIONS_SHOWN = 20 };

struct text_context {
	FILE *out;
	unsigned count;
};

static void write_collision_text(void *data, const struct snapshot *snapshot,
				 const struct collision *collision)
{
	struct text_context *context = data;
	const struct process *process = snapshot_owner(snapshot, collision->holding);
	char where[ADDRESS_TEXT_SIZE];

	if (++context->count > COLLISIONS_SHOWN)
		return;
	fprintf(context->out, "%-10s%s %s %s", context->count == 1 ? "in range" : "",
		protocol_name(collision->holding->key.protocol),
		collision_kind(collision->holding),
		address_print_endpoint(where, &collision->holding->key.local,
				       collision->port));
	if (process) {
		fputs("  ", context->out);
		text_write_safe(context->out, process->name ? process->name : "(ended)");
		fprintf(context->out, ", pid %d", process->pid);
	}
	fputs(collision->reserved ? "  (reserved)\n" : "\n", context->out);
}

static void write_reserved_text(const struct netns_settings *settings, FILE *out)
{
	const struct port_set *reserved = &settings->reserved;
	const char *separator = "reserved  ";

	if (!settings->reserved_known || !reserved->count)
		return;
	for (int first = port_set_next(reserved, 0); first >= 0;) {
		int last = first;

		while (last < 65535 && port_set_has(reserved, (uint16_t)(last + 1)))
			last++;
		fprintf(out, first == last ? "%s%d" : "%s%d-%d", separator, first, last);
		separator = ",";
		first = port_set_next(reserved, last + 1);
	}
	fputc('\n', out);
}

static void write_rows_text(const struct netns_settings *settings, FILE *out)
{
	struct port_range range = settings->range;
	unsigned reserved =
		port_set_count_between(&settings->reserved, range.first, range.last);
	char ports[32], held[32], usable[32];

	fprintf(out, "%-9s %-7s %6s %6s %8s %9s %8s\n", "protocol", "family", "first", "last",
		"ports", "reserved", "usable");
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int family = 4; family <= 6; family += 2) {
			fprintf(out, "%-9s %-7s ", protocol_name(protocol),
				family == 4 ? "ipv4" : "ipv6");
			if (!port_range_known(range)) {
				fputs("not readable\n", out);
				continue;
			}
			fprintf(out, "%6u %6u %8s %9s %8s\n", range.first, range.last,
				text_grouped(ports, port_range_size(range)),
				settings->reserved_known ? text_grouped(held, reserved) :
							   "unknown",
				settings->reserved_known ?
					text_grouped(usable,
						     port_range_size(range) - reserved) :
					"unknown");
		}
}

void range_text(const struct snapshot *snapshot, const struct view_style *style)
{
	FILE *out = style->out;
	struct text_context context = { .out = out };

	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];

		if (snapshot->namespace_count > 1) {
			fputs(i ? "\nnetwork namespace " : "network namespace ", out);
			text_write_safe(out, netns->name);
			fprintf(out, " (%llu)\n", (unsigned long long)netns->inode);
		}
		write_rows_text(&netns->settings, out);
		write_reserved_text(&netns->settings, out);
	}
	fputs("one setting rules all four rows: net.ipv4.ip_local_port_range\n", out);
	each_collision(snapshot, write_collision_text, &context);
	if (context.count > COLLISIONS_SHOWN)
		fprintf(out,
			"          and %u more; portroom range show --json lists them all\n",
			context.count - COLLISIONS_SHOWN);
	view_text_gaps(snapshot, style);
}

/* ---- JSON ---- */

static void write_reserved_json(struct json *json, const struct snapshot *snapshot,
				uint32_t netns)
{
	const struct port_set *reserved = &snapshot->namespaces[netns].settings.reserved;

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

static void write_collision_json(void *data, const struct snapshot *snapshot,
				 const struct collision *collision)
{
	struct json *json = data;
	const struct process *process = snapshot_owner(snapshot, collision->holding);

	json_row(json, NULL);
	view_json_netns(json, "namespace", snapshot, collision->holding->key.netns);
	json_text(json, "protocol", protocol_name(collision->holding->key.protocol));
	json_number(json, "port", collision->port);
	view_json_address(json, "address", &collision->holding->key.local);
	json_text(json, "what", collision_kind(collision->holding));
	json_known(json, "pid", process ? process->pid : -1);
	json_text(json, "name", process ? process->name : NULL);
	json_bool(json, "reserved", collision->reserved);
	json_end_object(json);
}

void range_json(const struct snapshot *snapshot, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	char time[32];

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.range/1");
	json_text(&json, "time", view_time(time, snapshot->time_ms));
	view_json_host(&json, snapshot);
	view_json_namespaces(&json, snapshot);
	view_json_ranges(&json, snapshot);
	json_array(&json, "reserved");
	for (uint32_t i = 0; i < snapshot->namespace_count; i++)
		write_reserved_json(&json, snapshot, i);
	json_end_array(&json);
	json_array(&json, "collisions");
	each_collision(snapshot, write_collision_json, &json);
	json_end_array(&json);
	view_json_gaps(&json, snapshot);
	view_json_sources(&json, snapshot);
	json_end_object(&json);
}
