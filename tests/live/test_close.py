#!/usr/bin/env python3
"""`portroom close`: what is selected is closed and nothing else, and the room is what was promised.

    test_close.py PORTROOM SITUATION EXHAUST [--schema-dir DIR] [CASE...]
"""

import datetime
import os
import re
import subprocess
import sys
import time

from live import Tap, guard, need_root, run
from test_check import Schemas, take_option
from test_remedies import Fresh, measure

CASES = []
REFUSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "refuse.py")


def case(function):
    CASES.append(function)
    return function


class Here:
    def __init__(self, words, schemas):
        self.portroom, self.program, self.exhaust = (os.path.abspath(word) for word in words)
        self.schemas = schemas

    def close(self, situation, words, before=()):
        return run(list(before) + [self.portroom, "close", "--lang", "en", "--netns", str(situation.truth["pid"])] +
                   words.split())

    def document(self, tap, situation, words):
        answer = self.close(situation, words + " --json")
        document = answer.json()
        self.schemas.try_document(tap, document, words)
        return document

    def count(self, situation, state):
        return len(situation.enter(["ss", "-tanH", "state", state]).out.splitlines())

    def measure(self, situation, row):
        return measure(self.exhaust, situation, ["--bind", row["source"], "--connect", row["destination"],
                                                 str(row["port"])])


def promise_kept(tap, here, name, words, least_closed):
    """A dry run changes nothing; done, the room is what it said, by real calls."""
    with Fresh(here.program, name) as situation:
        dry = here.document(tap, situation, words)
        again = here.document(tap, situation, words)
        tap.ok(dry["dry_run"] and dry["destinations"] == again["destinations"] and
               all(group["closed"] == 0 for group in dry["groups"]), name + ": a dry run changes nothing", dry, again)
        done = here.document(tap, situation, words + " --yes")
        closed = sum(group["closed"] for group in done["groups"])
        tap.ok(closed >= least_closed and not sum(group["failed"] for group in done["groups"]),
               "%s: %d sockets are closed" % (name, closed), done["groups"])
        for row in done["destinations"]:
            promised, after = row["promised"], row["after"]
            real = here.measure(situation, row)
            tap.ok(promised["room_min"] <= real <= promised["room_max"] and
                   after["room_min"] <= real <= after["room_max"],
                   "%s: towards %s:%d there is room for %d" % (name, row["destination"], row["port"], real), row)
        return done


@case
def promises(tap, here):
    promise_kept(tap, here, "close_wait_leak", "--state close_wait", 80)
    promise_kept(tap, here, "fin_wait2", "--state fin_wait2", 80)
    promise_kept(tap, here, "time_wait_full", "--state time_wait", 100)
    promise_kept(tap, here, "destination_full", "--dst 127.0.0.1 --port 9000", 100)
    promise_kept(tap, here, "bind_first_full", "--dst 127.0.0.1 --port 9000", 100)


@case
def remedy(tap, here):
    """What check offers against a leak of CLOSE_WAIT, as it stands there."""
    with Fresh(here.program, "close_wait_leak") as situation:
        scope = ["--netns", "/proc/%d/ns/net" % situation.truth["pid"], "--json"]
        found = run([here.portroom, "check"] + scope).json()["findings"][0]
        offered = [each["command"] for each in found["remedies"] if "portroom close" in (each["command"] or "")]
        if not tap.ok(len(offered) == 1, "check offers to close them", found):
            return
        words = offered[0].split()
        done = run([here.portroom] + words[1:])
        after = run([here.portroom, "check"] + scope).json()
        tap.ok(words[0] == "portroom" and done.status == 0 and after["verdict"] == "ok",
               "and that is the cure", offered, done, after["findings"])


@case
def others(tap, here):
    """Sockets of others are untouched."""
    with Fresh(here.program, "two_processes") as situation:
        first, second = (holder["pid"] for holder in situation.truth["holders"][:2])

        def held(pid):
            answer = run([here.portroom, "list", "--json", "--netns", str(situation.truth["pid"]), "--pid", str(pid),
                          "--state", "established"])
            return len(answer.json()["rows"])
        before = held(second)
        had = held(first)
        done = here.document(tap, situation, "--pid %d --state established --yes" % first)
        tap.ok(sum(group["closed"] for group in done["groups"]) == had > 0 and held(first) == 0,
               "all of one process", done["groups"])
        tap.ok(held(second) == before > 0, "none of the other", before, held(second))
        tap.ok({group["pid"] for group in done["groups"]} == {first}, "and only that one is named", done["groups"])


@case
def bound(tap, here):
    with Fresh(here.program, "closed_but_bound") as situation:
        document = here.document(tap, situation, "--tcp --state bound")
        tap.ok(document["bound_only"] == document["selected"] > 0, "what cannot be closed is told", document)
        answer = here.close(situation, "--tcp --state bound --yes")
        tap.ok(answer.status == 1 and "bound only" in answer.out and "--end-process" in answer.out,
               "it fails, and offers the process", answer)
        pid = situation.truth["holders"][0]["pid"]
        answer = here.close(situation, "--tcp --state bound --end-process --yes")
        tap.ok(answer.status == 0 and "pid %d: ended" % pid in answer.out, "whose end frees them", answer)
        situation.enter(["true"])


@case
def ages(tap, here):
    with Fresh(here.program, "close_wait_leak") as situation:
        document = here.document(tap, situation, "--state close_wait --min-age 1h")
        tap.ok(document["young"] == document["selected"] > 0 and not document["groups"] and
               document["age"] == "last_segment", "none is an hour old, by the last segment", document)
        time.sleep(1)
        document = here.document(tap, situation, "--state close_wait --min-age 500ms")
        tap.ok(document["young"] == 0 and document["groups"], "all are half a second", document)
    with Fresh(here.program, "destination_full") as situation:
        began, clock = time.monotonic(), time.time()
        document = here.document(tap, situation, "--dst 127.0.0.1 --port 9000 --min-age 1s")
        tap.ok(time.monotonic() - began >= 1 and document["age"] == "watched" and document["young"] == 0,
               "where nothing tells the age it watches", document["age"])
        read = datetime.datetime.fromisoformat(document["time"].replace("Z", "+00:00")).timestamp()
        tap.ok(read >= clock + 0.9, "and then reads the room", document["time"], clock)


@case
def verify(tap, here):
    with Fresh(here.program, "close_wait_leak") as situation:
        document = here.document(tap, situation, "--state close_wait --yes --verify 127.0.0.1:9000")
        tap.ok(document["verify"] == {"target": "127.0.0.1:9000", "before": "no_port", "after": "connected"},
               "the attempt that failed is repeated", document["verify"])
    with Fresh(here.program, "close_wait_leak") as situation:
        answer = here.close(situation, "--state close_wait --verify localhost:9000")
        tap.ok("verify    localhost:9000: no local port" in answer.out and answer.status == 0,
               "also by name, and in a dry run", answer)


@case
def by_process(tap, here):
    """Whoever is ended takes all of his sockets along, and of his connections some rest."""
    with Fresh(here.program, "two_processes") as situation:
        first = situation.truth["holders"][0]["pid"]
        words = "--pid %d --state established --end-process" % first
        dry = here.document(tap, situation, words)
        tap.ok(dry["end_process"] and dry["destinations"] and dry["processes"][0]["pid"] == first, "who is told", dry)
        answer = here.close(situation, words)
        tap.ok("dry run; --yes ends them" in answer.out, "and what it would do", answer)
        done = here.document(tap, situation, words + " --yes")
        tap.ok(done["processes"][0]["outcome"] == "ended", "it ends", done["processes"])
        for row in done["destinations"]:
            real = here.measure(situation, row)
            tap.ok(row["promised"]["room_min"] <= real <= row["promised"]["room_max"],
                   "afterwards there is room for %d towards %s" % (real, row["destination"]), row)
    with Fresh(here.program, "time_wait_full") as situation:
        answer = here.close(situation, "--state time_wait --end-process --yes")
        tap.ok(answer.status == 1 and "no process has any" in answer.err, "where nobody has them, nobody is ended",
               answer)
        document = here.document(tap, situation, "--dst 127.0.0.1 --state time_wait --min-age 1h")
        tap.ok(document["young"] == document["selected"] > 0 and document["age"] == "last_segment",
               "TIME_WAIT tells its age", document)
        answer = here.close(situation, "--state time_wait --min-age 1h --yes")
        tap.ok(answer.status == 0 and "none of them is known to be old enough" in answer.out,
               "and that nothing was done is told", answer)


@case
def refused(tap, here):
    with Fresh(here.program, "close_wait_leak") as situation:
        for words, said in (("", "needs a selection"), ("--yes", "needs a selection"),
                            ("--state close_wait --netns all", "one network namespace"),
                            ("--state close_wait --root /proc", "--root"),
                            ("--state close_wait --min-age 0s", "give a time"),
                            ("--state close_wait --rate 0", "sockets a second"),
                            ("--state close_wait --force", "--end-process"),
                            ("--state close_wait --verify x", "not a destination"),
                            ("--state close_wait --verify 127.0.0.1:1 --passive", "--passive forbids"),
                            ("now --state close_wait", "takes no words")):
            answer = run([here.portroom, "close"] + words.split())
            tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1,
                   "close %s is one sentence" % words, answer)
        answer = here.close(situation, "--port 5")
        tap.ok(answer.status == 1 and "no socket matches" in answer.err, "nothing selected is an error", answer)
        nobody = ["nsenter", "--net=/proc/%d/ns/net" % situation.truth["pid"], "setpriv", "--reuid=65534",
                  "--regid=65534", "--clear-groups", here.portroom, "close", "--state", "close_wait", "--yes"]
        answer = run(nobody)
        tap.ok(answer.status == 1 and "CAP_NET_ADMIN" in answer.err and not answer.out,
               "without privilege it says which, before anything is done", answer)
        answer = here.close(situation, "--state close_wait --yes --rate 10",
                            ["setpriv", "--bounding-set", "-net_admin"])
        tap.ok(answer.status == 1 and "CAP_NET_ADMIN" in answer.out and "0 closed" in answer.out,
               "also if it sees all and may not close", answer)
        at = nobody.index("--clear-groups") + 1
        answer = run(nobody[:at] + ["--inh-caps", "+net_admin", "--ambient-caps", "+net_admin"] + nobody[at:])
        tap.ok(answer.status == 1 and "process 1 is left alone" in answer.err,
               "nor is anything closed of which it cannot see who has it", answer)
        answer = here.close(situation, "--port 9000 --src 0.0.0.0")
        tap.ok(answer.status == 1 and "only servers match" in answer.err, "servers are named to be closed", answer)
        answer = here.close(situation, "--state close_wait --yes", [sys.executable, REFUSE, "destroy", "--"])
        tap.ok(answer.status == 1 and "CONFIG_INET_DIAG_DESTROY" in answer.out + answer.err,
               "a kernel that cannot is said plainly", answer)
        tap.ok(here.count(situation, "close-wait") > 0, "and all are still there")


@case
def processes(tap, here):
    stubborn = ("import signal, socket, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
                "s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname());"
                "print('up', flush=True); time.sleep(60)")
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; exec %s -c \"%s\"" %
                           (sys.executable, stubborn)], stdout=subprocess.PIPE, universal_newlines=True) as made:
        made.stdout.readline()
        words = [here.portroom, "close", "--netns", str(made.pid), "--pid", str(made.pid), "--state", "established",
                 "--end-process", "--yes"]
        answer = run(words)
        tap.ok(answer.status == 1 and "does not end" in answer.out and made.poll() is None,
               "who does not end politely lives on", answer)
        answer = run(words + ["--force"])
        tap.ok(answer.status == 0 and made.wait(30) == -9, "unless --force is given", answer)


# Prints the numbers of those that have failed, whenever a line comes.
CROWD = """
import socket, sys
def group(kind, address, port):
    made = []
    for _ in range(8):
        one = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((address, port))
        if kind == socket.SOCK_STREAM:
            one.listen()
        made.append(one)
    return made
crowd = (group(socket.SOCK_STREAM, '127.0.0.1', 7000) + group(socket.SOCK_STREAM, '::', 7001) +
         group(socket.SOCK_DGRAM, '127.0.0.1', 7002) + group(socket.SOCK_DGRAM, '0.0.0.0', 7003))
print('up', flush=True)
for line in sys.stdin:
    print(sum(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0 for one in crowd), flush=True)
"""


@case
def crowds(tap, here):
    """Of those that share one port all are closed that it says are closed, and no other is said to have gone."""
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh", sys.executable, "-c",
                           CROWD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True) as made:
        made.stdout.readline()

        def close(words):
            answer = run([here.portroom, "close", "--json", "--netns", str(made.pid)] + words.split())
            here.schemas.try_document(tap, answer.json(), words)
            return answer.json()["groups"]

        def failed():
            made.stdin.write("\n")
            made.stdin.flush()
            return int(made.stdout.readline())
        groups = close("--state listen")
        tap.ok([group["local_port"] for group in groups] == [7000, 7001] or
               [group["local_port"] for group in groups] == [7001, 7000], "each listener with its port", groups)
        groups = close("--state listen --yes")
        tap.ok([group["closed"] for group in groups] == [8, 8], "all listeners of a port", groups)
        tap.ok(not run(["nsenter", "--net=/proc/%d/ns/net" % made.pid, "ss", "-tlnH"]).out,
               "and there is none left")
        tap.ok(failed() == 16, "which their program is told")
        groups = close("--state unconnected --port 7002 --yes")
        tap.ok(groups[0]["closed"] == 8 and failed() == 8, "all UDP sockets", groups)
        groups = close("--state unconnected --port 7003 --yes")
        closed = groups[0]["closed"]
        tap.ok(groups[0]["gone"] == 0 and closed and failed() == closed,
               "what the kernel does not find is not said to have gone", groups)
        made.stdin.close()


# Connections of a program that has forked since: parent and child have all of them, and their other ends are closed.
FORKED = """
import os, socket, time
server = socket.create_server(('127.0.0.1', 9000), backlog=200)
leaking = os.fork()
if not leaking:
    server.close()
    leak = [socket.create_connection(('127.0.0.1', 9000)) for _ in range(50)]
    os.fork()
    time.sleep(60)
    os._exit(0)
for _ in range(50):
    server.accept()[0].close()
print(leaking, flush=True)
time.sleep(60)
"""


@case
def shared(tap, here):
    """What others have open, too, stays, and the promise says so."""
    with subprocess.Popen(["unshare", "--net", "--pid", "--fork", "--kill-child", "sh", "-c",
                           "ip link set lo up; exec \"$@\"", "sh", sys.executable, "-c", FORKED],
                          stdout=subprocess.PIPE, universal_newlines=True) as made:
        made.stdout.readline()
        netns = "/proc/%d/ns/net" % made.pid
        for _ in range(300):
            answer = run(["nsenter", "--net=" + netns, "ss", "-tanpH", "state", "close-wait"])
            pids = sorted({int(pid) for pid in re.findall(r"pid=(\d+)", answer.out)})
            if len(pids) == 2 and len(answer.out.splitlines()) == 50:
                break
            time.sleep(0.1)
        answer = run([here.portroom, "close", "--netns", netns, "--state", "close_wait", "--pid", str(pids[0]),
                      "--end-process", "--yes", "--json"])
        document = answer.json()
        here.schemas.try_document(tap, document, "shared")
        room = document["destinations"][0]
        tap.ok(document["shared"] == 50 and room["promised"]["room_min"] == room["before"]["room_min"] ==
               room["after"]["room_min"], "nothing comes back for certain, and nothing does", document)
        made.kill()


@case
def spared(tap, here):
    """Process 1, here that of a pid namespace."""
    program = ("import socket, subprocess, sys; s = socket.create_server(('127.0.0.1', 0)); "
               "c = socket.create_connection(s.getsockname()); a = s.accept(); "
               "print(subprocess.run(sys.argv[1:] + ['--pid', '1']).returncode, "
               "subprocess.run(sys.argv[1:] + ['--state', 'established']).returncode, flush=True); "
               "c.send(b'x'); print('alive')")
    answer = run(["unshare", "--pid", "--fork", "--mount-proc", "--net", "sh", "-c",
                  "ip link set lo up; exec \"$@\"", "sh", sys.executable, "-c", program, here.portroom, "close",
                  "--lang", "en", "--yes"])
    tap.ok("which close leaves alone" in answer.err and "1 1\nalive" in answer.out,
           "what is of process 1 is told, and left", answer)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 3:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(words[:3], schemas)
    for function in CASES:
        if not words[3:] or function.__name__ in words[3:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
