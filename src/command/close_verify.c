#include "command/close_verify.h"

#include "action/probe.h"
#include "command/probe.h"

#include <stdio.h>

enum { MOST_ADDRESSES = 8, VERIFY_MS = 3000 };

int close_verify_take(struct close_verify *verify, const char *text, struct error *error)
{
	size_t length;

	if (!target_parse(&verify->target, text, true, error))
		return 0;
	length = target_name(text, &verify->target.port);
	if (!length)
		return -1;
	snprintf(verify->host, sizeof verify->host, "%.*s", (int)length, text);
	return 0;
}

/* As programs do: whatever address of the name answers. */
static enum probe_outcome try_addresses(const struct address *addresses, size_t count,
					uint16_t port, const char *interface)
{
	struct probe_attempt attempts[MOST_ADDRESSES];

	count = count < MOST_ADDRESSES ? count : MOST_ADDRESSES;
	for (size_t i = 0; i < count; i++)
		attempts[i] = (struct probe_attempt){
			.destination = addresses[i],
			.port = port,
			.protocol = PROTOCOL_TCP,
			.interface = interface,
		};
	probe_run(attempts, count, VERIFY_MS);
	for (size_t i = 0; i < count; i++)
		if (attempts[i].outcome == PROBE_CONNECTED)
			return PROBE_CONNECTED;
	return attempts[0].outcome;
}

static enum probe_outcome try_target(const struct close_verify *verify)
{
	const struct target *target = &verify->target;
	struct probe_name name = { .host = verify->host };
	enum probe_outcome outcome;

	if (!verify->host[0])
		return try_addresses(&target->address, 1, target->port,
				     *target->interface ? target->interface : NULL);
	probe_resolve(&name, 1, VERIFY_MS);
	outcome = name.outcome;
	if (outcome == PROBE_CONNECTED)
		outcome = try_addresses(name.addresses, name.count, target->port, NULL);
	probe_names_free(&name, 1);
	return outcome;
}

struct close_verdict close_verify_try(const struct close_verify *verify)
{
	enum probe_outcome outcome = try_target(verify);

	return (struct close_verdict){ probe_outcome_name(outcome), probe_title(outcome) };
}
