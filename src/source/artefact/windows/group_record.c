#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/records.h"
#include "source/artefact/windows/told_process.h"

#include <string.h>

/*
 * Get-NetTCPConnection | Group-Object -Property State, OwningProcess
 *
 *     Count Name               ProcessName        Group
 *     ----- ----               -----------        -----
 *      2260 Bound, 10684       chrome             {MSFT_NetTCPConnection (InstanceID = "0.0.0.0??58430??0.0.0.0??0"), ...
 *
 * Each group is a number of sockets. The column Group ends in dots and is no listing. Grouped by the pid alone, the name is
 * a number, and of which state they are is known from the command at best.
 */
static bool is_group(const struct record *record, const struct prompt *prompt)
{
	if (!record_has(record, "Count") || !record_has(record, "Name"))
		return false;
	return record_has(record, "Group") || record_has(record, "Values") ||
	       record_has(record, "ProcessName") || prompt->subject == SUBJECT_TCP ||
	       prompt->subject == SUBJECT_UDP;
}

struct group {
	int32_t pid; /* -1: not told */
	bool has_state;
	enum socket_state state;
	uint64_t count;
};

static struct span trimmed(struct span text)
{
	const struct line line = { .text = text.text, .length = text.length };

	return line_trimmed(&line);
}

/* "Bound, 10684", in whichever order; "10684"; "Bound". Dots stand for what was cut off. */
static bool read_name(struct span name, struct group *group)
{
	while (name.length) {
		const char *comma = memchr(name.text, ',', name.length);
		size_t length = comma ? (size_t)(comma - name.text) : name.length;
		struct span part = trimmed((struct span){ name.text, length });
		bool is_cut = !comma && part.length >= 3 &&
			      !memcmp(part.text + part.length - 3, "...", 3);

		if (!group->has_state && prompt_state(part, &group->state) &&
		    part.text[0] > '9')
			group->has_state = true;
		else if (group->pid >= 0 || (!is_cut && !told_process_pid(part, &group->pid)))
			return false;
		length += comma != NULL;
		name = (struct span){ name.text + length, name.length - length };
	}
	return group->has_state || group->pid >= 0;
}

static bool is_udp(const struct records *records, const struct record *record)
{
	struct span group = record_value(record, "Group");

	if (group.length > 256)
		group.length = 256;
	return records->prompt.subject == SUBJECT_UDP || span_has(group, "NetUDPEndpoint");
}

static bool take(struct records *records, struct dossier *dossier, const struct record *record)
{
	struct group group = { .pid = -1 };
	const bool udp = is_udp(records, record);

	if (!record_number(record, "Count", UINT32_MAX, &group.count) ||
	    !read_name(record_value(record, "Name"), &group))
		return false;
	if (udp)
		group.state = SOCKET_UNCONNECTED;
	else if (!group.has_state && records->prompt.state >= 0)
		group.state = (enum socket_state)records->prompt.state;
	else if (!group.has_state) {
		records->passed_over++;
		return true;
	}
	dossier_speaks_for(dossier, FROM_WINDOWS);
	told_process_name(dossier, group.pid, record_value(record, "ProcessName"));
	dossier_add_counted(dossier, group.pid, NULL, udp ? PROTOCOL_UDP : PROTOCOL_TCP,
			    group.state, group.count);
	return true;
}

static void end(struct records *records, struct dossier *dossier)
{
	if (records->passed_over)
		dossier_note(
			dossier,
			_("groups without their state tell nothing: group by State and OwningProcess"));
}

const struct record_kind record_kind_groups = {
	.name = "Group-Object",
	.is = is_group,
	.take = take,
	.end = end,
	.used_for = N_("counts"),
};
