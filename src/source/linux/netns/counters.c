#include "source/counters.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/nat/conntrack.h"
#include "source/linux/netns/settings.h"
#include "source/linux/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct counting {
	struct reading reading; /* first: what is called in each namespace gets this only */
	const struct counter_column *columns;
	size_t count;
	int64_t *values;
};

static int64_t column(const char *netstat, const char *conntrack,
		      const struct counter_column *column)
{
	return strcmp(column->group, "nf_conntrack") ?
		       settings_counter(netstat, column) :
		       conntrack_counter(conntrack, column->key);
}

static void read_namespace(struct reading *reading)
{
	struct counting *counting = (struct counting *)reading;
	struct snapshot *snapshot = reading->snapshot;
	char *netstat, *conntrack;
	int64_t *row;

	reading->netns = namespaces_describe(snapshot, &reading->namespaces, reading->entry,
					     reading->proc);
	counting->values =
		memory_resize(counting->values, snapshot->namespace_count * counting->count,
			      sizeof *counting->values);
	row = counting->values + reading->netns * counting->count;
	netstat = settings_netstat(reading->proc);
	conntrack = conntrack_statistics(reading->proc);
	if (!netstat)
		snapshot_add_gap(snapshot, GAP_SCOPE, reading->netns, _("counters"),
				 language_errno(errno), NULL);
	for (size_t i = 0; i < counting->count; i++)
		row[i] = column(netstat, conntrack, &counting->columns[i]);
	free(netstat);
	free(conntrack);
}

static int read_live(struct reading *reading, struct error *error)
{
	struct namespaces *namespaces = &reading->namespaces;

	if (namespaces_find(namespaces, reading->request, reading->proc, NULL, error))
		return -1;
	if (namespaces->count > 1 || namespaces->entries[0].inode != namespaces->own_inode)
		namespaces->own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	reading_each_namespace(reading, read_namespace);
	reading_add_refused_gap(reading);
	if (namespaces->own_fd >= 0)
		close(namespaces->own_fd);
	return 0;
}

int counters_read(const struct source_request *request, const struct counter_column *columns,
		  size_t count, struct snapshot *snapshot, int64_t **values,
		  struct error *error)
{
	struct counting counting = {
		.reading = { .request = request, .snapshot = snapshot },
		.columns = columns,
		.count = count,
	};
	struct reading *reading = &counting.reading;
	int result = 0;

	*snapshot = (struct snapshot){ 0 };
	*values = NULL;
	reading->proc = reading_open_proc(request->root, error);
	if (reading->proc < 0)
		return -1;
	host_describe(reading);
	if (request->root) {
		reading_find_copy(reading);
		read_namespace(reading);
	} else {
		result = read_live(reading, error);
	}
	namespaces_free(&reading->namespaces);
	close(reading->proc);
	*values = counting.values;
	return result;
}
