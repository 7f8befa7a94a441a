#include "base/language.h"
#include "diagnosis/remedy.h"

/* A lower limit than LOWEST is one that a program has put on itself to open nothing more: sshd's
 * and others' sandboxes. */
enum { WARNING_PERCENT = 90, CRITICAL_PERCENT = 99, LOWEST = 64 };

/* What is proposed: four times as much, at least the 65,536 that many servers ship with. */
enum { PROPOSED = 65536, PROPOSED_TIMES = 4 };

static enum severity severity_of(int64_t used, int64_t limit)
{
	if (used < 0 || used > INT64_MAX / 100 || limit <= 0 || limit > INT64_MAX / 100)
		return SEVERITY_OK;
	return used * 100 >= limit * CRITICAL_PERCENT ? SEVERITY_CRITICAL :
	       used * 100 >= limit * WARNING_PERCENT  ? SEVERITY_WARNING :
							SEVERITY_OK;
}

/* Where it has sockets; a process may have some in several, and then it is said once. */
static uint32_t namespace_of(const struct snapshot *snapshot, uint32_t process)
{
	for (size_t i = 0; i < snapshot->holding_count; i++)
		if (snapshot->holdings[i].key.owner_kind == OWNER_PROCESS &&
		    snapshot->holdings[i].key.owner == process)
			return snapshot->holdings[i].key.netns;
	return 0;
}

/* prlimit(1) takes "SOFT:" and leaves the hard limit alone; one number sets both. */
static void add_raise_now(struct diagnosis *diagnosis, struct finding *finding,
			  const struct process *process, int64_t proposed)
{
	int64_t hard = process->descriptor_hard_limit;
	bool within = hard < 0 || hard > process->descriptor_limit;
	struct remedy raise = remedy_aside(_("raise the limit of the running process"), NULL);

	if (within && hard >= 0 && proposed > hard)
		proposed = hard;
	raise.command = arena_print(&diagnosis->arena, "prlimit --pid %d --nofile=%lld%s",
				    process->pid, (long long)proposed, within ? ":" : "");
	raise.lasts = _("until it is restarted, or until these are used up too, if it leaks");
	raise.risk = _("a program that uses select() breaks above 1,024 descriptors");
	rule_add_remedy(finding, raise);
}

static void add_raise_for_good(struct diagnosis *diagnosis, struct finding *finding,
			       const struct process *process, int64_t proposed)
{
	const char *unit = process->unit;
	struct remedy raise;

	if (!remedy_is_service(process))
		return;
	raise = remedy_aside(arena_print(&diagnosis->arena, _("set LimitNOFILE= of %s"), unit),
			     NULL);
	raise.command = arena_print(&diagnosis->arena,
				    "mkdir -p '/etc/systemd/system/%s.d' && "
				    "printf '[Service]\\nLimitNOFILE=%lld\\n' "
				    ">'/etc/systemd/system/%s.d/descriptors.conf' && "
				    "systemctl daemon-reload && systemctl restart '%s'",
				    unit, (long long)proposed, unit, unit);
	raise.risk = _("it is restarted: what it is doing is lost");
	rule_add_remedy(finding, raise);
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct process *process)
{
	int64_t limit = process->descriptor_limit;
	int64_t ceiling = diagnosis->snapshot->descriptor_ceiling;
	int64_t proposed =
		limit * PROPOSED_TIMES > PROPOSED ? limit * PROPOSED_TIMES : PROPOSED;

	if (ceiling > 0 && proposed > ceiling)
		proposed = ceiling;
	if (proposed <= limit) {
		proposed = limit * 2;
		rule_add_remedy(finding,
				remedy_aside(_("raise the ceiling of every limit first"),
					     arena_print(&diagnosis->arena,
							 "sysctl -w fs.nr_open=%lld",
							 (long long)proposed)));
	}
	add_raise_now(diagnosis, finding, process, proposed);
	add_raise_for_good(diagnosis, finding, process, proposed);
	rule_add_remedy(
		finding,
		remedy_aside(_("look what they are: a kind that only grows is a leak, and "
			       "no limit is high enough for it"),
			     arena_print(&diagnosis->arena,
					 "portroom list --pid %d --by state,dst,dport",
					 process->pid)));
	rule_add_useless(finding, _("a wider ip_local_port_range, tcp_tw_reuse: descriptors "
				    "are short, not ports"));
	rule_add_useless(finding,
			 _("fs.file-max, limits.conf, ulimit in a shell: none of them changes "
			   "a service or a process that runs already"));
}

static const char *descriptors(struct diagnosis *diagnosis, int64_t count)
{
	return arena_print(&diagnosis->arena,
			   P_("%s descriptor", "%s descriptors", (unsigned long)count),
			   words_count(diagnosis, (uint64_t)count));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t index,
		   enum severity severity)
{
	const struct process *process = &diagnosis->snapshot->processes[index];
	int64_t used = process->descriptors, limit = process->descriptor_limit;
	struct finding *finding = rule_add_finding(
		diagnosis, rule, namespace_of(diagnosis->snapshot, index), severity);

	finding->culprit = index;
	finding->subject = arena_print(&diagnosis->arena, "descriptors of %s, pid %d",
				       process_title(process), process->pid);
	finding->title =
		arena_print(&diagnosis->arena, _("%s: %s open of at most %s%s"),
			    words_process(diagnosis, index), descriptors(diagnosis, used),
			    words_count(diagnosis, (uint64_t)limit),
			    used < limit ? "" : _("; socket() and accept() fail with EMFILE"));
	finding->reason = arena_print(
		&diagnosis->arena,
		_("this looks like port exhaustion and is none: a process without descriptors "
		  "gets EMFILE from socket() and accept() and never comes to connect(), which "
		  "would say EADDRNOTAVAIL; %s of them are sockets"),
		words_count(diagnosis, (uint64_t)process->socket_descriptors));
	rule_add_evidence(finding, "descriptors", used, "descriptors");
	rule_add_evidence(finding, "descriptor_limit", limit, "descriptors");
	rule_add_evidence(finding, "sockets", process->socket_descriptors, "descriptors");
	add_remedies(diagnosis, finding, process);
}

/* The process that has half of the machine's open files, of those that hold sockets; -1: none. */
static int64_t with_half(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].descriptors >= (snapshot->files_open + 1) / 2)
			return (int64_t)i;
	return -1;
}

static void check_machine(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	int64_t used = snapshot->files_open, limit = snapshot->files_limit;
	enum severity severity = severity_of(used, limit);
	struct finding *finding;

	if (severity == SEVERITY_OK)
		return;
	finding = rule_add_finding(diagnosis, rule, 0, severity);
	finding->culprit = with_half(snapshot);
	finding->subject = "open files";
	finding->title = arena_print(
		&diagnosis->arena, _("the machine has %s files open of at most %s%s"),
		words_count(diagnosis, (uint64_t)used),
		words_count(diagnosis, (uint64_t)limit),
		used < limit ? "" : _("; socket(), accept() and open() fail with ENFILE"));
	finding->reason =
		_("this looks like port exhaustion and is none: above fs.file-max, all "
		  "processes but privileged ones get ENFILE, whatever they open");
	rule_add_evidence(finding, "files_open", used, "files");
	rule_add_evidence(finding, "files_limit", limit, "files");
	rule_add_remedy(finding, remedy_aside(_("raise the limit of the machine"),
					      arena_print(&diagnosis->arena,
							  "sysctl -w fs.file-max=%lld",
							  (long long)limit * PROPOSED_TIMES)));
	rule_add_remedy(
		finding,
		remedy_aside(_("find who has them open and does not close them"),
			     "for p in /proc/[0-9]*; do echo \"$(ls $p/fd 2>/dev/null | wc "
			     "-l) $(cat $p/comm)\"; done | sort -rn | head"));
	rule_add_useless(finding, _("LimitNOFILE=, ulimit: limit one process, not the "
				    "machine"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	check_machine(rule, diagnosis);
	for (uint32_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];
		enum severity severity =
			process->descriptor_limit < LOWEST ?
				SEVERITY_OK :
				severity_of(process->descriptors, process->descriptor_limit);

		if (severity != SEVERITY_OK)
			report(rule, diagnosis, i, severity);
	}
}

const struct rule rule_descriptor_limit = {
	.id = "descriptor_limit",
	.title = N_("A process has used up its descriptors, which looks like port exhaustion"),
	.systems = RULE_LINUX,
	.check = check,
};
