#include "action/probe_calls.h"

#include "suite.h"
#include "system/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum { MANY = 100 };

static atomic_bool may_answer;
static atomic_int asked, answered;

static struct address address_of(uint8_t last)
{
	const uint8_t bytes[] = { 192, 0, 2, last };

	return address_ipv4(bytes);
}

/* "hangs" until it may answer; "nobody" has no address, all others one and the same twice, and another. */
static void lookup(struct probe_name *name)
{
	const uint8_t last[] = { 1, 2, 1 };

	asked++;
	while (!strcmp(name->host, "hangs") && !may_answer)
		clock_rest_ms(1);
	name->outcome = strcmp(name->host, "nobody") ? PROBE_CONNECTED : PROBE_NO_NAME;
	for (int i = 0; i < 3 && name->outcome == PROBE_CONNECTED; i++) {
		struct address address = address_of(last[i]);

		probe_name_add(name, &address);
	}
	if (name->outcome != PROBE_CONNECTED)
		strcpy(name->why, "no such host");
	answered++;
}

static const struct probe_calls calls = { .lookup = lookup };

static void resolve(struct probe_name *names, size_t count, unsigned timeout_ms)
{
	may_answer = false;
	asked = answered = 0;
	probe_resolve_by(&calls, names, count, timeout_ms);
}

/* Those that were left behind end, too: what they hold is theirs. */
static void let_go(int begun)
{
	may_answer = true;
	while (answered < begun)
		clock_rest_ms(1);
}

TEST(a_name_has_each_of_its_addresses_once)
{
	struct probe_name name = { .host = "db.example" };
	struct address first = address_of(1), second = address_of(2);

	resolve(&name, 1, 60000);
	assert_int_equal(name.outcome, PROBE_CONNECTED);
	assert_string_equal(name.host, "db.example");
	assert_int_equal(name.count, 2);
	assert_true(address_equal(&name.addresses[0], &first));
	assert_true(address_equal(&name.addresses[1], &second));
	probe_names_free(&name, 1);
}

TEST(what_the_name_service_says_is_told)
{
	struct probe_name name = { .host = "nobody" };

	resolve(&name, 1, 60000);
	assert_int_equal(name.outcome, PROBE_NO_NAME);
	assert_string_equal(name.why, "no such host");
	assert_int_equal(name.count, 0);
	probe_names_free(&name, 1);
}

/* A busy machine may give no thread its turn in a short time: then a longer one is tried. */
TEST(a_name_that_hangs_does_not_hold_up_the_others)
{
	enum { SHORT_MS = 50, LONG_MS = 20000 };
	bool found = false;

	for (unsigned limit_ms = SHORT_MS; !found && limit_ms < LONG_MS; limit_ms *= 4) {
		struct probe_name names[] = { { .host = "hangs" }, { .host = "db.example" } };

		resolve(names, 2, limit_ms);
		assert_int_equal(names[0].outcome, PROBE_NAME_TIMED_OUT);
		assert_non_null(strstr(names[0].why, "no answer from the name service"));
		assert_string_equal(names[0].host, "hangs");
		found = names[1].outcome == PROBE_CONNECTED;
		probe_names_free(names, 2);
		let_go(2);
	}
	assert_true(found);
}

/* Each would leave a thread behind. */
TEST(a_name_service_that_hangs_is_not_asked_for_ever)
{
	struct probe_name names[MANY];

	for (int i = 0; i < MANY; i++)
		names[i] = (struct probe_name){ .host = "hangs" };
	resolve(names, MANY, 30);
	assert_int_equal(names[0].outcome, PROBE_NAME_TIMED_OUT);
	assert_int_equal(names[63].outcome, PROBE_NAME_TIMED_OUT);
	assert_int_equal(names[64].outcome, PROBE_NAME_FAILED);
	assert_non_null(strstr(names[MANY - 1].why, "has not answered the others"));
	probe_names_free(names, MANY);
	let_go(64);
	assert_int_equal(asked, 64);
}

SUITE(probe_resolve, cmocka_unit_test(a_name_has_each_of_its_addresses_once),
      cmocka_unit_test(what_the_name_service_says_is_told),
      cmocka_unit_test(a_name_that_hangs_does_not_hold_up_the_others),
      cmocka_unit_test(a_name_service_that_hangs_is_not_asked_for_ever), );
