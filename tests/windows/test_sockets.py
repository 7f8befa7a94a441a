#!/usr/bin/env python3
"""The program sockets, which other tests rely on, and the namespace they share: both against /proc/net.

    test_sockets.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import sys
import time
from collections import Counter

from wine import Tap, enter, guard

STATES = {1: "established", 4: "fin_wait1", 5: "fin_wait2", 6: "time_wait", 7: "close", 8: "close_wait",
          10: "listen"}


def entries(name):
    """(state, port) of every socket in a table of the namespace."""
    with open("/proc/net/" + name, encoding="ascii") as file:
        for line in file.read().splitlines()[1:]:
            fields = line.split()
            yield STATES.get(int(fields[3], 16), fields[3]), int(fields[1].rsplit(":", 1)[1], 16)


def counted(*tables):
    return Counter(state for name in tables for state, _ in entries(name))


def new_states(was, tables, expected):
    """What is there now and was not; the last acknowledgement of an end takes its time."""
    deadline = time.monotonic() + 30
    while True:
        new = dict(counted(*tables) - was)
        if new == expected or time.monotonic() > deadline:
            return new
        time.sleep(0.05)


def ports(told, kind):
    return [entry["port"] for entry in told if entry.get("kind") == kind]


def try_states(tap, wine, address, tables):
    before = counted(*tables)
    with wine.start("sockets") as program:
        for text, expected in (("listen 2", {"listen": 2}),
                               ("pair 3", {"listen": 1, "established": 6}),
                               ("half 4", {"listen": 1, "close_wait": 4, "fin_wait2": 4}),
                               ("time_wait 5", {"listen": 1, "time_wait": 5})):
            was = counted(*tables)
            told = program.do("%s %s" % (text, address))
            new = new_states(was, tables, expected)
            tap.ok(new == expected, "%s %s makes %s" % (text, address, expected), new, told)
        tap.ok(program.pid and program.unix_pid != program.pid, "it tells what Windows calls it", program.pid)
        tap.ok(program.end() == 0, "it ends when its input ends")
    left, deadline = counted(*tables) - before, time.monotonic() + 10
    while not set(left) <= {"time_wait", "fin_wait2", "fin_wait1"} and time.monotonic() < deadline:
        time.sleep(0.05) # Wine's server closes what a program leaves, and may take a moment
        left = counted(*tables) - before
    tap.ok(set(left) <= {"time_wait", "fin_wait2", "fin_wait1"}, "what it held is gone with it", dict(left))


def try_ports(tap, wine):
    with wine.start("sockets") as program:
        at = ports(program.do("listen 1"), "listen")
        told = program.do("connect 2 %d" % at[0])
        tap.ok(len(ports(told, "connect")) == 2 and all(entry["peer_port"] == at[0] for entry in told),
               "connect goes to the port it is given", told)
        tap.ok(len(ports(program.do("accept 2"), "accept")) == 2, "accept takes what waits at the listener")
        udp = ports(program.do("udp 3"), "udp")
        tap.ok(set(udp) <= {port for _, port in entries("udp")} and len(set(udp)) == 3,
               "udp sockets have the ports it tells", udp)
        bound = ports(program.do("bound 3"), "bound")
        tap.ok(len(set(bound)) == 3 and not set(bound) & {port for _, port in entries("tcp")},
               "bound sockets are in no table", bound)
        refused = program.do("bound 1 127.0.0.1 %d" % bound[0])
        tap.ok(refused[-1] == {"failed": "bind", "error": 10048}, "a call that fails is told with its error", refused)
        program.do("close bound")
        again = program.do("bound 1 127.0.0.1 %d" % bound[0])
        tap.ok(ports(again, "bound") == bound[:1], "what was closed can be made again", again)


def try_range(tap, wine):
    """The namespace's settings count for what Wine's server makes in it. No port of the usual range, of which some rest from before."""
    was = wine.sysctl("net.ipv4.ip_local_port_range")
    wine.sysctl("net.ipv4.ip_local_port_range", "20000 20009")
    with wine.start("sockets") as program:
        told = program.do("bound 11")
    made = ports(told, "bound")
    tap.ok(sorted(made) == list(range(20000, 20010)) and told[-1].get("failed") == "bind",
           "a range of ten ports holds ten", told)
    wine.sysctl("net.ipv4.ip_local_port_range", was)


def try_portroom(tap, wine):
    answer = wine.portroom("--version")
    tap.ok(answer.status == 0 and answer.out.startswith("portroom "), "portroom.exe runs", answer)
    tap.ok("\r" not in answer.out, "its lines end as they do elsewhere", repr(answer.out))
    answer = wine.portroom("explain", "no-such-topic")
    tap.ok(answer.status != 0 and answer.err, "its exit status and its complaint arrive", answer)
    with open(wine.file("no evidence.txt"), "w", encoding="ascii") as file:
        file.write("nothing\n")
    answer = wine.portroom("check", "--on", wine.path(wine.file("no evidence.txt")))
    tap.ok(answer.status == 3 and "no evidence.txt" in answer.err, "files of this system have a path there", answer)


def try_version(tap, wine):
    for version, expected in (("win10", "10.0"), ("win7", "6.1")):
        wine.set_version(version)
        answer = wine.run(["cmd", "/c", "ver"])
        tap.ok(expected in answer.out, "the prefix is %s" % version, answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        for address, tables in (("127.0.0.1", ["tcp"]), ("::1", ["tcp6"])):
            guard(tap, address, try_states, tap, wine, address, tables)
        guard(tap, "ports", try_ports, tap, wine)
        guard(tap, "range", try_range, tap, wine)
        guard(tap, "portroom.exe", try_portroom, tap, wine)
        guard(tap, "version", try_version, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
