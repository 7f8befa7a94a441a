#include "view/probe.h"

#include "snapshot/process.h"
#include "view/golden.h"

#include "base/language.h"

static const struct process holder = { .pid = 812, .name = "app", .unit = "app.service" };

TEST(how_attempts_end_is_told)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		const char *const notes[] = { _(
			"no name server, directory, file share, remote "
			"login or proxy is configured here") };
		const struct probe_row rows[] = {
			{
				.target = "db.example:5432",
				.endpoint = "10.0.9.1:5432",
				.protocol = "tcp",
				.outcome = "connected",
				.title = _("connected"),
				.good = true,
				.count = 97,
				.of = 100,
				.milliseconds = 12.3,
				.local = "10.0.0.5:41234",
				.room = -1,
			},
			{
				.target = "10.0.9.1:5432",
				.endpoint = "10.0.9.1:5432",
				.protocol = "tcp",
				.outcome = "no_port",
				.title = _("no local port"),
				.count = 1,
				.of = 1,
				.milliseconds = 0.1,
				.call = "connect",
				.error_name = "EADDRNOTAVAIL",
				.why = _(
					"the ephemeral ports are used up; portroom check says by "
					"whom"),
				.room = 0,
				.holder = &holder,
				.held = 100,
			},
			{
				.group = _("name service"),
				.from = "/etc/resolv.conf",
				.target = "nosuch:53",
				.protocol = "udp",
				.outcome = "no_name",
				.title = _("no such name"),
				.count = 1,
				.of = 1,
				.why = _("no answer from the name service"),
				.room = -1,
			},
		};

		probe_text(rows, 3, notes, 1, &style);
		if (screen == SCREEN_PIPE)
			probe_json(rows, 3, notes, 1, 0, golden.out);
		golden_end(&golden, "probe.txt");
	}
}

SUITE(probe, cmocka_unit_test(how_attempts_end_is_told));
