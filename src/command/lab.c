#include "command/lab.h"

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/terminal.h"
#include "diagnosis/diagnosis.h"
#include "system/clock.h"
#include "system/deadline.h"
#include "system/memory_file.h"
#include "view/lab.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_REHEARSALS = 16, DEADLINE_S = 60 };

/* A look from inside, as `portroom check --netns own` has it. */
struct look {
	struct snapshot snapshot;
	struct diagnosis diagnosis;
	bool made;
};

/* One rehearsal while it goes on. */
struct run {
	const struct lab_rehearsal *rehearsal;
	struct lab *lab;
	struct lab_answer filled, failing, cured;
	struct look before, after;
	struct lab_story story;
	struct arena arena;
};

struct options {
	struct common_options common;
	const struct lab_rehearsal *chosen[MOST_REHEARSALS];
	size_t count;
	bool list, begun;
	struct view_style style;
	struct json *json; /* NULL: text */
};

/* ---- what portroom says ---- */

static struct capacity room_of(const struct run *run, const struct snapshot *snapshot)
{
	struct capacity_query query = {
		.kind = CAPACITY_CONNECT,
		.source = lab_program_address,
		.destination = lab_service_address,
		.port = LAB_PORT,
	};
	struct port_map *map = port_map_new(snapshot, 0, NULL);
	struct capacity room;

	/* A UDP socket that did not bind has no address when its port is chosen. */
	if (run->rehearsal->wants.protocol == PROTOCOL_UDP) {
		query.kind = CAPACITY_UDP_CONNECT;
		query.source = (struct address){ .family = FAMILY_IPV4 };
	}
	room = capacity_of(map, &query);
	port_map_free(map);
	return room;
}

/* No source NAT is there, and to ask for it might load a module of the kernel. */
static int look(struct run *run, struct look *look, struct lab_reading *reading,
		struct error *error)
{
	const struct source_request request = { .scope = SCOPE_OWN };

	lab_settle();
	if (source_read(&request, &look->snapshot, error))
		return -1;
	diagnosis_make(&look->diagnosis, &look->snapshot, &default_policy);
	look->made = true;
	reading->diagnosis = &look->diagnosis;
	reading->room = room_of(run, &look->snapshot);
	return 0;
}

static void end_look(struct look *look)
{
	if (look->made)
		diagnosis_free(&look->diagnosis);
	snapshot_free(&look->snapshot);
}

static const char *print_end(struct arena *arena, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT_SIZE];

	if (!address->family)
		return NULL;
	return arena_copy(arena, address_print_endpoint(text, address, port));
}

static struct lab_call call_of(struct run *run, const struct lab_answer *answer)
{
	return (struct lab_call){
		.call = answer->call,
		.to = print_end(&run->arena, &answer->to, answer->to_port),
		.error_name = answer->error_name,
		.error_text = answer->error_text,
	};
}

/* ---- is it as it should be ---- */

static bool all_made(const struct run *run)
{
	const struct lab_rehearsal *rehearsal = run->rehearsal;

	if (rehearsal->times == LAB_UNTIL_FAILURE)
		return run->filled.error == rehearsal->error;
	return run->filled.done == rehearsal->times;
}

static bool is_expected_error(const struct run *run)
{
	return run->failing.error == run->rehearsal->error &&
	       !strcmp(run->failing.call, run->rehearsal->call);
}

/* One finding, of the right rule: that a look-alike is told from a lack of ports is the point of it. */
static bool is_expected_verdict(const struct run *run)
{
	const struct diagnosis *diagnosis = &run->before.diagnosis;

	return diagnosis->verdict == SEVERITY_CRITICAL && diagnosis->finding_count == 1 &&
	       !strcmp(diagnosis->findings[0].rule, run->rehearsal->rule);
}

static bool is_expected_culprit(const struct run *run)
{
	const struct diagnosis *diagnosis = &run->before.diagnosis;
	int64_t suspect;
	bool likely;

	if (!run->rehearsal->times)
		return true;
	suspect = finding_suspect(diagnosis->findings, &likely);
	return suspect >= 0 &&
	       run->before.snapshot.processes[suspect].pid == run->story.program;
}

static const char *find_unexpected_before(const struct run *run)
{
	if (!all_made(run))
		return _("not all of that came about");
	if (!is_expected_error(run))
		return _("another call fails, or in another way, or none");
	if (!is_expected_verdict(run))
		return _("the verdict is not about that");
	if (!is_expected_culprit(run))
		return _("the verdict does not name the program");
	return NULL;
}

static const char *find_unexpected_after(const struct run *run)
{
	const struct capacity *room = &run->story.after.room;

	if (!run->cured.done)
		return _("the call still fails");
	if (run->after.diagnosis.verdict != SEVERITY_OK)
		return _("the verdict is not OK");
	if (!room->known || run->cured.done < room->room_min ||
	    run->cured.done > room->room_max)
		return _("the room is not what was tried");
	return NULL;
}

/* ---- the four steps ---- */

static int make(struct run *run, struct error *error)
{
	const struct lab_rehearsal *rehearsal = run->rehearsal;

	run->lab = lab_open(rehearsal->service_closes, error);
	if (!run->lab)
		return -1;
	run->story.program = lab_program(run->lab);
	if (rehearsal->setting && lab_set(rehearsal->setting, rehearsal->value, error))
		return -1;
	if (rehearsal->times &&
	    lab_work(run->lab, &rehearsal->habit, rehearsal->times, &run->filled, error))
		return -1;
	run->story.made = _(rehearsal->made);
	run->story.done = run->filled.done;
	if (lab_work(run->lab, &rehearsal->wants, 1, &run->failing, error))
		return -1;
	run->story.sees = call_of(run, &run->failing);
	return look(run, &run->before, &run->story.before, error);
}

/* As a shell takes it. */
static const char *print_setting(struct arena *arena, const struct lab_rehearsal *rehearsal)
{
	const char *value = rehearsal->cure_value;
	const char *quote = *value && !strchr(value, ' ') ? "" : "'";

	return arena_print(arena, "sysctl -w net.ipv4.%s=%s%s%s", rehearsal->cure_setting,
			   quote, value, quote);
}

static int apply(struct run *run, struct error *error)
{
	const struct lab_rehearsal *rehearsal = run->rehearsal;
	struct lab_story *story = &run->story;
	struct lab_answer again;

	story->cure = _(rehearsal->cure_text);
	switch (rehearsal->cure) {
	case CURE_SETTING:
		story->command = print_setting(&run->arena, rehearsal);
		return lab_set(rehearsal->cure_setting, rehearsal->cure_value, error);
	case CURE_LIMIT:
		story->command = arena_print(&run->arena,
					     "prlimit --pid %d --nofile=%d:", story->program,
					     LAB_RAISED_LIMIT);
		return lab_raise_limit(run->lab, LAB_RAISED_LIMIT, error);
	default:
		story->command = arena_print(&run->arena, "kill %d", story->program);
		if (lab_restart(run->lab, error))
			return -1;
		return lab_work(run->lab, &rehearsal->mended, rehearsal->times, &again, error);
	}
}

static int cure(struct run *run, struct error *error)
{
	struct lab_habit wants = run->rehearsal->wants;

	if (apply(run, error))
		return -1;
	clock_rest_ms(run->rehearsal->rest_ms);
	if (look(run, &run->after, &run->story.after, error))
		return -1;
	/* Until it fails: the room that was told is counted out. */
	wants.no_port = run->rehearsal->mended.no_port;
	if (lab_work(run->lab, &wants, LAB_UNTIL_FAILURE, &run->cured, error))
		return -1;
	run->story.calls = run->cured.done;
	run->story.first = print_end(&run->arena, &run->cured.first, run->cured.first_port);
	run->story.end = call_of(run, &run->cured);
	return 0;
}

/* Where it takes place is said when it does; the cure may take seconds. */
static void write_before(struct options *options, const struct lab_story *story)
{
	if (options->begun)
		fputc('\n', options->style.out);
	else
		lab_place_text(lab_range, &options->style);
	options->begun = true;
	lab_before_text(story, &options->style);
	fflush(options->style.out);
}

static int play(struct run *run, struct options *options, struct error *error)
{
	double began = clock_monotonic_s();

	if (make(run, error))
		return -1;
	run->story.unexpected = find_unexpected_before(run);
	if (!options->json)
		write_before(options, &run->story);
	if (cure(run, error))
		return -1;
	if (!run->story.unexpected)
		run->story.unexpected = find_unexpected_after(run);
	run->story.seconds = clock_monotonic_s() - began;
	if (options->json)
		lab_story_json(options->json, &run->story);
	else
		lab_after_text(&run->story, &options->style);
	return 0;
}

static void limit_time(void)
{
	char sentence[180], line[200];

	snprintf(sentence, sizeof sentence,
		 _("a rehearsal did not end within %d s; nothing of it is left"), DEADLINE_S);
	snprintf(line, sizeof line, "portroom: %s\n", sentence);
	deadline_set(DEADLINE_S, 2, line, 1);
}

/* 1 if it went as expected, 0 if not, -1 with a sentence. */
static int rehearse(const struct lab_rehearsal *rehearsal, struct options *options,
		    struct error *error)
{
	struct run run = {
		.rehearsal = rehearsal,
		.story = { .name = rehearsal->name, .summary = _(rehearsal->summary) },
	};
	int result;

	limit_time();
	result = play(&run, options, error);
	deadline_clear();
	lab_close(run.lab);
	if (!result)
		result = !run.story.unexpected;
	end_look(&run.before);
	end_look(&run.after);
	arena_free(&run.arena);
	return result;
}

/* ---- all of them ---- */

static int rehearse_all(struct options *options, struct error *error)
{
	bool good = true;

	for (size_t i = 0; i < options->count; i++) {
		int result = rehearse(options->chosen[i], options, error);

		if (result < 0)
			return -1;
		good &= result;
	}
	return good ? 0 : 1;
}

/* A document is whole or is none. */
static int rehearse_json(const struct options *wanted, struct error *error)
{
	struct json json = { .pretty = true };
	struct options options = *wanted;
	struct memory_file text;
	int result;

	memory_file_open(&text);
	json.out = text.out;
	options.json = &json;
	lab_begin_json(&json, clock_now_ms(), lab_range);
	result = rehearse_all(&options, error);
	lab_end_json(&json);
	memory_file_flush(&text);
	if (result >= 0)
		fputs(text.text, stdout);
	memory_file_close(&text);
	return result;
}

static void list(const struct options *options)
{
	struct lab_entry entries[MOST_REHEARSALS];
	size_t count = 0;

	for (const struct lab_rehearsal *each = lab_rehearsals; each->name; each++)
		entries[count++] =
			(struct lab_entry){ each->name, _(each->summary), each->seconds };
	if (options->common.json)
		lab_list_json(entries, count, stdout);
	else
		lab_list_text(entries, count, &options->style);
}

/* ---- the command line ---- */

static const char *words_of_lab(unsigned index)
{
	static const char *const words[] = { "list", "all" };
	enum { FIRST = sizeof words / sizeof words[0] };

	return index < FIRST ? words[index] : lab_rehearsals[index - FIRST].name;
}

static int refuse_word(const char *word, struct error *error)
{
	const char *names[MOST_REHEARSALS + 3] = { NULL };
	const char *nearest;

	if (!strcmp(word, "list") || !strcmp(word, "all"))
		return error_set(error, _("'%s' goes with no other word"), word);
	for (unsigned i = 0; words_of_lab(i); i++)
		names[i] = words_of_lab(i);
	nearest = text_nearest(word, names);
	if (nearest)
		return error_set(error, _("there is no rehearsal '%s'; did you mean %s?"),
				 word, nearest);
	return error_set(
		error, _("there is no rehearsal '%s'; 'portroom lab list' lists them"), word);
}

static int take_words(struct options *options, int words, char **argv, struct error *error)
{
	options->list = words == 1 && !strcmp(argv[1], "list");
	if (options->list)
		return 0;
	if (words == 1 && !strcmp(argv[1], "all")) {
		while (lab_rehearsals[options->count].name) {
			options->chosen[options->count] = &lab_rehearsals[options->count];
			options->count++;
		}
		return 0;
	}
	if (words > MOST_REHEARSALS)
		return error_set(error, _("more than %d rehearsals"), MOST_REHEARSALS);
	for (int i = 1; i <= words; i++) {
		const struct lab_rehearsal *found = lab_find(argv[i]);

		if (!found)
			return refuse_word(argv[i], error);
		options->chosen[options->count++] = found;
	}
	if (!words)
		options->chosen[options->count++] = &lab_rehearsals[0];
	return 0;
}

static int do_it(const struct command *command, struct options *options)
{
	struct error error;
	int result;

	options->style = terminal_style(&options->common);
	if (options->list)
		return list(options), 0;
	result = options->common.json ? rehearse_json(options, &error) :
					rehearse_all(options, &error);
	return result < 0 ? command_fail(command->failure, error.text) : result;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = { .count = 0 };
	struct error error;
	int words;

	if (options_parse(command, argc, argv, &options.common, NULL, NULL, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.help)
		return command_help(command), 0;
	if (take_words(&options, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	return do_it(command, &options);
}

const struct command command_lab = {
	.name = "lab",
	.summary = N_("rehearse a shortage of ports and its cure, apart from this machine"),
	.usage = "[list | all | NAME...]",
	.description = N_(
		"Makes a shortage of ports in a network namespace of its own with a hundred ports, "
		"shows what a program sees then and what the verdict is, applies the cure, and looks "
		"again. Nothing outside is touched, and nothing is left. list lists what can be "
		"rehearsed, all does all; without a name it is destination-full."),
	.status =
		N_("0 all went as expected, 1 not all did, or it could not be done; 2 usage"),
	.words = words_of_lab,
	.offline = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
