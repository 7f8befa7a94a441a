#include "base/text.h"
#include "command/command.h"
#include "diagnosis/capacity.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>

struct room_options {
	struct capacity_query query;
	bool bind, udp, source_given, at_least_given;
	uint64_t at_least;
	const char *source_text;
};

static int take_address(struct address *address, const char *name, const char *value,
			struct error *error)
{
	if (address_parse(value, address))
		return 0;
	return error_set(error, "--%s '%s' is not an IP address; write it as 10.0.0.5 or ::1",
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
			"--port-range '%s' is not a range of ports; write it as 40000-40999",
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
	else if (!strcmp(name, "port-range"))
		return take_range(&options->query.own_range, value, error);
	else if (!strcmp(name, "at-least")) {
		options->at_least_given = true;
		if (!text_to_number(value, 65535, &options->at_least))
			return error_set(error, "--at-least '%s' is not a number of ports",
					 value);
	}
	return 0;
}

static int take_words(struct room_options *options, int words, char **argv,
		      struct error *error)
{
	struct capacity_query *query = &options->query;

	if (options->bind) {
		if (words)
			return error_set(
				error, "'%s': --bind asks about an address, not a destination",
				argv[1]);
		if (options->source_given)
			return error_set(error,
					 "--src goes with a destination, not with --bind");
		query->kind = options->udp ? CAPACITY_UDP_BIND : CAPACITY_BIND;
		return 0;
	}
	if (!words)
		return error_set(error,
				 "room needs a destination, such as 10.0.9.1:5432, or --bind "
				 "ADDRESS");
	if (words > 1)
		return error_set(error, "'%s': room takes one destination", argv[2]);
	if (!address_parse_endpoint(argv[1], &query->destination, &query->port) ||
	    !query->port)
		return error_set(error,
				 "'%s' is not a destination; write it as 10.0.9.1:5432 or "
				 "[2001:db8::1]:5432",
				 argv[1]);
	if (options->source_given && query->source.family != query->destination.family)
		return error_set(error,
				 "--src '%s' and '%s' are not of the same address family",
				 options->source_text, argv[1]);
	query->kind = options->udp ? CAPACITY_UDP_CONNECT : CAPACITY_CONNECT;
	return 0;
}

/* Routing chooses the source of a connection; it is asked, not guessed. */
static int choose_source(struct room_options *options, const struct source_route *route,
			 struct error *error)
{
	struct capacity_query *query = &options->query;
	char target[ADDRESS_TEXT_SIZE];

	if (query->kind != CAPACITY_CONNECT || options->source_given)
		return 0;
	query->source = route->source;
	if (query->source.family)
		return 0;
	return error_set(error, "%s: %s; name the source address with --src",
			 address_print(target, &query->destination),
			 route->why ? route->why : "no route to the destination");
}

static int run(const struct command *command, int argc, char **argv)
{
	struct room_options options = { 0 };
	struct common_options common = { .request = { .scope = SCOPE_OWN } };
	struct source_route route = { 0 };
	struct snapshot snapshot = { 0 };
	struct capacity capacity;
	struct port_map *map;
	struct error error;
	int words, status = 0;

	if (options_parse(command, argc, argv, &common, take_option, &options, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (take_words(&options, words, argv, &error))
		return command_fail(command->usage_error, error.text);

	route.destination = options.query.destination;
	if (options.query.kind == CAPACITY_CONNECT && !options.source_given)
		common.request.route = &route;
	common.request.ipv6_only = options.query.kind == CAPACITY_BIND;
	if (source_read(&common.request, &snapshot, &error) ||
	    choose_source(&options, &route, &error)) {
		snapshot_free(&snapshot);
		return command_fail(command->failure, error.text);
	}
	map = port_map_new(&snapshot, 0, NULL);
	capacity = capacity_of(map, &options.query);
	if (common.json)
		room_json(&snapshot, &capacity, &options.query, stdout);
	else
		room_text(&capacity, &options.query, stdout);
	if (common.verbose && !common.json)
		view_text_sources(&snapshot, stdout);
	if (!capacity.known ||
	    (options.at_least_given && capacity.room_min < options.at_least))
		status = 1;
	port_map_free(map);
	snapshot_free(&snapshot);
	return status;
}

static const struct option_spec options_of_room[] = {
	{ "src", "ADDR", "source address (bound with IP_BIND_ADDRESS_NO_PORT)" },
	{ "udp", NULL, "UDP connect() or send without bind()" },
	{ "bind", "ADDR", "room for bind(ADDR, 0) instead of connect()" },
	{ "v6only", NULL, "with --bind ::, for a socket with IPV6_V6ONLY" },
	{ "port-range", "A-B", "for a socket with IP_LOCAL_PORT_RANGE A-B" },
	{ "at-least", "N", "exit with 1 if fewer than N would succeed" },
	OPTIONS_END,
};

const struct command command_room = {
	.name = "room",
	.summary = "how many further connects to a destination would succeed now",
	.usage = "DST:PORT | --bind ADDR",
	.description =
		"Prints how many further connect() calls to DST:PORT would get a local port, by\n"
		"the kernel's own rules, and one line why. Nothing is sent.",
	.options = options_of_room,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
