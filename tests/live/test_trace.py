#!/usr/bin/env python3
"""`portroom trace`: every call that fails for want of a port is told, and no other.

    test_trace.py [--quick] PORTROOM CALLS SITUATION [--schema-dir DIR] [NAME...]

--quick: a tenth of the calls, for a machine that is emulated.

CALLS makes calls by the ten thousand in a namespace of its own; each gives up the test if it does not
end as it should, so what it says it made is what the kernel did.
"""

import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from live import Situation, Tap, guard, loads, need_root, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = "--quick" in sys.argv
MANY = 1000 if QUICK else 10000
PATIENCE_S = 60
OLD = tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 4)
SETTLE_S = 0.3  # what should not come has come by then

# kind, how many, protocol, call, error, destination, port, source
FAILING = (
    ("connect", MANY, "tcp", "connect", "EADDRNOTAVAIL", "127.0.0.1", 902, "127.0.0.1"),
    ("connect6", MANY, "tcp", "connect", "EADDRNOTAVAIL", "::1", 902, "::1"),
    ("connect_again", MANY, "tcp", "connect", "EADDRNOTAVAIL", "127.0.0.1", 902, "127.0.0.1"),
    ("connect_mapped", 1000, "tcp", "connect", "EADDRNOTAVAIL", "127.0.0.1", 902, "127.0.0.1"),
    ("connect_nonblocking", 1000, "tcp", "connect", "EADDRNOTAVAIL", "10.99.0.2", 902,
     "10.99.0.1"),
    ("bind", MANY, "tcp", "bind", "EADDRINUSE", None, None, "127.0.0.7"),
    ("bind6", 1000, "tcp", "bind", "EADDRINUSE", None, None, "::1"),
    ("bind_udp", 1000, "udp", "bind", "EADDRINUSE", None, None, "127.0.0.7"),
    ("listen", MANY, "tcp", "listen", "EADDRINUSE", None, None, "0.0.0.0"),
    ("udp_connect", MANY, "udp", "connect", "EAGAIN", "127.0.0.1", 902, "0.0.0.0"),
    ("udp_connect6", 1000, "udp", "connect", "EAGAIN", "::1", 902, "::"),
    ("udp_sendto", MANY, "udp", "send", "EAGAIN", "127.0.0.1", 902, "0.0.0.0"),
    ("udp_sendmsg", 1000, "udp", "send", "EAGAIN", "::1", 902, "::"),
    ("udp_sendmmsg", 1000, "udp", "send", "EAGAIN", "127.0.0.1", 902, "0.0.0.0"),
)

# Made while there are ports, in this order; each shares something with those above.
HEALTHY = (
    "succeed 10000 2", "succeed_bound 1000 2", "refused 10000 2", "refused_again 10000 2",
    "timed_out 10000", "await_timeouts", "given_up 10000 2", "taken_back 10000 2",
    "clash 10000 2", "clash_chosen 1000", "restore_range", "bind_conflict 10000 2", "listen_conflict 10000",
    "listen_and_close 10000 2", "listen_and_shut 10000 2", "udp_full_buffer 10000",
    "udp_succeed 10000 2", "unix_full 10000",
)


# ---- who makes calls, and who watches ----


class Calls:
    """The program that makes calls, while the block lasts."""

    def __init__(self, program, before=()):
        self._process = subprocess.Popen(list(before) + [program], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, universal_newlines=True)

    def __enter__(self):
        words = self._process.stdout.readline().split()
        if len(words) != 3 or words[0] != "READY":
            raise RuntimeError("no calls can be made: %s" % words)
        self.own_pid, self.netns = int(words[1]), words[2]
        self.pid = self._process.pid
        return self

    def outer_pid(self):
        """Behind `unshare --fork` it is the child's."""
        path = "/proc/{0}/task/{0}/children".format(self.pid)
        with open(path, encoding="ascii") as file:
            return int(file.read())

    def make(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if answer != "DONE %s\n" % line:
            raise RuntimeError("'%s' could not be made: '%s'" % (line, answer))

    def __exit__(self, kind, error, trace):
        self._process.stdin.close()
        self._process.wait()


class Trace:
    """portroom trace --json, while the block lasts; `end` and `err` are there afterwards."""

    def __init__(self, portroom, where, options=(), wrap=lambda command: command):
        """`where`: the namespace of this one only, since others may be at work on this machine."""
        netns = ["--netns", str(where.pid)] if where else []
        command = wrap([portroom, "trace", "--json"] + netns + list(options))
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.lines, self.failures, self.lost, self.lost_before = [], [], 0, 0
        self.start = self.end = None
        self.err = ""

    def __enter__(self):
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._await(lambda: self.start or self.process.poll() is not None)
        return self

    def _read(self):
        for text in self.process.stdout:
            line = loads(text.decode())
            self.lines.append(line)
            if line["line"] == "failure":
                self.failures.append(line)
            elif line["line"] == "lost":
                self.lost += line["count"]
            else:
                setattr(self, line["line"], line)

    @staticmethod
    def _await(condition):
        end = time.monotonic() + PATIENCE_S
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)

    def take(self, count):
        """What has come since; waits for so many, and then for what is too much."""
        self._await(lambda: len(self.failures) + self.lost - self.lost_before >= count)
        time.sleep(SETTLE_S)
        taken, self.failures = self.failures, []
        self.lost_before = self.lost
        return taken

    def stop(self, number=signal.SIGINT):
        if not self._reader.is_alive() and self.err:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        self._reader.join()
        self.err = self.process.stderr.read().decode()
        self.status = self.process.wait()

    def __exit__(self, kind, error, trace):
        self.stop()


def facts(failure):
    return tuple(failure[key] for key in ("protocol", "call", "error", "destination", "port",
                                          "source", "namespace", "pid", "name"))


def wrong_ones(taken, expected):
    return [each for each in map(facts, taken) if each != expected][:3]


# ---- everything, and nothing else ----


def try_kind(tap, calls, trace, kind, count, *expected):
    calls.make("%s %d 4" % (kind, count) if kind != "connect_again" else
               "%s %d" % (kind, count))
    taken = trace.take(count)
    wrong = wrong_ones(taken, expected + (calls.netns, calls.pid, "calls"))
    tap.ok(len(taken) == count and not wrong,
           "%s: all of %d are told, with process, destination and error" % (kind, count),
           "%d were told" % len(taken), *wrong)


def failing(tap, portroom, program, _):
    with Calls(program) as calls, Trace(portroom, calls) as trace:
        calls.make("prepare_stale")
        calls.make("full")
        for row in FAILING:
            guard(tap, row[0], try_kind, tap, calls, trace, *row)
    total = sum(row[1] for row in FAILING)
    tap.ok(trace.start["source"] == "bpf" and all(kind["covered"] and not kind["remark"] for kind
                                                  in trace.start["kinds"]),
           "by BPF every kind is covered", trace.start)
    tap.ok(trace.end["failures"] == total and trace.end["lost"] == 0 and trace.status == 0,
           "the end sums up", trace.end)
    rooms = {line["room"] for line in trace.lines if line["line"] == "failure"}
    tap.ok(0 in rooms and rooms <= {0, None}, "where room was read it was none", rooms)


def healthy(tap, portroom, program, _):
    with Calls(program) as calls, Trace(portroom, calls) as trace:
        for line in HEALTHY:
            line = line.replace("10000", str(MANY))
            calls.make(line)
            taken = trace.take(0)
            tap.ok(not taken, "%s: none is told" % line, "%d were told" % len(taken),
                   *map(facts, taken[:3]))
        calls.make("full")
        calls.make("connect 1")
        tap.ok(len(trace.take(1)) == 1, "it was awake all the time")


def overflow(tap, portroom, program, _):
    """Who does not read for a while loses calls, and says how many."""
    for options, kind, made, threads in (([], "connect", 60000, 2), (["--no-bpf"], "bind", 20000, 1)):
        label = " ".join(options) or "by BPF"
        with Calls(program) as calls, Trace(portroom, calls, options) as trace:
            calls.make("full")
            trace.process.send_signal(signal.SIGSTOP)
            calls.make("%s %d %d" % (kind, made, threads))
            trace.process.send_signal(signal.SIGCONT)
            taken = trace.take(made)
            lost = trace.lost
        tap.ok(lost > 0 and len(taken) + lost == made,
               "%s: of %d calls each is told or counted as lost" % (label, made),
               "%d told, %d lost" % (len(taken), lost))
        tap.ok(trace.end["lost"] == lost and "buffer was full" in trace.err,
               label + ": that the buffer was full is said", trace.end, trace.err)


def short_lived(tap, portroom, program, _):
    with Calls(program) as calls, Trace(portroom, calls) as trace:
        calls.make("full")
        calls.make("connect_in_child 100")
        taken = trace.take(100)
    pids = {line["pid"] for line in taken}
    tap.ok(len(taken) == len(pids) == 100 and calls.pid not in pids,
           "processes that have ended have their number", len(taken), len(pids))
    tap.ok(all(line["name"] == "calls" and line["user"] == "root" and line["user_id"] == 0 and
               line["namespace"] == calls.netns for line in taken),
           "and name, user and namespace", *map(facts, taken[:3]))


def unit_of_ended(tap, portroom, program, _):
    """The kernel notes the cgroup at the call; the path is found by its number."""
    places = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
    place = next((each for each in places if os.path.exists(each + "/cgroup.procs")), None)
    if not place:
        tap.skip("the unit of a process that has ended is told", "no cgroup of version 2")
        return
    folder = "%s/portroom-test-%d.service" % (place, os.getpid())
    os.mkdir(folder)
    try:
        with Calls(program) as calls, Trace(portroom, calls) as trace:
            calls.make("full")
            with open(folder + "/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(calls.pid))
            calls.make("connect_in_child 5")
            taken = trace.take(5)
    finally:
        os.rmdir(folder)
    tap.ok(len(taken) == 5 and all(line["unit"] == os.path.basename(folder) for line in taken),
           "the unit of a process that has ended is told", taken[:2])


# ---- pid namespaces ----

IN_PID_NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child"]


def pid_namespaces(tap, portroom, program, _):
    with Calls(program, IN_PID_NAMESPACE) as calls:
        outer = calls.outer_pid()
        calls.pid = outer
        with Trace(portroom, calls) as trace:
            calls.make("full")
            calls.make("connect 100")
            taken = trace.take(100)
        tap.ok(calls.own_pid == 1 and len(taken) == 100 and
               all(line["pid"] == outer for line in taken),
               "a process in another pid namespace has the number it has here", taken[:1])

        def inside(command):
            return ["nsenter", "--target", str(outer), "--pid", "unshare", "--mount",
                    "--mount-proc", "--"] + command

        with Calls(program) as others, Trace(portroom, None, wrap=inside) as trace:
            others.make("full")
            calls.make("bind 10")
            others.make("bind 10")
            taken = [line for line in trace.take(20)
                     if line["namespace"] in (calls.netns, others.netns)]
            reader = [int(line.split()[0]) for line in
                      run(["pgrep", "-P", str(trace.process.pid)]).out.splitlines()]
            for pid in reader or [trace.process.pid]:
                os.kill(pid, signal.SIGINT)
    pids = sorted(str(line["pid"]) for line in taken)
    tap.ok(pids == ["1"] * 10 + ["None"] * 10,
           "from within, it is number 1, and processes outside have none", pids)


# ---- without BPF ----

WITHOUT_BTF = 'mount --bind /dev/null /sys/kernel/btf/vmlinux && exec "$@"'

HANDICAPS = (
    ("--no-bpf", ["--no-bpf"], lambda command: command, "--no-bpf"),
    ("bpf() refused", [], lambda command: [sys.executable, os.path.join(HERE, "refuse.py"), "bpf",
                                           "--"] + command, "refused"),
    ("no BTF", [], lambda command: ["unshare", "--mount", "sh", "-c", WITHOUT_BTF, "sh"] + command,
     "/sys/kernel/btf/vmlinux"),
)

# Kinds that tracepoints alone tell, and the protocol they tell.
TOLD_BY_PERF = {"connect": "tcp", "connect6": "tcp", "connect_mapped": "tcp", "bind": None,
                "bind6": None, "bind_udp": None, "listen": "tcp", "udp_connect": "udp"}


def try_fallback(tap, portroom, program, label, options, wrap, reason):
    with Calls(program) as calls, Trace(portroom, calls, options, wrap) as trace:
        for line in HEALTHY:
            if not line.startswith(("timed_out", "await", "given_up", "udp")):
                calls.make(line.replace("10000", str(MANY)))
        calls.make("prepare_stale")
        calls.make("full")
        taken = trace.take(0)
        tap.ok(not taken, label + ": no healthy call is told", *map(facts, taken[:3]))
        for row in FAILING:
            if row[0] not in TOLD_BY_PERF:
                continue
            calls.make("%s 1000" % row[0])
            expected = (TOLD_BY_PERF[row[0]],) + row[3:]
            if row[0] == "udp_connect":  # what the socket is bound to is not told
                expected = expected[:-1] + (None,)
            taken = trace.take(1000)
            wrong = wrong_ones(taken, expected + (calls.netns, calls.pid, "calls"))
            tap.ok(len(taken) == 1000 and not wrong,
                   "%s: all of 1000 %s are told" % (label, row[0]), len(taken), *wrong)
        calls.make("udp_sendto 10")
        tap.ok(not trace.take(0), label + ": UDP sends are not told")
    kinds = {kind["kind"]: kind for kind in trace.start["kinds"]}
    tap.ok(trace.start["source"] == "perf" and reason in trace.start["why_not_bpf"] and
           reason in trace.err, label + ": that it is without BPF is said, and why",
           trace.start, trace.err)
    tap.ok(not kinds["udp_send"]["covered"] and kinds["tcp_connect"]["remark"] and
           kinds["bind"]["remark"] and "UDP send" in trace.err,
           label + ": so is what is missing", trace.start, trace.err)


def without_bpf(tap, portroom, program, _):
    for label, options, wrap, reason in HANDICAPS:
        guard(tap, label, try_fallback, tap, portroom, program, label, options, wrap, reason)


def beside_another(tap, portroom, program, _):
    """A BPF program on a tracepoint can hide its events from perf: ours do not."""
    with Calls(program) as calls:
        calls.make("full")
        with Trace(portroom, calls) as by_bpf, Trace(portroom, calls, ["--no-bpf"]) as by_perf:
            for line in ("bind 500", "udp_connect 500", "connect 500"):
                calls.make(line)
            counts = [len(trace.take(1500)) for trace in (by_bpf, by_perf)]
    tap.ok(counts == [1500, 1500], "two that watch at once see the same", counts)


def conflict_on_heap(tap, portroom, program, _):
    """Where the address is not on the stack it is not known which port was asked for: no guess."""
    with Calls(program) as calls, Trace(portroom, calls, ["--no-bpf"]) as trace:
        calls.make("full")
        calls.make("bind_from_heap 100")
        taken = trace.take(0)
    tap.ok(not taken and trace.end["unclear"] >= 100 and "not clear" in trace.err,
           "without BPF, what is not clear is counted so", trace.end, trace.err)
    with Calls(program) as calls, Trace(portroom, calls) as trace:
        calls.make("full")
        calls.make("bind_from_heap 100")
        taken = trace.take(100)
    tap.ok(len(taken) == 100 and trace.end["unclear"] == 0, "by BPF it is clear", len(taken))


def unprivileged(tap, portroom, program, _):
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    copy = shutil.copy(portroom, folder)
    nobody = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", "-all",
              "--bounding-set", "-all"]
    try:
        answer = run(nobody + [copy, "trace", "--for", "1s"])
        chinese = run(nobody + [copy, "trace", "--for", "1s", "--lang", "zh_CN"])
        able = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", "+bpf,+perfmon",
                "--ambient-caps", "+bpf,+perfmon"]
        with Calls(program) as calls, Trace(
                copy, None, wrap=lambda words: able + words) as trace:
            calls.make("full")
            calls.make("bind 1000 2")
            calls.make("connect 1000 2")
            taken = [line for line in trace.take(2000) if line["namespace"] == calls.netns]
    finally:
        shutil.rmtree(folder)
    tap.ok(answer.status == 1 and answer.err.count("\n") == 1 and "CAP_BPF" in answer.err and
           "root" in answer.err and not answer.out,
           "without privilege one sentence names the capability", answer)
    tap.ok(chinese.status == 1 and chinese.err.count("\n") == 1 and "CAP_BPF" in chinese.err and
           not chinese.err.isascii(), "in Chinese, too", chinese)
    tap.ok(len(taken) == 2000 and all(line["pid"] == calls.pid for line in taken),
           "CAP_BPF and CAP_PERFMON suffice", len(taken), trace.start)


# ---- options ----


def cheap(tap, portroom, program, _):
    for options in (["--cheap"], ["--cheap", "--no-bpf"]):
        label = " ".join(options)
        with Calls(program) as calls, Trace(portroom, calls, options) as trace:
            calls.make("full")
            for line in ("connect 100", "listen 100", "bind 100", "udp_connect 100",
                         "udp_sendto 100"):
                calls.make(line)
            wanted = {"connect", "listen"}
            # Sends have an event since Linux 6.4, which BPF can use.
            if any(kind["kind"] == "udp_send" and kind["covered"] for kind in trace.start["kinds"]):
                wanted.add("send")
            taken = trace.take(100 * len(wanted))
        tap.ok(("send" in wanted or "--no-bpf" in options or OLD) and
               {line["call"] for line in taken} == wanted and len(taken) == 100 * len(wanted) and
               "udp" not in {line["protocol"] for line in taken if line["call"] == "connect"},
               label + ": what has an event of its own is told", len(taken))
        kinds = {kind["kind"]: kind["remark"] for kind in trace.start["kinds"]
                 if not kind["covered"]}
        tap.ok(kinds.get("bind") == kinds.get("udp_connect") == "--cheap" and
               trace.start["slows_calls_ns"] == 0 and "--cheap" in trace.err and
               " ns" not in trace.err, label + ": what is left out is said", trace.err)


def filters(tap, portroom, program, _):
    made = ("connect 10", "connect6 20", "bind 40", "udp_sendto 80", "udp_connect 160")
    rows = (
        (["--tcp"], 70), (["--udp"], 240), (["--dst", "::1"], 20), (["--src", "127.0.0.7"], 40),
        (["--port", "902"], 270), (["--pid", "PID"], 310), (["--pid", "1"], 0),
        (["--process", "calls"], 310), (["--user", "root", "--tcp", "--dst", "127.0.0.1"], 10),
        (["--user", "nobody"], 0), (["--unit", "no-such.service"], 0),
    )
    with Calls(program) as calls:
        calls.make("full")
        traces = [Trace(portroom, calls if "PID" not in options else None,
                        [str(calls.pid) if word == "PID" else word for word in options])
                  for options, _ in rows]
        for trace in traces:
            trace.__enter__()
        for line in made:
            calls.make(line)
        for trace, (options, count) in zip(traces, rows):
            taken = trace.take(count)
            trace.stop()
            tap.ok(len(taken) == count and trace.end["failures"] == count and trace.status == 0,
                   "trace %s tells %d of 310" % (" ".join(options), count), len(taken), trace.end)


def ends(tap, portroom, program, _):
    begun = time.monotonic()
    answer = run([portroom, "trace", "--netns", "own", "--for", "300ms"])
    seconds = time.monotonic() - begun
    told = re.search(r"watched for (\d+\.\d) s: no call failed", answer.err)
    # A tenth of a second is what it rounds to.
    tap.ok(answer.status == 0 and told and 0.3 <= float(told.group(1)) <= seconds + 0.05 and
           answer.out.count("\n") == 1, "nothing to see: it says how long it watched", answer, seconds)
    with Calls(program) as calls:
        calls.make("full")
        for number in (signal.SIGINT, signal.SIGTERM):
            with Trace(portroom, calls) as trace:
                calls.make("connect 100")
                trace.take(100)
                trace.stop(number)
            tap.ok(trace.status == 0 and trace.end["failures"] == 100 and
                   "100 calls failed" in trace.err, "%s ends it with a sum" % number.name,
                   trace.end, trace.err)
        with Trace(portroom, calls, ["--count", "7"]) as trace:
            calls.make("connect 100")
            trace.process.wait(PATIENCE_S)
        tap.ok(trace.status == 0 and trace.end["failures"] == len(trace.failures) == 7,
               "--count 7 ends with the seventh", trace.end)
    ignoring = lambda words: ["sh", "-c", 'trap "" INT; exec "$@"', "sh"] + words
    with Trace(portroom, None, ["--netns", "own", "--for", "1s"], ignoring) as trace:
        trace.process.send_signal(signal.SIGINT)
        trace.process.wait(PATIENCE_S)
    tap.ok(trace.end["seconds"] >= 1, "who is told to ignore SIGINT does", trace.end)


def text(tap, portroom, program, _):
    """The first at once, then counts; together they are all."""
    with Calls(program) as calls:
        calls.make("full")
        process = subprocess.Popen([portroom, "trace", "--pid", str(calls.pid)], bufsize=0,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        heading = process.stdout.readline().decode().split()
        begun = time.monotonic()
        calls.make("connect 5000")
        first = process.stdout.readline().decode().split()
        calls.make("bind 3000")
        time.sleep(1.5)
        calls.make("connect 2000")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate()
        seconds = time.monotonic() - begun
    rows = [line.split() for line in rest.decode().splitlines()]
    counts = [int(row[1].replace(",", "")) for row in [first] + rows]
    tap.ok(heading[:6] == ["TIME", "COUNT", "CALL", "ERROR", "PROCESS", "DESTINATION"] and
           first[1:6] == ["1", "tcp", "connect", "EADDRNOTAVAIL", "calls,%d" % calls.pid],
           "the first is told at once", heading, first)
    # Of each of two calls the first, then a row for each second that has begun, and one at the end.
    tap.ok(sum(counts) == 10000 and len(counts) <= 2 * (seconds + 3), "then how many there are", seconds, *rows)
    tap.ok("10,000 calls failed" in err.decode(), "and in the end, all", err.decode())


def flood(tap, portroom, program, _):
    """A process for each call: no more lines than can be read, and nothing uncounted."""
    with Calls(program) as calls:
        calls.make("full")
        process = subprocess.Popen([portroom, "trace", "--netns", str(calls.pid)], bufsize=0,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        begun = time.monotonic()
        calls.make("connect_in_child 1000")
        seconds = time.monotonic() - begun
        time.sleep(1.2)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()
    rows = [line.split() for line in rest.decode().splitlines()]
    counts = [int(row[1].replace(",", "")) for row in rows]
    tap.ok(sum(counts) == 1000 and len(rows) <= 21 * (seconds + 3),
           "1000 processes are some lines a second", seconds, len(rows), sum(counts))


# ---- files, disks and readers that end ----


def saved(tap, portroom, program, _):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "failures")
    try:
        with Calls(program) as calls, Trace(portroom, calls, ["--save", path]) as trace:
            calls.make("full")
            calls.make("connect 5000 2")
            trace.take(5000)
            os.kill(trace.process.pid, 0)
        with open(path, encoding="utf-8") as file:
            lines = [loads(line) for line in file]
        mode = os.stat(path).st_mode & 0o777
        chinese = path + ".zh"
        other = run([portroom, "trace", "--netns", "own", "--save", chinese, "--for", "100ms",
                     "--no-bpf", "--lang", "zh_CN"])
        with open(chinese, encoding="utf-8") as file:
            english = file.read().isascii()
        again = run([portroom, "trace", "--save", path, "--for", "1s"])
        nowhere = run([portroom, "trace", "--save", folder + "/no/such", "--for", "1s"])
    finally:
        shutil.rmtree(folder)
    tap.ok(lines == trace.lines and len(lines) == 5002, "--save has what --json has", len(lines))
    tap.ok(english and not other.err.isascii(), "what is saved is English", other)
    tap.ok(mode == 0o600, "only its owner may read it", oct(mode))
    tap.ok(again.status == 1 and again.err.count("\n") == 1 and path in again.err,
           "a file that exists is not written over", again)
    tap.ok(nowhere.status == 1 and nowhere.err.count("\n") == 1 and "/no/such" in nowhere.err,
           "a file that cannot be made is one sentence", nowhere)


def read_back(tap, portroom, program, _):
    """What was saved is shown again as it was seen, and with a snapshot of the machine it is one machine."""
    folder = tempfile.mkdtemp()
    path, snapshot = os.path.join(folder, "failures.jsonl"), os.path.join(folder, "ports.json")
    try:
        with Calls(program) as calls, Trace(portroom, calls, ["--save", path]) as trace:
            calls.make("full")
            calls.make("connect 500")
            calls.make("bind 100")
            calls.make("udp_sendto 40")
            calls.make("connect_in_child 3")
            trace.take(643)
            run([portroom, "save", "--netns", str(calls.pid), snapshot])
        again = run([portroom, "trace", "--on", path, "--json"])
        text = run([portroom, "trace", "--on", path])
        alone = run([portroom, "check", "--on", path, "--json"])
        both = run([portroom, "read", folder, "--json"])
        named = run([portroom, "trace", "--on", folder, "--process", "calls", "--count", "7", "--json"])
    finally:
        shutil.rmtree(folder)
    lines = [loads(line) for line in again.out.splitlines()]
    tap.ok([line for line in lines if line["line"] == "failure"] ==
           [line for line in trace.lines if line["line"] == "failure"] and len(lines) == 645,
           "every call is told again as it was seen", len(lines), again.err)
    told = [line.split() for line in text.out.splitlines()[1:]]
    tap.ok(sum(int(row[1].replace(",", "")) for row in told) == 643 and
           all(row[0].count(":") == 2 and calls.netns in row for row in told),
           "as rows they are as many", text.out)
    rules = {finding["rule"]: finding for finding in alone.json()["findings"]}
    tap.ok(alone.status == 2 and rules["ran_out"]["strength"] == "proof",
           "alone it is proof that ports ran out", alone.out[:2000])
    kinds = {each["kind"]: each for each in both.json()["evidence"]["artefacts"]}
    tap.ok(both.status == 2 and set(kinds) == {"portroom trace", "saved"} and
           {"ran_out", "bound_only_leak"} <= {each["rule"] for each in both.json()["findings"]},
           "with a snapshot it is one machine: what failed, and who has the ports", both.out[:3000])
    told = [finding for finding in both.json()["findings"] if finding["rule"] == "ran_out"]
    tap.ok({finding["namespace"] for finding in told} == {calls.netns} and
           "network namespace" not in told[0]["title"],
           "in the namespace that the snapshot has", told)
    tap.ok(len(named.out.splitlines()) == 9, "a filter holds of a file, too", named)


SMALL_DISK = 'mount -t tmpfs -o size=64k none "$0" && "$@"; status=$?; cp "$0/failures" "$0.copy"; ' \
    'exit $status'


def full_disk(tap, portroom, program, _):
    folder = tempfile.mkdtemp()
    command = ["unshare", "--mount", "sh", "-c", SMALL_DISK, folder, portroom, "trace", "--save",
               folder + "/failures"]
    try:
        with Calls(program) as calls:
            calls.make("full")
            process = subprocess.Popen(command, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.readline()
            calls.make("connect 2000")
            _, err = process.communicate(timeout=PATIENCE_S)
        with open(folder + ".copy", encoding="utf-8") as file:
            content = file.read()
        again = run([portroom, "trace", "--on", folder + ".copy", "--json"])
    finally:
        shutil.rmtree(folder)
        if os.path.exists(folder + ".copy"):
            os.unlink(folder + ".copy")
    sentences = [line for line in err.decode().splitlines() if "No space left" in line]
    tap.ok(process.returncode == 1 and len(sentences) == 1 and folder in sentences[0],
           "a full disk ends it with one sentence", process.returncode, err.decode())
    lines = [loads(line) for line in content.splitlines()]
    tap.ok(content.endswith("\n") and len(lines) > 10 and lines[0]["line"] == "start",
           "the file ends with a whole line", content[-300:])
    tap.ok(len(again.out.splitlines()) == len(lines) + 1 and "is not whole" in again.err,
           "it is read as far as it goes, and said to be broken off", again.err)


def readers_gone(tap, portroom, program, _):
    """A reader that has enough: the end comes by itself, though no call fails any more."""
    for ignore in (False, True):
        read, write = os.pipe()
        process = subprocess.Popen([portroom, "trace", "--netns", "own"], stdout=write,
                                   stderr=subprocess.PIPE, restore_signals=not ignore)
        os.close(write)
        os.read(read, 10)
        os.close(read)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
        err = process.stderr.read().decode()
        tap.ok(process.returncode == 1 and err.count("standard output") == 1,
               "it ends when nobody reads, SIGPIPE %s" % ("ignored" if ignore else "or not"),
               process.returncode, err)
    full = run(["sh", "-c", 'exec "$0" trace --json --netns own --for 5s >/dev/full', portroom])
    tap.ok(full.status == 1 and full.err.count("standard output") == 1,
           "a full standard output ends it, and is told once", full)


# ---- nothing stays behind ----

BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
GET_BY_ID = {"prog_id": 13, "map_id": 14, "link_id": 30}  # enum bpf_cmd


def exists(kind, number):
    attributes = (ctypes.c_uint32 * 4)(number)
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(BPF_SYSCALL, GET_BY_ID[kind], attributes, ctypes.sizeof(attributes))
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


def bpf_objects(pid):
    found = set()
    folder = "/proc/%d/fdinfo/" % pid
    for name in os.listdir(folder):
        with open(folder + name, encoding="ascii") as file:
            found |= {(kind, int(number)) for kind, number in
                      re.findall(r"^(prog_id|map_id|link_id):\s*(\d+)", file.read(), re.M)}
    return found


def is_running(pid):
    """Not only a number that nobody has asked for."""
    try:
        with open("/proc/%s/stat" % pid, encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def left_behind(tap, portroom, program, _):
    for options, number in ((["--json"], signal.SIGKILL), (["--json"], signal.SIGTERM),
                            (["--json", "--no-bpf"], signal.SIGKILL)):
        with Calls(program) as calls, Trace(portroom, calls, options) as trace:
            calls.make("full")
            calls.make("connect 100")
            trace.take(100)
            objects = bpf_objects(trace.process.pid)
            children = run(["pgrep", "-P", str(trace.process.pid)]).out.split()
            there = sum(exists(*each) for each in objects)
            mounts = run(["grep", "-c", "", "/proc/self/mountinfo"]).out
            trace.stop(number)
        end = time.monotonic() + PATIENCE_S
        left = objects
        while (left or any(map(is_running, children))) and time.monotonic() < end:
            left = {each for each in left if exists(*each)}
            time.sleep(0.05)
        label = "%s after %s" % (" ".join(options[1:]) or "by BPF", number.name)
        kinds = {kind for kind, _ in objects}
        wanted = set() if "--no-bpf" in options else set(GET_BY_ID)
        tap.ok(kinds == wanted and there == len(objects) and not left,
               label + ": no BPF program, map or link is left", objects, left)
        running = [pid for pid in children if is_running(pid)]
        tap.ok(not running and mounts == run(["grep", "-c", "", "/proc/self/mountinfo"]).out,
               label + ": no process or mount is left", running)


def own_port_tests(tap, portroom, program, situation):
    """To learn who owns a port portroom itself asks for it, and is refused: that is no lack of ports."""
    for options in ([], ["--no-bpf"]):
        with Trace(portroom, None, options) as trace, Situation(situation, "mixed_owners") as made:
            trace.take(0)  # some were made to fail
            check = made.run([portroom, "check", "--no-bpf", "--json", "--netns", "own"])
            here = str(made.truth["netns"])
            taken = [line for line in trace.take(0) if line["namespace"] == here]
        tests = [each for each in check.json()["sources"] if each["name"] == "port_test"]
        tap.ok(tests[0]["used"] and not taken,
               "%s: portroom's own port tests are not told" % (" ".join(options) or "by BPF"),
               tests, *map(facts, taken[:3]))


class Schema:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, tap, portroom, program, _):
        if not tap.ok(jsonschema is not None, "lines can be held against their schema",
                      "install python3-jsonschema"):
            return
        with open(os.path.join(self.folder, "trace-1.json"), encoding="utf-8") as file:
            schema = loads(file.read())
        for options, flood_line, made in (([], "connect 60000 2", 60000),
                                          (["--no-bpf"], "bind 20000", 20000)):
            with Calls(program) as calls, Trace(portroom, calls, options) as trace:
                calls.make("full")
                for row in FAILING:
                    if row[0] != "connect_again":
                        calls.make("%s 5" % row[0])
                calls.make("connect_in_child 5")
                trace.process.send_signal(signal.SIGSTOP)
                calls.make(flood_line)
                trace.process.send_signal(signal.SIGCONT)
                trace.take(made)
            kinds, problems = set(), []
            for line in trace.lines[:100] + trace.lines[-100:]:
                kinds.add(line["line"])
                try:
                    jsonschema.validate(line, schema)
                except jsonschema.ValidationError as error:
                    problems.append("%s: %s" % (line, error.message))
            tap.ok(kinds == {"start", "failure", "lost", "end"} and not problems,
                   "%s: every line is as the schema says" % (" ".join(options) or "by BPF"), kinds,
                   *problems[:3])


def main(words):
    folder = None
    if "--schema-dir" in words:
        at = words.index("--schema-dir")
        folder = words[at + 1]
        del words[at:at + 2]
    words = [word for word in words if word != "--quick"]
    if len(words) < 3:
        sys.exit(__doc__)
    portroom, program, situation = (os.path.abspath(word) for word in words[:3])
    parts = (failing, healthy, overflow, short_lived, unit_of_ended, pid_namespaces, without_bpf,
             beside_another, conflict_on_heap, unprivileged, cheap, filters, ends, text, flood, saved, read_back, full_disk,
             readers_gone, left_behind, own_port_tests)
    if folder:
        schema = Schema(folder)
        schema.__name__ = "schema"
        parts += (schema,)
    tap = Tap()
    need_root(tap)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 65536), hard), hard))
    for part in parts:
        if not words[3:] or part.__name__ in words[3:]:
            guard(tap, part.__name__, part, tap, portroom, program, situation)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
