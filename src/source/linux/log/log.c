#include "source/log.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/snapshot.h"
#include "source/linux/log/journal.h"
#include "source/linux/log/kmsg.h"
#include "source/linux/reading.h"
#include "system/ending.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/*
 * The kernel's lines are in its own buffer, which has those of this boot that were not overwritten, and most often in the
 * journal, too. Each is taken once: from the journal only what the buffer does not have, which is told by the
 * boot and by the kernel's own time of the line, the same in both.
 *
 * The journal is read backwards, so that it is the oldest that is not looked at if there is too much.
 */
enum { MOST_ENTRIES = 2000000 };

enum { KMSG, JOURNAL };

struct log {
	struct log_request request;
	struct kmsg *kmsg;
	struct journal *journal;
	struct log_report reports[LOG_REPORTS];
	int64_t first_us; /* the oldest line of the kernel's buffer; -1: it has not been read */
	bool overwritten; /* there were older ones */
	uint64_t lost;
};

/* ---- open and close ---- */

static void miss(struct log *log, int which, struct snapshot *snapshot, const char *what,
		 const char *why, const char *remedy)
{
	log->reports[which].why_not = arena_copy(&snapshot->arena, why);
	snapshot_add_gap(snapshot, GAP_SCOPE, -1, what, why, remedy);
}

static void open_kmsg(struct log *log, struct snapshot *snapshot)
{
	int failed;
	bool refused;

	if (log->request.journal) {
		log->reports[KMSG].why_not = _("--journal is read instead");
		return;
	}
	log->kmsg = kmsg_open();
	if (log->kmsg)
		return;
	failed = errno;
	refused = failed == EPERM || failed == EACCES;
	miss(log, KMSG, snapshot, _("the kernel's log"),
	     arena_print(&snapshot->arena, "/dev/kmsg: %s", language_errno(failed)),
	     refused ? reading_unless_root(_("run as root, or with CAP_SYSLOG where "
					     "kernel.dmesg_restrict is 1")) :
		       _("read it on the host, where the kernel's log is"));
}

static int open_journal(struct log *log, struct snapshot *snapshot, struct error *error)
{
	struct error why;

	log->journal = journal_open(log->request.journal, snapshot, &why);
	if (log->journal)
		return 0;
	if (log->request.journal)
		return error_set(error, _("--journal '%s': %s"), log->request.journal,
				 why.text);
	miss(log, JOURNAL, snapshot, _("the journal"), why.text,
	     _("look into the log files of the programs; portroom explain reads a line"));
	return 0;
}

struct log *log_open(const struct log_request *request, struct snapshot *snapshot,
		     struct error *error)
{
	struct log *log = memory_zeroed(1, sizeof *log);

	log->request = *request;
	log->first_us = -1;
	log->reports[KMSG].name = "kmsg";
	log->reports[JOURNAL].name = "journal";
	open_kmsg(log, snapshot);
	if (open_journal(log, snapshot, error)) {
		log_close(log);
		return NULL;
	}
	log->reports[KMSG].used = log->kmsg != NULL;
	log->reports[JOURNAL].used = log->journal != NULL;
	return log;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	kmsg_close(log->kmsg);
	journal_close(log->journal);
	free(log);
}

/* ---- the kernel's ---- */

static void count_line(struct log_report *report, int64_t time_ms)
{
	report->lines++;
	if (!report->oldest_ms || time_ms < report->oldest_ms)
		report->oldest_ms = time_ms;
}

/* What a program has written into /dev/kmsg is not the kernel's: such a line never has facility 0
 * (kernel/printk/printk.c, devkmsg_write()). */
static void read_kmsg(struct log *log)
{
	struct kmsg_record record;

	while (kmsg_next(log->kmsg, &record, &log->lost)) {
		struct log_line line = {
			.origin = LOG_KERNEL,
			.time_ms = kmsg_time_ms(record.microseconds),
			.text = record.text,
		};

		if (log->first_us < 0) {
			log->first_us = record.microseconds;
			log->overwritten = record.sequence > 0;
		}
		if (line.time_ms < log->request.since_ms || record.facility)
			continue;
		count_line(&log->reports[KMSG], line.time_ms);
		if (log->request.wants(log->request.context, LOG_KERNEL, record.text))
			log->request.take(log->request.context, &line);
	}
}

/* ---- the journal's ---- */

/* Whether the kernel's own buffer had it. */
static bool is_known(const struct log *log, int64_t microseconds)
{
	return log->kmsg && log->first_us >= 0 && microseconds >= log->first_us;
}

static void take_entry(struct log *log, int64_t time_ms)
{
	struct log_line line = { .origin = LOG_JOURNAL, .time_ms = time_ms };
	struct arena arena = { 0 };
	struct process process;
	int64_t microseconds;
	bool program, kernel;

	line.text = journal_text(log->journal);
	if (!line.text)
		return;
	program = log->request.wants(log->request.context, LOG_JOURNAL, line.text);
	kernel = log->request.wants(log->request.context, LOG_KERNEL, line.text);
	if (!program && !kernel)
		return;
	if (journal_is_kernel(log->journal, &microseconds)) {
		line.origin = LOG_KERNEL;
		if (kernel && !is_known(log, microseconds))
			log->request.take(log->request.context, &line);
		return;
	}
	if (!program)
		return;
	journal_process(log->journal, &arena, &process);
	line.process = &process;
	log->request.take(log->request.context, &line);
	arena_free(&arena);
}

static void miss_older(struct snapshot *snapshot, const char *why, const char *remedy)
{
	snapshot_add_gap(snapshot, GAP_SCOPE, -1, _("older entries of the journal"), why,
			 remedy);
}

static void read_journal(struct log *log, struct snapshot *snapshot)
{
	struct log_report *report = &log->reports[JOURNAL];
	int found;

	while ((found = journal_step_back(log->journal)) > 0) {
		int64_t time_ms = journal_time_ms(log->journal);

		if (time_ms < log->request.since_ms)
			break;
		if (report->lines == MOST_ENTRIES) {
			miss_older(snapshot, _("there are more than 2,000,000 since then"),
				   _("give a later --since"));
			break;
		}
		count_line(report, time_ms);
		take_entry(log, time_ms);
	}
	if (found < 0)
		miss_older(snapshot, language_errno(-found), NULL);
	if (log->request.follow)
		journal_rewind(log->journal);
}

/* ---- both ---- */

static void tell_lost(struct log *log, struct snapshot *snapshot)
{
	uint64_t lost = log_take_lost(log);
	char count[32];

	if (lost)
		snapshot_add_gap(
			snapshot, GAP_SCOPE, -1,
			arena_print(&snapshot->arena,
				    P_("%s line of the kernel's log",
				       "%s lines of the kernel's log", (unsigned long)lost),
				    text_grouped(count, lost)),
			_("overwritten before they could be read"), NULL);
}

/* The journal has what the kernel's buffer has not. */
static void tell_reach(const struct log *log, struct snapshot *snapshot)
{
	if (!log->kmsg || log->journal || log->first_us < 0 ||
	    kmsg_time_ms(log->first_us) <= log->request.since_ms)
		return;
	snapshot_add_gap(snapshot, GAP_SCOPE, -1, _("older lines of the kernel's log"),
			 log->overwritten ? _("its buffer has no room for them") :
					    _("it begins with the boot"),
			 _("a journal would keep them"));
}

void log_read(struct log *log, struct snapshot *snapshot)
{
	if (log->kmsg)
		read_kmsg(log);
	if (log->journal)
		read_journal(log, snapshot);
	tell_lost(log, snapshot);
	tell_reach(log, snapshot);
}

void log_read_new(struct log *log)
{
	if (log->kmsg)
		read_kmsg(log);
	while (log->journal && journal_step_forward(log->journal)) {
		int64_t time_ms = journal_time_ms(log->journal);

		count_line(&log->reports[JOURNAL], time_ms);
		take_entry(log, time_ms);
	}
}

void log_wait(struct log *log, const struct ending *ending, int timeout_ms)
{
	struct pollfd descriptors[3];
	nfds_t count = 0;

	descriptors[count++] =
		(struct pollfd){ .fd = (int)ending_handle(ending), .events = POLLIN };
	if (log->kmsg)
		descriptors[count++] =
			(struct pollfd){ .fd = kmsg_descriptor(log->kmsg), .events = POLLIN };
	if (log->journal && journal_descriptor(log->journal) >= 0)
		descriptors[count++] = (struct pollfd){ .fd = journal_descriptor(log->journal),
							.events = POLLIN };
	(void)poll(descriptors, count, timeout_ms);
}

uint64_t log_take_lost(struct log *log)
{
	uint64_t lost = log->lost;

	log->lost = 0;
	return lost;
}

const struct log_report *log_reports(const struct log *log)
{
	return log->reports;
}
