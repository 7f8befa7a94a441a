#!/usr/bin/env python3
"""What remedies promise against what they bring.

    test_remedies.py PORTROOM SITUATION EXHAUST [NAME...]

In every situation, for every remedy of `portroom check` that states the room after it: the situation
is made anew, the change is made (a printed command is run as it is printed, by a shell outside of
the situation), what the remedy says must pass first has passed, and then calls are made until one
fails. They must succeed exactly so often; for an interval, so often as it allows.

Where `risk` says that connections rest in TIME_WAIT first, it must be so: less at once, all that
was promised a minute later. Where it does not say so, all must be there at once.

Trials run at the same time, each in its own namespace; while they wait they use nothing.
"""

import os
import re
import signal
import sys
import threading
import time

from live import SKIPPED, Situation, Tap, names, need_root, run

# TIME_WAIT is 60 s, and so is FIN_WAIT2 when the peer does not close. A timer that is so far away may
# be an eighth late: Linux kernel/time/timer.c, the levels of the timer wheel.
REST_S = 68
REUSE_MARGIN_S = 1.3  # kernels without tcp_tw_reuse_delay count whole seconds
AT_ONCE = 3  # trials that work at the same time; those that wait are not counted

# What the program would have made, had it been mended as the remedy says.
MENDED = {
    ("bind_first_full", "tcp bind(127.0.0.1, 0)"): "no_port_full",
    ("bind_first_twice", "tcp bind(127.0.0.1, 0)"): "no_port_and_bind_first",
}

SERVICE = ["--connect", "127.0.0.1", "9000"]  # where most situations are connected to
ELSEWHERE = ["--connect", "127.0.0.200", "9"]  # where none is

working = threading.Semaphore(AT_ONCE)


class NotTried(Exception):
    """The change cannot be made here: a program is missing, or no situation shows it."""


class Fresh(Situation):
    """A situation that is thrown away: it does not measure itself at the end."""

    def __enter__(self):
        super().__enter__()
        if not self.skipped:
            self.netns = os.open("/proc/%d/ns/net" % self.truth["pid"], os.O_RDONLY)
        return self

    def enter(self, argv):
        """Runs a command in its namespace, which outlives its processes as long as we look."""
        return run(["nsenter", "--net=/proc/%d/fd/%d" % (os.getpid(), self.netns)] + argv)

    def is_here(self, path):
        return os.stat(path).st_ino == self.truth["netns"]

    def __exit__(self, kind, error, trace):
        if not self.skipped:
            os.close(self.netns)
        self._process.send_signal(signal.SIGKILL)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def pause(seconds):
    """Lets others work meanwhile."""
    working.release()
    time.sleep(seconds)
    working.acquire()


class Connection:
    """`tcp 10.0.0.5 -> 10.0.9.1:5432`, as a question to `exhaust`."""

    def __init__(self, subject):
        self.source, self.destination, self.port = re.match(
            r"tcp (\S+) -> \[?([^]\s]+?)\]?:(\d+)$", subject).groups()

    def question(self, source=None, port=None):
        return ["--bind", source or self.source,
                "--connect", self.destination, port or self.port]


def question_of(subject):
    """The calls that the finding says have too little room."""
    if "->" in subject:
        return Connection(subject).question()
    if subject.startswith("tcp bind("):
        return ["--bind", re.match(r"tcp bind\(\[?([^],]+)", subject).group(1)]
    if subject.startswith("udp "):
        return ["--udp", "--connect", "127.0.0.1" if subject.endswith("4") else "::1", "53"]
    return ELSEWHERE


def measure(exhaust, situation, question):
    answer = situation.enter([exhaust] + question)
    if answer.status == SKIPPED:
        raise NotTried(answer.out.strip())
    if answer.status:
        raise RuntimeError(str(answer))
    count, error = answer.out.split()
    if error not in ("EADDRNOTAVAIL", "EADDRINUSE", "EAGAIN"):
        raise RuntimeError("after %s calls: %s" % (count, error))
    return int(count)


# ---- how a change is made; each returns the measured numbers, of which the last must be right ----

def paste(situation, command):
    """Runs what was printed, if it is about this situation: a mistake must not hit the machine."""
    words = command.split()
    if words[0] == "nsenter":
        target = words[1].split("=", 1)[1]
    else:
        target = "/proc/%d/ns/net" % int(words[1]) if words[0] == "kill" else "/proc/self/ns/net"
    if not situation.is_here(target):
        raise RuntimeError("this command would change something else: " + command)
    answer = run(["sh", "-c", command])
    if answer.status:
        raise RuntimeError("%s: %s" % (command, answer))


def by_setting(exhaust, situation, finding, remedy):
    paste(situation, remedy["command"])
    return [measure(exhaust, situation, question_of(finding["subject"]))]


def by_reuse(exhaust, situation, finding, remedy):
    paste(situation, remedy["command"])
    delay = re.search(r"after (\d+) ms", remedy["text"])
    pause(int(delay.group(1)) / 1000 + REUSE_MARGIN_S)
    return [measure(exhaust, situation, question_of(finding["subject"]))]


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def comes_later(remedy):
    """Whether it says that what was open rests first."""
    return any(mark in (remedy["risk"] or "") for mark in ("60 s in TIME_WAIT", "tcp_fin_timeout"))


def by_ending(exhaust, situation, finding, remedy):
    question = question_of(finding["subject"])
    paste(situation, remedy["command"])
    while is_alive(int(remedy["command"].split()[1])):
        time.sleep(0.01)
    time.sleep(0.1)  # what is sent on the way out is answered
    measured = [measure(exhaust, situation, question)]
    if comes_later(remedy):
        waits = situation.enter(["sysctl", "-n", "net.ipv4.tcp_fin_timeout"]).out
        if "tcp_fin_timeout" in remedy["risk"] and int(waits) > 60:
            raise NotTried("the kernel waits for the peer for %s s" % waits.strip())
        pause(REST_S)
        measured.append(measure(exhaust, situation, question))
    return measured


def by_restarting(_exhaust, _situation, _finding, remedy):
    """The service that runs this test, for example."""
    raise NotTried("not for a test to do: " + remedy["command"])


def by_resting(exhaust, situation, finding, _):
    pause(REST_S)
    return [measure(exhaust, situation, question_of(finding["subject"]))]


def by_second_source(exhaust, situation, finding, _):
    """And, as the remedy says as well, by another port of the service, where we can serve it."""
    connection = Connection(finding["subject"])
    local = connection.destination in ("127.0.0.1", "::1")
    other = "127.0.0.77" if connection.destination.startswith("127.") else \
        "2001:db8::77" if ":" in connection.destination else \
        re.sub(r"\d+$", "77", connection.source)
    if not other.startswith("127."):
        added = situation.enter(["ip", "address", "add", other, "dev", "lo"] +
                                (["nodad"] if ":" in other else []))
        if added.status:
            raise NotTried("no second address: " + added.err)
    measured = [measure(exhaust, situation, connection.question(source=other))]
    if local:
        measured.insert(0, measure(exhaust, situation, connection.question(port="977")))
    return measured


def by_own_range(exhaust, situation, finding, _):
    return [measure(exhaust, situation, Connection(finding["subject"]).question())]


def by_mending(exhaust, situation, finding, _):
    """The program sets IP_BIND_ADDRESS_NO_PORT: a situation in which it had done so before."""
    name = MENDED.get((situation.name, finding["subject"]))
    if not name:
        raise NotTried("no situation shows the mended program")
    with Fresh(situation.program, name) as mended:
        return [measure(exhaust, mended, ["--bind", "127.0.0.1"] + SERVICE),
                measure(exhaust, mended, ELSEWHERE)]


WAYS = (
    ("command", "ip_local_port_range=", by_setting),
    ("command", "ip_local_reserved_ports=", by_setting),
    ("command", "tcp_tw_reuse=1", by_reuse),
    ("command", "kill ", by_ending),
    ("command", "systemctl ", by_restarting),
    ("text", "keep connections open", by_resting),
    ("text", "a second source address", by_second_source),
    ("text", "give the program a wider range", by_own_range),
    ("text", "set IP_BIND_ADDRESS_NO_PORT", by_mending),
)


def way_of(remedy):
    for field, mark, way in WAYS:
        if mark in (remedy[field] or ""):
            return way
    return None


# ---- trials ----

class Trial:
    """One remedy in one situation."""

    def __init__(self, name, finding, remedy):
        self.name, self.rule, self.subject = name, finding["rule"], finding["subject"]
        self.remedy, self.way = remedy, way_of(remedy)
        self.measured, self.error, self.why_not = None, None, None
        setting = re.search(r"ip_local_\w+", remedy["command"] or "")
        self.change = setting.group() if setting else \
            self.way.__name__[3:].replace("_", " ") if self.way else remedy["text"]
        self.sentence = "%s: %s, %s, %s" % (name, self.rule, self.subject, self.change)

    def waits_long(self):
        return self.way is by_resting or (self.way is by_ending and comes_later(self.remedy))

    def is_like(self, finding, remedy):
        other = Trial(self.name, finding, remedy)
        return other.sentence == self.sentence

    def promised(self):
        return self.remedy["room_after_min"], self.remedy["room_after_max"]

    def judge(self, tap):
        if self.why_not:
            print("# %s: %s" % (self.sentence, self.why_not))
            return
        if self.error:
            tap.ok(False, self.sentence, self.error, self.remedy)
            return
        least, most = self.promised()
        last = self.measured[-1]
        tap.ok(least <= last <= most, "%s: %s brings %d" %
               (self.sentence, "%d to %d" % (least, most) if least < most else least, last),
               "measured %s" % self.measured, self.remedy)
        if self.way is by_mending:
            tap.ok(self.measured[0] >= least, self.sentence + ": no less to the same service",
                   self.measured, self.remedy)
        if self.way is by_second_source and len(self.measured) > 1:
            tap.ok(least <= self.measured[0] <= most, self.sentence + ": so does a second port",
                   self.measured, self.remedy)
        if self.way is by_ending and len(self.measured) > 1:
            tap.ok(self.measured[0] < least, self.sentence + ": connections really rest first",
                   self.measured, self.remedy)


def check(portroom, situation):
    """From outside, so that commands are for somebody outside."""
    words = [portroom, "check", "--json", "--lang", "en", "--netns", str(situation.truth["pid"])]
    return run(words).json()


def remedies_of(document):
    for finding in document["findings"]:
        for remedy in finding["remedies"]:
            if remedy["room_after_min"] is not None:
                yield finding, remedy


class Search:
    """What there is to try in a situation."""

    def __init__(self, name):
        self.name, self.trials, self.why_not, self.error = name, [], None, None

    def run(self, portroom, program):
        with Fresh(program, self.name) as situation:
            self.why_not = situation.skipped
            if not situation.skipped:
                self.trials = [Trial(self.name, finding, remedy) for finding, remedy
                               in remedies_of(check(portroom, situation))]

    def judge(self, tap):
        if self.why_not:
            tap.skip(self.name, self.why_not)
        elif self.error:
            tap.ok(False, self.name, self.error)
        for trial in self.trials:
            trial.judge(tap)


def make(trial, portroom, program, exhaust):
    """On a slow machine what rests may be over before it is measured: once more, then."""
    if not trial.way:
        raise RuntimeError("nobody knows how to try this remedy, which promises a number")
    for _ in range(2):
        make_once(trial, portroom, program, exhaust)
        if trial.promised()[0] <= trial.measured[-1] <= trial.promised()[1]:
            return


def make_once(trial, portroom, program, exhaust):
    with Fresh(program, trial.name) as situation:
        situation.program = program
        for finding, remedy in remedies_of(check(portroom, situation)):
            if trial.is_like(finding, remedy):
                trial.remedy = remedy
                trial.measured = trial.way(exhaust, situation, finding, remedy)
                return
        raise RuntimeError("this time it was not offered")


def work(job, function, *arguments):
    with working:
        try:
            function(*arguments)
        except NotTried as why:
            job.why_not = str(why)
        except Exception as error:
            job.error = "%s: %s" % (type(error).__name__, error)


def work_on_all(jobs):
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def need_commands(tap):
    """What is printed is for a shell that has these."""
    for command in ("nsenter", "sysctl"):
        if run(["sh", "-c", "command -v " + command]).status:
            tap.skip("remedies can be tried", "there is no " + command)
            sys.exit(tap.finish())


def main(words):
    if len(words) < 3:
        sys.exit(__doc__)
    portroom, program, exhaust = (os.path.abspath(word) for word in words[:3])
    tap = Tap()
    need_root(tap)
    need_commands(tap)
    searches = [Search(name) for name in words[3:] or names(program)]
    work_on_all((search, search.run, portroom, program) for search in searches)
    trials = [trial for search in searches for trial in search.trials]
    # Those that wait for a minute begin first.
    trials.sort(key=Trial.waits_long, reverse=True)
    work_on_all((trial, make, trial, portroom, program, exhaust) for trial in trials)
    for search in searches:
        search.judge(tap)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
