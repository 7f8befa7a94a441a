#include "source/failures.h"

#include "base/language.h"

struct failures *failures_open(const struct failures_request *request, struct error *error)
{
	(void)request;
	error_set(error, "%s", _("not available on this system"));
	return NULL;
}

void failures_close(struct failures *failures)
{
	(void)failures;
}

const char *failures_source(const struct failures *failures)
{
	(void)failures;
	return "etw";
}

const char *failures_why_not_bpf(struct failures *failures)
{
	(void)failures;
	return NULL;
}

const struct failure_coverage *failures_coverage(const struct failures *failures,
						 enum failure_kind kind)
{
	static const struct failure_coverage none = { 0 };

	(void)failures;
	(void)kind;
	return &none;
}

unsigned failures_slows_calls_ns(const struct failures *failures)
{
	(void)failures;
	return 0;
}

int failures_poll(struct failures *failures, int timeout_ms,
		  bool (*take)(void *context, const struct failure *failure), void *context,
		  struct error *error)
{
	(void)failures;
	(void)timeout_ms;
	(void)take;
	(void)context;
	return error_set(error, "%s", _("not available on this system"));
}

struct failures_counts failures_counts(const struct failures *failures)
{
	(void)failures;
	return (struct failures_counts){ 0 };
}
