#include "view/watch.h"

#include "diagnosis/machine.h"
#include "view/golden.h"

#include <string.h>

/* Lines of one record, one below the other; as text, then as JSON. */
struct record {
	struct golden golden;
	FILE *out;
	bool json;
};

static void begin(struct record *record, bool json)
{
	golden_begin(&record->golden);
	record->out = record->golden.out;
	record->json = json;
	if (!json)
		watch_heading(record->out);
}

static void add(const struct record *record, const struct watch_line *line)
{
	(record->json ? watch_json : watch_text)(line, record->out);
}

/* A look at the machine, whose fullest destination has been found, with owners if there are any. */
static void add_look(const struct record *record, struct snapshot *machine,
		     struct watch_line line)
{
	struct diagnosis diagnosis = judge(machine);
	line.snapshot = machine;
	line.fullest = fullest_of(&diagnosis);
	if (line.fullest.share_count && owner_is_process(line.fullest.shares[0].owner_kind))
		line.culprit = &line.fullest.shares[0];
	line.severity = severity_name(diagnosis.verdict);
	add(record, &line);
	machine_end(machine, &diagnosis);
}

static struct snapshot full(const char *name, const char *local, const char *remote)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED, .local = local,
	     .remote = remote);
	machine_process(&machine, 812)->name = name;
	return machine;
}

static void tell_a_night(const struct record *record)
{
	struct snapshot quiet = machine_new();
	struct snapshot app = full("app", "10.0.0.1", "10.0.9.1:5432");
	struct snapshot six =
		full("app", "2001:db8:1111:2222:3333:4444:5555:6666", "[2001:db8::1]:65535");
	struct snapshot bound = machine_new(), udp = machine_new();
	struct watch_line blind = {
		.time_ms = 3000, .udp = -1, .opens_per_s = -1, .severity = "unknown"
	};

	add_look(record, &quiet, (struct watch_line){ .opens_per_s = -1, .failed_calls = -1 });
	add_look(record, &app,
		 (struct watch_line){
			 .time_ms = 1000,
			 .states = { [SOCKET_ESTABLISHED] = 100, [SOCKET_TIME_WAIT] = 28232 },
			 .udp = 7,
			 .opens_per_s = 12.34,
			 .failed_calls = 5 });
	/* As many as a machine can have: still a blank between any two. */
	add_look(record, &six,
		 (struct watch_line){ .time_ms = 4102444799999,
				      .states = { [SOCKET_ESTABLISHED] = 123456789,
						  [SOCKET_TIME_WAIT] = 1234567890123,
						  [SOCKET_BOUND] = -1 },
				      .udp = 12345678,
				      .opens_per_s = 12345678.9,
				      .failed_calls = 1234567890,
				      .lost = 1234567,
				      .missed = 12345678 });
	hold(&bound, .count = 100, .state = SOCKET_BOUND, .local = "0.0.0.0", .pid = 900);
	hold(&udp, .count = 97, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "0.0.0.0", .pid = 901);
	add_look(record, &bound, (struct watch_line){ .time_ms = 5000 });
	add_look(record, &udp, (struct watch_line){ .time_ms = 6000 });
	memset(blind.states, 0xff, sizeof blind.states);
	add(record, &blind);
}

TEST(a_night_has_a_line_for_each_look)
{
	struct record record;

	begin(&record, false);
	tell_a_night(&record);
	golden_end(&record.golden, "watch.txt");
	begin(&record, true);
	tell_a_night(&record);
	golden_end(&record.golden, "watch.jsonl");
}

TEST(a_name_is_one_field_and_moves_no_cursor)
{
	static const char *const names[] = {
		"a b\tc\nd\033[2J",
		"e\xc2\x9b"
		"2Jf\xff",
		"\xe2\x80\xaexes",
		"",
		NULL,
	};
	struct record record;

	begin(&record, false);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct snapshot machine = full(names[i], "10.0.0.1", "10.0.9.1:5432");

		if (!names[i])
			machine.processes[0].pid = 0;
		add_look(&record, &machine, (struct watch_line){ .opens_per_s = -1 });
	}
	golden_end(&record.golden, "watch-hostile.txt");
}

SUITE(watch, cmocka_unit_test(a_night_has_a_line_for_each_look),
      cmocka_unit_test(a_name_is_one_field_and_moves_no_cursor));
