#include "base/language.h"
#include "diagnosis/handle_marks.h"
#include "diagnosis/remedy.h"
#include "diagnosis/strength.h"

#include <string.h>

/*
 * Microsoft's marks for handles are suspicions: many programs have as many for good reason. What makes one a warning is that the
 * handles are sockets, or that the ports of the process grow.
 */
enum { SOCKETS_PERCENT = 20, GREW_LEAST = 100, GREW_TIMES = 2 };

/* What of it serves clients needs no port of the dynamic range; the rest does. */
struct owned {
	int64_t inbound, outbound; /* sockets that are listed */
};

static struct owned count_owned(const struct snapshot *snapshot, uint32_t process)
{
	struct owned owned = { 0, 0 };

	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.owner_kind != OWNER_PROCESS || holding->key.owner != process)
			continue;
		if (holding->key.inbound || holding->key.state == SOCKET_LISTEN)
			owned.inbound += holding->sockets;
		else
			owned.outbound += holding->sockets;
	}
	return owned;
}

static int64_t range_size(const struct windows *windows)
{
	struct port_range range = windows_range_at(windows, PROTOCOL_TCP, FAMILY_IPV4)->range;

	return port_range_known(range) ? range.last - range.first + 1 : 0;
}

/* Sockets that may each have a port of the range: as handles they count even where no listing shows them. */
static int64_t count_drawing(const struct process *process, struct owned owned)
{
	if (process->socket_descriptors < 0)
		return owned.outbound;
	return process->socket_descriptors > owned.inbound ?
		       process->socket_descriptors - owned.inbound :
		       0;
}

static const struct series_share *share_of(const struct series_point *point, int32_t pid)
{
	for (size_t i = 0; i < point->share_count; i++)
		if (point->shares[i].pid == pid)
			return &point->shares[i];
	return NULL;
}

static bool is_same_listing(const struct series_point *a, const struct series_point *b)
{
	return a->what == b->what || (a->what && b->what && !strcmp(a->what, b->what));
}

/* From the first listing of the kind of the last to that; -1: it was not in both. */
static int64_t growth_of(const struct snapshot *snapshot, int32_t pid, int64_t *from)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	const struct series_point *last =
		facts->point_count ? &facts->points[facts->point_count - 1] : NULL;
	const struct series_share *then, *now = last ? share_of(last, pid) : NULL;

	for (size_t i = 0; now && i + 1 < facts->point_count; i++) {
		if (!is_same_listing(&facts->points[i], last))
			continue;
		then = share_of(&facts->points[i], pid);
		if (!then)
			return -1;
		*from = then->ports;
		return (int64_t)now->ports - then->ports;
	}
	return -1;
}

static const char *handles(struct diagnosis *diagnosis, int64_t count)
{
	return arena_print(&diagnosis->arena,
			   P_("%s handle", "%s handles", (unsigned long)count),
			   words_count(diagnosis, (uint64_t)count));
}

static void describe(struct diagnosis *diagnosis, struct finding *finding, uint32_t index,
		     int64_t drawing)
{
	const struct process *process = &diagnosis->snapshot->processes[index];
	const char *sockets = "";

	if (process->socket_descriptors >= 0)
		sockets = arena_print(
			&diagnosis->arena, _(", %s of them sockets"),
			words_count(diagnosis, (uint64_t)process->socket_descriptors));
	finding->culprit = index;
	finding->subject = arena_print(&diagnosis->arena, "handles of %s, pid %d",
				       process->name ? process->name : "?", process->pid);
	finding->title = arena_print(&diagnosis->arena, _("%s has %s open%s"),
				     words_process(diagnosis, index),
				     handles(diagnosis, process->descriptors), sockets);
	strength_add_source(finding, (int64_t)process->descriptors_from - 1);
	rule_add_evidence(finding, "handles", process->descriptors, "handles");
	if (process->socket_descriptors >= 0)
		rule_add_evidence(finding, "sockets", process->socket_descriptors, "handles");
	rule_add_evidence(finding, "outbound_sockets", drawing, "sockets");
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct process *process)
{
	rule_add_remedy(
		finding,
		remedy_aside(
			_("look which type of handle grows: what only grows is a leak"),
			arena_print(&diagnosis->arena, "handle.exe -s -p %d", process->pid)));
	remedy_windows_end(diagnosis, finding, NULL, finding->culprit);
	remedy_windows_close(finding);
	remedy_windows_useless(finding, false);
}

static void warn(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index,
		 int64_t drawing, const char *reason)
{
	struct finding *finding = rule_add_finding(diagnosis, rule, 0, SEVERITY_WARNING);

	describe(diagnosis, finding, index, drawing);
	finding->reason = reason;
	add_remedies(diagnosis, finding, &diagnosis->snapshot->processes[index]);
}

static void remark(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index,
		   int64_t drawing)
{
	bool too_many =
		diagnosis->snapshot->processes[index].descriptors > HANDLE_MARK_TOO_MANY;
	struct finding *finding = rule_add_remark(diagnosis, rule, 0);

	describe(diagnosis, finding, index, drawing);
	finding->reason =
		too_many ?
			_("more than 10,000 are a leak more often than not, but few of these "
			  "are known to be sockets, and none is seen to grow: look again "
			  "later whether there are more") :
			_("more than 3,000 are worth a look, but few of these are known to "
			  "be sockets, and none is seen to grow: look again later whether "
			  "there are more");
}

static void judge(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct process *process = &snapshot->processes[index];
	int64_t drawing = count_drawing(process, count_owned(snapshot, index));
	int64_t size = range_size(snapshot->windows), from = 0;
	int64_t grew = growth_of(snapshot, process->pid, &from);

	if (size && drawing * 100 >= size * SOCKETS_PERCENT)
		warn(rule, diagnosis, index, drawing,
		     arena_print(&diagnosis->arena,
				 _("%s sockets of it serve no client: each may have one of "
				   "the %s ports of the dynamic range"),
				 words_count(diagnosis, (uint64_t)drawing),
				 words_count(diagnosis, (uint64_t)size)));
	else if (grew >= GREW_LEAST && from + grew >= from * GREW_TIMES)
		warn(rule, diagnosis, index, drawing,
		     arena_print(&diagnosis->arena,
				 _("and its ports grew from %s to %s between the first "
				   "listing and the last"),
				 words_count(diagnosis, (uint64_t)from),
				 words_count(diagnosis, (uint64_t)(from + grew))));
	else
		remark(rule, diagnosis, index, drawing);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	for (uint32_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].descriptors > HANDLE_MARK_MANY &&
		    !handle_marks_except(&snapshot->processes[i]))
			judge(rule, diagnosis, i);
}

const struct rule rule_handles_many = {
	.id = "handles_many",
	.title = N_("a process of Windows has many handles open"),
	.systems = RULE_WINDOWS,
	.check = check,
};
