#!/usr/bin/env python3
"""`portroom list --by state,process` against a count made without portroom.

    test_list.py PORTROOM SITUATION [NAME...]

The count: /proc/net/{tcp,tcp6,udp,udp6} of the namespace, the descriptors of every process, and,
for bound sockets, which no such table shows, what the situation's maker knows.
"""

import glob
import os
import sys
from collections import Counter

from live import TRIES, Situation, Tap, guard, need_root

NAMES = ("every_state", "bound_only_leak", "closed_but_bound", "mixed_bind", "mixed_udp",
         "time_wait_reusable", "reuse_port_crowd", "listener_gone")

TCP_STATES = {
    1: "established", 2: "syn_sent", 3: "syn_recv", 4: "fin_wait1", 5: "fin_wait2", 6: "time_wait",
    7: "close", 8: "close_wait", 9: "last_ack", 10: "listen", 11: "closing",
}
UDP_STATES = {1: "established", 7: "unconnected"}

NO_PROCESS = None


def owners_by_inode():
    """Inode of a socket -> the processes that have it open."""
    owners = {}
    for link in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if target.startswith("socket:["):
            owners.setdefault(int(target[8:-1]), set()).add(int(link.split("/")[2]))
    return owners


def entries(text, states):
    for line in text.splitlines()[1:]:
        fields = line.split()
        yield states[int(fields[3], 16)], int(fields[9])


def count_independently(situation):
    """{(state, pid)}: so many sockets. A socket without process counts under NO_PROCESS."""
    owners = owners_by_inode()
    count = Counter()
    for table, states in (("tcp", TCP_STATES), ("tcp6", TCP_STATES), ("udp", UDP_STATES),
                          ("udp6", UDP_STATES)):
        text = situation.run(["cat", "/proc/self/net/" + table]).out
        for state, inode in entries(text, states):
            pids = owners.get(inode, {NO_PROCESS}) if inode else {NO_PROCESS}
            count[state, min(pids, key=lambda pid: pid or 0)] += 1
    for holder in situation.truth["holders"]:
        if holder["bound"]:
            count["bound", holder["pid"]] += holder["bound"]
    return count


def pid_in(row):
    """A grouped row names its process as an object, or flat."""
    process = row.get("process")
    if isinstance(process, dict):
        return process.get("pid")
    return row.get("pid")


def count_listed(document):
    count = Counter()
    for row in document["rows"]:
        count[row["state"], pid_in(row)] += row["count"]
    return count


def show(count):
    return ", ".join("%s pid %s: %d" % (state, pid, number) for (state, pid), number in
                     sorted(count.items(), key=str))


def by_state(count):
    total = Counter()
    for (state, _), number in count.items():
        total[state] += number
    return total


def try_situation(tap, portroom, program, name):
    for _ in range(TRIES):
        with Situation(program, name) as situation:
            if situation.skipped:
                tap.skip(name, situation.skipped)
                return
            before = count_independently(situation)
            answer = situation.run([portroom, "list", "--json", "--netns", "own", "--by",
                                    "state,process"])
            text = situation.run([portroom, "list", "--netns", "own", "--by", "state,process"])
            after = count_independently(situation)
        if not situation.late and before == after:
            break
    else:
        tap.skip(name, "the sockets changed while they were counted")
        return
    document = answer.json()
    listed = count_listed(document)
    tap.ok(by_state(listed) == by_state(before), name + ": every state has the right count",
           "listed  %s" % dict(by_state(listed)), "counted %s" % dict(by_state(before)))
    tap.ok(listed == before, name + ": every process has the right count in every state",
           "listed  " + show(listed - before), "counted " + show(before - listed))
    tap.ok(text.status == 0 and "established" in text.out.lower() or
           not by_state(before)["established"], name + ": the table is printed as text too", text)
    situation.verify(tap, name + ": looking changed nothing")


def try_no_match(tap, portroom, program):
    """Said beside the rows, so that who counts lines counts none."""
    with Situation(program, "bound_only_leak") as situation:
        words = [portroom, "list", "--netns", "own"]
        text = situation.run(words + ["--port", "1"])
        grouped = situation.run(words + ["--port", "1", "--by", "state"])
        document = situation.run(words + ["--port", "1", "--json"])
        some = situation.run(words + ["--state", "bound"])
    for answer in (text, grouped):
        tap.ok(answer.status == 0 and answer.out.count("\n") == 1 and
               answer.err == "portroom: no socket matches\n", "that nothing matches is told", answer)
    tap.ok(document.status == 0 and not document.err and not document.json()["rows"],
           "in JSON no rows say so", document)
    tap.ok(some.status == 0 and not some.err and some.out.count("\n") > 1,
           "where something matches nothing is told", some)


def main(words):
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    tap = Tap()
    need_root(tap)
    for name in words[2:] or NAMES:
        guard(tap, name, try_situation, tap, portroom, program, name)
    if not words[2:]:
        guard(tap, "no match", try_no_match, tap, portroom, program)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
