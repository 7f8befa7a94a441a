#!/usr/bin/env python3
"""Sources of sockets: every namespace right by BPF, the same verdict without it, and nothing left behind.

    test_sources.py [--quick] PORTROOM SITUATION

--quick: fewer namespaces and situations, for a machine that is emulated.
"""

import ctypes
import fcntl
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

from live import Situation, Tap, await_nap, guard, loads, need_root, run

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
BPF, ITERATORS = ["--source", "bpf_tables"], ["--source", "bpf_iter"]
HERE = os.path.dirname(os.path.abspath(__file__))


# ---- many namespaces ----

NAMESPACES, QUICK_NAMESPACES, OWN_TABLES = 300, 70, 5


def enter_new_namespace():
    if LIBC.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket() as control:  # SIOCSIFFLAGS: lo up
        fcntl.ioctl(control, 0x8914, struct.pack("16sH22x", b"lo", 0x1 | 0x40))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_sockets(number):
    """Different in every namespace: connections, bound ones, UDP; the first listens."""
    server = socket.create_server(("127.0.0.1", 9000), backlog=256)
    kept, expected = [server], {"listen": 1}
    for index in range(3 + number % 7 + number // 50):
        kept += [socket.create_connection(("127.0.0.1", 9000)), server.accept()[0]]
        expected["established"] = 2 * (index + 1)
    for index in range(number % 4):
        kept.append(socket.socket())
        kept[-1].bind(("127.0.0.1", 0))
        expected["bound"] = index + 1
    for index in range(number % 3):
        kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        kept[-1].bind(("127.0.0.1", 0))
        expected["unconnected"] = index + 1
    return kept, expected


def make_rest(server, number, expected):
    for index in range(number % 5):
        client, served = socket.create_connection(("127.0.0.1", 9000)), server.accept()[0]
        client.close()
        served.close()
        expected["time_wait"] = index + 1


def range_of(number):
    return 20000 + 2 * number, 30001 + 4 * number


def reserved_of(number):
    return "%d-%d" % (25000 + number, 25000 + 2 * number) if number % 2 else ""


def usable_of(number):
    first, last = range_of(number)
    return last - first + 1 - (number + 1 if number % 2 else 0)


def count_independently():
    """By the kernel's text, for what that shows."""
    states = {"01": "established", "06": "time_wait", "0A": "listen"}
    counts = {}
    for line in open("/proc/thread-self/net/tcp").read().splitlines()[1:]:
        name = states.get(line.split()[3], line.split()[3])
        counts[name] = counts.get(name, 0) + 1
    return counts


def await_counts(expected):
    """The last segments may still be on their way."""
    end = time.monotonic() + 10
    while True:
        seen = count_independently()
        if all(seen.get(state, 0) == expected.get(state, 0)
               for state in ("established", "time_wait", "listen")):
            return
        if time.monotonic() > end:
            sys.exit("the kernel's text does not show what was made: %s %s" % (seen, expected))
        time.sleep(0.01)


def hold_namespaces(pipe, wanted):
    """A process of its own makes and holds them: most are kept by their sockets and a descriptor only. What rests for a
    minute is made last, since making namespaces takes time."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    truth, usable, kept, made = {}, {}, [], []
    for number in range(wanted):
        enter_new_namespace()
        if number < OWN_TABLES:  # what is begun from here has a table of its own, a small one
            write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "512")
            enter_new_namespace()
            if int(open("/proc/sys/net/ipv4/tcp_ehash_entries").read()) != 512:
                sys.exit("the namespace has no table of its own")
        write("/proc/sys/net/ipv4/ip_local_port_range", "%d %d" % range_of(number))
        write("/proc/sys/net/ipv4/ip_local_reserved_ports", reserved_of(number))
        inode = os.stat("/proc/thread-self/ns/net").st_ino
        netns = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        sockets, expected = make_sockets(number)
        kept += sockets
        made.append((netns, sockets[0], expected))
        truth[str(inode)] = expected
        usable[str(inode)] = usable_of(number)
        LIBC.setns(home, CLONE_NEWNET)
    for number, (netns, server, expected) in enumerate(made):
        LIBC.setns(netns, CLONE_NEWNET)
        make_rest(server, number, expected)
        await_counts(expected)
    LIBC.setns(home, CLONE_NEWNET)
    pipe.write(repr(truth) + "\n" + repr(usable) + "\n")
    pipe.flush()
    signal.pause()


class Held:
    """The namespaces while they exist."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __enter__(self):
        read, write_end = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(read)
            try:
                hold_namespaces(os.fdopen(write_end, "w"), self.wanted)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(write_end)
        with os.fdopen(read) as pipe:
            self.truth = loads(pipe.readline().replace("'", '"'))
            self.usable = loads(pipe.readline().replace("'", '"'))
        return self

    def __exit__(self, kind, error, trace):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def count_by_namespace(document):
    counts = {}
    for row in document["rows"]:
        counts.setdefault(row["namespace"], {})[row["state"]] = row["count"]
    return counts


def try_namespaces(tap, portroom, wanted):
    with Held(wanted) as held:
        answers = [(options, run([portroom, "list", "--json", "--by", "netns,state"] + options))
                   for options in (BPF, ITERATORS, ["--no-bpf"])]
        owners = [(options, run([portroom, "list", "--json", "--by", "pid"] + options))
                  for options in (BPF, ITERATORS)]
        check = run([portroom, "check", "--json"] + BPF)
    for options, answer in answers:
        counts = count_by_namespace(answer.json())
        wrong = ["%s: %s, not %s" % (inode, counts.get(inode), expected)
                 for inode, expected in held.truth.items() if counts.get(inode) != expected]
        tap.ok(len(held.truth) == wanted and not wrong,
               "%d namespaces, %s: each has the sockets that were made in it" %
               (wanted, " ".join(options)), "%d are wrong" % len(wrong), *wrong[:5])
    seen = {row["namespace"]: row["usable"] for row in check.json()["ranges"]
            if row["protocol"] == "tcp" and row["family"] == "ipv4"}
    wrong = ["%s: %s, not %d" % (inode, seen.get(inode), usable)
             for inode, usable in held.usable.items() if seen.get(inode) != usable]
    tap.ok(not wrong, "%d namespaces: each has its own range and reserved ports" % wanted,
           *wrong[:5])
    # By nature without an owner: TIME_WAIT.
    owned = sum(count for expected in held.truth.values() for state, count in expected.items()
                 if state != "time_wait")
    for options, answer in owners:
        mine = [row["count"] for row in answer.json()["rows"] if row["pid"] == held.pid]
        tap.ok(mine == [owned], "%d namespaces, %s: all sockets have their owner" %
               (wanted, " ".join(options)), mine, owned)


VISITOR = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fds = [os.open("/proc/%s/fd/%s" % (sys.argv[1], fd), os.O_RDONLY) for fd in sys.argv[2:]]
print("up", flush=True)
while os.getppid() != 1:
    for fd in fds: libc.setns(fd, 0x40000000)
"""


def try_visitors(tap, portroom):
    """A namespace that only a descriptor keeps is read, also if who was seen in it has gone elsewhere since: such as
    another portroom. The visitor keeps descriptors of its own, which any portroom may use as well."""
    with Held(12) as held:
        numbers = [fd for fd in os.listdir("/proc/%d/fd" % held.pid)
                   if os.readlink("/proc/%d/fd/%s" % (held.pid, fd))[5:-1] in held.truth]
        with subprocess.Popen([sys.executable, "-c", VISITOR, str(held.pid)] + numbers,
                              stdout=subprocess.PIPE) as visitor:
            visitor.stdout.readline()
            for options in (BPF, ["--no-bpf"]):
                missed = []
                for _ in range(25):
                    counts = count_by_namespace(run([portroom, "list", "--json", "--by", "netns,state"] +
                                                    options).json())
                    missed += [inode for inode in held.truth if inode not in counts]
                tap.ok(len(numbers) == 12 and not missed, "%s: a visitor hides no namespace" % " ".join(options),
                       missed)
            visitor.kill()


# ---- processes of unusual kinds ----

def with_refused(call):
    return lambda command: [sys.executable, os.path.join(HERE, "refuse.py"), call, "--"] + command


EVERY_WAY = (BPF, ITERATORS, ["--no-bpf"])

# Runs a command while the last lines' sockets are there.
HOLD = """
import ctypes, os, resource, socket, subprocess, sys, threading
def bound():
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made
%s
sys.exit(subprocess.call(sys.argv[1:]))
"""

# As a server does that is to fork workers.
SHARED = HOLD % """
shared = bound()
read, write = os.pipe()
for _ in range(3):
    if not os.fork():
        os.close(write)
        os.read(read, 1)
        os._exit(0)
os.close(read)
"""

# A thread that has a table of descriptors of its own, with a copy of all: CLONE_FILES.
LEFT = HOLD % """
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
kept = [bound()] + [socket.socket() for _ in range(600)]
kept += [open("/dev/null") for _ in range(370)]
begun, over = threading.Event(), threading.Event()
def leave():
    if ctypes.CDLL(None).unshare(0x400) == 0:
        kept.append(bound())
    begun.set()
    over.wait()
threading.Thread(target=leave, daemon=True).start()
begun.wait()
"""

OUTSIDE = HOLD % """
outside = bound()
sys.argv[1:1] = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", %r]
""" % (HOLD % "inside = bound()")


# As a server of QUIC has: all in one chain of the kernel's table, more than a small pass has room for.
ONE_PORT = HOLD % """
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
crowd = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5000)]
for number, one in enumerate(crowd):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", 4433))
    one.connect(("127.0.0.1", 10000 + number))
"""


# In a message that nobody reads: no descriptor leads to them.
IN_FLIGHT = HOLD % """
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("40000 40099")
pair = socket.socketpair()
for _ in range(60):
    with bound() as made:
        socket.send_fds(pair[0], [b"x"], [made.fileno()])
"""


def run_among(script, command):
    return run(["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh",
                sys.executable, "-c", script] + command)


def list_among(script, portroom, options):
    """How many bound sockets with an owner, and without; None: not seen, which is told."""
    document = run_among(script, portroom + ["list", "--json", "--netns", "own", "--by",
                                             "state,pid"] + options).json()
    counts = {row["pid"] is not None: row["count"] for row in document["rows"]
              if row["state"] == "bound"}
    hidden = any("bound-only" in gap["what"] for gap in document["gaps"])
    return counts.get(True, 0), counts.get(False, None if hidden else 0)


def count_among(script, portroom, options):
    document = run_among(script, [portroom, "check", "--json", "--netns", "own"] + options).json()
    return [{item["name"]: item["value"] for item in each["evidence"]}
            for each in document["findings"] if each["rule"] == "descriptor_limit"]


def try_processes(tap, portroom):
    """Before Linux 6.8 only descriptors lead to bound sockets; after, nothing may be hidden."""
    counts = []
    hidden = (1, None) if list_among(OUTSIDE, [portroom], ["--no-bpf"]) != (1, 1) else (1, 1)
    for options in EVERY_WAY:
        label = " ".join(options)
        seen = list_among(SHARED, [portroom], options)
        tap.ok(seen == (1, 0), label + ": a bound socket that four processes have is one", seen)
        seen = list_among(OUTSIDE, [portroom], options)
        tap.ok(seen == ((1, 1) if options == BPF else hidden),
               label + ": in a pid namespace, a bound socket from outside has no owner", seen)
        seen = list_among(LEFT, [portroom], options)
        tap.ok(seen == (hidden if options == ["--no-bpf"] else (2, 0)),
               label + ": by BPF, a thread that left its process's descriptors is found", seen)
        counts.append(count_among(LEFT, portroom, options))
        rows = run_among(ONE_PORT, [portroom, "list", "--json", "--netns", "own", "--by",
                                    "protocol,state"] + options).json()["rows"]
        tap.ok([(row["protocol"], row["state"], row["count"]) for row in rows] ==
               [("udp", "established", 5000)],
               label + ": 5,000 UDP sockets on one port are counted", rows)
        room = run_among(IN_FLIGHT, [portroom, "room", "--bind", "127.0.0.1", "--json"] +
                         options).json()
        tap.ok(room["room"] == 40 if hidden == (1, 1) else
               room["room_min"] <= 40 <= room["room_max"] and
               (room["exact"] or room["why_not_exact"]),
               label + ": sockets in flight keep their ports", room)
        verdict = run_among(ONE_PORT, [portroom, "check", "--json", "--netns", "own"] + options)
        tap.ok(verdict.json()["verdict"] == "ok",
               label + ": and the machine is known", verdict)
    seen = list_among(SHARED, with_refused("netlink")([portroom]), ITERATORS)
    tap.ok(seen in ((1, 0), (1, None)),
           "without sock_diag, descriptors lead the iterators to bound sockets", seen)
    tap.ok(all(len(found) == 1 and 971 < found[0]["descriptors"] < 1000 for found in counts),
           "descriptors are counted against the limit that each table has", counts)


# ---- without what BPF needs ----

ENOUGH_NAMESPACES = 12  # that BPF is chosen


class Crowd:
    """So many namespaces that BPF is worth it."""

    def __enter__(self):
        self.processes = [subprocess.Popen(["unshare", "--net", "sleep", "300"])
                          for _ in range(ENOUGH_NAMESPACES)]
        for process in self.processes:
            await_nap(process)
        return self

    def __exit__(self, kind, error, trace):
        for process in self.processes:
            process.kill()
            process.wait()


def summary(document, netns):
    """What must not depend on the source."""
    here = str(netns)
    return {
        "findings": [(each["rule"], each["severity"], (each["culprit"] or {}).get("pid"))
                     for each in document["findings"] if each["namespace"] == here],
        "destinations": [(row["destination"], row["port"], row["room"], row["exact"])
                         for row in document["destinations"] if row["namespace"] == here],
    }


def without_type_information(command):
    return ["unshare", "--mount", "sh", "-c",
            'mount --bind /dev/null /sys/kernel/btf/vmlinux && exec "$@"', "sh"] + command


def without_capabilities(names):
    drop = ",".join("cap_" + name for name in names)
    return lambda command: ["capsh", "--drop=" + drop, "--", "-c", 'exec "$0" "$@"'] + command


# What is in the way, of which source, and how that is told.
BOTH = ("bpf_tables", "bpf_iter")
HANDICAPS = (
    ("nothing is in the way", lambda command: command, (), None),
    ("no CAP_BPF", without_capabilities(("bpf", "sys_admin")), BOTH, "CAP_BPF"),
    ("no CAP_PERFMON", without_capabilities(("perfmon", "sys_admin")), BOTH, "CAP_PERFMON"),
    ("no type information", without_type_information, BOTH, "/sys/kernel/btf/vmlinux"),
    ("bpf() is refused", with_refused("bpf"), BOTH, "bpf() is refused"),
    ("no walk", with_refused("bpf_run"), ("bpf_tables",), "bpf() is refused"),
    ("--no-bpf", lambda command: command + ["--no-bpf"], BOTH, "--no-bpf"),
)


def source_of(document, name):
    return next(each for each in document["sources"] if each["name"] == name)


def try_refused(tap, subject, situation, command, document, verbose, source, reason):
    report = source_of(document, source)
    tap.ok(not report["used"] and reason in (report["why_not"] or ""),
           "%s: %s is not used, and why is told" % (subject, source), report)
    lines = [line for line in verbose.out.splitlines() if line.startswith("source    " + source)]
    tap.ok(len(lines) == 1 and "not used" in lines[0],
           "%s: -v has one line on %s" % (subject, source), verbose)
    wanted = situation.run(command + ["--source", source])
    tap.ok(wanted.status == 3 and reason in wanted.err and wanted.err.count("\n") == 1,
           "%s: asked for alone, %s fails with one sentence" % (subject, source), wanted)


def try_handicaps(tap, portroom, program, situation_name):
    with Crowd(), Situation(program, situation_name) as situation:
        netns, seen = situation.truth["netns"], {}
        for label, wrap, refused, reason in HANDICAPS:
            document = situation.run(wrap([portroom, "check", "--json", "--limit", "all"])).json()
            verbose = situation.run(wrap([portroom, "check", "-v"]))
            subject = "%s, %s" % (situation_name, label)
            seen[label] = summary(document, netns)
            best = next((source for source in BOTH if source not in refused), "sock_diag")
            tap.ok(source_of(document, best)["used"], "%s: %s is used" % (subject, best),
                   document["sources"])
            for source in refused:
                try_refused(tap, subject, situation, wrap([portroom, "check"]), document, verbose,
                            source, reason)
            tap.ok(seen[label] == seen["nothing is in the way"],
                   subject + ": findings, culprits and room are the same", seen)
    situation.verify(tap, situation_name + ": looking changed nothing")


def try_unprivileged(tap, portroom, program):
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o755)
        copy = shutil.copy(portroom, os.path.join(folder, "portroom"))
        with Crowd(), Situation(program, "destination_full") as situation:
            answer = situation.run(["setpriv", "--reuid", "65534", "--clear-groups", copy, "check",
                                    "--json"])
            alone = situation.run(["setpriv", "--reuid", "65534", "--clear-groups", copy, "check"] +
                                  BPF)
            two = [situation.run(["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps",
                                  "+bpf,+perfmon", "--ambient-caps", "+bpf,+perfmon", copy,
                                  "check", "--json", "--netns", "own"] + options)
                   for options in (BPF, ITERATORS)]
    finally:
        shutil.rmtree(folder)
    document = answer.json()
    tap.ok(document["verdict"] == "critical" and source_of(document, "sock_diag")["used"],
           "unprivileged: a verdict on the own namespace, by another source", answer)
    tap.ok(alone.status == 3 and "CAP_BPF" in alone.err and alone.err.count("\n") == 1,
           "unprivileged: asked for alone, BPF fails and the capability is named", alone)
    pid = situation.truth["holders"][0]["pid"]
    for answer in two:
        found = [each for each in answer.json()["findings"] if each["rule"] == "destination_full"]
        tap.ok(found and found[0]["culprit"] and found[0]["culprit"]["pid"] == pid,
               "CAP_BPF and CAP_PERFMON are enough to name another user's process", answer)


# ---- nothing is left behind ----

OURS = ("find_namespaces", "walk_", "learn_files", "records", "see_", "iterator", "__loader")


def bpf_objects():
    """Those with names of ours: other programs on the machine may load some meanwhile."""
    objects = set()
    for kind in ("prog", "map"):
        for row in loads(run(["bpftool", "--json", kind, "list"]).out or "[]"):
            if row.get("name", "").startswith(OURS):
                objects.add((kind, row["id"], row["name"]))
    # A link has no name, but the program that it keeps.
    programs = {number for kind, number, _ in objects if kind == "prog"}
    for row in loads(run(["bpftool", "--json", "link", "list"]).out or "[]"):
        if row.get("prog_id") in programs:
            objects.add(("link", row["id"], row.get("type")))
    return objects


def try_leftovers(tap, portroom):
    before = bpf_objects()
    for options in (BPF, ITERATORS):
        for _ in range(5):
            run([portroom, "check"] + options)
        for after_ms in (2, 5, 10, 20, 40):
            process = subprocess.Popen([portroom, "check"] + options, stdout=subprocess.DEVNULL)
            time.sleep(after_ms / 1000)
            process.kill()
            process.wait()
    # The kernel frees them after a grace period; and another portroom may run meanwhile.
    left, end = bpf_objects() - before, time.monotonic() + 10
    while left and time.monotonic() < end:
        time.sleep(0.5)
        left &= bpf_objects()
    tap.ok(not left, "no BPF program or map is left behind, after SIGKILL neither", left)


SITUATIONS = ("destination_full", "bind_first_full", "mixed_owners", "two_processes")


def main(words):
    quick = "--quick" in words
    words = [word for word in words if word != "--quick"]
    if len(words) != 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words)
    tap = Tap()
    need_root(tap)
    guard(tap, "namespaces", try_namespaces, tap, portroom,
          QUICK_NAMESPACES if quick else NAMESPACES)
    guard(tap, "visitors", try_visitors, tap, portroom)
    guard(tap, "processes", try_processes, tap, portroom)
    for name in SITUATIONS[2:3] if quick else SITUATIONS:
        guard(tap, name, try_handicaps, tap, portroom, program, name)
    guard(tap, "unprivileged", try_unprivileged, tap, portroom, program)
    guard(tap, "leftovers", try_leftovers, tap, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
