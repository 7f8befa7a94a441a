#include "command/filter.h"

#include "base/language.h"
#include "base/text.h"
#include "snapshot/failure.h"

#include <stdio.h>
#include <string.h>

const char *filter_state_words(unsigned index)
{
	return index < SOCKET_STATE_COUNT ? socket_state_name((enum socket_state)index) : NULL;
}

static int take_states(struct filter *filter, const char *value, struct error *error)
{
	const char *names[SOCKET_STATE_COUNT + 1] = { NULL };
	const char *nearest;

	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		names[state] = socket_state_name(state);
	while (true) {
		size_t length = strcspn(value, ",");
		char word[32];
		int state = 0;

		snprintf(word, sizeof word, "%.*s", (int)length, value);
		for (char *c = word; *c; c++)
			*c = *c == '-' ? '_' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		while (state < SOCKET_STATE_COUNT && strcmp(word, names[state]))
			state++;
		if (state == SOCKET_STATE_COUNT) {
			nearest = text_nearest(word, names);
			if (nearest)
				return error_set(
					error,
					_("--state '%.*s' is no state; did you mean %s?"),
					(int)length, value, nearest);
			return error_set(
				error,
				_("--state '%.*s' is no state; there are established, "
				  "time_wait, bound and so on"),
				(int)length, value);
		}
		filter->states |= UINT32_C(1) << state;
		if (!value[length])
			return 1;
		value += length + 1;
	}
}

static int take_address(struct address *address, const char *name, const char *value,
			struct error *error)
{
	if (address_parse(value, address))
		return 1;
	return error_set(error,
			 _("--%s '%s' is not an IP address; write it as 10.0.0.5 or ::1"),
			 name, value);
}

static int take_number(int64_t *number, const char *name, const char *value, uint64_t max,
		       struct error *error)
{
	uint64_t read;

	if (!text_to_number(value, max, &read) || !read)
		return error_set(error, _("--%s '%s' is not a number from 1 to %llu"), name,
				 value, (unsigned long long)max);
	*number = (int64_t)read;
	return 1;
}

int filter_take(struct filter *filter, const char *name, const char *value,
		struct error *error)
{
	struct {
		const char *name, **text;
	} texts[] = {
		{ "process", &filter->process },
		{ "user", &filter->user },
		{ "unit", &filter->unit },
		{ "container", &filter->container },
	};
	int64_t port = 0;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (!strcmp(name, texts[i].name)) {
			if (!*value)
				return error_set(error,
						 _("--%s needs a value that is not empty"),
						 name);
			*texts[i].text = value;
			return 1;
		}
	if (!strcmp(name, "state"))
		return take_states(filter, value, error);
	if (!strcmp(name, "pid"))
		return take_number(&filter->pid, name, value, INT32_MAX, error);
	if (!strcmp(name, "src"))
		return take_address(&filter->local, name, value, error);
	if (!strcmp(name, "dst"))
		return take_address(&filter->remote, name, value, error);
	if (!strcmp(name, "tcp"))
		return filter->tcp = true;
	if (!strcmp(name, "udp"))
		return filter->udp = true;
	if (strcmp(name, "port"))
		return 0;
	if (take_number(&port, name, value, 65535, error) < 0)
		return -1;
	filter->port = (uint32_t)port;
	return 1;
}

static bool match_user(const char *wanted, const struct process *process,
		       const struct socket_record *record)
{
	uint64_t number;

	if (text_to_number(wanted, UINT32_MAX, &number))
		return process ? process->user == (int64_t)number :
				 record->inode && record->user == number;
	return process && process->user_name && !strcmp(process->user_name, wanted);
}

/* The kernel keeps 15 bytes of a name; who types all of it means the same program. */
static bool match_name(const char *wanted, const char *name)
{
	enum { KEPT = 15 };

	if (strlen(wanted) > KEPT && strlen(name) == KEPT)
		return !strncmp(wanted, name, KEPT);
	return !strcmp(wanted, name);
}

/* Without ".service" it is one all the same, as for systemctl. */
static bool match_unit(const char *wanted, const char *unit)
{
	size_t length = strlen(wanted);

	return !strncmp(unit, wanted, length) &&
	       (!unit[length] || !strcmp(unit + length, ".service"));
}

static bool match_process(const struct filter *filter, const struct process *process)
{
	if (filter->pid && (!process || process->pid != filter->pid))
		return false;
	if (filter->process &&
	    (!process || !process->name || !match_name(filter->process, process->name)))
		return false;
	if (filter->unit &&
	    (!process || !process->unit || !match_unit(filter->unit, process->unit)))
		return false;
	return !filter->container ||
	       (process && process->container &&
		!strncmp(process->container, filter->container, strlen(filter->container)));
}

bool filter_is_empty(const struct filter *filter)
{
	return !filter->states && !filter->tcp && !filter->udp && !filter->user &&
	       !filter->local.family && !filter->remote.family && !filter->port &&
	       !filter_needs_owners(filter);
}

bool filter_needs_owners(const struct filter *filter)
{
	return filter->pid || filter->process || filter->unit || filter->container;
}

bool filter_match(const struct filter *filter, const struct process *process,
		  const struct socket_record *record)
{
	if ((filter->tcp || filter->udp) &&
	    !(record->protocol == PROTOCOL_TCP ? filter->tcp : filter->udp))
		return false;
	if (filter->states && !(filter->states >> record->state & 1))
		return false;
	if (filter->local.family && !address_equal(&filter->local, &record->local))
		return false;
	if (filter->remote.family && !address_equal(&filter->remote, &record->remote))
		return false;
	if (filter->port && filter->port != record->local_port &&
	    filter->port != record->remote_port)
		return false;
	if (filter->user && !match_user(filter->user, process, record))
		return false;
	return match_process(filter, process);
}

bool filter_match_failure(const struct filter *filter, const struct failure *failure)
{
	struct socket_record record = {
		.protocol = failure->protocol,
		.local = failure->source,
		.local_port = failure->source_port,
		.remote = failure->destination,
		.remote_port = failure->port,
	};

	if (!failure->protocol_known)
		record.protocol = filter->udp ? PROTOCOL_UDP : PROTOCOL_TCP;
	return filter_match(filter, failure->process, &record);
}
