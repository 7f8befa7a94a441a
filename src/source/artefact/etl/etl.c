#include "base/language.h"
#include "snapshot/evidence.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/etl/afd.h"
#include "source/artefact/etl/bytes.h"
#include "source/artefact/etl/container.h"
#include "source/artefact/etl/eprocess.h"
#include "source/artefact/etl/event.h"
#include "source/artefact/etl/failed.h"
#include "source/artefact/etl/flows.h"
#include "source/artefact/etl/header.h"
#include "source/artefact/etl/kernel_network.h"
#include "source/artefact/etl/names.h"
#include "source/artefact/etl/providers.h"
#include "source/artefact/etl/record.h"
#include "source/artefact/etl/tally.h"
#include "source/artefact/etl/tcpip.h"

#include <inttypes.h>
#include <string.h>

/*
 * Event traces of Windows.
 *
 * Each processor writes into a buffer of its own, and buffers come into the file as they become full: events are not in the
 * order of time, and an old one may come late. Sorting all of them would take memory by the size of the file. So only calls
 * that failed are kept, which are few. The first pass counts everything, learns who the processes are, and gathers
 * failed calls; where there are any, a second one looks for what else was told of their sockets (which address a request
 * named that then failed, who made the socket), which may be anywhere; then they are sorted and told.
 *
 * Where more failed than are kept, the second pass tells them as it goes: always the earlier half of those that are
 * gathered, so that what is out of order by less than so many is told in order; and begins at the oldest buffer of a file
 * that is written in a circle.
 */
enum pass { PASS_COUNT, PASS_PAIR, PASS_TELL };

struct etl {
	const struct artefact_input *input;
	struct dossier *dossier;
	struct traced_trace *trace;
	struct etl_header header;
	enum pass pass;
	struct tally tally;
	struct flows flows;
	struct names names;
	struct eprocesses processes;
	struct failed failed;

	int64_t first, last; /* of the raw clock */
	bool has_times;
	uint64_t sequence; /* of the buffer before */
	size_t oldest; /* where the buffer is that the circle begins with; 0: at the beginning */
	uint64_t unread; /* calls of versions that are not known */
	int64_t told_ms;
	uint64_t told_late;
};

/* ---- telling ---- */

static int64_t process_of(const struct etl *etl, const struct failed_call *failed)
{
	uint32_t pid = failed_pid(failed, &etl->processes);
	const char *name = pid ? names_of(&etl->names, pid) : NULL;
	uint32_t index;

	if (!pid)
		return -1;
	index = dossier_process_index(etl->dossier, (int32_t)pid);
	if (name && !etl->dossier->snapshot->processes[index].name)
		etl->dossier->snapshot->processes[index].name =
			dossier_text(etl->dossier, (struct span){ name, strlen(name) });
	return index;
}

static void tell(struct etl *etl, const struct failed_call *failed)
{
	struct traced_failure like = failed_as_traced(failed);
	int64_t time_ms = etl_time_ms(&etl->header, failed->time);

	etl->told_late += time_ms && time_ms < etl->told_ms;
	if (time_ms > etl->told_ms)
		etl->told_ms = time_ms;
	like.process = process_of(etl, failed);
	dossier_add_failure(etl->dossier, like, failed->call.local_port, time_ms);
	etl->trace->failures++;
}

/* The earliest so many. */
static void tell_some(struct etl *etl, size_t count)
{
	failed_by_time(&etl->failed);
	failed_join(&etl->failed, count, (int64_t)(etl->header.frequency / 10));
	for (size_t i = 0; i < count; i++)
		if (!etl->failed.items[i].told)
			tell(etl, &etl->failed.items[i]);
	failed_drop(&etl->failed, count);
}

/* ---- events ---- */

static void take_failed(struct etl *etl, const struct etw_event *event,
			const struct etw_call *call)
{
	if (etl->failed.count < FAILED_MOST)
		failed_add(&etl->failed, event, call);
	if (etl->pass == PASS_TELL && etl->failed.count == FAILED_MOST)
		tell_some(etl, FAILED_MOST / 2);
}

static void count_call(struct etl *etl, const struct etw_event *event,
		       const struct etw_call *call)
{
	struct traced_trace *trace = etl->trace;

	trace->completed_binds += call->ended && call->kind == CALL_BIND;
	trace->completed_connects += call->ended && call->kind == CALL_CONNECT;
	if (call->kind == CALL_CREATE)
		eprocess_learn(&etl->processes, call->process, call->pid, event->time);
}

static void take_afd(struct etl *etl, const struct etw_event *event)
{
	enum afd_result result;
	struct etw_call call;
	uint64_t process;
	uint32_t pid;

	if (etl->pass == PASS_PAIR && !failed_may_pair(&etl->failed, afd_endpoint(event)))
		return;
	result = afd_read(event, &call);
	if (etl->pass == PASS_COUNT) {
		etl->unread += result == AFD_UNKNOWN;
		if (afd_learn(event, &process, &pid))
			eprocess_learn(&etl->processes, process, pid, event->time);
		if (result == AFD_CALL)
			count_call(etl, event, &call);
	}
	if (result != AFD_CALL)
		return;
	if (etl->pass == PASS_PAIR)
		failed_pair(&etl->failed, event, &call);
	else if (etw_call_failed(&call) && call.kind != CALL_CREATE)
		take_failed(etl, event, &call);
}

static void take_tcpip(struct etl *etl, const struct etw_event *event)
{
	struct etw_call call;
	enum tcpip_result result;

	if (etl->pass == PASS_PAIR)
		return;
	result = tcpip_read(event, &call);
	etl->unread += etl->pass == PASS_COUNT && result == TCPIP_UNKNOWN;
	if (result == TCPIP_CALL && etw_call_failed(&call))
		take_failed(etl, event, &call);
}

static void widen(struct etl *etl, int64_t time)
{
	if (!etl->has_times || time < etl->first)
		etl->first = time;
	if (!etl->has_times || time > etl->last)
		etl->last = time;
	etl->has_times = true;
}

static void count_event(struct etl *etl, const struct etw_event *event, enum provider provider)
{
	struct traced_trace *trace = etl->trace;
	struct network_event network;

	tally_event(&etl->tally, event->provider, event->id);
	widen(etl, event->time);
	trace->afd_events += provider == PROVIDER_AFD;
	trace->tcpip_events += provider == PROVIDER_TCPIP;
	trace->network_events += provider == PROVIDER_NETWORK;
	if (provider == PROVIDER_NETWORK && kernel_network_read(event, &network))
		flows_add(&etl->flows, &network);
	else if (provider == PROVIDER_PROCESS)
		names_add(&etl->names, event);
}

static void take_event(struct etl *etl, const struct etl_record *record)
{
	struct etw_extended extended;
	struct etw_event event;
	enum provider provider;

	etw_event_read(&event, record, &extended);
	provider = provider_of(event.provider);
	if (etl->pass == PASS_COUNT) {
		tally_extended(&etl->tally, &extended);
		count_event(etl, &event, provider);
	}
	if (provider == PROVIDER_AFD)
		take_afd(etl, &event);
	else if (provider == PROVIDER_TCPIP)
		take_tcpip(etl, &event);
}

/* Its header, who writes it, and the like: system records of the first group of hooks. */
static bool is_about_trace(const struct etl_record *record)
{
	return (record->type == ETL_SYSTEM_32 || record->type == ETL_SYSTEM_64) &&
	       !(le16(record->bytes + 6) >> 8);
}

static void take_record(struct etl *etl, const struct etl_record *record)
{
	enum { CLASSIC_TYPE = 4, CLASSIC_TIME = 0x10, CLASSIC_GUID = 0x18 };

	if (etl->pass == PASS_COUNT) {
		tally_record(&etl->tally, record);
		etl->trace->events += !is_about_trace(record);
	}
	if (record->type == ETL_EVENT_32 || record->type == ETL_EVENT_64) {
		take_event(etl, record);
	} else if (etl->pass == PASS_COUNT &&
		   (record->type == ETL_CLASSIC_32 || record->type == ETL_CLASSIC_64)) {
		tally_event(&etl->tally, record->bytes + CLASSIC_GUID,
			    record->bytes[CLASSIC_TYPE]);
		widen(etl, (int64_t)le64(record->bytes + CLASSIC_TIME));
	}
}

/* ---- buffers ---- */

static void note_buffer(struct etl *etl, const struct etl_buffer *buffer)
{
	struct dossier *dossier = etl->dossier;

	if (buffer->passed_over)
		dossier_note(dossier, _("byte %zu: %zu bytes are no buffer of a trace"),
			     buffer->offset - buffer->passed_over, buffer->passed_over);
	if (buffer->trouble == ETL_CUT)
		dossier_note(dossier, _("byte %zu: the file ends within this buffer"),
			     buffer->offset);
	if (buffer->trouble == ETL_NOT_UNPACKED)
		dossier_note(dossier, _("byte %zu: the buffer could not be unpacked whole"),
			     buffer->offset);
	if (buffer->passed_over || buffer->trouble != ETL_FINE)
		etl->trace->incomplete = true;
}

static void count_buffer(struct etl *etl, const struct etl_buffer *buffer)
{
	etl->trace->buffers++;
	etl->trace->compressed_buffers += buffer->compressed;
	etl->trace->incomplete |= buffer->lossy;
	if (etl->trace->buffers > 2 && buffer->sequence < etl->sequence && !etl->oldest &&
	    etl->header.mode & ETL_MODE_CIRCULAR)
		etl->oldest = buffer->offset;
	etl->sequence = buffer->sequence;
	note_buffer(etl, buffer);
}

static void read_buffer(struct etl *etl, const struct etl_buffer *buffer)
{
	struct etl_records records = { buffer->records, buffer->size, 0 };
	struct etl_record record;
	enum etl_step step;

	while ((step = etl_records_next(&records, &record)) == ETL_RECORD)
		take_record(etl, &record);
	if (step == ETL_SPOILT && etl->pass == PASS_COUNT && buffer->trouble == ETL_FINE) {
		etl->trace->incomplete = true;
		dossier_note(etl->dossier,
			     _("byte %zu: what begins at byte %zu of this buffer is no "
			       "record; the rest of it was passed over"),
			     buffer->offset, records.at + ETL_BUFFER_HEADER);
	}
}

static void read_buffers(struct etl *etl, size_t from, size_t to)
{
	struct etl_buffers buffers;
	struct etl_buffer buffer;

	etl_buffers_begin(&buffers, etl->input, from, to);
	while (etl_buffers_next(&buffers, &buffer)) {
		if (etl->pass == PASS_COUNT)
			count_buffer(etl, &buffer);
		read_buffer(etl, &buffer);
	}
	if (etl->pass == PASS_COUNT && buffers.passed_over) {
		etl->trace->incomplete = true;
		dossier_note(etl->dossier, _("byte %zu: %zu bytes are no buffer of a trace"),
			     buffers.at - buffers.passed_over, buffers.passed_over);
	}
	etl_buffers_end(&buffers);
}

/* ---- a file ---- */

static void tell_all(struct etl *etl)
{
	const size_t size = etl->input->size;

	if (etl->failed.count == FAILED_MOST) {
		etl->failed.count = 0;
		etl->pass = PASS_TELL;
		read_buffers(etl, etl->oldest, size);
		if (etl->oldest)
			read_buffers(etl, 0, etl->oldest);
	} else if (etl->failed.count && etl->trace->afd_events) {
		failed_by_endpoint(&etl->failed);
		etl->pass = PASS_PAIR;
		read_buffers(etl, 0, size);
		failed_spread(&etl->failed);
	}
	tell_some(etl, etl->failed.count);
}

static void note_calls(struct etl *etl)
{
	if (etl->told_late)
		dossier_note(etl->dossier,
			     _("%" PRIu64
			       " failing calls are told later than they were: there "
			       "are more than can be sorted"),
			     etl->told_late);
	if (etl->unread)
		dossier_note(etl->dossier,
			     _("%" PRIu64 " calls are of a form that is not known"),
			     etl->unread);
	etl->trace->incomplete |= etl->unread > 0;
}

static void finish_trace(struct etl *etl)
{
	struct traced_trace *trace = etl->trace;
	const struct etl_header *header = &etl->header;
	uint64_t mode = header->mode;

	trace->first_ms = etl->has_times ? etl_time_ms(header, etl->first) : 0;
	trace->last_ms = etl->has_times ? etl_time_ms(header, etl->last) : 0;
	trace->wrapped = mode & ETL_MODE_CIRCULAR &&
			 (etl->oldest || header->buffers_written > trace->buffers);
	trace->incomplete |= trace->wrapped || trace->events_lost || trace->buffers_lost;
	tally_finish(&etl->tally, &etl->dossier->snapshot->arena, trace);
	flows_finish(&etl->flows, etl->dossier, trace);
	dossier_count_records(etl->dossier, trace->events);
	if (trace->afd_events || trace->tcpip_events)
		dossier_used_for(etl->dossier, N_("failing calls"));
	else if (trace->network_events)
		dossier_used_for(etl->dossier, N_("connections by process"));
}

static void begin_trace(struct etl *etl)
{
	struct windows *windows = dossier_windows(etl->dossier);

	etl->trace = dossier_add_trace(etl->dossier);
	etl->trace->build = etl->header.build ? etl->header.build : -1;
	etl->trace->events_lost = etl->header.events_lost;
	etl->trace->buffers_lost = etl->header.buffers_lost;
	if (windows->build < 0)
		windows->build = etl->trace->build;
}

static int read_trace(const struct artefact_input *input, struct dossier *dossier,
		      struct error *error)
{
	struct etl etl = { .input = input, .dossier = dossier };
	size_t size = input->size - ETL_BUFFER_HEADER;
	size_t record = le16(input->bytes + ETL_BUFFER_HEADER + 4);

	dossier_name_part(dossier, "etl");
	if (etl_header_read(&etl.header, input->bytes + ETL_BUFFER_HEADER,
			    record < size ? record : size, error))
		return -1;
	begin_trace(&etl);
	read_buffers(&etl, 0, input->size);
	tell_all(&etl);
	note_calls(&etl);
	finish_trace(&etl);
	names_free(&etl.names);
	eprocesses_free(&etl.processes);
	failed_free(&etl.failed);
	return 0;
}

/* A buffer that begins with the header of a log file: a system record without a hook. */
static bool is_trace(const struct artefact_input *input)
{
	const uint8_t *record = input->bytes + ETL_BUFFER_HEADER;

	return input->size >= ETL_BUFFER_HEADER + 8 &&
	       le32(input->bytes) >= ETL_BUFFER_HEADER &&
	       le32(input->bytes) <= ETL_BUFFER_MOST && record[3] == 0xc0 &&
	       (record[2] == ETL_SYSTEM_32 || record[2] == ETL_SYSTEM_64) && !le16(record + 6);
}

const struct artefact_kind artefact_etl = {
	.name = "etl",
	.is = is_trace,
	.read = read_trace,
	.last = true,
};
