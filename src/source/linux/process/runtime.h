#pragma once

struct reading;

/*
 * What a process is written for, where its executable's name does not tell: "Go", ".NET", "Java", as
 * struct process has it. `directory` is that of the process in /proc; NULL: not known.
 */
const char *runtime_of(int directory);

/* Looks at the few processes of the snapshot that have the most sockets: whoever a finding names is
 * one of them. */
void runtime_read(struct reading *reading);
