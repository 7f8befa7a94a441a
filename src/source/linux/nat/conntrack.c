#include "source/linux/nat/conntrack.h"

#include "snapshot/netns.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_TABLE = 1 << 20 };

/* In a copied /proc the links self and net may lead nowhere. */
char *conntrack_statistics(int proc)
{
	static const char *const paths[] = { "net/stat/nf_conntrack",
					     "self/net/stat/nf_conntrack",
					     "1/net/stat/nf_conntrack" };
	char *text = NULL;
	size_t length;

	for (size_t i = 0; !text && i < sizeof paths / sizeof paths[0]; i++)
		text = proc_file_read_all(proc, paths[i], LARGEST_TABLE, &length);
	return text;
}

/* The column of that name in the heading, -1 if there is none. */
static int column_of(const char *heading, const char *name)
{
	size_t length = strlen(name);
	int column = 0;

	for (;; column++) {
		size_t word;

		heading += strspn(heading, " ");
		word = strcspn(heading, " \n");
		if (!word)
			return -1;
		if (word == length && !strncmp(heading, name, length))
			return column;
		heading += word;
	}
}

static int64_t hexadecimal_at(const char *line, int column)
{
	for (; column; column--) {
		line += strspn(line, " ");
		line += strcspn(line, " \n");
	}
	return (int64_t)(strtoull(line, NULL, 16) & UINT32_MAX);
}

/* A line for each processor, in hexadecimal; Linux net/netfilter/nf_conntrack_standalone.c,
 * ct_cpu_seq_show(). */
int64_t conntrack_counter(const char *text, const char *name)
{
	const char *line = text ? strchr(text, '\n') : NULL;
	int column = line ? column_of(text, name) : -1;
	int64_t sum = 0;

	if (column < 0)
		return -1;
	for (; line && line[1]; line = strchr(line + 1, '\n'))
		sum += hexadecimal_at(line + 1, column);
	return sum;
}

/* The kernel's are of type int: anything else was not written by it. */
static int64_t read_int(int proc, const char *path)
{
	int64_t value = proc_file_number(proc, path);

	return value > INT32_MAX ? -1 : value;
}

void conntrack_read(struct netns_conntrack *conntrack, int proc)
{
	int64_t entries;
	char *text;

	errno = 0;
	entries = read_int(proc, "sys/net/netfilter/nf_conntrack_count");

	*conntrack = (struct netns_conntrack){ 0 };
	if (!entries || (entries < 0 && errno == ENOENT))
		return; /* nothing is tracked here, or it is not in the kernel */
	text = conntrack_statistics(proc);
	conntrack->entries = entries;
	conntrack->limit = read_int(proc, "sys/net/netfilter/nf_conntrack_max");
	conntrack->drops = conntrack_counter(text, "drop");
	conntrack->insert_failed = conntrack_counter(text, "insert_failed");
	conntrack->early_drops = conntrack_counter(text, "early_drop");
	conntrack->time_wait_s =
		read_int(proc, "sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait");
	free(text);
}
