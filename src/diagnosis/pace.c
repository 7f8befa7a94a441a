#include "diagnosis/pace.h"

#include "diagnosis/diagnosis.h"

/* A process younger than this has no average worth the name; start times are whole seconds. */
enum { YOUNGEST_S = 5 };

static unsigned ports_of(const struct finding *finding, int64_t process)
{
	unsigned ports = 0;

	for (size_t i = 0; i < finding->share_count; i++)
		if (finding->shares[i].owner_kind == OWNER_PROCESS &&
		    finding->shares[i].process == process)
			ports += finding->shares[i].ports;
	return ports;
}

/* What it has taken more of since the first look of a sample, as far as that is no chance. */
static unsigned growth_of(const struct finding *finding, int64_t process)
{
	enum { LEAST = 9 };
	int growth = 0;

	for (size_t i = 0; i < finding->share_count; i++)
		if (finding->shares[i].compared && finding->shares[i].process == process)
			growth += finding->shares[i].growth;
	return growth >= LEAST ? (unsigned)growth : 0;
}

bool pace_is_measured(const struct diagnosis *diagnosis, const struct finding *finding)
{
	return diagnosis->before && finding->culprit >= 0 && !pace_resting_ports(finding) &&
	       growth_of(finding, finding->culprit);
}

double pace_ports_per_s(const struct diagnosis *diagnosis, const struct finding *finding)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct process *process;
	int64_t age_s;

	/* TIME_WAIT is no leak: as many ports come back as are used. */
	if (finding->culprit < 0 || pace_resting_ports(finding))
		return -1;
	if (pace_is_measured(diagnosis, finding))
		return growth_of(finding, finding->culprit) / snapshot->sample.seconds;
	process = &snapshot->processes[finding->culprit];
	age_s = snapshot->time_ms / 1000 - process->start_time;
	if (process->start_time <= 0 || age_s < YOUNGEST_S)
		return -1;
	return (double)ports_of(finding, finding->culprit) / (double)age_s;
}

int64_t pace_resting_ports(const struct finding *finding)
{
	int64_t resting = 0, total = 0;

	for (size_t i = 0; i < finding->share_count; i++) {
		total += finding->shares[i].ports;
		if (finding->shares[i].state == SOCKET_TIME_WAIT)
			resting += finding->shares[i].ports;
	}
	return 2 * resting > total ? resting : 0;
}

int64_t pace_seconds(const struct diagnosis *diagnosis, const struct finding *finding,
		     int64_t ports)
{
	double pace = pace_ports_per_s(diagnosis, finding);

	return pace > 0 && ports >= 0 ? (int64_t)((double)ports / pace) : -1;
}
