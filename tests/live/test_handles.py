#!/usr/bin/env python3
"""`portroom handles` against descriptors that this test has opened itself, and against /proc.

    test_handles.py PORTROOM [--schema-dir DIR] [CASE...]
"""

import os
import subprocess
import sys
import tempfile

from live import TRIES, Tap, await_nap, guard, is_napping, loads, need_root, run
from test_check import Schemas, take_option

CASES = []

# Opens what it is told to, a line at a time, and says "done".
HOLDER = """
import os, select, socket, sys, resource
kept = []
print("up", flush=True)
for line in sys.stdin:
    what, count = line.split()
    for _ in range(int(count)):
        if what == "socket": kept.append(socket.socket(socket.AF_UNIX))
        elif what == "tcp":
            s = socket.socket(); s.bind(("127.0.0.1", 0)); kept.append(s)
        elif what == "listen": kept.append(socket.create_server(("127.0.0.1", 0)))
        elif what == "pipe": kept.append(os.pipe())
        elif what == "epoll": kept.append(select.epoll())
        elif what == "file": kept.append(open("/proc/version"))
        elif what == "device": kept.append(open("/dev/null"))
        elif what == "memory": kept.append(os.memfd_create("x"))
        elif what == "namespace": kept.append(open("/proc/self/ns/net"))
        elif what == "limit":
            resource.setrlimit(resource.RLIMIT_NOFILE, (int(count), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            break
    print("done", flush=True)
"""


def case(function):
    CASES.append(function)
    return function


class Holder:
    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, universal_newlines=True)
        self.process.stdout.readline()
        self.pid = self.process.pid
        return self

    def open(self, what, count):
        self.process.stdin.write("%s %d\n" % (what, count))
        self.process.stdin.flush()
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("%d %s could not be opened" % (count, what))

    def count(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Here:
    def __init__(self, portroom, schemas):
        self.portroom, self.schemas = portroom, schemas

    def document(self, tap, words, sentence):
        document = run([self.portroom, "handles", "--json"] + words.split()).json()
        self.schemas.try_document(tap, document, sentence)
        return document

    def row(self, tap, words, sentence):
        rows = self.document(tap, words, sentence)["processes"]
        return rows[0] if rows else None


@case
def counts(tap, here):
    with Holder() as holder:
        for what, count in (("socket", 20), ("tcp", 30), ("pipe", 5), ("epoll", 3), ("file", 7), ("device", 2),
                            ("memory", 4), ("namespace", 6)):
            holder.open(what, count)
        row = here.row(tap, "--pid %d" % holder.pid, "a row")
        tap.ok(row["descriptors"] == holder.count() and row["sockets"] == 50 and row["pid"] == holder.pid and
               row["user_id"] == 0, "what a process has open is counted", row, holder.count())
        one = here.row(tap, str(holder.pid), "one process")
        kinds = one["kinds"]
        plain = kinds.get("pipe", 0) - 2  # stdin and stdout
        tap.ok(kinds["socket"] == 50 and plain == 10 and kinds["epoll"] == 3 and kinds["memory"] == 4 and
               kinds["namespace"] == 6 and kinds["file"] >= 7 and
               kinds["device"] >= 2 and sum(kinds.values()) == one["descriptors"], "by kind", kinds)
        held = [group for group in one["held"] if group["state"] == "bound"]
        tap.ok(len(held) == 1 and held[0]["ports"] == 30 and held[0]["local"] == "127.0.0.1" and
               held[0]["protocol"] == "tcp", "with its sockets", one["held"])
        text = run([here.portroom, "handles", str(holder.pid)])
        tap.ok(text.status == 0 and "50 sockets" in text.out and "tcp BOUND 127.0.0.1, 30 ports" in text.out,
               "and tells people", text)


@case
def order_and_limit(tap, here):
    with Holder() as big, Holder() as small:
        big.open("pipe", 700)
        small.open("pipe", 600)
        document = here.document(tap, "--limit all", "all")
        rows = document["processes"]
        counted = [row["descriptors"] for row in rows]
        pids = [row["pid"] for row in rows]
        tap.ok(counted == sorted(counted, reverse=True) and pids.index(big.pid) < pids.index(small.pid) and
               document["processes_left_out"] == 0, "most first", counted[:5])
        alive = [int(pid) for pid in os.listdir("/proc") if pid.isdigit()]
        missed = [pid for pid in alive if pid not in pids and os.path.exists("/proc/%d/fd/0" % pid)]
        tap.ok(not [pid for pid in missed if pid in (big.pid, small.pid, os.getpid())], "nobody is missed", missed)
        document = here.document(tap, "--limit 2", "two")
        tap.ok(len(document["processes"]) == 2 and document["processes_left_out"] >= len(rows) - 10,
               "what is left out is counted", document["processes_left_out"])
        rows = here.document(tap, "--process %s --user root" % rows[pids.index(big.pid)]["name"],
                             "a filter")["processes"]
        tap.ok({big.pid, small.pid} <= {row["pid"] for row in rows}, "by name and user", rows)


@case
def marks(tap, here):
    with Holder() as holder:
        holder.open("limit", 4000)
        holder.open("pipe", 1400)
        row = here.row(tap, "--pid %d" % holder.pid, "below")
        tap.ok(row["remark"] is None and row["descriptor_limit"] == 4000, "2,800 are no mark", row)
        holder.open("pipe", 200)
        row = here.row(tap, "--pid %d" % holder.pid, "more than 3,000")
        tap.ok(row["remark"] == "many", "more than 3,000 are", row)
        holder.open("pipe", 250)
        row = here.row(tap, "--pid %d" % holder.pid, "near the limit")
        tap.ok(row["remark"] == "near_limit", "nine tenths of its limit", row)
        text = run([here.portroom, "handles", "--pid", str(holder.pid)])
        tap.ok("near its limit" in text.out, "people are told, too", text)
        holder.open("limit", 15000)
        holder.open("pipe", 3400)
        row = here.row(tap, "--pid %d" % holder.pid, "more than 10,000")
        tap.ok(row["remark"] == "too_many", "more than 10,000", row)


def look_twice(here, holder, seconds):
    """What it says of a holder that opens 1,000 between its looks, and of one that begins there. None: not in time."""
    with subprocess.Popen([here.portroom, "handles", "--sample", "%ds" % seconds, "--json", "--limit", "all"],
                          stdout=subprocess.PIPE, universal_newlines=True) as looking:
        seen = await_nap(looking)
        holder.open("pipe", 500)
        with Holder() as new:
            in_time = seen and is_napping(looking.pid)
            document = loads(looking.communicate()[0])
    return (document, new) if in_time else None


@case
def growth(tap, here):
    for seconds in range(1, TRIES + 1):
        with Holder() as holder:
            looks = look_twice(here, holder, seconds)
        if looks:
            break
    if tap.ok(looks, "a sample can be looked at"):
        document, new = looks
        here.schemas.try_document(tap, document, "a sample")
        rows = {row["pid"]: row for row in document["processes"]}
        tap.ok(document["processes"][0]["pid"] == holder.pid and rows[holder.pid]["growth"] == 1000,
               "what has grown comes first", document["processes"][:2])
        tap.ok(new.pid in rows and rows[new.pid]["growth"] is None and document["sample_s"] >= 1,
               "a new process has no growth", rows.get(new.pid))


@case
def unprivileged(tap, here):
    def as_nobody(words):
        return run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", here.portroom, "handles"] + words)
    document = as_nobody(["--json"]).json()
    tap.ok(document["processes_refused"] > 0, "what may not be seen is counted", document["processes_refused"])
    answer = as_nobody([])
    tap.ok(answer.status == 0 and "not seen" in answer.out and "run as root" in answer.out, "and told", answer)
    answer = as_nobody([str(os.getpid())])
    tap.ok(answer.status == 1 and "run as its user or as root" in answer.err and answer.err.count("\n") == 1,
           "one process that may not be seen is an error", answer)


@case
def worst(tap, here):
    for limit in range(5, 12):
        answer = run(["sh", "-c", "ulimit -n %d; exec \"$0\" handles --limit 3" % limit, here.portroom])
        tap.ok(answer.status in (0, 1) and (answer.out or answer.err.startswith("portroom: ")) and
               answer.err.count("\n") <= 1, "with %d descriptors it works or says why not" % limit, answer)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + "/12/fd")
        answer = run([here.portroom, "handles", "--root", folder])
        tap.ok(answer.status == 0 and answer.out.startswith("    pid"), "a copied /proc without anything", answer)


DUMPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "evidence", "dump.py")


def make_dumps(folder, sockets):
    subprocess.run([sys.executable, "-B", DUMPS, folder, str(sockets)], check=True)


@case
def files_of_windows(tap, here):
    with tempfile.TemporaryDirectory() as folder:
        make_dumps(folder, 10100)

        def on(*names):
            return " ".join("--on " + os.path.join(folder, name) for name in names)
        row = here.row(tap, on("volatility3-handles.txt"), "what volatility prints")
        tap.ok(row["pid"] == 4321 and row["descriptors"] == 10108 and row["sockets"] == 10100 and
               row["listed"] is None and row["remark"] == "too_many", "is counted", row)
        row = here.row(tap, on("memprocfs-handles.csv", "memprocfs-net.csv"), "what MemProcFS writes")
        tap.ok(row["descriptors"] == 10108 and row["listed"] == 10100, "of two files", row)
        row = here.row(tap, "4321 " + on("minidump.dmp"), "a minidump")
        tap.ok(row["kinds"] == {"\\Device\\Afd": 10100, "Event": 4, "File": 2, "ALPC Port": 1, "Key": 1},
               "has its handles by type", row)
        row = here.row(tap, "4321 " + on("kd-process.txt"), "what the debugger prints")
        tap.ok(row["descriptors"] == 10108 and row["sockets"] is None and row["kinds"] is None,
               "tells their number alone", row)
        text = run([here.portroom, "handles"] + on("volatility3-netscan.txt").split())
        tap.ok(text.status == 0 and "what 2 processes have open" in text.out, "what is not told is said", text)
        answer = run([here.portroom, "handles", "77"] + on("minidump.dmp").split())
        tap.ok(answer.status == 1 and "no process 77" in answer.err, "a process that they do not have", answer)
        answer = run([here.portroom, "check"] + on("complete64.dmp").split())
        tap.ok(answer.status == 3, "a dump alone leaves all unknown", answer)


@case
def a_saved_machine(tap, here):
    with Holder() as holder, tempfile.TemporaryDirectory() as folder:
        holder.open("tcp", 40)
        path = os.path.join(folder, "machine.json")
        run([here.portroom, "save", path])
        row = here.row(tap, "--pid %d --on %s" % (holder.pid, path), "a saved machine")
        tap.ok(row["descriptors"] == holder.count() and row["sockets"] == 40 and row["listed"] == 40,
               "tells what it had open", row, holder.count())


BAD = (
    ("x", "no process number"),
    ("0", "no process number"),
    ("1 2", "one process number"),
    ("1 --user root", "no filter"),
    ("--sample 0s", "give a time"),
    ("--sample soon", "give a time"),
    ("--sample 1s --root /proc", "copied /proc"),
    ("--sample 1s --on x", "in a file"),
    ("--limit 0", "from 1 on"),
    ("--pid x", "--pid 'x'"),
)


@case
def bad_input(tap, here):
    for words, said in BAD:
        answer = run([here.portroom, "handles"] + words.split())
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "handles %s is one sentence" % words, answer)
    answer = run([here.portroom, "handles", "4194303"])
    tap.ok(answer.status == 1 and "there is no process 4194303" in answer.err, "a process that is none", answer)
    answer = run([here.portroom, "handles", "--netns", "nosuch"])
    tap.ok(answer.status == 1 and "nosuch" in answer.err, "a namespace that is none", answer)
    answer = run([here.portroom, "handles", "--root", "/nonexistent"])
    tap.ok(answer.status == 1 and "/nonexistent" in answer.err, "a folder that is none", answer)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if not words:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(os.path.abspath(words[0]), schemas)
    for function in CASES:
        if not words[1:] or function.__name__ in words[1:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
