#!/usr/bin/env python3
"""Sources of sockets: every namespace right by BPF, the same verdict without it, and nothing left behind.

    test_sources.py [--quick] PORTROOM SITUATION

--quick: fewer namespaces and situations, for a machine that is emulated.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from live import Situation, Tap, guard, loads, need_root, run

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
BPF = ["--source", "bpf_tables"]
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
    """Different in every namespace: connections, TIME_WAIT, bound ones, UDP."""
    server = socket.create_server(("127.0.0.1", 9000), backlog=256)
    kept, expected = [server], {"listen": 1}
    for index in range(3 + number % 7 + number // 50):
        kept += [socket.create_connection(("127.0.0.1", 9000)), server.accept()[0]]
        expected["established"] = 2 * (index + 1)
    for index in range(number % 5):
        client, served = socket.create_connection(("127.0.0.1", 9000)), server.accept()[0]
        client.close()
        served.close()
        expected["time_wait"] = index + 1
    for index in range(number % 4):
        kept.append(socket.socket())
        kept[-1].bind(("127.0.0.1", 0))
        expected["bound"] = index + 1
    for index in range(number % 3):
        kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        kept[-1].bind(("127.0.0.1", 0))
        expected["unconnected"] = index + 1
    return kept, expected


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


def hold_namespaces(pipe, wanted):
    """A process of its own makes and holds them: most are kept by their sockets and a descriptor only."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    truth, usable, kept = {}, {}, []
    for number in range(wanted):
        enter_new_namespace()
        if number < OWN_TABLES:  # what is begun from here has a table of its own, a small one
            write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "512")
            LIBC.unshare(CLONE_NEWNET)
            enter_new_namespace()
        write("/proc/sys/net/ipv4/ip_local_port_range", "%d %d" % range_of(number))
        write("/proc/sys/net/ipv4/ip_local_reserved_ports", reserved_of(number))
        inode = os.stat("/proc/thread-self/ns/net").st_ino
        kept.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        sockets, expected = make_sockets(number)
        kept += sockets
        seen = count_independently()
        if any(seen.get(state, 0) != expected.get(state, 0)
               for state in ("established", "time_wait", "listen")):
            sys.exit("the kernel's text does not show what was made: %s %s" % (seen, expected))
        truth[str(inode)] = expected
        usable[str(inode)] = usable_of(number)
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
                   for options in (BPF, ["--no-bpf"])]
        owners = run([portroom, "list", "--json", "--by", "pid"] + BPF)
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
    mine = [row["count"] for row in owners.json()["rows"] if row["pid"] == held.pid]
    tap.ok(mine == [owned], "%d namespaces: all sockets have their owner" % wanted, mine, owned)


# ---- without what BPF needs ----

ENOUGH_NAMESPACES = 12  # that BPF is chosen


class Crowd:
    """So many namespaces that BPF is worth it."""

    def __enter__(self):
        self.processes = [subprocess.Popen(["unshare", "--net", "sleep", "300"])
                          for _ in range(ENOUGH_NAMESPACES)]
        time.sleep(0.2)
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


def with_bpf_refused(command):
    return [sys.executable, os.path.join(HERE, "refuse.py"), "bpf", "--"] + command


HANDICAPS = (
    ("nothing is in the way", lambda command: command, None),
    ("no CAP_BPF", without_capabilities(("bpf", "sys_admin")), "CAP_BPF"),
    ("no CAP_PERFMON", without_capabilities(("perfmon", "sys_admin")), "CAP_PERFMON"),
    ("no type information", without_type_information, "/sys/kernel/btf/vmlinux"),
    ("bpf() is refused", with_bpf_refused, "bpf() is refused"),
    ("--no-bpf", lambda command: command + ["--no-bpf"], "--no-bpf"),
)


def source_of(document, name):
    return next(each for each in document["sources"] if each["name"] == name)


def try_handicaps(tap, portroom, program, situation_name):
    with Crowd(), Situation(program, situation_name) as situation:
        netns, seen = situation.truth["netns"], {}
        for label, wrap, reason in HANDICAPS:
            answer = situation.run(wrap([portroom, "check", "--json", "--limit", "all"]))
            verbose = situation.run(wrap([portroom, "check", "-v"]))
            document = answer.json()
            bpf = source_of(document, "bpf_tables")
            subject = "%s, %s" % (situation_name, label)
            seen[label] = summary(document, netns)
            if reason is None:
                tap.ok(bpf["used"], subject + ": BPF is used", bpf)
                continue
            tap.ok(not bpf["used"] and reason in (bpf["why_not"] or ""),
                   subject + ": another source is used, and why is told", bpf)
            lines = [line for line in verbose.out.splitlines() if line.startswith("source    bpf_tables")]
            tap.ok(len(lines) == 1 and "not used" in lines[0],
                   subject + ": -v has one line on it", verbose)
            tap.ok(seen[label] == seen["nothing is in the way"],
                   subject + ": findings, culprits and room are the same", seen)
            wanted = situation.run(wrap([portroom, "check"] + BPF))
            if label != "--no-bpf":
                tap.ok(wanted.status == 3 and reason in wanted.err and wanted.err.count("\n") == 1,
                       subject + ": asked for alone, BPF fails with one sentence", wanted)
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
            two = situation.run(["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps",
                                 "+bpf,+perfmon", "--ambient-caps", "+bpf,+perfmon", copy, "check",
                                 "--json", "--netns", "own"] + BPF)
    finally:
        shutil.rmtree(folder)
    document = answer.json()
    tap.ok(document["verdict"] == "critical" and source_of(document, "sock_diag")["used"],
           "unprivileged: a verdict on the own namespace, by another source", answer)
    tap.ok(alone.status == 3 and "CAP_BPF" in alone.err and alone.err.count("\n") == 1,
           "unprivileged: asked for alone, BPF fails and the capability is named", alone)
    document = two.json()
    found = [each for each in document["findings"] if each["rule"] == "destination_full"]
    pid = situation.truth["holders"][0]["pid"]
    tap.ok(found and found[0]["culprit"] and found[0]["culprit"]["pid"] == pid,
           "CAP_BPF and CAP_PERFMON are enough to name another user's process", two)


# ---- nothing is left behind ----

OURS = ("find_namespaces", "walk_", "learn_files", "records", "__loader")


def bpf_objects():
    """Those with names of ours: other programs on the machine may load some meanwhile."""
    objects = set()
    for kind in ("prog", "map"):
        for row in loads(run(["bpftool", "--json", kind, "list"]).out or "[]"):
            if row.get("name", "").startswith(OURS):
                objects.add((kind, row["id"], row["name"]))
    return objects


def try_leftovers(tap, portroom):
    before = bpf_objects()
    for _ in range(5):
        run([portroom, "check"] + BPF)
    for after_ms in (2, 5, 10, 20, 40):
        process = subprocess.Popen([portroom, "check"] + BPF, stdout=subprocess.DEVNULL)
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
    for name in SITUATIONS[2:3] if quick else SITUATIONS:
        guard(tap, name, try_handicaps, tap, portroom, program, name)
    guard(tap, "unprivileged", try_unprivileged, tap, portroom, program)
    guard(tap, "leftovers", try_leftovers, tap, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
