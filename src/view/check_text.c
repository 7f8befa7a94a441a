#include "view/view.h"

#include "base/text.h"
#include "diagnosis/diagnosis.h"

#include <ctype.h>
#include <string.h>

/*
 * The first screen: verdict and address first, then who, why and what to do, one finding after the
 * other, worst first. Labels stand in a column of ten.
 */

enum { SHARES_SHOWN = 4, FINDINGS_SHOWN = 8 };

static void write_severity(const struct view_style *style, enum severity severity)
{
	static const char *const colours[] = {
		[SEVERITY_OK] = "\033[32m",
		[SEVERITY_UNKNOWN] = "\033[35m",
		[SEVERITY_WARNING] = "\033[33m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};
	const char *name = severity_name(severity);

	fputs(style->colour ? colours[severity] : "", style->out);
	for (size_t i = 0; name[i]; i++)
		fputc(toupper((unsigned char)name[i]), style->out);
	fputs(style->colour ? "\033[0m" : "", style->out);
	fprintf(style->out, "%*s", (int)(10 - strlen(name)), "");
}

static void write_owner(const struct snapshot *snapshot, const struct share *share, FILE *out)
{
	const struct process *process;

	switch (share->owner_kind) {
	case OWNER_PROCESS:
		process = &snapshot->processes[share->process];
		text_write_safe(out, process->name ? process->name : "(ended)");
		fprintf(out, ", pid %d", process->pid);
		if (process->container)
			fprintf(out, ", container %.12s", process->container);
		else if (process->unit) {
			fputs(", ", out);
			text_write_safe(out, process->unit);
		}
		if (process->user_name) {
			fputs(", user ", out);
			text_write_safe(out, process->user_name);
		}
		break;
	case OWNER_NOBODY:
		fputs(share->state == SOCKET_TIME_WAIT ?
			      "no process any more (maker unknown)" :
			      "no process any more",
		      out);
		break;
	case OWNER_UNFOUND:
		fputs("no process that is visible here has it open", out);
		break;
	case OWNER_HIDDEN:
		fprintf(out, "owner not visible (user id %u)", share->user);
		break;
	}
}

static void write_shares(const struct snapshot *snapshot, const struct finding *finding,
			 FILE *out)
{
	unsigned others = 0;
	char count[32];

	for (size_t i = 0; i < finding->share_count; i++) {
		const struct share *share = &finding->shares[i];

		if (i >= SHARES_SHOWN && finding->share_count > SHARES_SHOWN + 1) {
			others += share->ports;
			continue;
		}
		fprintf(out, "  %-6s%8s  %-13s", i ? "" : "who",
			text_grouped(count, share->ports), socket_state_title(share->state));
		write_owner(snapshot, share, out);
		fputc('\n', out);
	}
	if (others)
		fprintf(out, "        %8s  by %zu others\n", text_grouped(count, others),
			finding->share_count - SHARES_SHOWN);
}

/* "[room 0 -> 26,120]"; where the model gives an interval, "[room 0 -> 0 to 26,120]". */
static void write_room(const struct remedy *remedy, FILE *out)
{
	char before[32], least[32], most[32];

	if (remedy->room_after_min < 0 || remedy->room_before < 0)
		return;
	text_grouped(least, (uint64_t)remedy->room_after_min);
	text_grouped(most, (uint64_t)remedy->room_after_max);
	fprintf(out, "  [room %s -> %s", text_grouped(before, (uint64_t)remedy->room_before),
		least);
	if (remedy->room_after_min != remedy->room_after_max)
		fprintf(out, " to %s", most);
	fputc(']', out);
}

static void write_remedy(const struct remedy *remedy, size_t number, FILE *out)
{
	fprintf(out, "  %-6s%zu. ", number == 1 ? "do" : "", number);
	text_write_safe(out, remedy->text);
	write_room(remedy, out);
	fputc('\n', out);
	if (remedy->command) {
		fputs("           ", out);
		text_write_safe(out, remedy->command);
		fputc('\n', out);
	}
	if (remedy->lasts)
		fprintf(out, "           lasts: %s\n", remedy->lasts);
	if (remedy->risk)
		fprintf(out, "           mind: %s\n", remedy->risk);
}

static void write_finding(const struct diagnosis *diagnosis, const struct finding *finding,
			  const struct view_style *style)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	FILE *out = style->out;

	write_severity(style, finding->severity);
	text_write_safe(out, finding->title);
	fputc('\n', out);
	if (snapshot->namespace_count > 1) {
		fputs("  in    network namespace ", out);
		text_write_safe(out, snapshot->namespaces[finding->netns].name);
		fprintf(out, " (%llu)\n",
			(unsigned long long)snapshot->namespaces[finding->netns].inode);
	}
	write_shares(snapshot, finding, out);
	fputs("  why   ", out);
	text_write_safe(out, finding->reason);
	fputc('\n', out);
	for (size_t i = 0; i < finding->remedy_count; i++)
		write_remedy(&finding->remedies[i], i + 1, out);
	for (size_t i = 0; i < finding->useless_count; i++)
		fprintf(out, "  %-6s%s\n", i ? "" : "not", finding->useless[i]);
}

void check_text(const struct diagnosis *diagnosis, const struct view_style *style)
{
	FILE *out = style->out;

	if (!diagnosis->finding_count) {
		write_severity(style, SEVERITY_OK);
		text_write_safe(out, diagnosis->headline);
		fputc('\n', out);
	}
	for (size_t i = 0; i < diagnosis->finding_count && i < FINDINGS_SHOWN; i++)
		write_finding(diagnosis, &diagnosis->findings[i], style);
	if (diagnosis->finding_count > FINDINGS_SHOWN)
		fprintf(out, "and %zu more findings; portroom check --json lists them all\n",
			diagnosis->finding_count - FINDINGS_SHOWN);
	for (size_t i = 0; i < diagnosis->remark_count; i++) {
		fputs("note      ", out);
		if (diagnosis->snapshot->namespace_count > 1) {
			const struct netns *netns =
				&diagnosis->snapshot->namespaces[diagnosis->remarks[i].netns];

			text_write_safe(out, netns->name);
			fprintf(out, " (%llu): ", (unsigned long long)netns->inode);
		}
		text_write_safe(out, diagnosis->remarks[i].title);
		fputs(": ", out);
		text_write_safe(out, diagnosis->remarks[i].reason);
		fputc('\n', out);
	}
	view_text_gaps(diagnosis->snapshot, out);
	if (style->verbose)
		view_text_sources(diagnosis->snapshot, out);
}
