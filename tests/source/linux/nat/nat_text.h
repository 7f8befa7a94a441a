#pragma once

struct nat_rule;

/* A rule in words: "ip nat post: tcp, from 10.1.0.0/24, to 10.2.0.1-10.2.0.3:1024-2047". */
const char *nat_text(const struct nat_rule *rule);
