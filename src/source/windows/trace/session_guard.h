#pragma once

struct session;

/*
 * For programs that end where they are when somebody asks them to (Ctrl-C, the console is closed): the session is stopped
 * before. There is one at a time.
 */
void session_guard(struct session *session);
void session_unguard(struct session *session);
