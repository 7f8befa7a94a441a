#include "base/language.h"
#include "source/linux/nat/nat.h"
#include "source/linux/netns/facts.h"
#include "source/linux/netns/settings_bpf.h"
#include "source/linux/proc_file.h"
#include "source/linux/process/foreign_socket.h"
#include "source/linux/process/runtime.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/choice.h"
#include "source/linux/sockets/iterators.h"
#include "source/linux/sockets/pass.h"
#include "source/linux/watch/ledger_maker.h"
#include "source/linux/watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * First who has which socket open, then each namespace in turn: its settings, its sockets, and the kind of
 * the ports whose kind the dump leaves open. Where a pass by BPF reads all sockets at once, the
 * namespaces are entered for their settings only. Sockets are matched to their owners as they come, so
 * nothing is kept per socket.
 */

static void describe_namespace(struct reading *reading)
{
	reading->netns = namespaces_describe(reading->snapshot, &reading->namespaces,
					     reading->entry, reading->proc);
}

static void read_namespace(struct reading *reading)
{
	size_t first_holding = reading->snapshot->holding_count;

	describe_namespace(reading);
	facts_read(reading);
	sockets_read(reading);
	kinds_settle(reading, first_holding);
}

static void skip_namespace(struct reading *reading, int failed)
{
	bool refused = failed == EPERM || failed == EACCES;
	const char *what =
		arena_print(&reading->snapshot->arena, _("network namespace %llu (%s)"),
			    (unsigned long long)reading->entry->inode, reading->entry->path);
	const char *why = refused ? _("no privilege to enter it (CAP_SYS_ADMIN)") :
			  failed == ENOENT || failed == ESTALE ?
				    _("it went away while being read") :
				    language_errno(failed);

	snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1, what, why,
			 refused ? reading_unless_root(_("run as root")) : NULL);
}

/* Every pid namespace has a process 1. With hidepid=2 (proc(5)) those of others are as if they were not:
 * none refuses to be read. */
static bool hides_processes(const struct reading *reading)
{
	struct stat status;

	return !reading->request->root && fstatat(reading->proc, "1", &status, 0) &&
	       errno == ENOENT;
}

static void find_owners(struct reading *reading)
{
	struct descriptors *table = &reading->descriptors;
	double start = reading_now_ms();

	reading->owners = (struct source_report){ .name = "proc_fd", .sockets = -1 };
	if (reading->request->no_owners) {
		reading->owners.why_not = _("not asked for");
		return;
	}
	descriptors_walk(table, reading->proc);
	reading->owners.used = table->processes_read > 0;
	reading->owners.sockets = (int64_t)table->count;
	reading->owners.milliseconds = reading_now_ms() - start;
	if (table->processes_refused)
		snapshot_add_gap(
			reading->snapshot, GAP_OWNERS, -1,
			arena_print(&reading->snapshot->arena,
				    P_("sockets of %u process", "sockets of %u processes",
				       table->processes_refused),
				    table->processes_refused),
			_("no privilege to read their descriptors (CAP_SYS_PTRACE)"),
			reading_unless_root(_("run as root to name them")));
	reading->processes_hidden = hides_processes(reading);
	if (reading->processes_hidden)
		snapshot_add_gap(reading->snapshot, GAP_OWNERS, -1,
				 _("sockets of other users' processes"),
				 _("/proc is mounted with hidepid"),
				 reading_unless_root(_("run as root to name them")));
	if (table->failed)
		snapshot_add_gap(reading->snapshot, GAP_OWNERS, -1,
				 _("owners of some sockets"), language_errno(table->failed),
				 NULL);
}

void reading_each_namespace(struct reading *reading, void (*read)(struct reading *reading))
{
	struct namespaces *namespaces = &reading->namespaces;

	for (size_t i = 0; i < namespaces->count; i++) {
		reading->entry = &namespaces->entries[i];
		if (namespaces_enter(namespaces, reading->entry)) {
			skip_namespace(reading, errno);
			continue;
		}
		read(reading);
		if (reading->entry->inode != namespaces->own_inode &&
		    namespaces_return(namespaces)) {
			/* Going on would read this namespace under the next one's name. */
			snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1,
					 _("other network namespaces"), language_errno(errno),
					 NULL);
			break;
		}
	}
}

void reading_add_refused_gap(struct reading *reading)
{
	unsigned refused = reading->namespaces.refused;

	if (refused)
		snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1,
				 arena_print(&reading->snapshot->arena,
					     P_("network namespaces of %u process",
						"network namespaces of %u processes", refused),
					     refused),
				 _("no privilege to see them (CAP_SYS_PTRACE)"),
				 reading_unless_root(_("run as root")));
}

/* ---- with a pass: all sockets at once, while the namespaces are entered for the rest ---- */

/* False for one that could not be described. */
static bool find_described(struct reading *reading)
{
	reading->netns = snapshot_find_netns(reading->snapshot, reading->entry->inode);
	return reading->netns != UINT32_MAX;
}

static void read_described_facts(struct reading *reading)
{
	if (find_described(reading))
		facts_read(reading);
}

static void read_described_udp(struct reading *reading)
{
	if (find_described(reading))
		sockets_read_udp(reading);
}

static void explain_described(struct reading *reading)
{
	if (find_described(reading) && !kinds_are_explained(reading, reading->netns))
		kinds_explain(reading);
}

/* Entering all namespaces again is seldom worth it. */
static void explain_ports(struct reading *reading)
{
	for (uint32_t i = 0; i < reading->snapshot->namespace_count; i++)
		if (!kinds_are_explained(reading, i)) {
			reading_each_namespace(reading, explain_described);
			return;
		}
}

/* The pass found out too late that it cannot. */
static void read_described_sockets(struct reading *reading)
{
	size_t first_holding = reading->snapshot->holding_count;

	if (!find_described(reading))
		return;
	sockets_read(reading);
	kinds_settle(reading, first_holding);
}

/* From so many on, looking up settings in /proc/sys takes longer than loading a program. */
enum { MANY_NAMESPACES = 64 };

struct passing {
	struct reading *reading;
	struct error error;
	int failed;
};

static void *pass_thread(void *context)
{
	struct passing *passing = context;

	passing->failed = pass_read(passing->reading->pass, &passing->error);
	return NULL;
}

/* Both are work for the kernel, and each thread has a namespace of its own. What is read inside goes to a
 * snapshot of its own until the pass is over. */
static void read_by_pass(struct reading *reading)
{
	struct passing passing = { .reading = reading };
	struct snapshot inside = { 0 };
	struct reading entering;
	struct error why;
	pthread_t thread;
	bool threaded;

	reading_each_namespace(reading, describe_namespace);
	for (size_t i = 0; i < reading->snapshot->namespace_count; i++)
		snapshot_add_netns(&inside,
				   &(struct netns){
					   .inode = reading->snapshot->namespaces[i].inode,
					   .kind = reading->snapshot->namespaces[i].kind,
				   });
	if (reading->request->on_socket)
		reading->met = memory_zeroed(inside.namespace_count, sizeof *reading->met);
	entering = *reading;
	entering.snapshot = &inside;
	threaded = !pthread_create(&thread, NULL, pass_thread, &passing);
	if (inside.namespace_count >= MANY_NAMESPACES)
		entering.settings = settings_bpf_read(&why);
	reading_each_namespace(&entering, read_described_facts);
	if (threaded)
		pthread_join(thread, NULL);
	else
		pass_thread(&passing);
	settings_table_free(entering.settings);
	snapshot_join(reading->snapshot, &inside);
	reading->ctnetlink = entering.ctnetlink;
	if (passing.failed) {
		reading->bpf_tables.why_not =
			arena_copy(&reading->snapshot->arena, passing.error.text);
		descriptors_free(&reading->descriptors);
		find_owners(reading);
		reading_each_namespace(reading, read_described_sockets);
		return;
	}
	if (!pass_reads_udp(reading->pass))
		reading_each_namespace(reading, read_described_udp);
	explain_ports(reading);
}

static void read_namespaces(struct reading *reading)
{
	struct namespaces *namespaces = &reading->namespaces;

	if (namespaces->count > 1 || namespaces->entries[0].inode != namespaces->own_inode)
		namespaces->own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (reading->pass)
		read_by_pass(reading);
	else
		reading_each_namespace(reading, read_namespace);
	reading_add_refused_gap(reading);
	if (namespaces->own_fd >= 0)
		close(namespaces->own_fd);
}

/* A copied /proc is read as one namespace: that of its net/ folder. */
void reading_find_copy(struct reading *reading)
{
	char link[64];
	struct namespace_entry *entry = memory_zeroed(1, sizeof *entry);

	entry->fd = -1;
	if (proc_file_link(reading->proc, "self/ns/net", link, sizeof link) > 0 ||
	    proc_file_link(reading->proc, "1/ns/net", link, sizeof link) > 0)
		entry->inode = proc_file_link_number(link, "net:[");
	snprintf(entry->path, sizeof entry->path, "%s", reading->request->root);
	reading->namespaces.own_inode = entry->inode;
	reading->namespaces.entries = entry;
	reading->entry = entry;
}

static void read_copy(struct reading *reading)
{
	reading_find_copy(reading);
	read_namespace(reading);
	snapshot_add_gap(reading->snapshot, GAP_ROOM, 0, _("bound-only sockets"),
			 _("a copied /proc does not contain them"), NULL);
}

/* ---- the machine ---- */

static void report_sources(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	bool bpf = choice_is_bpf(reading);

	if (reading->request->root)
		reading->bpf_tables.why_not = reading->bpf_iter.why_not =
			reading->sock_diag.why_not = _("a copied /proc is read instead");
	if (!reading->proc_net.used)
		reading->proc_net.why_not =
			bpf ? _("BPF is better") : _("sock_diag is better");
	if (!reading->port_test.used)
		reading->port_test.why_not =
			reading->request->passive      ? "--passive" :
			reading->request->root	       ? _("a copied /proc is read") :
			reading->request->no_port_test ? _("not asked for") :
							 _("every port's kind is known");
	if (!reading->sock_diag.used && !choice_allows(reading, "sock_diag"))
		reading->sock_diag.why_not = "--source";
	else if (!reading->sock_diag.used && bpf)
		reading->sock_diag.why_not = _("BPF is better");
	snapshot_add_source(snapshot, &reading->bpf_tables);
	snapshot_add_source(snapshot, &reading->bpf_iter);
	snapshot_add_source(snapshot, &reading->sock_diag);
	snapshot_add_source(snapshot, &reading->proc_net);
	snapshot_add_source(snapshot, &reading->owners);
	snapshot_add_source(snapshot, &reading->port_test);
	snapshot_add_source(snapshot, &reading->recorded);
	nat_report(reading);
}

int reading_open_proc(const char *root, struct error *error)
{
	int proc, inner;

	proc = open(root ? root : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return error_set(error,
				 root ? _("--root '%s': %s; give a copy of /proc") :
					_("%s: %s; mount it"),
				 root ? root : "/proc", language_errno(errno));
	if (!root)
		return proc;
	/* Both DIR and DIR/proc are taken as the copy. */
	inner = openat(proc, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inner < 0)
		return proc;
	close(proc);
	return inner;
}

static int read_live(struct reading *reading, struct error *error)
{
	const struct source_request *request = reading->request;

	if (choice_of_bpf(reading, 0, error))
		return -1;
	if (!choice_is_bpf(reading))
		find_owners(reading);
	if (namespaces_find(&reading->namespaces, request, reading->proc,
			    &reading->descriptors, error))
		return -1;
	/* There may be more of them than a process is in: descriptors led to some. */
	if (choice_of_bpf(reading, reading->namespaces.count, error))
		return -1;
	read_namespaces(reading);
	if (!request->no_owners && !request->on_socket && reading->process_of)
		foreign_socket_ranges(reading->snapshot, &reading->descriptors,
				      reading->process_of);
	return 0;
}

int reading_once(const struct source_request *request, struct watch *watch,
		 struct attempt *attempt, struct snapshot *snapshot, struct error *error)
{
	struct reading reading = {
		.request = request,
		.snapshot = snapshot,
		.attempt = attempt,
		.bound_support = -2,
		.bpf_tables = { .name = "bpf_tables" },
		.bpf_iter = { .name = "bpf_iter" },
		.sock_diag = { .name = "sock_diag" },
		.proc_net = { .name = "proc_net" },
		.port_test = { .name = "port_test", .sockets = -1 },
		.ctnetlink = { .name = "ctnetlink", .sockets = -1 },
		.recorded = { .name = "ledger" },
	};
	int result = 0;

	*snapshot = (struct snapshot){ .scope_is_all = request->scope == SCOPE_ALL };
	reading.proc = reading_open_proc(request->root, error);
	if (reading.proc < 0)
		return -1;
	reading.process_reader.proc = reading.proc;
	host_describe(&reading);
	watch_lend(watch, &reading);
	if (request->root) {
		find_owners(&reading);
		read_copy(&reading);
	} else {
		result = read_live(&reading, error);
	}
	if (!result && !snapshot->namespace_count)
		result = snapshot->gap_count ?
				 error_set(error, _("%s could not be read: %s"),
					   snapshot->gaps[0].what, snapshot->gaps[0].why) :
				 error_set(error, _("no network namespace was found"));
	watch_tell(watch, &reading);
	report_sources(&reading);
	if (!result && !request->root)
		runtime_read(&reading);
	ledger_makers_free(reading.makers);
	pass_end(reading.pass);
	iterators_end(&reading);
	namespaces_free(&reading.namespaces);
	descriptors_free(&reading.descriptors);
	free(reading.process_of);
	for (size_t i = 0; reading.met && i < snapshot->namespace_count; i++)
		port_set_free(&reading.met[i]);
	free(reading.met);
	close(reading.proc);
	return result;
}
