#pragma once

#include "action/lab.h"

#include <sys/types.h>

/*
 * The processes of a lab. They end with the process that started them, whatever ends it.
 */
struct lab_process {
	pid_t pid;   /* 0: it does not run */
	int channel; /* to ask it by */
};

/* What the program answers: a lab_answer without pointers. */
struct lab_report {
	unsigned done;
	enum lab_call { LAB_SOCKET, LAB_BIND, LAB_CONNECT } call;
	int error;
	struct address to, first;
	uint16_t to_port, first_port;
};

struct lab_order {
	struct lab_habit habit;
	unsigned count;
};

/* -1 with a sentence. */
int lab_start_service(struct lab_process *process, bool closes, struct error *error);
int lab_start_program(struct lab_process *process, struct error *error);

int lab_ask(const struct lab_process *process, const struct lab_order *order,
	    struct lab_report *report, struct error *error);

/* By that signal, and waits for its end. */
void lab_end_process(struct lab_process *process, int signal_number);
