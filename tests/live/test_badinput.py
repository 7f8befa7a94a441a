#!/usr/bin/env python3
"""Command lines that make no sense are refused: one sentence with the offending text, no output.

    test_badinput.py PORTROOM
"""

import os
import sys

from live import Tap, guard, run

USAGE = 2
CHECK_USAGE = 3  # `check` is a monitoring plugin: there 2 would mean critical

# What is said, what the sentence must contain (the offending text first), the exit status.
NEAREST = (
    ("chekc", ("chekc", "check"), USAGE),
    ("lsit", ("lsit", "list"), USAGE),
    ("rom", ("rom", "room"), USAGE),
    ("rnage show", ("rnage", "range"), USAGE),
    ("check --jsn", ("--jsn", "--json"), CHECK_USAGE),
    ("--jsn", ("--jsn", "--json"), CHECK_USAGE),
    ("list --jsn", ("--jsn", "--json"), USAGE),
    ("room 127.0.0.1:80 --pasive", ("--pasive", "--passive"), USAGE),
    ("room 127.0.0.1:80 --port-rnage 5-9", ("--port-rnage", "--port-range"), USAGE),
)

REFUSED = (
    ("list --j", ("'--j'",), USAGE),
    ("list --c 12", ("'--c'",), USAGE),
    ("room --v 1.2.3.4:80", ("'--v'",), USAGE),
    ("list --tcp=1", ("--tcp", "no value"), USAGE),
    ("list --no-owners --pid 4", ("--no-owners", "--pid"), USAGE),
    ("room 1.2.3.4:80 --v6only", ("--v6only",), USAGE),
    ("room --bind 127.0.0.1 --v6only", ("--v6only", "IPv6"), USAGE),
    ("room --netns all 1.2.3.4:80", ("--netns all",), USAGE),
    ("room [fe80::1]:80", ("[fe80::1]:80", "interface"), USAGE),
    ("--json check", ("'check'", "before"), CHECK_USAGE),
    ("check --netns /etc/passwd", ("/etc/passwd",), CHECK_USAGE),
    ("check --source bpf_iter --no-bpf", ("--source bpf_iter", "--no-bpf"), CHECK_USAGE),
    ("list --no-bpf --source bpf_tables", ("--source bpf_tables", "--no-bpf"), USAGE),
    ("check --source bpf_tables --root /", ("--source bpf_tables", "--root"), CHECK_USAGE),
    ("room 1.2.3.4:80 --root / --source sock_diag", ("--source sock_diag", "--root"), USAGE),
    ("room 1.2.3:80", ("1.2.3:80",), USAGE),
    ("room [::1:80", ("[::1:80",), USAGE),
    ("room 1.2.3.4:99999", ("99999", "above 65535"), USAGE),
    ("room [::1]:65536", ("65536", "above 65535"), USAGE),
    ("room 1.2.3.4:0x50", ("0x50",), USAGE),
    ("room 1.2.3.4:-1", ("-1",), USAGE),
    ("room 1.2.3.4", ("1.2.3.4",), USAGE),
    ("room 1.2.3.4:", ("1.2.3.4:",), USAGE),
    ("room [::1]", ("[::1]",), USAGE),
    ("room [::g]:80", ("::g",), USAGE),
    ("room", ("room",), USAGE),
    ("room 1.2.3.4:80 5.6.7.8:80", ("5.6.7.8:80",), USAGE),
    ("room 1.2.3.4:80 --src 1.2.3.999", ("1.2.3.999",), USAGE),
    ("room 1.2.3.4:80 --src ::1", ("::1",), USAGE),
    ("room --bind 300.1.1.1", ("300.1.1.1",), USAGE),
    ("room 1.2.3.4:80 --port-range 5-3", ("5-3",), USAGE),
    ("room 1.2.3.4:80 --port-range 0-70000", ("0-70000",), USAGE),
    ("room 1.2.3.4:80 --port-range 5", ("5",), USAGE),
    ("room 1.2.3.4:80 --port-range a-b", ("a-b",), USAGE),
    ("room 1.2.3.4:80 --at-least many", ("many",), USAGE),
    ("room 1.2.3.4:80 --at-least -3", ("-3",), USAGE),
    ("room 1.2.3.4:80 --at-least", ("--at-least",), USAGE),
    ("list --pid abc", ("abc",), USAGE),
    ("list --pid 12x", ("12x",), USAGE),
    ("list --state foo", ("foo",), USAGE),
    ("list --port 99999", ("99999",), USAGE),
    ("list --src 1.2.3", ("1.2.3",), USAGE),
    ("list --by colour", ("colour",), USAGE),
    ("list surplus", ("surplus",), USAGE),
    ("trace surplus", ("surplus",), USAGE),
    ("trace --for 10", ("--for", "'10'"), USAGE),
    ("trace --for 0s", ("--for", "'0s'"), USAGE),
    ("trace --for 9999h", ("--for", "'9999h'"), USAGE),
    ("trace --count 0", ("--count", "'0'"), USAGE),
    ("trace --count -1", ("--count", "'-1'"), USAGE),
    ("trace --state bound", ("--state",), USAGE),
    ("trace --pid abc", ("abc",), USAGE),
    ("trace --root /proc", ("--root",), USAGE),
    ("check surplus", ("surplus",), CHECK_USAGE),
    ("check -w 5 -c 10", ("--warning 5", "--critical 10"), CHECK_USAGE),
    ("check -c 20% -w 10%", ("--warning 10%", "--critical 20%"), CHECK_USAGE),
    ("check --timeout 0", ("--timeout", "'0'"), CHECK_USAGE),
    ("check -t soon", ("--timeout", "'soon'"), CHECK_USAGE),
    ("check --limit few", ("few",), CHECK_USAGE),
    ("check --sample 5", ("--sample", "'5'", "5s"), CHECK_USAGE),
    ("check --sample 0s", ("--sample", "'0s'"), CHECK_USAGE),
    ("check --sample 99ms", ("--sample", "'99ms'", "100ms"), CHECK_USAGE),
    ("check --sample 2h", ("--sample", "'2h'", "1h"), CHECK_USAGE),
    ("check --sample -5s", ("--sample", "'-5s'"), CHECK_USAGE),
    ("check --sample 5s --root /tmp", ("--sample", "--root"), CHECK_USAGE),
    ("check --sample 5s --timeout 5", ("--sample", "--timeout 5"), CHECK_USAGE),
    ("list --sample 5s", ("--sample",), USAGE),
    ("check --netns /no/such/namespace", ("/no/such/namespace",), CHECK_USAGE),
)


def try_line(tap, portroom, line, contained, status):
    answer = run([portroom] + line.split())
    missing = [text for text in contained if text not in answer.err]
    tap.ok(answer.status == status and not missing and not answer.out and
           answer.err.count("\n") == 1 and answer.err.endswith("\n"),
           "'portroom %s' is refused in one sentence with %s" % (line, " and ".join(contained)),
           "wanted exit status %d" % status, answer)


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    portroom = os.path.abspath(words[0])
    tap = Tap()
    for line, contained, status in NEAREST + REFUSED:
        guard(tap, line, try_line, tap, portroom, line, contained, status)
    answer = run([portroom, "room", "1.2.3.4:80", ""])
    tap.ok(answer.status == USAGE and answer.err.count("\n") == 1 and not answer.out,
           "an empty argument is refused in one sentence", answer)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
