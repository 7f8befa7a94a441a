#!/usr/bin/env python3
"""The worst moments: what portroom is for is also when everything else fails.

    test_worst.py PORTROOM SITUATION [MOMENT...]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading

from live import Situation, Tap, guard, need_root, run

STATUS = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
ROUNDS = 12


def is_sentence(text):
    return text.count("\n") == 1 and text.endswith("\n") and text.strip() != ""


def rules(document):
    return [each["rule"] for each in document["findings"]]


class Trouble:
    """Keeps doing something in the background, from a few threads, until the block ends."""

    def __init__(self, act, threads=2):
        self._act, self._end = act, threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(threads)]
        self.times = 0

    def _work(self):
        while not self._end.is_set():
            self._act()
            self.times += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self._end.set()
        for thread in self._threads:
            thread.join()


def nothing_free(tap, portroom, program):
    with Situation(program, "nothing_free") as situation:
        check = situation.run([portroom, "check", "--json", "--netns", "own"])
        room = situation.run([portroom, "room", "127.0.0.1:9000", "--json"])
        listed = situation.run([portroom, "list", "--json", "--netns", "own"])
    document = check.json()
    tap.ok(check.status == 2 and "udp_pool_full" in rules(document),
           "the verdict comes out with no port free in TCP and UDP", document["findings"])
    tap.ok(room.status == 0 and room.json()["room"] == 0,
           "room is asked and answered with no port free", room)
    tap.ok(listed.status == 0 and len(listed.json()["rows"]) >= 200,
           "the list comes out with no port free", listed)
    situation.verify(tap, "with no port free, looking changed nothing")


def few_descriptors(tap, portroom, program):
    with Situation(program, "destination_full") as situation:
        few = situation.run([portroom, "check", "--json", "--netns", "own"],
                            before="ulimit -n 16;")
        room = situation.run([portroom, "room", "127.0.0.1:9001", "--json"],
                             before="ulimit -n 16;")
        bpf = run(["sh", "-c", 'ulimit -n 16; exec "$0" check --source bpf_tables', portroom])
        outside = run(["sh", "-c", 'ulimit -n 16; exec "$0" check --json', portroom])
        fewest = situation.run([portroom, "check", "--json", "--netns", "own"],
                               before="prlimit --nofile=4:4")
    tap.ok(few.status == 2 and "destination_full" in rules(few.json()),
           "with 16 descriptors the verdict comes out", few)
    tap.ok(room.status == 0 and room.json()["room"] == 100,
           "with 16 descriptors room is exact", room)
    tap.ok(bpf.status == 3 and "Too many open files" in bpf.err and "kernel" not in bpf.err,
           "with 16 descriptors the kernel is not blamed for BPF", bpf)
    document = outside.json()
    tap.ok(outside.status == STATUS[document["verdict"]] and
           "destination_full" in rules(document),
           "with 16 descriptors all namespaces are read one after the other", outside)
    tap.ok((fewest.status != 0 and is_sentence(fewest.err)) or fewest.json()["verdict"] != "ok",
           "with 4 descriptors nothing is called ok", fewest)
    situation.verify(tap, "with few descriptors, looking changed nothing")


def vanishing_namespaces(tap, portroom, program):
    def come_and_go():
        run([program, "two_processes", "--hold", "0"])

    bad = []
    with Trouble(come_and_go, threads=3) as trouble:
        for _ in range(ROUNDS):
            answer = run([portroom, "check", "--json"])
            verdict = answer.json()["verdict"]
            if answer.status != STATUS[verdict] or verdict == "unknown" or answer.err:
                bad.append(answer)
    tap.ok(trouble.times > 0 and not bad,
           "namespaces that come and go during the walk spoil no verdict",
           "%d came and went" % trouble.times, *bad[:3])


def dying_processes(tap, portroom, program):
    def live_and_die():
        subprocess.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do /bin/true & done; wait"],
                       check=False)

    bad = []
    with Situation(program, "two_processes") as situation:
        pids = [holder["pid"] for holder in situation.truth["holders"]]
        with Trouble(live_and_die) as trouble:
            for _ in range(ROUNDS):
                answer = situation.run([portroom, "check", "--json", "--netns", "own"])
                rows = [row for row in answer.json()["destinations"] if row["port"] == 9000]
                owners = [owner["pid"] for row in rows for owner in row["owners"]]
                if answer.status != 2 or owners[:2] != pids or answer.err:
                    bad.append(answer)
    tap.ok(trouble.times > 0 and not bad,
           "processes that fork and die during the walk hide no owner", *bad[:3])
    situation.verify(tap, "among dying processes, looking changed nothing")


WRITERS = (
    "check --netns own", "check --netns own --json", "room 127.0.0.1:9000",
    "room 127.0.0.1:9000 --json", "list --netns own", "list --netns own --json",
    "list --netns own --by state,process", "range show", "range show --json", "--help",
    "check --help", "--version",
)


def unwritable_stdout(tap, portroom, program):
    with Situation(program, "quiet") as situation:
        for line in WRITERS:
            for what, redirection in (("full", ">/dev/full"), ("closed", ">&-")):
                answer = situation.run([portroom] + line.split(), after=redirection)
                tap.ok(answer.status not in (0, 124, 137) and answer.status < 128 and
                       is_sentence(answer.err),
                       "'portroom %s' fails with one sentence when stdout is %s" % (line, what),
                       answer)


# An empty folder over /proc/sys/net, seen by this command only.
WITHOUT_SYSCTLS = 'mount --make-rprivate / && mount --bind "$0" /proc/sys/net && exec "$@"'


def unreadable_sysctls(tap, portroom, program):
    empty = tempfile.mkdtemp()
    hidden = ["unshare", "-m", "sh", "-c", WITHOUT_SYSCTLS, empty, portroom]
    try:
        with Situation(program, "quiet") as situation:
            quiet = situation.run(hidden + ["check", "--json", "--netns", "own"])
            room = situation.run(hidden + ["room", "127.0.0.1:9000", "--json"])
        with Situation(program, "destination_full") as situation:
            full = situation.run(hidden + ["check", "--json", "--netns", "own"])
    finally:
        os.rmdir(empty)
    document = quiet.json()
    tap.ok(document["gaps"] and all(gap["what"] and gap["why"] for gap in document["gaps"]),
           "an unreadable /proc/sys is a gap that is stated", document["gaps"])
    tap.ok(document["verdict"] == "unknown" and quiet.status == 3,
           "without the port range nothing is called ok", document["verdict"], quiet.status)
    tap.ok(not any(each["first"] or each["usable"] for each in document["ranges"]),
           "no default poses as the port range", document["ranges"])
    answered = guard(tap, "room without the port range", room.json) if room.out else None
    tap.ok(answered["room"] is None if answered else room.status != 0 and is_sentence(room.err),
           "room without the port range is no number", room)
    blind = full.json()
    tap.ok(blind["verdict"] != "ok" and full.status != 0,
           "a full destination without the port range is not called ok", blind["verdict"])


def copied_proc(tap, portroom, program):
    """--root: what comes from /proc comes from the copy."""
    copy = tempfile.mkdtemp()
    settings = os.path.join(copy, "sys", "net", "ipv4")
    os.makedirs(settings)
    try:
        with Situation(program, "quiet") as situation:
            situation.run(["sh", "-c", 'cp -r /proc/sys/net/ipv4/. "$0/" 2>/dev/null', settings])
            for name, text in (("ip_local_port_range", "50000\t50009\n"),
                               ("ip_local_reserved_ports", "50003\n")):
                with open(os.path.join(settings, name), "w", encoding="ascii") as file:
                    file.write(text)
            shown = situation.run([portroom, "range", "show", "--json", "--root", copy])
            live = situation.run([portroom, "range", "show", "--json"])
    finally:
        shutil.rmtree(copy)
    tap.ok(shown.status == 0 and "50000" in shown.out and "40000" not in shown.out,
           "--root reads the copied settings, not the live ones", shown)
    tap.ok(live.status == 0 and "40000" in live.out, "without --root the live ones are read", live)


def refused_calls(tap, portroom, program):
    """60 ports are bound and idle, 40 by another. What is not to be seen must not be called free."""
    refuse = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "refuse.py")]
    for calls in (["netlink", "pidfd_getfd"], ["pidfd_getfd"], ["netlink"]):
        for more in ([], ["--passive"]):
            with Situation(program, "bound_only_leak") as situation:
                answer = situation.run(refuse + calls + ["--", portroom, "check", "--json",
                                                         "--netns", "own"] + more)
            name = "without %s%s" % (" and ".join(calls), " ".join([""] + more))
            tap.ok(answer.status in (2, 3), name + " a full range is never called well", answer)
            tap.ok(all(each["room_max"] is None or each["room_min"] == 0 for each in
                       answer.json()["destinations"] + answer.json()["pools"]
                       if each["protocol"] == "tcp"), name + " no room is promised", answer)


def missing_root(tap, portroom, program):
    del program
    answer = run([portroom, "range", "show", "--root", "/no/such/folder"])
    tap.ok(answer.status != 0 and is_sentence(answer.err) and "/no/such/folder" in answer.err,
           "a --root that is not there is one sentence", answer)


MOMENTS = (nothing_free, few_descriptors, vanishing_namespaces, dying_processes,
           unwritable_stdout, unreadable_sysctls, copied_proc, refused_calls, missing_root)


def main(words):
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    wanted = words[2:]
    tap = Tap()
    need_root(tap)
    for moment in MOMENTS:
        if not wanted or moment.__name__ in wanted:
            guard(tap, moment.__name__, moment, tap, portroom, program)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
