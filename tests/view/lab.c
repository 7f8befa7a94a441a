#include "view/lab.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "diagnosis/machine.h"
#include "view/golden.h"

enum { PROGRAM = 4711 };

/* One destination used up; `ports` of them on. */
static struct snapshot full_machine(unsigned ports)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = (uint16_t)(40000 + ports - 1);
	hold(&machine, .count = 100, .pid = PROGRAM, .kind = CONNECT_OWNED);
	machine_process(&machine, PROGRAM)->name = "lab-program";
	return machine;
}

static struct lab_story story_of(const struct diagnosis *before, const struct diagnosis *after)
{
	return (struct lab_story){
		.name = "destination-full",
		.summary = _("one program has every port towards one destination"),
		.made = _("connect(192.0.2.2:5432), and the connection is kept"),
		.done = 100,
		.program = PROGRAM,
		.sees = { "connect", "192.0.2.2:5432", "EADDRNOTAVAIL",
			  "Cannot assign requested address" },
		.before = { before, { .known = true } },
		.cure = _("a range of twice as many ports"),
		.command = "sysctl -w net.ipv4.ip_local_port_range='40000 40199'",
		.after = { after, { .known = true, .room_min = 100, .room_max = 100 } },
		.calls = 100,
		.first = "192.0.2.1:40100",
		.end = { "connect", "192.0.2.2:5432", "EADDRNOTAVAIL",
			 "Cannot assign requested address" },
		.seconds = 0.25,
	};
}

static void tell(const struct lab_story *story, struct view_style *style)
{
	lab_place_text((struct port_range){ 40000, 40099 }, style);
	lab_before_text(story, style);
	lab_after_text(story, style);
}

static void shows(struct lab_story (*change)(struct lab_story), const char *name)
{
	struct snapshot full = full_machine(100), wide = full_machine(200);

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct diagnosis before = judge(&full), after = judge(&wide);
		struct lab_story story = story_of(&before, &after);

		if (change)
			story = change(story);
		tell(&story, &style);
		diagnosis_free(&before);
		diagnosis_free(&after);
		golden_end(&golden, name);
	}
	snapshot_free(&full);
	snapshot_free(&wide);
}

TEST(four_steps_are_told)
{
	shows(NULL, "lab.txt");
}

static struct lab_story gone_wrong(struct lab_story story)
{
	story.done = 0;
	story.made = "sysctl -w net.ipv4.ip_local_reserved_ports=40000-40099";
	story.sees = (struct lab_call){ "socket", NULL, NULL, NULL };
	story.before.room.known = false;
	story.after.room.room_min = 0;
	story.calls = 0;
	story.first = NULL;
	story.unexpected = _("the call still fails");
	return story;
}

TEST(what_went_otherwise_is_told)
{
	shows(gone_wrong, "lab-unexpected.txt");
}

TEST(a_program_gets_the_same_as_json)
{
	struct snapshot full = full_machine(100), wide = full_machine(200);
	struct diagnosis before = judge(&full), after = judge(&wide);
	struct lab_story story = story_of(&before, &after), wrong = gone_wrong(story);
	struct json json = { .pretty = true };
	struct golden golden;

	golden_begin(&golden);
	json.out = golden.out;
	lab_begin_json(&json, 0, (struct port_range){ 40000, 40099 });
	lab_story_json(&json, &story);
	lab_story_json(&json, &wrong);
	lab_end_json(&json);
	golden_end(&golden, "lab.json");
	diagnosis_free(&before);
	diagnosis_free(&after);
	snapshot_free(&full);
	snapshot_free(&wide);
}

SUITE(lab, cmocka_unit_test(four_steps_are_told),
      cmocka_unit_test(what_went_otherwise_is_told),
      cmocka_unit_test(a_program_gets_the_same_as_json));
