/* TIME_WAIT: who made it, how old it is, and what the kernel would reuse. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../give_up.h"
#include "../namespace.h"
#include "../service.h"
#include "../situation.h"

/* An entry lives 60 s; what is stated must be asked for and measured before the first ends. */
enum { LIFE_S = 60, MARGIN_S = 15 };

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void wait_ms(long milliseconds)
{
	const struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* Older kernels count whole seconds, and want more than one. */
static void grow_old(void)
{
	wait_ms(namespace_has_sysctl("tcp_tw_reuse_delay") ? 1200 : 2100);
}

/* `since`: from before the first entry was made. */
static void made_by_nobody(struct truth *truth, unsigned count, time_t since)
{
	time_t age;

	namespace_await_state(STATE_TIME_WAIT, count);
	truth_nobody(truth, count, "TIME_WAIT");
	age = now_s() - since;
	if (age >= LIFE_S - MARGIN_S)
		give_up("the first entry in TIME_WAIT ends before anybody has looked");
	truth->valid_s = (unsigned)(LIFE_S - MARGIN_S - age);
}

/*
 * Reuse comes last, when every other connection is made: on a slow machine the first entries
 * are old before the last one is there, and connect() would use them up.
 */
static void reuse(const char *value)
{
	namespace_sysctl("tcp_tw_reuse", value);
}

static void time_wait_full(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	service_start("0.0.0.0", 9001);
	service_time_wait(listener, 100, PLAN(.connect_to = LOOPBACK, .port = 9000));
	made_by_nobody(truth, 100, since);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), ALL, 100);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 0);
	truth_target(truth, PLAN(.bind_to = "127.0.0.9"), ALL, 100);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 0);
}

/* Made by connect(): reusable after a second. Made after bind(0): never. */
static void time_wait_reusable(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	service_time_wait(listener, 40, PLAN(.connect_to = LOOPBACK, .port = 9000));
	service_time_wait(listener, 25,
			  PLAN(.bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000));
	const struct held busy = HOLDER_START({ 10,
						{ .bind_to = LOOPBACK,
						  .no_port = true,
						  .connect_to = LOOPBACK,
						  .port = 9000 } });

	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	made_by_nobody(truth, 65, since);
	reuse("1");
	grow_old();
	truth_target(truth, PLAN(.bind_to = LOOPBACK), ALL, 25);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 65);
}

static void time_wait_mixed(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);
	struct order orders[7];

	namespace_sysctl("ip_local_reserved_ports", "40000-40002,40050-40052");
	for (uint16_t i = 0; i < 7; i++)
		orders[i] = (struct order){
			1, { .bind_to = "0.0.0.0", .bind_port = 40010 + i, .listens = true }
		};
	const struct held listeners = holder_start(orders, 7);

	service_time_wait(listener, 25, PLAN(.connect_to = LOOPBACK, .port = 9000));
	service_time_wait(listener, 15,
			  PLAN(.bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000));
	truth_holder(truth, &listeners, "LISTEN");
	made_by_nobody(truth, 40, since);
	service_start("0.0.0.0", 9001);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), 94, 47);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9001), 94, 72);
	truth_target(truth, PLAN(.bind_to = LOOPBACK), 94, 47);
}

static void need_reuse_delay(void)
{
	if (!namespace_has_sysctl("tcp_tw_reuse_delay"))
		give_up_skipping("this kernel has no tcp_tw_reuse_delay");
}

static void time_wait_young(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	need_reuse_delay();
	namespace_sysctl("tcp_tw_reuse_delay", "60000");
	service_time_wait(listener, 60, PLAN(.connect_to = LOOPBACK, .port = 9000));
	made_by_nobody(truth, 60, since);
	reuse("1");
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 40);
}

/* Old and young entries at once, for as long as the young ones are young. */
static void time_wait_young_and_old(struct truth *truth)
{
	enum { DELAY_MS = 4000, MARGIN_MS = 200 };
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);
	char delay[16];

	need_reuse_delay();
	snprintf(delay, sizeof delay, "%d", DELAY_MS);
	namespace_sysctl("tcp_tw_reuse_delay", delay);
	service_time_wait(listener, 25, PLAN(.connect_to = LOOPBACK, .port = 9000));
	service_time_wait(listener, 15,
			  PLAN(.bind_to = LOOPBACK, .connect_to = LOOPBACK, .port = 9000));
	const struct held busy =
		HOLDER_START({ 10, { .connect_to = LOOPBACK, .port = 9000 } });

	truth_holder(truth, &busy, "ESTABLISHED to 127.0.0.1:9000");
	for (unsigned i = 0; i < 10; i++)
		sockets_accept(listener);
	made_by_nobody(truth, 40, since);
	reuse("1");
	wait_ms(DELAY_MS + MARGIN_MS);
	/*
	 * Whether these take free ports or reuse old entries does not matter: 8 more are busy.
	 */
	service_time_wait(listener, 8, PLAN(.connect_to = LOOPBACK, .port = 9000));
	truth->valid_s = 3;
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 67);
}

static void time_wait_loopback(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	service_time_wait(listener, 70, PLAN(.connect_to = LOOPBACK, .port = 9000));
	made_by_nobody(truth, 70, since);
	reuse("2");
	grow_old();
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 100);
}

/* tcp_tw_reuse=2 asks for a loopback address, not for the loopback device. */
static void time_wait_not_loopback(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	namespace_add_address("lo", "10.77.0.1", 32);
	service_time_wait(listener, 30, PLAN(.connect_to = "10.77.0.1", .port = 9000));
	made_by_nobody(truth, 30, since);
	reuse("2");
	grow_old();
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 100);
	truth_target(truth, PLAN(.connect_to = "10.77.0.1", .port = 9000), ALL, 70);
}

static void time_wait_no_timestamps(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("0.0.0.0", 9000);

	namespace_sysctl("tcp_timestamps", "0");
	service_time_wait(listener, 60, PLAN(.connect_to = LOOPBACK, .port = 9000));
	made_by_nobody(truth, 60, since);
	reuse("1");
	grow_old();
	/* Whether they had timestamps then, the setting does not tell now. */
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 40)->uncertain =
		true;
}

/* Whether the far end spoke with timestamps, only the kernel knows. */
static void time_wait_far_peer(struct truth *truth)
{
	const time_t since = now_s();
	int fds[40];

	/*
	 * A slow peer sends its FIN twice and gets two answers, the second when it is gone: its
	 * reset would end the entry.
	 */
	namespace_sysctl("tcp_rfc1337", "1");
	service_start_far("10.5.0.1", "10.5.0.9", 9000);
	holder_here(ORDERS({ 40, { .connect_to = "10.5.0.9", .port = 9000 } }), fds);
	for (unsigned i = 0; i < 40; i++)
		close(fds[i]);
	made_by_nobody(truth, 40, since);
	const struct held busy =
		HOLDER_START({ 20, { .connect_to = "10.5.0.9", .port = 9000 } });

	truth_holder(truth, &busy, "ESTABLISHED to 10.5.0.9:9000");
	reuse("1");
	grow_old();
	truth_target(truth, PLAN(.bind_to = "10.5.0.1"), ALL, 40);
	truth_target(truth, PLAN(.connect_to = "10.5.0.9", .port = 9000), ALL, 80)->uncertain =
		true;
}

/*
 * Whether a resting IPv6 socket was IPv6-only, a dump does not tell; bind(0) on 0.0.0.0 asks.
 */
static void time_wait_v6(struct truth *truth)
{
	const time_t since = now_s();
	const int listener = service_start("::", 9000);

	service_time_wait(listener, 30, PLAN(.connect_to = LOOPBACK6, .port = 9000));
	service_time_wait(listener, 20,
			  PLAN(.bind_to = LOOPBACK6, .connect_to = LOOPBACK6, .port = 9000));
	made_by_nobody(truth, 50, since);
	truth_target(truth, PLAN(.bind_to = "0.0.0.0"), ALL, 70)->uncertain = true;
	truth_target(truth, PLAN(.bind_to = LOOPBACK6), ALL, 50);
	truth_target(truth, PLAN(.connect_to = LOOPBACK, .port = 9000), ALL, 80);
	truth_target(truth, PLAN(.connect_to = LOOPBACK6, .port = 9000), ALL, 50);
}

const struct situation situations_time_wait[] = {
	{ .name = "time_wait_full",
	  .what = "every port to one destination rests in TIME_WAIT, reuse is off",
	  .make = time_wait_full },
	{ .name = "time_wait_reusable",
	  .what = "reuse is on: entries of connect() can be reused, those of bind(0) never",
	  .make = time_wait_reusable },
	{ .name = "time_wait_mixed",
	  .what = "reserved ports, listeners, TIME_WAIT of both kinds, reuse off",
	  .make = time_wait_mixed },
	{ .name = "time_wait_young",
	  .what = "reuse is on, but every entry is too young",
	  .make = time_wait_young },
	{ .name = "time_wait_young_and_old",
	  .what = "reuse is on, some entries are old enough",
	  .make = time_wait_young_and_old },
	{ .name = "time_wait_loopback",
	  .what = "reuse for loopback only, and it is loopback",
	  .make = time_wait_loopback },
	{ .name = "time_wait_not_loopback",
	  .what = "reuse for loopback only, and it is another local address",
	  .make = time_wait_not_loopback },
	{ .name = "time_wait_no_timestamps",
	  .what = "reuse is on, but the connections had no timestamps",
	  .make = time_wait_no_timestamps },
	{ .name = "time_wait_far_peer",
	  .what = "reuse is on, the peer is another machine",
	  .make = time_wait_far_peer },
	{ .name = "time_wait_v6",
	  .what = "TIME_WAIT of IPv6 connections of both kinds",
	  .make = time_wait_v6 },
	{ 0 },
};
