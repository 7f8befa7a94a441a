#include "view/view.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "view/command_line.h"
#include "view/evidence.h"
#include "view/layout.h"
#include "view/trend.h"

#include <stdlib.h>
#include <string.h>

/*
 * The first screen: verdict and address first, then who, why and what to do, one finding after the
 * other, worst first. Labels stand in a column of ten, text beside it.
 */
enum { SHARES_SHOWN = 4, FINDINGS_SHOWN = 8, ALIKE_SHOWN = 8, LABEL_COLUMNS = 10 };

/* What is needed to write one screen; its text lives until the screen is written. */
struct screen {
	const struct diagnosis *diagnosis;
	const struct snapshot *snapshot;
	const struct view_style *style;
	struct arena arena;
	bool *told; /* per finding */
};

/* The verdict's word is a label in colour: the text begins beside it. */
static void write_verdict(const struct view_style *style, enum severity severity,
			  const char *text)
{
	unsigned at = view_text_severity(style, severity);

	layout_paragraph(style, at, LABEL_COLUMNS, text);
}

static const char *process_text(struct screen *screen, const struct process *process)
{
	if (!process->pid)
		return arena_print(&screen->arena, _("%s, in another pid namespace"),
				   process->name ? process->name : _("a process"));
	return arena_print(&screen->arena, _("%s, pid %d"), process_title(process),
			   process->pid);
}

/* Through source NAT the maker is at least known by its address. */
static const char *maker_text(struct screen *screen, const struct share *share)
{
	char address[ADDRESS_TEXT_SIZE];

	if (!share->from.family)
		return _("further addresses");
	address_print(address, &share->from);
	if (share->state == SOCKET_TIME_WAIT)
		return arena_print(&screen->arena, _("%s, no process any more"), address);
	if (share->owner_kind == OWNER_UNFOUND && share->state == SOCKET_STATE_COUNT)
		return arena_print(&screen->arena,
				   _("%s, no address of a namespace seen here"), address);
	if (share->owner_kind == OWNER_NOBODY)
		return arena_print(&screen->arena, _("%s, no socket any more"), address);
	return arena_print(&screen->arena, _("%s, owner not visible"), address);
}

static const char *owner_text(struct screen *screen, const struct share *share)
{
	const struct process *process;
	const char *text;

	if (share->owner_kind != OWNER_PROCESS &&
	    (share->from.family || share->state == SOCKET_STATE_COUNT))
		return maker_text(screen, share);
	switch (share->owner_kind) {
	case OWNER_NOBODY:
		return share->state == SOCKET_TIME_WAIT ?
			       _("no process any more (maker unknown)") :
			       _("no process any more");
	case OWNER_UNFOUND:
		return _("no process that is visible here has it open");
	case OWNER_HIDDEN:
		return arena_print(&screen->arena, _("owner not visible (user id %u)"),
				   share->user);
	default:
		break;
	}
	process = &screen->snapshot->processes[share->process];
	text = process_text(screen, process);
	if (share->owner_kind == OWNER_INFERRED)
		text = arena_print(&screen->arena, _("likely %s"), text);
	if (process->ended)
		text = arena_print(&screen->arena, _("%s (has ended)"), text);
	if (process->container)
		text = arena_print(&screen->arena, _("%s, container %.12s"), text,
				   process->container);
	else if (process->unit)
		text = arena_print(&screen->arena, _("%s, %s"), text, process->unit);
	if (process->user_name)
		text = arena_print(&screen->arena, _("%s, user %s"), text, process->user_name);
	return text;
}

/* "  who     26,120  TIME_WAIT    pgbench, pid 812" */
static void write_share(struct screen *screen, const char *label, unsigned ports,
			const char *state, const char *owner)
{
	enum { COUNT_END = 16, OWNER_COLUMN = 31 };
	unsigned used = text_width(label);
	char count[32];

	text_grouped(count, ports);
	label = arena_print(&screen->arena, "%s%*s  %s", label,
			    used < COUNT_END ? (int)(COUNT_END - used) : 9, count, state);
	layout_item(screen->style, label, OWNER_COLUMN, owner, NULL);
}

static void write_shares(struct screen *screen, const struct finding *finding)
{
	unsigned others = 0;
	const char *label = _("  who");

	for (size_t i = 0; i < finding->share_count; i++) {
		const struct share *share = &finding->shares[i];

		if (i >= SHARES_SHOWN && finding->share_count > SHARES_SHOWN + 1) {
			others += share->ports;
			continue;
		}
		write_share(screen, i ? "" : label, share->ports,
			    share->state == SOCKET_STATE_COUNT ?
				    "" :
				    socket_state_title(share->state),
			    owner_text(screen, share));
	}
	if (others)
		write_share(screen, "", others, "",
			    arena_print(&screen->arena, _("by %zu others"),
					finding->share_count - SHARES_SHOWN));
}

/* Windows has no packages: what a program is part of is a product. */
static const char *print_package(struct screen *screen, const struct process *process)
{
	if (screen->snapshot->windows)
		return process->version ? arena_print(&screen->arena, _("%s, version %s"),
						      process->package, process->version) :
					  process->package;
	return process->version ?
		       arena_print(&screen->arena, _("package %s %s"), process->package,
				   process->version) :
		       arena_print(&screen->arena, _("package %s"), process->package);
}

/* Which program it is, and whom to ask about it: the step "contact the vendor". Who packaged an
 * interpreter has nothing to do with the script that it runs. */
static void write_program(struct screen *screen, const struct finding *finding)
{
	const struct process *process;
	const char *text;

	if (finding->culprit < 0)
		return;
	process = &screen->snapshot->processes[finding->culprit];
	text = command_line_of_script(&screen->arena, process);
	if (text) {
		if (finding->share_count > 1)
			text = arena_print(&screen->arena, _("pid %d: %s"), process->pid,
					   text);
		layout_cut(screen->style, LABEL_COLUMNS, text);
		return;
	}
	if (!process->package)
		return;
	text = print_package(screen, process);
	if (process->vendor)
		text = arena_print(&screen->arena, _("%s, from %s"), text, process->vendor);
	layout_item(screen->style, "", LABEL_COLUMNS, text, NULL);
}

/* "room 0 -> 26,120"; where the model gives an interval, "room 0 -> 0 to 26,120". */
static const char *room_change(struct screen *screen, const struct remedy *remedy)
{
	char before[32], least[32], most[32];

	if (remedy->room_after_min < 0 || remedy->room_before < 0)
		return NULL;
	text_grouped(before, (uint64_t)remedy->room_before);
	text_grouped(least, (uint64_t)remedy->room_after_min);
	text_grouped(most, (uint64_t)remedy->room_after_max);
	if (remedy->room_after_min == remedy->room_after_max)
		return arena_print(&screen->arena, _("room %s -> %s"), before, least);
	return arena_print(&screen->arena, _("room %s -> %s to %s"), before, least, most);
}

static void write_remedy(struct screen *screen, const struct remedy *remedy, size_t number)
{
	enum { TEXT_COLUMN = LABEL_COLUMNS + 3 };
	const struct view_style *style = screen->style;
	const char *label = number == 1 ? _("  do") : "";

	label = arena_print(&screen->arena, "%s%*s%zu.", label,
			    (int)(LABEL_COLUMNS - text_width(label)), "", number);
	layout_item(style, label, TEXT_COLUMN, remedy->text, room_change(screen, remedy));
	if (remedy->directive)
		layout_item(style, "", TEXT_COLUMN, remedy->directive, NULL);
	if (remedy->command)
		layout_command(style, TEXT_COLUMN, remedy->command);
	if (remedy->lasts)
		layout_item(style, "", TEXT_COLUMN,
			    arena_print(&screen->arena, _("lasts: %s"), remedy->lasts), NULL);
	if (remedy->risk)
		layout_item(style, "", TEXT_COLUMN,
			    arena_print(&screen->arena, _("mind: %s"), remedy->risk), NULL);
}

static const char *namespace_text(struct screen *screen, uint32_t index)
{
	const struct netns *netns = &screen->snapshot->namespaces[index];

	return arena_print(&screen->arena, _("%s (%llu)"), netns->name,
			   (unsigned long long)netns->inode);
}

static bool uses_sysctl(const struct finding *finding)
{
	for (size_t i = 0; i < finding->remedy_count; i++)
		if (finding->remedies[i].command &&
		    strstr(finding->remedies[i].command, "sysctl -w"))
			return true;
	return false;
}

/* Who has most of it: nobody is to be blamed, but that may be two different crowds. */
static bool same_owner(const struct finding *a, const struct finding *b)
{
	const struct share *first = a->shares, *second = b->shares;

	if (!a->share_count || !b->share_count)
		return a->share_count == b->share_count;
	return first->owner_kind == second->owner_kind &&
	       (!owner_is_process(first->owner_kind) || first->process == second->process);
}

/* One cause, seen several times: the same is to be said of both. */
static bool is_same_cause(const struct finding *a, const struct finding *b)
{
	return a->severity == b->severity && a->netns == b->netns &&
	       a->culprit == b->culprit && !strcmp(a->rule, b->rule) &&
	       (a->culprit >= 0 || same_owner(a, b));
}

/* The titles of those that are like findings[first], which are marked as told. */
static void write_alike(struct screen *screen, size_t first)
{
	const struct diagnosis *diagnosis = screen->diagnosis;
	size_t count = 0;

	for (size_t i = first + 1; i < diagnosis->finding_count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (screen->told[i] || !is_same_cause(finding, &diagnosis->findings[first]))
			continue;
		screen->told[i] = true;
		if (count++ < ALIKE_SHOWN)
			layout_item(screen->style, count == 1 ? _("  also") : "",
				    LABEL_COLUMNS, finding->title, NULL);
	}
	if (count <= ALIKE_SHOWN)
		return;
	count -= ALIKE_SHOWN;
	layout_item(screen->style, "", LABEL_COLUMNS,
		    arena_print(&screen->arena,
				P_("and %zu more like this", "and %zu more like these", count),
				count),
		    NULL);
}

enum { SOURCES_SHOWN = 4 };

/* The files or logs that it rests on, and how strong that is: of a live machine its own log alone. */
static const char *sources_text(struct screen *screen, const struct finding *finding)
{
	const struct evidence_facts *facts = &screen->snapshot->evidence;
	size_t more = 0, shown = 0;
	const char *text = NULL;

	for (size_t i = 0; i < finding->source_count; i++) {
		const char *name;

		if (evidence_file_is_among(facts, finding->sources[i], finding->sources, i))
			continue;
		if (shown++ >= SOURCES_SHOWN) {
			more++;
			continue;
		}
		name = evidence_file(facts, finding->sources[i], &screen->arena);
		text = text ? arena_print(&screen->arena, _("%s, %s"), text, name) : name;
	}
	if (more)
		text = arena_print(&screen->arena,
				   P_("%s and %zu more", "%s and %zu more", more), text, more);
	return text;
}

static void write_sources(struct screen *screen, const struct finding *finding)
{
	const char *text = sources_text(screen, finding);

	if (!text)
		return;
	if (finding->strength != STRENGTH_NONE)
		text = arena_print(&screen->arena, _("%s: %s"), text,
				   _(strength_title(finding->strength)));
	layout_item(screen->style, _("  from"), LABEL_COLUMNS, text, NULL);
}

static void write_finding(struct screen *screen, size_t index)
{
	const struct finding *finding = &screen->diagnosis->findings[index];
	const struct view_style *style = screen->style;

	screen->told[index] = true;
	write_verdict(style, finding->severity, finding->title);
	write_alike(screen, index);
	if (screen->snapshot->namespace_count > 1)
		layout_item(style, _("  in"), LABEL_COLUMNS,
			    arena_print(&screen->arena, _("network namespace %s"),
					namespace_text(screen, finding->netns)),
			    NULL);
	write_shares(screen, finding);
	write_program(screen, finding);
	layout_item(style, _("  why"), LABEL_COLUMNS, finding->reason, NULL);
	if (finding->forecast)
		layout_item(style, _("  pace"), LABEL_COLUMNS, finding->forecast, NULL);
	write_sources(screen, finding);
	for (size_t i = 0; i < finding->remedy_count; i++)
		write_remedy(screen, &finding->remedies[i], i + 1);
	if (uses_sysctl(finding))
		layout_item(style, "", LABEL_COLUMNS,
			    _("what sysctl -w sets lasts until the next boot; a file in "
			      "/etc/sysctl.d keeps it"),
			    NULL);
	for (size_t i = 0; i < finding->useless_count; i++)
		layout_item(style, i ? "" : _("  not"), LABEL_COLUMNS, finding->useless[i],
			    NULL);
}

static void write_remark(struct screen *screen, const struct finding *remark)
{
	const char *text =
		arena_print(&screen->arena, _("%s: %s"), remark->title, remark->reason);

	if (screen->snapshot->namespace_count > 1)
		text = arena_print(&screen->arena, _("%s: %s"),
				   namespace_text(screen, remark->netns), text);
	layout_item(screen->style, _("note"), LABEL_COLUMNS, text, NULL);
	write_sources(screen, remark);
	for (size_t i = 0; i < remark->remedy_count; i++)
		if (remark->remedies[i].command)
			layout_command(screen->style, LABEL_COLUMNS,
				       remark->remedies[i].command);
}

static const char *severity_count(struct screen *screen, enum severity severity, size_t count)
{
	if (severity == SEVERITY_CRITICAL)
		return arena_print(&screen->arena, P_("%zu critical", "%zu critical", count),
				   count);
	if (severity == SEVERITY_WARNING)
		return arena_print(&screen->arena, P_("%zu warning", "%zu warnings", count),
				   count);
	return arena_print(&screen->arena, P_("%zu unknown", "%zu unknown", count), count);
}

/* Before the first of them: the verdict, how many there are, whether one process is behind all. */
static void write_overview(struct screen *screen)
{
	static const enum severity worst_first[] = { SEVERITY_CRITICAL, SEVERITY_WARNING,
						     SEVERITY_UNKNOWN };
	const struct diagnosis *diagnosis = screen->diagnosis;
	const struct finding *findings = diagnosis->findings;
	const char *text = NULL;
	bool one_culprit = findings[0].culprit >= 0;

	for (size_t k = 0; k < sizeof worst_first / sizeof worst_first[0]; k++) {
		const char *part;
		size_t count = 0;

		for (size_t i = 0; i < diagnosis->finding_count; i++)
			count += findings[i].severity == worst_first[k];
		if (!count)
			continue;
		part = severity_count(screen, worst_first[k], count);
		text = text ? arena_print(&screen->arena, _("%s, %s"), text, part) : part;
	}
	for (size_t i = 1; i < diagnosis->finding_count; i++)
		one_culprit &= findings[i].culprit == findings[0].culprit;
	text = arena_print(
		&screen->arena,
		P_("%zu finding (%s)", "%zu findings (%s)", diagnosis->finding_count),
		diagnosis->finding_count, text);
	if (one_culprit)
		text = arena_print(
			&screen->arena, _("%s, one culprit: %s"), text,
			process_text(screen,
				     &screen->snapshot->processes[findings[0].culprit]));
	write_verdict(screen->style, diagnosis->verdict, text);
}

/* Up to so many, each with those that have the same cause. */
static void write_findings(struct screen *screen)
{
	const struct diagnosis *diagnosis = screen->diagnosis;
	size_t shown = 0, untold = 0;

	if (diagnosis->finding_count > 1)
		write_overview(screen);
	for (size_t i = 0; i < diagnosis->finding_count; i++) {
		if (screen->told[i])
			continue;
		if (shown++ < FINDINGS_SHOWN)
			write_finding(screen, i);
		else
			untold++;
	}
	if (untold)
		layout_item(screen->style, "", 0,
			    arena_print(&screen->arena,
					_("and %zu more findings; portroom check --json lists "
					  "them all"),
					untold),
			    NULL);
}

void check_text(const struct diagnosis *diagnosis, const struct view_style *style)
{
	struct screen screen = {
		.diagnosis = diagnosis,
		.snapshot = diagnosis->snapshot,
		.style = style,
	};

	if (!diagnosis->finding_count)
		write_verdict(style, SEVERITY_OK, diagnosis->headline);
	screen.told = memory_zeroed(diagnosis->finding_count, sizeof *screen.told);
	write_findings(&screen);
	free(screen.told);
	if (diagnosis->ignored_count)
		layout_item(style, _("ignored"), LABEL_COLUMNS,
			    arena_print(&screen.arena,
					P_("%zu finding, by --ignore or the configuration "
					   "file: %s",
					   "%zu findings, by --ignore or the configuration "
					   "file; the first: %s",
					   diagnosis->ignored_count),
					diagnosis->ignored_count, diagnosis->ignored[0].title),
			    NULL);
	for (size_t i = 0; i < diagnosis->remark_count; i++)
		write_remark(&screen, &diagnosis->remarks[i]);
	trend_text(diagnosis, style, LABEL_COLUMNS);
	view_text_gaps(diagnosis->snapshot, style);
	if (style->verbose)
		view_text_sources(diagnosis->snapshot, style);
	arena_free(&screen.arena);
}
