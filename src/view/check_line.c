#include "view/view.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/summary.h"

#include <inttypes.h>
#include <string.h>

/*
 * One line for monitoring systems. Each splits it at characters of its own: '|' begins the
 * performance data, so it may not occur before, nor may anything end the line.
 */

void check_line_write(FILE *out, const char *text)
{
	while (*text) {
		size_t length = text_utf8_length(text);

		if (!length || *text == '|' || *text == '\\' ||
		    text_steers_terminal(text, length)) {
			fputc(*text == '|' || *text == '\\' ? '/' : '?', out);
			text += length ? length : 1;
			continue;
		}
		fwrite(text, 1, length, out);
		text += length;
	}
}

/* The verdict in a sentence, with the culprit, and how much more there is to say. */
static void write_headline(const struct diagnosis *diagnosis, FILE *out)
{
	const struct finding *worst = diagnosis->findings;
	size_t more = diagnosis->finding_count;

	check_line_write(out, diagnosis->headline);
	if (!more)
		return;
	/* What to do about it depends on why nothing is known. */
	if (diagnosis->verdict == SEVERITY_UNKNOWN && worst->reason) {
		fputs(": ", out);
		check_line_write(out, worst->reason);
	}
	if (worst->culprit >= 0) {
		const struct process *process =
			&diagnosis->snapshot->processes[worst->culprit];

		fputs("; ", out);
		check_line_write(out, process->name ? process->name : "?");
		if (process->pid)
			fprintf(out, _(", pid %d"), process->pid);
	}
	if (--more)
		fprintf(out, P_(" (and %zu more finding)", " (and %zu more findings)", more),
			more);
}

struct metric {
	const char *name;
	struct summary_room room;
};

/* Names and their order stay: graphs are kept by them. */
enum { ROOM_METRICS = 4 };

static void room_metrics(const struct summary *summary, struct metric metrics[ROOM_METRICS])
{
	metrics[0] = (struct metric){ "tcp_room", summary->connect };
	metrics[1] = (struct metric){ "tcp_room_unused", summary->unused };
	metrics[2] = (struct metric){ "tcp_bind_room", summary->bind };
	metrics[3] = (struct metric){ "udp_room", summary->udp };
}

/* 'label'=value;warn;crit;min;max. U: not known. */
static void write_performance(const struct diagnosis *diagnosis, FILE *out)
{
	struct summary summary = summary_of(diagnosis);
	struct metric metrics[ROOM_METRICS];

	room_metrics(&summary, metrics);
	for (size_t i = 0; i < ROOM_METRICS; i++) {
		const struct summary_room *room = &metrics[i].room;
		char warning[80], critical[80];

		if (!room->known) {
			fprintf(out, "%s=U ", metrics[i].name);
			continue;
		}
		threshold_print(&diagnosis->policy.warning, room->capacity, warning,
				sizeof warning);
		threshold_print(&diagnosis->policy.critical, room->capacity, critical,
				sizeof critical);
		fprintf(out, "%s=%u;%s;%s;0;%u ", metrics[i].name, room->room, warning,
			critical, room->capacity);
	}
	if (summary.connections < 0)
		fputs("tcp_connections=U tcp_time_wait=U ", out);
	else
		fprintf(out, "tcp_connections=%" PRId64 ";;;0 tcp_time_wait=%" PRId64 ";;;0 ",
			summary.connections, summary.time_wait);
	fprintf(out, "findings=%zu;;;0", diagnosis->finding_count);
}

/* Lines after the first are long output (guidelines, "Plugin Output"): mails and pages show it. A bar
 * would begin more performance data, so a command with one is left to the reader of the verdict. */
static void write_first_remedy(const struct diagnosis *diagnosis, FILE *out)
{
	const struct remedy *remedy;

	if (!diagnosis->finding_count || !diagnosis->findings[0].remedy_count)
		return;
	remedy = &diagnosis->findings[0].remedies[0];
	fputs(_("do: "), out);
	check_line_write(out, remedy->text);
	fputc('\n', out);
	if (remedy->command && !strchr(remedy->command, '|')) {
		fputs("    ", out);
		check_line_write(out, remedy->command);
		fputc('\n', out);
	}
}

void check_plugin(const struct diagnosis *diagnosis, const struct view_style *style)
{
	static const char *const words[] = {
		[SEVERITY_OK] = "OK",
		[SEVERITY_UNKNOWN] = "UNKNOWN",
		[SEVERITY_WARNING] = "WARNING",
		[SEVERITY_CRITICAL] = "CRITICAL",
	};

	fprintf(style->out, "PORTROOM %s - ", words[diagnosis->verdict]);
	write_headline(diagnosis, style->out);
	fputs(" | ", style->out);
	write_performance(diagnosis, style->out);
	fputc('\n', style->out);
	write_first_remedy(diagnosis, style->out);
}

/* "STATUS NAME METRICS TEXT"; metrics are joined by '|', levels for too little stand as "low:". */
void check_checkmk(const struct diagnosis *diagnosis, const struct view_style *style)
{
	static const int statuses[] = {
		[SEVERITY_OK] = 0,
		[SEVERITY_WARNING] = 1,
		[SEVERITY_CRITICAL] = 2,
		[SEVERITY_UNKNOWN] = 3,
	};
	struct summary summary = summary_of(diagnosis);
	struct metric metrics[ROOM_METRICS];

	room_metrics(&summary, metrics);
	fprintf(style->out, "%d portroom ", statuses[diagnosis->verdict]);
	for (size_t i = 0; i < ROOM_METRICS; i++)
		if (metrics[i].room.known)
			fprintf(style->out, "%s=%u;;;0;%u|", metrics[i].name,
				metrics[i].room.room, metrics[i].room.capacity);
	if (summary.connections >= 0)
		fprintf(style->out, "tcp_connections=%" PRId64 "|tcp_time_wait=%" PRId64 "|",
			summary.connections, summary.time_wait);
	fprintf(style->out, "findings=%zu ", diagnosis->finding_count);
	write_headline(diagnosis, style->out);
	fputc('\n', style->out);
}

void check_node_problem(const struct diagnosis *diagnosis, const struct view_style *style)
{
	write_headline(diagnosis, style->out);
	fputc('\n', style->out);
}
