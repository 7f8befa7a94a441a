#define _GNU_SOURCE /* close_range(), pipe2() */
#include "action/linux/range_guard.h"

#include "base/language.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Theory of operation. The front starts the guard, writes the record with the guard's pid, says "go", and changes the
 * range only when the guard has answered. Whoever may be killed when:
 *
 *   the front, before the record is written      the guard sees the pipe close, finds no record of its own, ends
 *   the front, later                             the guard goes on to the deadline; what was not yet
 *                                                changed is found unchanged
 *   the guard                                    the record outlives it: range_overdue()
 *   both                                         the same
 *
 * To confirm or to undo replaces or removes the record: the guard's descriptor of it then has no link any more.
 */
enum { GO = 'g', CANCEL = 'c', READY = 'r' };
enum { STEP_MS = 250, ATTEMPTS = 60 };

/* ---- the guard ---- */

struct watch_post {
	const struct range_files *files;
	const struct range_folder *folder;
	int lock, record;
};

/* A service or a machine that is stopped does not wait for the deadline: then it is rolled back at once. */
static volatile sig_atomic_t is_to_end;

static void note_end(int number)
{
	(void)number;
	is_to_end = 1;
}

static void leave_terminal(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGTERM, note_end);
	signal(SIGALRM, SIG_DFL);
	alarm(0);
	/* Without it whoever waits for the end of its output would wait for the deadline. */
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (chdir("/"))
		return;
}

/* For a kernel before 5.9, or a filter of system calls, that does not know close_range(). */
static void close_above(int highest)
{
	DIR *listing;
	struct dirent *entry;

	if (!close_range((unsigned)highest + 1, ~0U, 0))
		return;
	listing = opendir("/proc/self/fd");
	while (listing && (entry = readdir(listing))) {
		int fd = atoi(entry->d_name);

		if (fd > highest && fd != dirfd(listing))
			close(fd);
	}
	if (listing)
		closedir(listing);
}

/* Everything else that the front had open, a pipe to a reader that waits for its end among it. */
static void close_others(const int *kept, size_t count)
{
	int highest = 2;

	for (size_t i = 0; i < count; i++)
		if (kept[i] > highest)
			highest = kept[i];
	for (int fd = 3; fd < highest; fd++) {
		bool keep = false;

		for (size_t i = 0; i < count; i++)
			keep = keep || kept[i] == fd;
		if (!keep)
			close(fd);
	}
	close_above(highest);
}

static void sleep_ms(int64_t milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static bool is_gone(const struct watch_post *post)
{
	struct stat status;

	return !fstat(post->record, &status) && !status.st_nlink;
}

/* Another is in its place: it was confirmed, or there is another change by now. */
static bool is_replaced(const struct watch_post *post)
{
	return is_gone(post) && !faccessat(post->folder->fd, post->folder->own, F_OK, 0);
}

static void roll_back(const struct watch_post *post, const struct range_record *record)
{
	struct error error;
	bool kept;

	for (int i = 0; i < ATTEMPTS; i++) {
		/* Whoever holds the lock for so long does not run any more. */
		(void)range_folder_lock(post->lock);
		if (is_replaced(post))
			return;
		/* Where it was undone, nothing is what it was to be, and nothing is changed. */
		if (!range_files_change(post->files, &record->after, &record->before, &kept,
					&error)) {
			range_record_drop(post->folder, post->folder->own);
			return;
		}
		flock(post->lock, LOCK_UN);
		sleep_ms(1000);
	}
}

static void watch_over(struct watch_post *post, const struct range_record *record)
{
	int64_t left;

	while (!is_gone(post) && !is_to_end && (left = range_left_ms(record)) > 0)
		sleep_ms(left < STEP_MS ? left : STEP_MS);
	/* One that is gone was undone; or somebody has removed it, and then nobody else knows the way back. */
	if (!is_replaced(post))
		roll_back(post, record);
}

static bool read_own(struct watch_post *post, struct range_record *record)
{
	struct error error;

	post->record = range_record_open(post->folder);
	return post->record >= 0 &&
	       range_record_read(post->folder, post->folder->own, record, &error) == 1 &&
	       record->guard == getpid();
}

/* Told to go, or left alone by a front that has ended. */
static void stand_by(struct watch_post *post, int go, int answer)
{
	const char ready = READY;
	struct range_record record;
	char word = 0;
	ssize_t got;

	if (write(answer, &ready, 1) != 1)
		return;
	while ((got = read(go, &word, 1)) < 0 && errno == EINTR)
		;
	if ((got == 1 && word == CANCEL) || !read_own(post, &record))
		return;
	/* Whether the front is there to hear it or not. */
	if (got == 1 && write(answer, &ready, 1) != 1)
		got = 0;
	close(answer);
	close(go);
	watch_over(post, &record);
}

static void guard_main(const struct range_files *files, const struct range_folder *folder,
		       int go, int answer)
{
	struct range_folder own = *folder;
	struct watch_post post = { .files = files, .folder = &own };
	const int kept[] = { files->range, files->reserved, folder->fd, go, answer };

	leave_terminal();
	close_others(kept, sizeof kept / sizeof kept[0]);
	own.lock = -1; /* the front's */
	/* Not the front's: two of one open() do not lock each other out. */
	post.lock = openat(folder->fd, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (post.lock >= 0)
		stand_by(&post, go, answer);
}

/* ---- the front ---- */

static int await_answer(const struct range_guard *guard, struct error *error)
{
	char word = 0;
	ssize_t got;

	while ((got = read(guard->answer, &word, 1)) < 0 && errno == EINTR)
		;
	if (got == 1 && word == READY)
		return 0;
	return error_set(error,
			 _("the process that would roll the change back ended at once"));
}

int range_guard_start(struct range_guard *guard, const struct range_files *files,
		      const struct range_folder *folder, struct error *error)
{
	int go[2] = { -1, -1 }, answer[2] = { -1, -1 };

	*guard = (struct range_guard){ .go = -1, .answer = -1 };
	if (!pipe2(go, O_CLOEXEC) && !pipe2(answer, O_CLOEXEC))
		guard->pid = fork();
	else
		guard->pid = -1;
	if (!guard->pid) {
		close(go[1]);
		close(answer[0]);
		guard_main(files, folder, go[0], answer[1]);
		_exit(0);
	}
	if (guard->pid < 0)
		error_set(
			error,
			_("the process that would roll the change back cannot be started: %s"),
			language_errno(errno));
	if (go[0] >= 0)
		close(go[0]);
	if (answer[1] >= 0)
		close(answer[1]);
	guard->go = go[1];
	guard->answer = answer[0];
	if (guard->pid > 0 && !await_answer(guard, error))
		return 0;
	range_guard_close(guard);
	return -1;
}

int range_guard_go(struct range_guard *guard, struct error *error)
{
	const char go = GO;

	if (write(guard->go, &go, 1) != 1)
		return error_set(
			error, _("the process that would roll the change back ended at once"));
	return await_answer(guard, error);
}

void range_guard_cancel(struct range_guard *guard)
{
	const char cancel = CANCEL;
	ssize_t told = guard->go >= 0 ? write(guard->go, &cancel, 1) : -1;

	range_guard_close(guard);
	if (told == 1)
		waitpid(guard->pid, NULL, 0);
}

void range_guard_close(struct range_guard *guard)
{
	if (guard->go >= 0)
		close(guard->go);
	if (guard->answer >= 0)
		close(guard->answer);
	guard->go = guard->answer = -1;
}
