#!/usr/bin/env python3
"""`portroom lab`: every rehearsal is as expected, as root and as anybody else, and nothing is left of it.

    test_lab.py PORTROOM [--schema-dir DIR] [CASE...]
"""

import ctypes
import glob
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from live import Tap, guard, need_root, run
from test_check import Schemas, take_option

NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PATIENCE_S = 30
CASES = []
# What fails, how, and what the verdict must say of it; room before and after the cure.
EXPECTED = {
    "destination-full": ("connect", "EADDRNOTAVAIL", "destination_full", 0, 100),
    "bind-first": ("bind", "EADDRINUSE", "bind_pool_full", 0, 50),
    "time-wait": ("connect", "EADDRNOTAVAIL", "time_wait_pileup", 0, 90),
    "close-wait": ("connect", "EADDRNOTAVAIL", "close_wait_leak", 0, 100),
    "bound-leak": ("connect", "EADDRNOTAVAIL", "bound_only_leak", 0, 100),
    "udp-full": ("connect", "EAGAIN", "udp_pool_full", 0, 100),
    "reserved": ("connect", "EADDRNOTAVAIL", "range_full", 0, 100),
    "descriptor-limit": ("socket", "EMFILE", "descriptor_limit", None, None),
}


def case(function):
    CASES.append(function)
    return function


class Here:
    def __init__(self, portroom, schemas):
        self.portroom, self.schemas = os.path.abspath(portroom), schemas

    def words(self, words):
        return [self.portroom, "lab", "--lang", "en"] + words.split()

    def lab(self, words, **more):
        return run(self.words(words), **more)


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


# ---- what is left ----


def processes():
    """{pid: name} of those that a lab starts."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                name = file.read().strip()
        except OSError:
            continue
        if name in ("lab-program", "lab-service"):
            found[int(path.split("/")[2])] = name
    return found


def namespaces(of):
    """Who is in which: {inode: [pid, ...]}."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/ns/net") + glob.glob("/proc/[0-9]*/ns/user"):
        try:
            inode = os.stat(path).st_ino
        except OSError:
            continue
        if int(path.split("/")[2]) in of:
            found.setdefault(inode, []).append(int(path.split("/")[2]))
    return found


def settings():
    """Every setting of this namespace's net.ipv4 that a lab makes in its own, and the addresses of lo."""
    found = {}
    for name in ("ip_local_port_range", "ip_local_reserved_ports", "tcp_tw_reuse"):
        with open("/proc/sys/net/ipv4/" + name, encoding="ascii") as file:
            found[name] = file.read()
    with open("/proc/net/fib_trie", encoding="ascii") as file:
        found["addresses"] = "192.0.2." in file.read()
    for path in ("/proc/sys/user/max_user_namespaces", "/proc/sys/user/max_net_namespaces"):
        with open(path, encoding="ascii") as file:
            found[path] = file.read()
    return found


def mounts():
    with open("/proc/self/mounts", encoding="utf-8", errors="replace") as file:
        return sorted(line for line in file if "nsfs" in line)


class Untouched:
    """That nothing is left: no process that was not there, no setting, no mount, no named namespace."""

    def __init__(self, tap, sentence):
        self.tap, self.sentence = tap, sentence

    def __enter__(self):
        self.had, self.settings, self.mounts = processes(), settings(), mounts()
        return self

    def __exit__(self, kind, error, trace):
        if error:
            return
        left = self.new()
        # What is killed with its parent may take a moment to be gone.
        until = time.monotonic() + PATIENCE_S
        while left and time.monotonic() < until:
            time.sleep(0.05)
            left = self.new()
        self.tap.ok(not left, self.sentence + ": no process is left, and so no namespace", left)
        self.tap.ok(settings() == self.settings and mounts() == self.mounts,
                    self.sentence + ": no setting and no mount is another", self.settings, settings())

    def new(self):
        return {pid: name for pid, name in processes().items() if pid not in self.had}


def start_slowest(here, preexec_fn=None):
    """time-wait rests for two seconds before its cure counts: by then its first half is written."""
    def prepare():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has it ignored
        if preexec_fn:
            preexec_fn()
    lab = subprocess.Popen(here.words("time-wait"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           universal_newlines=True, preexec_fn=prepare)
    told = []
    while not told or "culprit" not in told[-1]:
        line = lab.stdout.readline()
        if not line:
            raise RuntimeError("the lab ended early: %s%s" % ("".join(told), lab.stderr.read()))
        told.append(line)
    return lab


# ---- cases ----


def try_story(tap, story, who):
    name = story["name"]
    call, error, rule, before, after = EXPECTED[name]
    what = "%s, as %s: " % (name, who)
    tap.ok(story["as_expected"] and story["unexpected"] is None, what + "as expected", story)
    tap.ok((story["sees"]["call"], story["sees"]["errno"]) == (call, error),
           what + "%s() fails with %s" % (call, error), story["sees"])
    tap.ok((story["before"]["verdict"], story["before"]["rule"]) == ("critical", rule),
           what + "the verdict is about that", story["before"])
    tap.ok(story["before"]["culprit"] == story["program"], what + "and names who did it", story)
    if before is None:  # ports were never short
        before = after = story["after"]["room_min"]
        tap.ok(before > 20, what + "ports are plenty", story)
    rooms = [story[when][key] for when in ("before", "after") for key in ("room_min", "room_max")]
    tap.ok(rooms == [before, before, after, after], what + "the room before and after", rooms)
    tap.ok(story["after"]["verdict"] == "ok" and story["calls"] == after,
           what + "the cure helps, and the room counts out", story)


def rehearses_all(tap, here, who, **more):
    with Untouched(tap, "lab all, as " + who):
        answer = here.lab("all --json", **more)
    document = answer.json()
    here.schemas.try_document(tap, document, "lab all --json, as " + who)
    tap.ok(answer.status == 0 and not answer.err, "lab all, as %s, succeeds" % who, answer)
    names = [story["name"] for story in document["rehearsals"]]
    tap.ok(names == list(EXPECTED), "lab all, as %s, does all" % who, names)
    for story in document["rehearsals"]:
        try_story(tap, story, who)


@case
def as_root(tap, here):
    rehearses_all(tap, here, "root")


@case
def as_nobody(tap, here):
    rehearses_all(tap, here, "nobody", preexec_fn=become_nobody)


@case
def text(tap, here):
    answer = here.lab("")
    words = ("A rehearsal in", "destination-full", "EADDRNOTAVAIL", "CRITICAL", "culprit: lab-program", "sysctl -w",
             "OK", "room 0 -> 100; tried: 100 calls succeed", "as expected, in")
    at = [answer.out.find(word) for word in words]
    tap.ok(answer.status == 0 and at == sorted(at) and at[0] == 0, "without a name it is told in four steps", at, answer)
    verbose = here.lab("reserved descriptor-limit --verbose")
    tap.ok(verbose.status == 0 and verbose.out.count("portroom check --netns own:") == 4 and
           "prlimit --pid" in verbose.out and "sock_diag" in verbose.out, "--verbose has the whole verdicts", verbose)
    chinese = run([here.portroom, "lab", "reserved", "--lang", "zh_CN"])
    tap.ok(chinese.status == 0 and "严重" in chinese.out and "culprit" not in chinese.out, "it speaks Chinese", chinese)


@case
def lists(tap, here):
    listed = here.lab("list").out.splitlines()
    tap.ok([line.split()[0] for line in listed] == list(EXPECTED), "list has every rehearsal", listed)
    document = here.lab("list --json").json()
    here.schemas.try_document(tap, document, "lab list --json")
    tap.ok([each["name"] for each in document["rehearsals"]] == list(EXPECTED), "and so has its JSON", document)


@case
def stopped(tap, here):
    """In the middle, by whatever signal: what it started ends with it, also where it cannot do anything about it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        for who, more in (("root", {}), ("nobody", {"preexec_fn": become_nobody})):
            with Untouched(tap, "%s in the middle, as %s" % (number.name, who)) as before:
                lab = start_slowest(here, **more)
                running = before.new()
                own = [os.stat("/proc/self/ns/" + kind).st_ino for kind in ("net", "user")]
                apart = [inode for inode in namespaces(running) if inode not in own]
                lab.send_signal(number)
                lab.communicate(timeout=PATIENCE_S)
            tap.ok(len(running) >= 2 and apart and lab.returncode == -number,
                   "%s as %s: there was something to end" % (number.name, who), running, apart, lab.returncode)
            everybody = {int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/comm")}
            tap.ok(not set(apart) & set(namespaces(everybody)),
                   "%s as %s: nobody is in its namespaces any more" % (number.name, who), apart)


@case
def program_dies(tap, here):
    with Untouched(tap, "its program is killed") as before:
        lab = start_slowest(here)
        for pid, name in before.new().items():
            if name == "lab-program":
                os.kill(pid, signal.SIGKILL)
        _, said = lab.communicate(timeout=PATIENCE_S)
    tap.ok(lab.returncode == 1 and said == "portroom: the lab's program has ended\n",
           "is one sentence, and not waited for", lab.returncode, said)


@case
def writes(tap, here):
    for words in ("", "all", "--json", "list"):
        with open("/dev/full", "w", encoding="ascii") as full, Untouched(tap, "lab %s, full disk" % words):
            made = subprocess.run(here.words(words), stdout=full, stderr=subprocess.PIPE, universal_newlines=True,
                                  check=False, timeout=60)
        tap.ok(made.returncode == 1 and made.stderr.count("\n") == 1 and "standard output" in made.stderr,
               "lab %s: a full disk is one sentence" % words, made)
    with Untouched(tap, "nobody reads"):
        broken = run(["sh", "-c", "\"$@\" | head -n 1", "sh"] + here.words("all"))
    tap.ok(broken.out.startswith("A rehearsal"), "a reader that goes away ends it", broken)


def limit(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@case
def short_of(tap, here):
    answer = here.lab("destination-full descriptor-limit", preexec_fn=limit(16, 4096))
    tap.ok(answer.status == 0, "a low limit of descriptors is raised", answer)
    answer = here.lab("", preexec_fn=limit(16, 100))
    tap.ok(answer.status == 1 and not answer.out and answer.err.count("\n") == 1 and "ulimit -n" in answer.err,
           "one that cannot be is one sentence", answer)
    with tempfile.TemporaryDirectory() as folder:
        hidden = run(["unshare", "--mount", "sh", "-c", "mount --make-rprivate / && "
                      "mount --bind \"$0\" /proc/sys && exec \"$@\"", folder] + here.words(""))
    tap.ok(hidden.status == 1 and not hidden.out and hidden.err.count("\n") == 1 and
           "/proc/sys/net/ipv4/ip_local_port_range" in hidden.err, "without settings it is one sentence", hidden)
    # In a namespace where no port is free, and lo is down.
    outside = run(["unshare", "--net", "sh", "-c",
                   "echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range && "
                   "echo 40000 >/proc/sys/net/ipv4/ip_local_reserved_ports && exec \"$@\"", "sh"] +
                  here.words("destination-full udp-full"))
    tap.ok(outside.status == 0 and outside.out.count("as expected, in") == 2, "it needs no port outside", outside)


def refuse_namespaces(setting):
    """In a user namespace that allows none below itself, as a user who is not its root."""
    libc = ctypes.CDLL(None, use_errno=True)
    mine, parents = os.pipe(), os.pipe()
    outside = os.getpid()
    helper = os.fork()
    if not helper:  # writes the map of its parent, which has left for the new namespace
        os.read(mine[0], 1)
        for name in ("uid_map", "gid_map"):
            with open("/proc/%d/%s" % (outside, name), "w", encoding="ascii") as file:
                file.write("0 0 65535")
        os.write(parents[1], b".")
        os._exit(0)
    if libc.unshare(CLONE_NEWUSER):
        os._exit(99)
    os.write(mine[1], b".")
    os.read(parents[0], 1)
    os.waitpid(helper, 0)
    os.setgid(0)
    os.setuid(0)
    with open("/proc/sys/user/" + setting, "w", encoding="ascii") as file:
        file.write("0")
    become_nobody()


@case
def refused_here(tap, here):
    for setting in ("max_user_namespaces", "max_net_namespaces"):
        with Untouched(tap, "user.%s=0" % setting):
            answer = here.lab("", preexec_fn=lambda: refuse_namespaces(setting))
        tap.ok(answer.status == 1 and not answer.out and answer.err.count("\n") == 1 and
               "user.%s=0" % setting in answer.err and "run it as root" in answer.err,
               "user.%s=0 is one sentence that says so" % setting, answer)


@case
def refused_words(tap, here):
    for words, said in (("lsit", "did you mean list?"), ("reservd", "did you mean reserved?"),
                        ("nothing", "'portroom lab list' lists them"), ("list all", "'list'"), ("all all", "'all'"),
                        ("all reserved", "'all'"), ("--netns own", "--netns"), ("--root /proc", "--root"),
                        ("--yes", "--yes")):
        answer = here.lab(words)
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "lab %s is one sentence" % words, answer)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if not words:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(words[0], schemas)
    for function in CASES:
        if not words[1:] or function.__name__ in words[1:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
