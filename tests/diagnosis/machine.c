#include "diagnosis/machine.h"

#include <string.h>

static struct address read_address(const char *text)
{
	struct address address = { 0 };

	assert_that(address_parse(text, &address), "'%s' is no address", text);
	return address;
}

uint32_t machine_add_netns(struct snapshot *machine)
{
	struct netns netns = {
		.inode = 4026531840 + machine->namespace_count,
		.name = "own",
		.settings = {
			.range = { 40000, 40099 },
			.reserved_known = true,
			.tw_reuse = 2,
			.tw_reuse_delay_ms = 1000,
			.timestamps = 1,
			.max_tw_buckets = 262144,
			.fin_timeout_s = 60,
			.syn_retries = 6,
			.syn_linear_timeouts = 4,
		},
		.local_address_count = 1,
		.tcp_read = true,
		.udp_read = true,
		.bound_dumped = true,
		.bound_seen = true,
		.unseen_most = -1,
	};

	netns.local_addresses = arena_alloc(&machine->arena, sizeof *netns.local_addresses);
	netns.local_addresses[0] = read_address("10.0.0.1");
	return snapshot_add_netns(machine, &netns);
}

struct snapshot machine_new(void)
{
	struct snapshot machine = { .host_name = "test", .system = "Linux", .kernel = "6.18" };

	machine_add_netns(&machine);
	return machine;
}

static uint32_t process_index(struct snapshot *machine, int32_t pid)
{
	for (uint32_t i = 0; i < machine->process_count; i++)
		if (machine->processes[i].pid == pid)
			return i;
	return snapshot_add_process(machine, &(struct process){
						     .pid = pid,
						     .start_ticks = (uint64_t)pid,
						     .name = "app",
						     .user = 1000,
						     .descriptors = -1,
						     .descriptor_limit = -1,
					     });
}

struct process *machine_process(struct snapshot *machine, int32_t pid)
{
	uint32_t index = process_index(machine, pid); /* may move the array */

	return &machine->processes[index];
}

/* ---- Windows ---- */

uint32_t machine_artefact(struct snapshot *machine, const char *file, const char *kind)
{
	struct evidence_facts *facts = &machine->evidence;

	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count] = (struct artefact){
		.file = file,
		.kind = kind,
		.records = 1,
	};
	return (uint32_t)facts->artefact_count++;
}

struct snapshot machine_windows(void)
{
	struct snapshot machine = machine_new();
	struct windows *windows = arena_alloc(&machine.arena, sizeof *windows);

	machine.system = "windows";
	machine.kernel = NULL;
	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	machine.windows = windows;
	*windows = (struct windows){
		.timed_wait_delay_s = -1,
		.build = 19045,
		.bound_listed = true,
		.owners_listed = true,
		.listing = "netstat -anoq",
	};
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < 2; i++)
			windows->ranges[protocol][i] = (struct windows_range){
				.range = { 50000, 50099 },
				.excluded_known = true,
			};
	machine.evidence.listing[PROTOCOL_TCP] = machine.evidence.listing[PROTOCOL_UDP] =
		machine_artefact(&machine, "netstat.txt", "netstat") + 1;
	return machine;
}

void machine_event(struct snapshot *machine, uint32_t id, uint64_t count, int64_t last_ms)
{
	struct evidence_facts *facts = &machine->evidence;

	array_reserve(facts->events, facts->event_count, facts->event_capacity);
	facts->events[facts->event_count++] = (struct logged_event){
		.artefact = machine_artefact(machine, "System.evtx", "evtx"),
		.id = id,
		.provider = "Tcpip",
		.count = count,
		.first_ms = last_ms,
		.last_ms = last_ms,
	};
}

struct traced_failure *machine_failure(struct snapshot *machine, uint32_t status, int32_t pid,
				       uint64_t count)
{
	struct evidence_facts *facts = &machine->evidence;

	array_reserve(facts->failures, facts->failure_count, facts->failure_capacity);
	facts->failures[facts->failure_count] = (struct traced_failure){
		.artefact = machine_artefact(machine, "server.etl", "etl"),
		.call = FAILURE_BIND,
		.status = status,
		.process = pid ? (int64_t)process_index(machine, pid) : -1,
		.ephemeral = true,
		.count = count,
	};
	return &facts->failures[facts->failure_count++];
}

struct traced_failure *machine_recorded(struct snapshot *machine, const char *remote,
					int32_t pid, uint64_t count, int64_t last_ms)
{
	struct traced_failure *failure = machine_failure(machine, 0, pid, count);

	failure->artefact = machine_artefact(machine, "failures.jsonl", "portroom trace");
	failure->call = FAILURE_CONNECT;
	failure->error = "EADDRNOTAVAIL";
	failure->netns = machine->namespaces[0].inode;
	failure->protocol_known = true;
	failure->local = read_address("10.0.0.1");
	failure->first_ms = failure->last_ms = last_ms;
	assert_that(address_parse_endpoint(remote, &failure->remote, &failure->remote_port),
		    "'%s' is no endpoint", remote);
	return failure;
}

static bool has_peer(enum socket_state state)
{
	return state != SOCKET_LISTEN && state != SOCKET_BOUND && state != SOCKET_UNCONNECTED;
}

void machine_hold(struct snapshot *machine, const struct sockets *sockets)
{
	struct netns *netns = &machine->namespaces[sockets->netns];
	const char *remote = sockets->remote ? sockets->remote : "10.0.9.1:5432";
	uint16_t first = sockets->first ? sockets->first : machine->windows ? 50000 : 40000;
	unsigned count = sockets->count ? sockets->count : 1;
	enum owner_kind owner = sockets->owner ? sockets->owner :
				sockets->pid   ? OWNER_PROCESS :
						 OWNER_NOBODY;
	struct socket_record record = {
		.protocol = sockets->protocol,
		.state = sockets->state,
		.age = sockets->age,
		.ipv6_only = sockets->ipv6_only,
		.local = read_address(sockets->local ? sockets->local : "10.0.0.1"),
		.device = sockets->device,
		.inode = owner == OWNER_NOBODY || owner == OWNER_RECORDED ? 0 : 1,
		.fresh = sockets->fresh,
		.user = sockets->user,
		.expires_ms = sockets->expires_ms,
	};

	if (has_peer(sockets->state))
		assert_that(
			address_parse_endpoint(remote, &record.remote, &record.remote_port),
			"'%s' is no endpoint", remote);
	if (sockets->state == SOCKET_TIME_WAIT && !sockets->age)
		record.age = AGE_OLD;
	for (unsigned port = first; port < first + count; port++) {
		record.local_port = (uint16_t)port;
		for (unsigned i = 0; i < (sockets->each ? sockets->each : 1); i++)
			snapshot_add_socket(
				machine, sockets->netns, owner,
				sockets->pid ? process_index(machine, sockets->pid) : 0,
				&record);
		if (sockets->protocol == PROTOCOL_UDP || !has_peer(sockets->state))
			continue;
		if (sockets->kind == CONNECT_OWNED)
			port_set_add(&netns->known_connect, record.local_port);
		if (sockets->kind == BIND_OWNED)
			port_set_add(&netns->known_bind, record.local_port);
	}
}

void machine_nat(struct snapshot *machine, const struct through *through)
{
	struct netns *netns = &machine->namespaces[through->netns];
	const char *destination =
		through->destination ? through->destination : "10.0.9.1:5432";
	const char *asked = through->asked ? through->asked : destination;
	const uint16_t first = through->first ? through->first : 50000;
	const uint16_t from_first = through->from_first ? through->from_first : 40000;
	struct nat_flow flow = {
		.protocol = through->protocol,
		.state = through->state ? through->state : NAT_ESTABLISHED,
		.zone = through->zone,
		.from = read_address(through->from ? through->from : "10.1.0.2"),
		.address = read_address(through->address ? through->address : "10.0.0.1"),
	};

	assert_that(
		address_parse_endpoint(destination, &flow.destination, &flow.destination_port),
		"'%s' is no endpoint", destination);
	assert_that(address_parse_endpoint(asked, &flow.asked, &flow.asked_port),
		    "'%s' is no endpoint", asked);
	for (unsigned i = 0; i < (through->count ? through->count : 1); i++) {
		flow.port = (uint16_t)(first + i);
		flow.from_port = (uint16_t)(from_first + i);
		nat_add_flow(&machine->nat, through->netns, &flow);
	}
	netns->nat_read = netns->nat_rules_read = true;
}

void machine_nat_rule(struct snapshot *machine, struct nat_rule rule)
{
	if (!rule.tcp && !rule.udp)
		rule.tcp = rule.udp = true;
	nat_add_rule(&machine->nat, &rule);
}

void machine_sample(struct snapshot *machine, struct snapshot before, double seconds)
{
	struct sample *sample = &machine->sample;

	sample->seconds = seconds;
	sample->recorded = sample->complete = sample->failures_watched = true;
	sample->before = memory_zeroed(1, sizeof *sample->before);
	*sample->before = before;
	sample->process_now = memory_zeroed(before.process_count, sizeof *sample->process_now);
	for (size_t i = 0; i < before.process_count; i++)
		sample->process_now[i] = process_index(machine, before.processes[i].pid);
}

void machine_call(struct snapshot *machine, int32_t pid, unsigned opens, unsigned failed)
{
	struct sample_flow like = {
		.local = read_address("10.0.0.1"),
		.remote = read_address("10.0.9.1"),
		.remote_port = 5432,
		.process = process_index(machine, pid),
	};
	struct sample_flow *flow = sample_flow_of(&machine->sample, &like);

	flow->opens += opens;
	flow->failed_calls += failed;
}

struct snapshot machine_sampled(void)
{
	struct snapshot machine = machine_new(), before = machine_new();

	machine.namespaces[0].settings.tw_reuse = before.namespaces[0].settings.tw_reuse = 0;
	machine.time_ms = INT64_C(1800000000000);
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 50, .pid = 812,
	     .owner = OWNER_RECORDED, .fresh = true, .expires_ms = 58000,
	     .kind = CONNECT_OWNED);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40050, .count = 30,
	     .expires_ms = 20000, .kind = CONNECT_OWNED);
	hold(&before, .state = SOCKET_TIME_WAIT, .first = 40050, .count = 30,
	     .expires_ms = 25000, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->name = "pgbench";
	machine_process(&machine, 812)->unit = "bench.service";
	machine_process(&machine, 812)->ended = true;
	machine_process(&machine, 812)->start_time = 1799999000;
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40080, .count = 4, .pid = 1,
	     .owner = OWNER_RECORDED, .fresh = true, .remote = "10.0.9.2:443",
	     .kind = CONNECT_OWNED);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 40084, .count = 12, .pid = 900,
	     .remote = "10.0.9.2:443", .kind = CONNECT_OWNED);
	hold(&before, .state = SOCKET_CLOSE_WAIT, .first = 40084, .count = 2, .pid = 900,
	     .remote = "10.0.9.2:443", .kind = CONNECT_OWNED);
	machine_sample(&machine, before, 5);
	machine_call(&machine, 812, 55, 3);
	/* No number here. */
	machine_process(&machine, 1)->name = "curl";
	machine_process(&machine, 1)->pid = 0;
	return machine;
}

struct capacity machine_room(const struct snapshot *machine, const struct question *question)
{
	const char *to = question->to ? question->to : "10.0.9.1:5432";
	struct capacity_query query = {
		.kind = question->kind,
		.netns = question->netns,
		.device = question->device,
		.own_range = question->own,
		.only_six = question->only_six,
	};
	struct port_map *map;
	struct capacity first, second;

	if (question->from || question->kind != CAPACITY_UDP_CONNECT)
		query.source = read_address(question->from ? question->from : "10.0.0.1");
	assert_that(address_parse_endpoint(to, &query.destination, &query.port),
		    "'%s' is no endpoint", to);
	map = port_map_new(machine, question->netns, &question->change);
	first = capacity_of(map, &query);
	/* A question leaves nothing behind that would change the next answer. */
	second = capacity_of(map, &query);
	port_map_free(map);
	assert_int_equal(first.room_min, second.room_min);
	assert_int_equal(first.room_max, second.room_max);
	assert_int_equal(first.busy, second.busy);
	assert_int_equal(first.blocked_by_bind, second.blocked_by_bind);
	return first;
}

void assert_capacity(struct capacity capacity, unsigned room_min, unsigned room_max,
		     const char *file, int line)
{
	bool good = capacity.known && capacity.room_min == room_min &&
		    capacity.room_max == room_max &&
		    capacity.exact == (room_min == room_max) &&
		    !capacity.why_not_exact == capacity.exact;

	if (good)
		return;
	suite_note("known %d, room %u to %u instead of %u to %u, exact %d because '%s'",
		   capacity.known, capacity.room_min, capacity.room_max, room_min, room_max,
		   capacity.exact, capacity.why_not_exact ? capacity.why_not_exact : "");
	_fail(file, line);
}

/* What may be typed into cmd.exe and into PowerShell alike: outside of quotes no sign that means something to one of them
 * alone, and no cmdlet where PowerShell was not called. */
static bool works_in_both_prompts(const char *command)
{
	static const char *const cmdlets[] = { "Restart-", "Get-Net", "Get-Process",
					       "Group-Object", "Stop-" };
	bool quoted = false;

	for (size_t i = 0; i < sizeof cmdlets / sizeof cmdlets[0]; i++)
		if (strstr(command, cmdlets[i]) && strncmp(command, "powershell ", 11) != 0)
			return false;
	for (; *command; command++) {
		quoted ^= *command == '"';
		if (!quoted && strchr("&%$`'|;(){}@", *command))
			return false;
	}
	return !quoted;
}

static void check_commands(const struct finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < findings[i].remedy_count; j++) {
			const char *command = findings[i].remedies[j].command;

			assert_that(!command || works_in_both_prompts(command),
				    "%s: not in both prompts: %s", findings[i].rule, command);
		}
}

struct diagnosis judge(const struct snapshot *machine)
{
	struct diagnosis diagnosis;

	diagnosis_make(&diagnosis, machine, &default_policy);
	if (machine->windows) {
		check_commands(diagnosis.findings, diagnosis.finding_count);
		check_commands(diagnosis.remarks, diagnosis.remark_count);
	}
	return diagnosis;
}

static const struct finding *only_one(const struct finding *findings, size_t count,
				      const char *rule)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(findings[i].rule, rule))
			continue;
		assert_that(!found, "%s speaks more than once", rule);
		found = &findings[i];
	}
	return found;
}

const struct finding *finding_of(const struct diagnosis *diagnosis, const char *rule)
{
	return only_one(diagnosis->findings, diagnosis->finding_count, rule);
}

const struct finding *remark_of(const struct diagnosis *diagnosis, const char *rule)
{
	return only_one(diagnosis->remarks, diagnosis->remark_count, rule);
}

enum severity severity_by(const struct snapshot *machine, const char *rule)
{
	struct diagnosis diagnosis = judge(machine);
	const struct finding *finding = finding_of(&diagnosis, rule);
	enum severity severity = finding ? finding->severity : SEVERITY_OK;

	assert_that(!finding || finding->severity != SEVERITY_OK, "%s finds it ok", rule);
	diagnosis_free(&diagnosis);
	return severity;
}

enum severity verdict_on(const struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	enum severity verdict = diagnosis.verdict;

	diagnosis_free(&diagnosis);
	return verdict;
}

int64_t evidence_of(const struct finding *finding, const char *name)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (!strcmp(finding->evidence[i].name, name))
			return finding->evidence[i].value;
	assert_that(false, "%s gives no evidence '%s'", finding->rule, name);
	return -1;
}

const struct remedy *remedy_with(const struct finding *finding, const char *word)
{
	for (size_t i = 0; i < finding->remedy_count; i++)
		if (strstr(finding->remedies[i].text, word))
			return &finding->remedies[i];
	return NULL;
}

bool is_useless(const struct finding *finding, const char *word)
{
	for (size_t i = 0; i < finding->useless_count; i++)
		if (strstr(finding->useless[i], word))
			return true;
	return false;
}

int32_t culprit_pid(const struct diagnosis *diagnosis, const struct finding *finding)
{
	return finding->culprit < 0 ? 0 : diagnosis->snapshot->processes[finding->culprit].pid;
}

void machine_end(struct snapshot *machine, struct diagnosis *diagnosis)
{
	diagnosis_free(diagnosis);
	snapshot_free(machine);
}
