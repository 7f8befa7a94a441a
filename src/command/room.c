#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/help_words.h"
#include "command/target.h"
#include "diagnosis/capacity.h"
#include "command/terminal.h"
#include "view/evidence.h"

#include <stdio.h>
#include <string.h>

struct room_options {
	struct capacity_query query;
	bool bind, udp, source_given, at_least_given;
	uint64_t at_least;
	const char *source_text, *device;
	struct target target;
};

static int take_address(struct address *address, const char *name, const char *value,
			struct error *error)
{
	if (address_parse(value, address))
		return 0;
	return error_set(error,
			 _("--%s '%s' is not an IP address; write it as 10.0.0.5 or ::1"),
			 name, value);
}

/* "40010-40019": both bounds between 1 and 65535, in order. */
static int take_range(struct port_range *range, const char *value, struct error *error)
{
	const char *dash = strchr(value, '-');
	char first[8];
	uint64_t low, high;

	snprintf(first, sizeof first, "%.*s", dash ? (int)(dash - value) : 0, value);
	if (!dash || dash - value > 5 || !text_to_number(first, 65535, &low) ||
	    !text_to_number(dash + 1, 65535, &high) || !low || low > high)
		return error_set(
			error,
			_("--port-range '%s' is not a range of ports; write it as 40000-40999"),
			value);
	*range = (struct port_range){ .first = (uint16_t)low, .last = (uint16_t)high };
	return 0;
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct room_options *options = context;

	if (!strcmp(name, "src")) {
		options->source_given = true;
		options->source_text = value;
		return take_address(&options->query.source, name, value, error);
	}
	if (!strcmp(name, "bind")) {
		options->bind = true;
		return take_address(&options->query.source, name, value, error);
	}
	if (!strcmp(name, "udp"))
		options->udp = true;
	else if (!strcmp(name, "v6only"))
		options->query.only_six = true;
	else if (!strcmp(name, "dev"))
		options->device = value;
	else if (!strcmp(name, "port-range"))
		return take_range(&options->query.own_range, value, error);
	else if (!strcmp(name, "at-least")) {
		options->at_least_given = true;
		if (!text_to_number(value, 65535, &options->at_least))
			return error_set(
				error,
				_("--at-least '%s' is not a number of ports up to 65535"),
				value);
	}
	return 0;
}

/*
 * A wildcard source is none. A mapped destination belongs to an IPv6 socket, whose automatic UDP port
 * must be free on [::] as well: it is chosen before the address is looked at.
 */
static void settle_source(struct room_options *options)
{
	struct capacity_query *query = &options->query;

	if (options->source_given && address_is_any(&query->source)) {
		options->source_given = false;
		query->source = (struct address){ 0 };
	}
	if (options->udp && query->destination.family != FAMILY_IPV6 && options->target.six &&
	    !options->source_given)
		query->source.family = FAMILY_IPV6;
}

static int take_words(struct room_options *options, int words, char **argv,
		      struct error *error)
{
	struct capacity_query *query = &options->query;

	if (options->bind) {
		if (words)
			return error_set(
				error,
				_("'%s': --bind asks about an address, not a destination"),
				argv[1]);
		if (options->source_given)
			return error_set(error,
					 _("--src goes with a destination, not with --bind"));
		if (query->only_six && query->source.family != FAMILY_IPV6)
			return error_set(error, _("--v6only goes with an IPv6 address"));
		query->kind = options->udp ? CAPACITY_UDP_BIND : CAPACITY_BIND;
		return 0;
	}
	if (query->only_six)
		return error_set(error, _("--v6only goes with --bind ADDRESS"));
	if (!words)
		return error_set(
			error, _("room needs a destination, such as 10.0.9.1:5432, or --bind "
				 "ADDRESS"));
	if (words > 1)
		return error_set(error, _("'%s': room takes one destination"), argv[2]);
	if (target_parse(&options->target, argv[1], options->device, error))
		return -1;
	query->destination = options->target.address;
	query->port = options->target.port;
	if (*options->target.interface)
		options->device = options->target.interface;
	if (options->source_given && query->source.family != query->destination.family)
		return error_set(error,
				 _("--src '%s' and '%s' are not of the same address family"),
				 options->source_text, argv[1]);
	query->kind = options->udp ? CAPACITY_UDP_CONNECT : CAPACITY_CONNECT;
	settle_source(options);
	if (options->source_given)
		target_take_source(&options->target, &query->source);
	query->destination = options->target.address;
	return 0;
}

static struct source_route make_route(const struct room_options *options)
{
	const struct capacity_query *query = &options->query;
	bool named = options->bind || options->source_given;

	return (struct source_route){
		.destination = query->destination,
		.port = query->port,
		.protocol = options->udp ? PROTOCOL_UDP : PROTOCOL_TCP,
		.own = named ? query->source : (struct address){ 0 },
		.device = options->device,
	};
}

/* Routing chooses the source of a connection; it is asked, not guessed. */
static int apply_route(struct room_options *options, const struct source_route *route,
		       bool is_windows, struct error *error)
{
	struct capacity_query *query = &options->query;
	char target[ADDRESS_TEXT_SIZE];

	if (route->why)
		return error_set(error, "%s: %s",
				 address_print(target, route->own_is_foreign || options->bind ?
							       &query->source :
							       &query->destination),
				 route->why);
	query->device = route->device_index;
	if (query->kind == CAPACITY_CONNECT && !options->source_given)
		query->source = route->source;
	/* On Windows a port is held on all addresses of its family: only what is connected there already asks for one. */
	if (query->kind == CAPACITY_CONNECT && !query->source.family && !is_windows)
		return error_set(error,
				 _("%s: no source address is known; name it with --src"),
				 address_print(target, &query->destination));
	return 0;
}

static int refuse_of_windows(const struct room_options *options,
			     const struct snapshot *snapshot, struct error *error)
{
	if (!snapshot->windows || !port_range_known(options->query.own_range))
		return 0;
	return error_set(error,
			 _("--port-range: on Windows a socket has no range of its own"));
}

static int run(const struct command *command, int argc, char **argv)
{
	struct room_options options = { 0 };
	struct common_options common = { .request = { .scope = SCOPE_OWN } };
	struct source_route route;
	struct snapshot snapshot = { 0 };
	struct capacity capacity;
	struct port_map *map;
	struct view_style style;
	struct error error;
	int words, status = 0;

	if (options_parse(command, argc, argv, &common, take_option, &options, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (take_words(&options, words, argv, &error))
		return command_fail(command->usage_error, error.text);

	if (common.request.scope == SCOPE_ALL)
		return command_fail(
			command->usage_error,
			_("--netns all: room is about one network namespace; name it"));
	route = make_route(&options);
	common.request.route = &route;
	common.request.ipv6_only = options.query.kind == CAPACITY_BIND;
	if (source_read(&common.request, &snapshot, &error) ||
	    refuse_of_windows(&options, &snapshot, &error) ||
	    target_refuse(&options.target, &snapshot, &error) ||
	    apply_route(&options, &route, snapshot.windows, &error)) {
		snapshot_free(&snapshot);
		return command_fail(command->failure, error.text);
	}
	map = port_map_new(&snapshot, 0, NULL);
	capacity = capacity_of(map, &options.query);
	style = terminal_style(&common);
	if (common.json)
		room_json(&snapshot, &capacity, &options.query, stdout);
	else
		room_text(&snapshot, &capacity, &options.query, options.target.wildcard,
			  &style);
	if (!common.json)
		evidence_brief_text(&snapshot, source_first_file(&common.request), &style);
	if (common.verbose && !common.json)
		view_text_sources(&snapshot, &style);
	if (!capacity.known ||
	    (options.at_least_given && capacity.room_min < options.at_least))
		status = 1;
	port_map_free(map);
	snapshot_free(&snapshot);
	return status;
}

static const struct option_spec options_of_room[] = {
	{ "src", "ADDR", help_src },
	{ "dev", "IFNAME", help_dev, .kind = VALUE_INTERFACE },
	{ "udp", NULL, N_("UDP connect() or send without bind()") },
	{ "bind", "ADDR", N_("room for bind(ADDR, 0) instead of connect()") },
	{ "v6only", NULL, N_("with --bind ::, for a socket with IPV6_V6ONLY") },
	{ "port-range", "A-B", help_port_range },
	{ "at-least", "N", N_("exit with 1 if fewer than N would succeed") },
	OPTIONS_END,
};

const struct command command_room = {
	.name = "room",
	.summary = N_("how many further connects to a destination would succeed now"),
	.usage = "DST:PORT | --bind ADDR",
	.description = N_(
		"Prints how many further connect() calls to DST:PORT would get a local port, by "
		"the kernel's own rules, and one line why. No packet leaves this machine."),
	.status = N_("0 done, 1 failed or fewer than --at-least, 2 usage"),
	.options = options_of_room,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
