#include "source/artefact/windows/handle_count.h"

#include "source/artefact/dossier.h"
#include "source/artefact/windows/told_process.h"

static const char afd[] = "\\Device\\Afd";

void handle_count_begin(struct handle_count *count, struct dossier *dossier, int32_t pid,
			struct span name)
{
	handle_count_end(count, dossier);
	*count = (struct handle_count){ .pid = pid };
	told_process_name(dossier, pid, name);
}

void handle_count_add(struct handle_count *count, struct span type, struct span name)
{
	count->handles++;
	if (span_is_like(type, "File"))
		count->sockets += span_has(name, afd);
	else if (!span_is_like(type, "Section"))
		count->all_kinds = true;
}

void handle_count_found(struct handle_count *count, struct span text)
{
	count->handles++;
	count->sockets += span_has(text, afd);
}

/* A count by Windows itself is better: a tool may not open all that it sees. */
void handle_count_end(struct handle_count *count, struct dossier *dossier)
{
	struct process *process;

	if (count->pid > 0 && count->handles) {
		process = dossier_process(dossier, count->pid);
		process->socket_descriptors = (int64_t)count->sockets;
		if (count->all_kinds && process->descriptors < 0)
			process->descriptors = (int64_t)count->handles;
	}
	*count = (struct handle_count){ 0 };
}
