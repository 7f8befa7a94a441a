#!/usr/bin/env python3
"""`portroom range`: every refusal, every change and every way back, in a namespace of its own.

    test_range.py PORTROOM KILL_AT [--schema-dir DIR] [CASE...]

The script starts itself again in a network, mount and pid namespace of its own: there it is the process that boot
settings count for, and /run and /etc/sysctl.d are its own.
"""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

from live import Tap, guard, need_root, run
from test_check import Schemas, take_option

RANGE = "/proc/sys/net/ipv4/ip_local_port_range"
RESERVED = "/proc/sys/net/ipv4/ip_local_reserved_ports"
START = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
DROPIN = "/etc/sysctl.d/60-portroom.conf"
DEFAULT = (32768, 60999)
PATIENCE_S = 20  # for what is to happen; less than the time of a trial that is ended before its time
CASES = []


def case(function):
    CASES.append(function)
    return function


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def current():
    return tuple(map(int, read(RANGE).split()))


def reserved():
    return read(RESERVED).strip()


def records():
    return glob.glob("/run/portroom/range-*")


def guards():
    """Processes of portroom that still run here."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            if b"\0try\0" in read_bytes(path):
                found.append(int(path.split("/")[2]))
        except OSError:
            pass
    return found


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Machine:
    """portroom here, and the settings as they were at the start of each case."""

    def __init__(self, portroom, preload, schemas):
        self.portroom, self.preload, self.schemas = portroom, preload, schemas

    def killing(self):
        """The environment in which KILL_AT is heeded; a sanitizer's library need not be the first to be loaded."""
        return dict(os.environ, LD_PRELOAD=self.preload,
                    ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")

    def reset(self):
        for pid in guards():
            os.kill(pid, signal.SIGKILL)
        for folder in ("/run/portroom", "/etc/sysctl.d"):
            for path in glob.glob(folder + "/*"):
                os.remove(path)
        write(START, "1024")
        write(RANGE, "%d %d" % DEFAULT)
        write(RESERVED, "\n")

    def range(self, words, **more):
        return run([self.portroom, "range"] + words.split(), **more)

    def document(self, tap, words, sentence):
        answer = self.range(words + " --json")
        document = answer.json()
        self.schemas.try_document(tap, document, sentence)
        return document


# ---- refusals ----

REFUSED = (
    ("set", "--first and either --last or --count", 2),
    ("set --first 10000", "--first and either --last or --count", 2),
    ("set --first 10000 --last 20000 --count 5", "give one of them", 2),
    ("set --first 10000 --count 0", "--count 0", 2),
    ("set --first ten --last 20000", "'ten' is not a number", 2),
    ("set --first -5 --last 20000", "'-5' is not a number", 2),
    ("set --first 99999999999 --last 20000", "is not a number", 2),
    ("set --first 10000 --last 65535 --tcp", "one setting, net.ipv4.ip_local_port_range", 2),
    ("set --first 10000 --last 65535 --udp", "one setting, net.ipv4.ip_local_port_range", 2),
    ("set --first 10000 --last 65535 --ipv4", "one setting, net.ipv4.ip_local_port_range", 2),
    ("set --first 10000 --last 65535 --ipv6 --tcp --udp", "--ipv6: on Linux one setting", 2),
    ("set --first 10000 --last 65535 --for 5s", "--for does not go with 'range set'", 2),
    ("set --first 10000 --last 65535 --root /proc", "not a copied /proc", 2),
    ("set --first 10000 --last 65535 --netns all", "about one network namespace", 2),
    ("try --first 10000 --last 65535", "--for 60s", 2),
    ("try --first 10000 --last 65535 --for 0s", "from 1s to 24h", 2),
    ("try --first 10000 --last 65535 --for soon", "from 1s to 24h", 2),
    ("try --first 10000 --last 65535 --for 5s --persist", "--persist does not go with", 2),
    ("undo --first 3", "--first does not go with 'range undo'", 2),
    ("reset --force", "--force does not go with 'range reset'", 2),
    ("show --dry-run", "--dry-run does not go with 'range show'", 2),
    ("sett", "'range set'", 2),
    ("frobnicate", "show, set, try, confirm, undo and reset", 2),
    ("set now", "one word", 2),
    ("set --first 1024 --last 65535", "--force takes 1024", 1),
    ("set --first 1023 --last 65535 --force", "never in the range", 1),
    ("set --first 0 --last 65535 --force", "never in the range", 1),
    ("set --first 20000 --last 65536", "ports end at 65535", 1),
    ("set --first 20000 --count 60000", "ports end at 65535", 1),
    ("set --first 4000000000 --count 4000000000", "ports end at 65535", 1),
    ("set --first 20000 --last 19999", "before the first", 1),
    ("set --first 20000 --count 254 --shrink", "at least 255", 1),
    ("set --first 20000 --last 65534", "an odd number", 1),
    ("set --first 10000 --count 1000", "1,000 usable ports of the 28,232", 1),
    ("confirm", "has changed nothing", 1),
    ("undo", "has changed nothing", 1),
)


@case
def refusals(tap, machine):
    for words, said, status in REFUSED:
        answer = machine.range(words)
        tap.ok(answer.status == status and said in answer.err and answer.err.count("\n") == 1 and
               current() == DEFAULT and not reserved() and not records(),
               "range %s is refused" % words, answer, current())


@case
def below_the_privileged(tap, machine):
    write(START, "5000")
    answer = machine.range("set --first 4000 --last 65535")
    tap.ok(answer.status == 1 and "ip_unprivileged_port_start, which is 5000" in answer.err and
           current() == DEFAULT, "a range below ip_unprivileged_port_start is refused by its name",
           answer)
    answer = machine.range("set --first 5000 --last 65535")
    tap.ok(answer.status == 0 and current() == (5000, 65535), "and one above it is not", answer)


@case
def services(tap, machine):
    kept = [socket.create_server(("127.0.0.1", 8080)), socket.socket(type=socket.SOCK_DGRAM),
            socket.socket(), socket.create_server(("127.0.0.1", 40000))]
    kept[1].bind(("127.0.0.1", 1812))
    kept[2].bind(("127.0.0.1", 9999))
    words = "set --first 1026 --last 65535"
    answer = machine.range(words)
    tap.ok(answer.status == 1 and "1812,8080,9999" in answer.err and "--reserve" in answer.err and
           current() == DEFAULT, "ports of services are not swallowed", answer)
    document = machine.document(tap, words + " --reserve --dry-run", "a dry run")
    tap.ok(document["services"] == [1812, 8080, 9999] and not document["changed"] and
           current() == DEFAULT and not reserved() and not records(),
           "a dry run changes nothing", document)
    answer = machine.range(words + " --reserve")
    tap.ok(answer.status == 0 and reserved() == "1812,8080,9999" and current() == (1026, 65535),
           "they are reserved, and nothing that was in the range before", answer, reserved())
    answer = machine.range("undo")
    tap.ok(answer.status == 0 and current() == DEFAULT and not reserved(),
           "undo takes both back", answer)
    for each in kept:
        each.close()


@case
def allowed_all_the_same(tap, machine):
    for words, wanted in (("--first 10000 --count 1000 --shrink", (10000, 10999)),
                          ("--first 20000 --last 65534 --force", (20000, 65534)),
                          ("--first 1024 --last 65535 --force", (1024, 65535)),
                          ("--first 20000 --count 256 --shrink --tcp --udp --ipv4 --ipv6",
                           (20000, 20255))):
        answer = machine.range("set " + words)
        tap.ok(answer.status == 0 and current() == wanted and not answer.err, "set " + words,
               answer, current())
        answer = machine.range("undo")
        tap.ok(answer.status == 0 and current() == DEFAULT, "and undone", answer, current())


@case
def documents(tap, machine):
    document = machine.document(tap, "set --first 20000 --last 65535", "set")
    tap.ok(document["changed"] and document["before"]["usable"] == 28232 and
           document["after"]["usable"] == 45536 and
           document["elsewhere"]["after"] == {"room_min": 45536, "room_max": 45536},
           "set tells the room", document)
    document = machine.document(tap, "show", "show")
    tap.ok(document["changed"] and document["boot"] == [], "show tells who changed it", document)
    document = machine.document(tap, "undo", "undo")
    tap.ok(document["what"] == "undone" and document["after"]["last"] == 60999, "undo", document)
    document = machine.document(tap, "try --first 20000 --last 65535 --for 30s", "try")
    tap.ok(document["rolled_back_in_s"] == 30, "try tells its time", document)
    document = machine.document(tap, "confirm", "confirm")
    tap.ok(document["what"] == "confirmed", "confirm", document)
    document = machine.document(tap, "reset", "reset")
    tap.ok(current() == DEFAULT, "reset sets the default", document)
    document = machine.document(tap, "reset", "reset again")
    tap.ok(not document["changed"], "where it is so already nothing is changed", document)


@case
def enabled(tap, machine):
    """What systemd will listen on counts, whether it runs or not; so do firewall rules."""
    folder = "/etc/systemd/system"
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    os.makedirs(folder + "/sockets.target.wants")
    write(folder + "/app.socket", "[Socket]\nListenStream=40999\n ListenStream =\nListenStream = 127.0.0.1:9000\n"
          "ListenDatagram=[::]:9001\nListenStream=/run/app.sock\nListenStream=40123\n")
    write(folder + "/off.socket", "[Socket]\nListenStream=9005\n")
    os.symlink("../app.socket", folder + "/sockets.target.wants/app.socket")
    os.symlink("/dev/null", folder + "/sockets.target.wants/masked.socket")
    subprocess.run(["nft", "-f", "-"], check=True, input=b"""table inet f {
 chain i {
  type filter hook input priority 0
  tcp dport 32768-60999 accept
  tcp dport 8000-9000 accept
  udp sport >= 32768 udp sport <= 60999 accept
  udp dport != 32768-60999 drop
  tcp dport { 22, 32768-60999 } accept
  ip saddr { 10.0.0.1, 10.0.0.7 } tcp dport 22 accept
 }
}""")
    answer = machine.range("set --first 8000 --last 65535")
    tap.ok(answer.status == 1 and "(9000-9001)" in answer.err, "ports of enabled sockets are known",
           answer)
    document = machine.document(tap, "set --first 8000 --last 65535 --reserve --dry-run", "a plan")
    tap.ok([rule["rule"] for rule in document["firewall_rules"]] ==
           ["inet f i handle 2", "inet f i handle 4", "inet f i handle 5"], "rules for the old range are named",
           document["firewall_rules"])
    gaps = machine.document(tap, "show", "show")["gaps"]
    tap.ok(["1 firewall rule" in gap["what"] for gap in gaps].count(True) == 1,
           "one that looks ports up in a set was not read, and that is said", gaps)
    document = machine.document(tap, "show", "show with enabled sockets")
    tap.ok({"unit": "app.socket", "protocol": "tcp", "port": 40123} in document["enabled"] and
           len(document["enabled"]) == 3, "show has them, too", document["enabled"])
    tap.ok("app.socket: tcp port 40123" in machine.range("show").out, "and tells one in the range")
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    subprocess.run(["umount", folder], check=True)


@case
def strict_umask(tap, machine):
    """What is written can be read by others whatever the umask of root is."""
    shutil.rmtree("/run/portroom", ignore_errors=True)
    before = os.umask(0o077)
    try:
        machine.range("set --first 20000 --last 65535 --persist")
    finally:
        os.umask(before)
    modes = {path: oct(os.stat(path).st_mode & 0o777)
             for path in ["/run/portroom", DROPIN, *records()]}
    tap.ok(sorted(modes.values()) == ["0o644", "0o644", "0o755"], "modes are not the umask's",
           modes)
    os.chmod("/run/portroom", 0o777)
    answer = machine.range("show")
    tap.ok(answer.err.count("is not root's alone") == 1, "a folder that is not believed is told of",
           answer)
    os.chmod("/run/portroom", 0o755)
    machine.range("undo")


@case
def found_by_the_manual(tap, machine):
    """What somebody who wrote its manual stumbled over."""
    machine.range("try --first 20000 --last 65535 --for 2s")
    answer = machine.range("set --first 20000 --last 65535 --persist")
    tap.ok(answer.status == 1 and "on trial" in answer.err and not os.path.exists(DROPIN) and answer.out == "",
           "what is on trial is not made for good by setting it again", answer)
    tap.ok(wait_for(lambda: current() == DEFAULT and not records()), "and is rolled back")
    for _ in range(2):
        machine.range("set --first 20000 --last 65535 --persist")
    machine.range("undo")
    tap.ok(current() == DEFAULT and not os.listdir("/etc/sysctl.d"),
           "set twice, undo leaves no file", os.listdir("/etc/sysctl.d"))
    write("/etc/sysctl.d/99-same.conf", "net.ipv4.ip_local_port_range = 20000\t65535\n")
    document = machine.document(tap, "set --first 20000 --last 65535 --persist", "the same twice")
    tap.ok(document["boot_winner"] is None, "a file that says the same is no other", document)
    write("/etc/sysctl.d/99-same.conf", "net.ipv4.ip_local_reserved_ports = 5000\n")
    document = machine.document(tap, "set --first 20000 --last 65535 --persist", "the same twice")
    tap.ok(document["boot_winner"] == "/etc/sysctl.d/99-same.conf",
           "one that reserves other ports is", document)
    answer = machine.range("undo")
    tap.ok("60-portroom.conf is as it was" in answer.out, "undo tells of the file", answer)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", "/etc/sysctl.d"], check=True)
    answer = machine.range("set --first 20000 --last 65535 --persist")
    subprocess.run(["umount", "/etc/sysctl.d"], check=True)
    tap.ok(answer.status == 1 and "is set, but not for the next boot" in answer.err,
           "where only the file fails that is said", answer)
    machine.range("undo")


# ---- try ----


@case
def try_and_confirm(tap, machine):
    answer = machine.range("try --first 20000 --last 65535 --for 1s")
    tap.ok(answer.status == 0 and current() == (20000, 65535), "a try is set at once", answer)
    tap.ok(wait_for(lambda: current() == DEFAULT and not records()) and
           wait_for(lambda: not guards()), "and is gone at its end", current(), records())
    answer = machine.range("confirm")
    tap.ok(answer.status == 1, "what is over cannot be confirmed", answer)
    machine.range("try --first 20000 --last 65535 --for 60s")
    for words in ("set --first 10000 --last 65535", "try --first 10000 --last 65535 --for 9s"):
        answer = machine.range(words)
        tap.ok(answer.status == 1 and "on trial" in answer.err and answer.out == "",
               "meanwhile nothing else, and no plan of it: " + words, answer)
    answer = machine.range("confirm")
    tap.ok(answer.status == 0 and wait_for(lambda: not guards()),
           "confirmed, the guard goes", answer, guards())
    machine.range("undo")
    machine.range("try --first 20000 --last 65535 --for 2s")
    answer = machine.range("confirm")
    time.sleep(2.2)
    tap.ok(answer.status == 0 and current() == (20000, 65535), "and the range stays", answer, current())
    answer = machine.range("confirm")
    tap.ok(answer.status == 1 and "for good" in answer.err, "there is nothing more to confirm",
           answer)
    tap.ok(machine.range("undo").status == 0 and current() == DEFAULT, "it can be undone")
    machine.range("try --first 20000 --last 65535 --for 60s")
    answer = machine.range("undo")
    tap.ok(answer.status == 0 and current() == DEFAULT and wait_for(lambda: not guards()),
           "a try can be undone before its end", answer, guards())


@case
def front_killed(tap, machine):
    """At every step of try: the old range is back at the deadline, or was never changed."""
    environment = machine.killing()
    steps, words = 0, "try --first 20000 --last 65535 --for 1s --reserve"
    kept = socket.create_server(("127.0.0.1", 21000))
    bad = []
    while True:
        steps += 1
        machine.reset()
        environment["KILL_AT"] = str(steps)
        answer = machine.range(words, env=environment)
        if answer.status != -signal.SIGKILL:
            break
        back = wait_for(lambda: current() == DEFAULT and not reserved() and not guards())
        run([machine.portroom, "--version"])
        if not back or glob.glob("/run/portroom/range-*"):
            bad.append((steps, current(), reserved(), records(), guards()))
    kept.close()
    tap.ok(not bad and steps > 8, "the front killed at each of its %d steps" % (steps - 1), *bad)
    tap.ok(answer.status == 0 and wait_for(lambda: current() == DEFAULT),
           "and let live it does as it should", answer)


@case
def guard_killed(tap, machine):
    machine.range("try --first 20000 --last 65535 --for 4s")
    for pid in guards():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)
    run([machine.portroom, "room", "127.0.0.1:9"])
    tap.ok(current() == (20000, 65535), "a try that is not over is left alone", current())
    time.sleep(4)
    tap.ok(current() == (20000, 65535) and records(), "without its guard it stays", current())
    answer = run([machine.portroom, "explain", "TIME_WAIT"])
    tap.ok(current() == DEFAULT and not records() and answer.status == 0 and
           "20000-65535 was not confirmed in time" in answer.err,
           "the next command of root rolls it back and says so", answer, current())
    answer = run([machine.portroom, "explain", "TIME_WAIT"])
    tap.ok(not answer.err, "once", answer)


@case
def ways_back(tap, machine):
    """What may happen to a trial, and to what is kept of it."""
    machine.range("try --first 20000 --last 65535 --for 60s")
    for pid in guards():
        os.kill(pid, signal.SIGTERM)
    tap.ok(wait_for(lambda: current() == DEFAULT and not records() and not guards()),
           "a guard that is asked to end rolls back at once", current())
    machine.range("try --first 20000 --last 65535 --for 60s")
    for path in records():
        os.remove(path)
    tap.ok(wait_for(lambda: current() == DEFAULT and not guards()),
           "so it does when its record is removed: nobody else knows the way back", current())
    machine.range("set --first 20000 --last 65535")
    machine.range("try --first 10000 --last 65535 --for 60s")
    write(RANGE, "30000 65535")
    answer = machine.range("confirm --persist")
    tap.ok(answer.status == 1 and "somebody else" in answer.err and not os.path.exists(DROPIN),
           "what is set no more is not confirmed", answer)
    machine.reset()
    old = "net.ipv4.ip_local_port_range = 31000 60999\n"
    write(DROPIN, old)
    write(DROPIN + ".replaced", "# of another time\n")
    write(DROPIN + ".new", "x")
    os.remove(DROPIN + ".new")
    os.mkdir(DROPIN + ".new")  # so that the new one cannot be written
    os.mkdir(DROPIN + ".new/x")
    answer = machine.range("set --first 20000 --last 65535 --persist")
    tap.ok(answer.status == 1 and read(DROPIN) == old, "a file that cannot be written leaves the old one", answer)
    os.rmdir(DROPIN + ".new/x")
    os.rmdir(DROPIN + ".new")
    answer = machine.range("undo")
    tap.ok(answer.status == 0 and current() == DEFAULT and read(DROPIN) == old,
           "and so does undo", answer, read(DROPIN))


@case
def earlier_boot(tap, machine):
    machine.range("try --first 20000 --last 65535 --for 1s")
    for pid in guards():
        os.kill(pid, signal.SIGKILL)
    path = records()[0]
    write(path, re.sub("(?m)^boot .", "boot x", read(path)))
    time.sleep(1.1)
    answer = run([machine.portroom, "explain", "TIME_WAIT"])
    tap.ok(current() == (20000, 65535) and not records() and not answer.err,
           "what an earlier boot left is dropped", answer, current(), records())


@case
def strangers(tap, machine):
    machine.range("try --first 20000 --last 65535 --for 1s")
    write(RANGE, "30000 65535")
    tap.ok(wait_for(lambda: not guards() and not records()) and current() == (30000, 65535),
           "what somebody else has set meanwhile is left", current())
    write(RANGE, "%d %d" % DEFAULT)
    machine.range("set --first 20000 --last 65535")
    write(RANGE, "30000 65535")
    answer = machine.range("undo")
    tap.ok(answer.status == 1 and "somebody else" in answer.err and current() == (30000, 65535),
           "undo leaves it, too", answer)
    for junk in ("", "portroom range 1\n", "portroom range 1\nboot x\nend\n", "\0" * 5000, "a" * 99999):
        os.makedirs("/run/portroom", exist_ok=True)
        path = "/run/portroom/range-%d" % os.stat("/proc/self/ns/net").st_ino
        write(path, junk)
        for words in ("undo", "confirm", "set --first 20000 --last 65535 --shrink"):
            answer = machine.range(words)
            tap.ok(answer.status == 1 and "remove it" in answer.err and
                   current() == (30000, 65535), "a record that is none: " + words, answer)
        answer = machine.range("show")
        tap.ok(answer.status == 0, "show goes on beside it", answer)
        os.remove(path)


@case
def writable_by_others(tap, machine):
    os.makedirs("/run/portroom", exist_ok=True)
    os.chmod("/run/portroom", 0o777)
    answer = machine.range("set --first 20000 --last 65535")
    os.chmod("/run/portroom", 0o755)
    tap.ok(answer.status == 1 and "not root's alone" in answer.err and current() == DEFAULT,
           "a folder that others may write to is not believed", answer)


@case
def other_namespace(tap, machine):
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as other:
        pid = str(other.pid)
        mine = os.stat("/proc/self/ns/net").st_ino
        wait_for(lambda: os.stat("/proc/%s/ns/net" % pid).st_ino != mine)
        inside = ["nsenter", "--net=/proc/%s/ns/net" % pid, "cat", RANGE]
        answer = machine.range("try --first 20000 --last 65535 --for 1s --netns " + pid)
        tap.ok(answer.status == 0 and run(inside).out.split() == ["20000", "65535"] and
               current() == DEFAULT and "--netns /proc/%s/ns/net" % pid in answer.out,
               "a namespace that is named is changed, and no other", answer)
        tap.ok(wait_for(lambda: run(inside).out.split() == ["32768", "60999"]),
               "and rolled back there")
        machine.range("try --first 20000 --last 65535 --for 1s --netns " + pid)
        for guard_pid in guards():
            os.kill(guard_pid, signal.SIGKILL)
        time.sleep(1.1)
        answer = run([machine.portroom, "--version"])
        tap.ok(run(inside).out.split() == ["32768", "60999"] and not records(),
               "by the next command as well", answer)
        answer = machine.range("set --first 20000 --last 65535 --persist --netns " + pid)
        tap.ok(answer.status == 1 and "pid 1" in answer.err and
               run(inside).out.split() == ["32768", "60999"],
               "--persist is refused there, and nothing done", answer)
        machine.range("try --first 20000 --last 65535 --for 1s --netns " + pid)
        for guard_pid in guards():
            os.kill(guard_pid, signal.SIGKILL)
        other.kill()
    time.sleep(1.1)
    answer = run([machine.portroom, "--version"])
    tap.ok(answer.status == 0 and "is gone, or cannot be found" in answer.err and current() == DEFAULT,
           "of one that is gone it says so", answer)


# ---- the next boot ----


@case
def persist(tap, machine):
    words = "set --first 20000 --last 65535 --persist"
    document = machine.document(tap, words, "--persist")
    text = read(DROPIN)
    tap.ok(document["persisted"] == DROPIN and document["boot_winner"] is None and
           "\nnet.ipv4.ip_local_port_range = 20000 65535\n" in text and
           "# Before: net.ipv4.ip_local_port_range = 32768 60999" in text and
           "portroom range undo" in text, "--persist writes its own file", text)
    applied = run(["sysctl", "-p", DROPIN])
    tap.ok(applied.status == 0 and current() == (20000, 65535), "sysctl reads it", applied)
    shown = machine.document(tap, "show", "show")["boot"]
    tap.ok({"file": DROPIN, "key": "net.ipv4.ip_local_port_range", "value": "20000 65535",
            "wins": True} in shown, "and so does portroom", shown)
    tap.ok(machine.range("undo").status == 0 and current() == DEFAULT and
           not os.path.exists(DROPIN), "undo takes it back")
    write(DROPIN, "net.ipv4.ip_local_port_range = 30000 60999\n")
    machine.range(words)
    machine.range("undo")
    tap.ok(read(DROPIN) == "net.ipv4.ip_local_port_range = 30000 60999\n" and
           os.listdir("/etc/sysctl.d") == [os.path.basename(DROPIN)],
           "one that was there is there again", os.listdir("/etc/sysctl.d"))
    write("/etc/sysctl.d/99-other.conf", "net.ipv4.ip_local_port_range = 40000 50000\n")
    document = machine.document(tap, words, "--persist beside a later file")
    tap.ok(document["boot_winner"] == "/etc/sysctl.d/99-other.conf",
           "a file that wins all the same is named", document)
    document = machine.document(tap, "reset --persist", "reset --persist")
    tap.ok(document["removed"] == DROPIN and document["boot_winner"] and
           os.listdir("/etc/sysctl.d") == ["99-other.conf"], "reset removes portroom's file only",
           document, os.listdir("/etc/sysctl.d"))
    os.remove("/etc/sysctl.d/99-other.conf")
    machine.range("try --first 20000 --last 65535 --for 30s")
    answer = machine.range("confirm --persist")
    tap.ok(answer.status == 0 and "ip_local_port_range = 20000 65535" in read(DROPIN),
           "confirm --persist writes it", answer)


@case
def persist_killed(tap, machine):
    """The file is the old one or the new one, whole, wherever the program is killed."""
    environment = machine.killing()
    old, steps, bad = "net.ipv4.ip_local_port_range = 30000 60999\n", 0, []
    while True:
        steps += 1
        machine.reset()
        write(DROPIN, old)
        environment["KILL_AT"] = str(steps)
        answer = machine.range("set --first 20000 --last 65535 --persist", env=environment)
        text = read(DROPIN)
        if text != old and not text.endswith("ip_local_port_range = 20000 65535\n"):
            bad.append((steps, text))
        if answer.status != -signal.SIGKILL:
            break
        machine.range("undo")
        if read(DROPIN) != old or current() != DEFAULT:
            bad.append((steps, "undone", read(DROPIN), current()))
    tap.ok(not bad and steps > 8, "killed at each of its %d steps, and undone" % (steps - 1), *bad)
    machine.reset()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", "/etc/sysctl.d"], check=True)
    write("/etc/sysctl.d/full", "x" * 4096)
    answer = machine.range("set --first 20000 --last 65535 --persist")
    tap.ok(answer.status == 1 and "No space left" in answer.err and
           os.listdir("/etc/sysctl.d") == ["full"], "a full disk leaves nothing half-written", answer,
           os.listdir("/etc/sysctl.d"))
    subprocess.run(["umount", "/etc/sysctl.d"], check=True)
    tap.ok(machine.range("undo").status == 0 and current() == DEFAULT, "and undo works")


# ---- the worst moment ----


@case
def worst(tap, machine):
    answer = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", machine.portroom,
                  "range", "set", "--first", "20000", "--last", "65535"])
    tap.ok(answer.status == 1 and "run as root" in answer.err and answer.err.count("\n") == 1 and
           current() == DEFAULT, "without privilege it is one sentence", answer)
    for limit in range(5, 15):
        answer = run(["sh", "-c", "ulimit -n %d; exec \"$0\" range try --first 20000 --last 65535 "
                      "--for 1s" % limit, machine.portroom])
        fine = wait_for(lambda: current() == DEFAULT and not records() and not guards())
        if not tap.ok(fine and answer.status in (0, 1) and answer.err.count("\n") <= 1,
                      "with %d descriptors it works or is refused" % limit, answer, current()):
            break
    os.makedirs("/run/portroom", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=755", "none", "/run/portroom"],
                   check=True)
    write("/run/portroom/full", "x" * 4096)
    answer = machine.range("set --first 20000 --last 65535")
    subprocess.run(["umount", "/run/portroom"], check=True)
    tap.ok(answer.status == 1 and "No space left" in answer.err and current() == DEFAULT,
           "where no record can be kept nothing is changed", answer)
    full = open("/dev/full", "w", encoding="ascii")
    answer = machine.range("set --first 20000 --last 65535", stdout=full)
    tap.ok(answer.status == 1, "a full standard output is told", answer)
    tap.ok(machine.range("undo").status in (0, 1) and current() == DEFAULT, "and it can be undone")


# ---- the rest ----


def inside(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    machine = Machine(os.path.abspath(words[0]), os.path.abspath(words[1]), schemas)
    for folder in ("/run", "/etc/sysctl.d"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", folder], check=True)
    os.makedirs("/run/systemd/system")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    tap = Tap()
    for function in CASES:
        if not words[2:] or function.__name__ in words[2:]:
            machine.reset()
            guard(tap, function.__name__, function, tap, machine)
    return tap.finish()


def main(words):
    if words and words[0] == "--inside":
        return inside(words[1:])
    if len(words) < 2:
        sys.exit(__doc__)
    need_root(Tap())
    return subprocess.call(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
                            sys.executable, __file__, "--inside"] + words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
