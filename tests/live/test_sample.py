#!/usr/bin/env python3
"""`portroom check --sample`: rates, makers of TIME_WAIT, the ledger and what is left of it.

    test_sample.py [--quick] PORTROOM SITUATION CHURN RECORDER [--schema-dir DIR]

--quick: fewer connections and more time for them, for a machine that is emulated.

All of it in a network namespace and a mount namespace of its own.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from live import TRIES, Situation, Tap, await_nap, guard, loads, need_root, run
from test_check import Schemas, take_option

INSIDE = "PORTROOM_TEST_SAMPLE_INSIDE"
LOCAL, PORT = "127.0.0.1", 9000
QUICK = "--quick" in sys.argv
SLOWNESS = 4 if QUICK else 1
RATES = (((50, 300), (30, 180), (20, 120)) if QUICK else  # a second, in all
         ((1000, 3000), (600, 1800), (400, 1200)))
BPF_SOURCES = ([], ["--source", "bpf_tables"], ["--source", "sock_diag"])


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def sleep(seconds):
    time.sleep(seconds * SLOWNESS)


def set_range(first, last):
    write("/proc/sys/net/ipv4/ip_local_port_range", "%d %d" % (first, last))


# ---- programs that run beside the test ----

def await_rest():
    """The server may not have closed the last connections yet: FIN_WAIT1 and 2."""
    until = time.monotonic() + 5 * SLOWNESS
    while time.monotonic() < until:
        states = set()
        for name in ("tcp", "tcp6"):
            with open("/proc/thread-self/net/" + name, encoding="ascii") as file:
                states |= {line.split()[3] for line in file}
        if not states & {"04", "05"}:
            return
        time.sleep(0.02)


class Churn:
    """Who opens connections, and what it says of them."""

    def __init__(self, program, words, options=()):
        self._process = subprocess.Popen([program] + list(options) + [str(word) for word in words],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         universal_newlines=True)
        self.pid = int(self._line().split()[1])

    def _line(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("churn ended with %d" % self._process.wait())
        return line.strip()

    def await_held(self):
        if self._line() != "held":
            raise RuntimeError("churn did not hold")

    def end(self):
        """How many it made, how many failed, and on which ports."""
        self._process.stdin.close()
        words = self._line().split()
        self.made, self.failed = int(words[1]), int(words[3])
        self.ports = set(int(word) for word in self._line().split()[1:])
        if self._process.wait():
            raise RuntimeError("churn failed")
        await_rest()
        return self


class Server:
    def __init__(self, program, port):
        self._process = subprocess.Popen([program, "serve", str(port)], stdout=subprocess.PIPE,
                                         universal_newlines=True)
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError("no server")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._process.kill()
        self._process.wait()


def descriptors(pid, kind):
    """The ids of what it has open of BPF: prog, map or link."""
    ids = []
    for number in os.listdir("/proc/%d/fdinfo" % pid):
        try:
            with open("/proc/%d/fdinfo/%s" % (pid, number), encoding="ascii") as file:
                lines = [line.split() for line in file]
        except OSError:
            continue
        # A link tells the id of its program, too.
        names = [words[0] for words in lines if len(words) == 2]
        if kind == "prog" and "link_id:" in names:
            continue
        ids += [words[1] for words in lines if words[0] == kind + "_id:"]
    return ids


class Late(RuntimeError):
    """The machine is busy: it says nothing of the program."""


class Check:
    """`portroom check --sample` while it runs. It has begun when its ledger is attached, at the latest after its first
    look, which is over when it waits; after its second it waits no more."""

    def __init__(self, portroom, seconds, options=(), await_ledger=True, env=None):
        self.argv = [portroom, "check", "--json", "--limit", "all", "--sample",
                     "%dms" % (seconds * SLOWNESS * 1000)] + list(options)
        self._said = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._process = subprocess.Popen(self.argv, stdout=self._said[0], stderr=self._said[1], env=env)
        self.pid = self._process.pid
        if await_ledger:
            self._await_ledger()
        else:
            self.await_look()

    def _await_ledger(self):
        until = time.monotonic() + 60
        while not descriptors(self.pid, "link"):
            if self._process.poll() is not None and self.document()["sample"]["recorded"]:
                raise Late("the sample was over before anybody saw it begin")
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("no ledger was begun")
            time.sleep(0.01)

    def await_look(self):
        if not await_nap(self._process):
            raise Late("the sample was over before what it was to see")

    def kill(self, number=signal.SIGKILL):
        self._process.send_signal(number)
        self._process.wait()

    def stop(self):
        if self._process.poll() is not None:
            raise Late("the sample was over before it was stopped")
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)
        return self

    def end(self):
        """What it says of what has happened until now."""
        self.await_look()
        return self.document()

    def document(self):
        self._process.wait(120)
        for file in self._said:
            file.seek(0)
        out, err = (file.read().decode("utf-8", "replace") for file in self._said)
        if not out:
            raise RuntimeError("no document, exit status %d: %s" % (self._process.returncode, err))
        return loads(out)


def destination(document, port, address=LOCAL):
    rows = [row for row in document["destinations"]
            if row["destination"] == address and row["port"] == port]
    return rows[0] if rows else None


def resting(row):
    """{(pid, how): ports in TIME_WAIT}"""
    found = {}
    for owner in row["owners"]:
        if owner["state"] == "time_wait":
            key = (owner["pid"], owner["how"])
            found[key] = found.get(key, 0) + owner["ports"]
    return found


def source(document, name):
    return [each for each in document["sources"] if each["name"] == name][0]


# ---- who made what ----

def try_shares(tap, portroom, churn, schemas):
    """Three processes at different rates, each part on a destination of its own."""
    for index, options in enumerate(BPF_SOURCES):
        name = "shares (%s)" % (" ".join(options) or "default")
        port = PORT + index
        with Server(churn, port):
            check = Check(portroom, 5, ["--netns", "own"] + options)
            makers = [Churn(churn, ["connect", LOCAL, port, count, rate]) for rate, count in RATES]
            for maker in makers:
                maker.end()
            document = check.end()
        row = destination(document, port)
        expected = {(maker.pid, "recorded"): maker.made for maker in makers}
        tap.ok(row and resting(row) == expected,
               name + ": every entry in TIME_WAIT has its maker, exactly", row and row["owners"],
               expected)
        openers = {each["pid"]: (each["opens"], each["rested"]) for each in row["openers"]}
        tap.ok(openers == {maker.pid: (maker.made, maker.made) for maker in makers},
               name + ": opens and rests are counted exactly by process", row["openers"])
        seconds = document["sample"]["seconds"]
        total = sum(maker.made for maker in makers)
        tap.ok(document["sample"]["recorded"] and row["opens_exact"] and
               abs(row["opens_per_s"] * seconds - total) < 1 and
               abs(row["rests_per_s"] * seconds - total) < 1,
               name + ": the rates are these counts by the time", row, document["sample"])
        tap.ok(source(document, "ledger")["used"] and
               source(document, "ledger")["sockets"] >= total,
               name + ": the ledger is among the sources", document["sources"])
        schemas.try_document(tap, document, name + ": the document")


def try_families(tap, portroom, churn):
    """IPv6, and an IPv4 destination of an IPv6 socket, are found by their addresses as well."""
    cases = (("::1", "::1"), ("::ffff:127.0.0.1", LOCAL))
    for index, (address, shown) in enumerate(cases):
        with Server(churn, PORT + 10 + index):
            check = Check(portroom, 2, ["--netns", "own"])
            maker = Churn(churn, ["connect", address, PORT + 10 + index, 50, 0]).end()
            row = destination(check.end(), PORT + 10 + index, shown)
        tap.ok(row and resting(row) == {(maker.pid, "recorded"): 50},
               "families: %s" % address, row)


def try_maker_gone(tap, portroom, churn):
    """All ports in TIME_WAIT, and who made them has ended: made under the eyes of a sample."""
    set_range(40000, 40099)
    with Server(churn, PORT + 20):
        check = Check(portroom, 3, ["--netns", "own"])
        maker = Churn(churn, ["try", LOCAL, PORT + 20, 130]).end()
        document = check.end()
        later = run([portroom, "check", "--json", "--netns", "own"]).json()
    set_range(32768, 60999)
    found = [each for each in document["findings"] if each["rule"] == "time_wait_pileup"]
    row = destination(document, PORT + 20)
    if not tap.ok(document["verdict"] == "critical" and found,
                  "maker gone: all ports in TIME_WAIT are critical", document["headline"]):
        return
    culprit = found[0]["culprit"]
    tap.ok(culprit and culprit["pid"] == maker.pid and culprit["name"] == "churn" and
           culprit["ended"] is True, "maker gone: the culprit is named, and has ended", culprit)
    tap.ok(not any("kill" in (each["command"] or "") for each in found[0]["remedies"]),
           "maker gone: nobody is told to end it", found[0]["remedies"])
    tap.ok(row["failed_calls"] == maker.failed == 30 and
           row["openers"][0]["failed_calls"] == 30,
           "maker gone: its calls that failed are counted", row, maker.failed)
    tap.ok(row["openers"][0]["opens"] == maker.made == 100 and row["full_in_s"] == 0,
           "maker gone: what failed is no open, and no time is left", row)
    found = [each for each in later["findings"] if each["rule"] == "time_wait_pileup"]
    tap.ok(found and found[0]["culprit"] is None and
           resting(destination(later, PORT + 20)) == {(None, "unknown"): 100},
           "maker gone: a later look without a ledger names nobody", found)


def connect(client, port):
    try:
        client.connect((LOCAL, port))
    except OSError as error:
        return error.errno
    return 0


def try_lookalikes(tap, portroom, churn):
    """Who is refused, or gives up while connecting, goes back to CLOSE as one who found no port does."""
    refusing, full, silent = PORT + 25, PORT + 26, PORT + 27
    set_range(40000, 40019)
    with socket.create_server((LOCAL, refusing)) as server:
        open_still = [socket.create_connection((LOCAL, refusing)), server.accept()[0]]
    listener = socket.socket()
    listener.bind((LOCAL, silent))
    listener.listen(0)
    open_still.append(socket.create_connection((LOCAL, silent)))
    with Server(churn, full):
        open_still += [socket.create_connection((LOCAL, full)) for _ in range(20)]
        check = Check(portroom, 3, ["--netns", "own", "--limit", "all"])
        refused = [socket.socket() for _ in range(10)]
        errors = [{connect(client, port) for client in refused}
                  for port in (refusing, refusing, full)]
        given_up = [socket.socket() for _ in range(5)]
        for client in given_up:
            client.setblocking(False)
        errors.append({connect(client, silent) for client in given_up})
        for client in refused + given_up:
            client.close()
        document = check.end()
    for each in open_still + [listener]:
        each.close()
    set_range(32768, 60999)
    tap.ok(errors == [{errno.ECONNREFUSED}, {errno.ECONNREFUSED}, {errno.EADDRNOTAVAIL},
                      {errno.EINPROGRESS}],
           "lookalikes: calls fail as they should", errors)
    rows = [destination(document, port) for port in (refusing, full, silent)]
    tap.ok([row["failed_calls"] for row in rows] == [0, 10, 0],
           "lookalikes: only such as found no port are counted", rows)
    tap.ok([each["opens"] for each in rows[2]["openers"]] == [5],
           "lookalikes: who gave up had opened", rows[2])


def try_situation(tap, portroom, program):
    """In a namespace that is made while the sample runs."""
    check = Check(portroom, 4)
    with Situation(program, "time_wait_full") as situation:
        document = check.end()
    truth = situation.truth
    found = [each for each in document["findings"] if each["rule"] == "time_wait_pileup" and
             each["namespace"] == str(truth["netns"])]
    tap.ok(found and found[0]["culprit"] and found[0]["culprit"]["pid"] == truth["pid"],
           "situation: who made TIME_WAIT in another namespace is named", found, truth["pid"])
    tap.ok(found and all(owner["how"] == "recorded" for owner in found[0]["owners"]),
           "situation: every entry is recorded", found)


def try_open_before(tap, portroom, churn):
    """Connections that were open before the ledger began: the first look has seen whose they were."""
    with Server(churn, PORT + 30):
        holders = [Churn(churn, ["hold", LOCAL, PORT + 30, count]) for count in (40, 25)]
        for holder in holders:
            holder.await_held()
        check = Check(portroom, 3, ["--netns", "own"])
        check.await_look()
        maker = Churn(churn, ["connect", LOCAL, PORT + 30, 10, 0]).end()
        for holder in holders:
            holder.end()
        row = destination(check.end(), PORT + 30)
    expected = {(holder.pid, "recorded"): holder.made for holder in holders}
    expected[(maker.pid, "recorded")] = 10
    tap.ok(row and resting(row) == expected,
           "open before: they have their makers, though these have ended", row, expected)


def try_pid_reuse(tap, portroom, churn):
    with Server(churn, PORT + 40):
        check = Check(portroom, 4, ["--netns", "own"])
        first = Churn(churn, ["connect", LOCAL, PORT + 40, 30, 0]).end()
        time.sleep(0.05)
        second = Churn(churn, ["hold", LOCAL, PORT + 40, 20], ["--pid", str(first.pid)])
        second.await_held()
        document = check.end()
        row = destination(document, PORT + 40)
        second.end()
    same = [owner for owner in row["owners"] if owner["pid"] == first.pid]
    tap.ok(second.pid == first.pid and
           sorted((owner["state"], owner["ports"], owner["how"]) for owner in same) ==
           [("established", 20, "observed"), ("time_wait", 30, "recorded")],
           "pid reuse: what each of the two made and holds is told apart", row["owners"])
    found = [(each["ended"], each["ports"]) for each in document["processes"]
             if each["pid"] == first.pid]
    tap.ok(sorted(found) == [(False, 20), (True, 30)],
           "pid reuse: they are two processes, one of which has ended", found)


def child_of(process):
    """The only one, 0 before it is there."""
    with open("/proc/{0}/task/{0}/children".format(process.pid), encoding="ascii") as file:
        return int(file.read() or 0)


def try_pid_namespaces(tap, portroom, churn):
    with Server(churn, PORT + 50):
        check = Check(portroom, 2, ["--netns", "own"])
        maker = Churn(churn, ["connect", LOCAL, PORT + 50, 30, 0], ["--pid-namespace"]).end()
        row = destination(check.end(), PORT + 50)
    tap.ok(row and resting(row) == {(maker.pid, "recorded"): 30},
           "pid namespace: a maker in another has the number it has here", row)
    with Server(churn, PORT + 51):
        # unshare(1) waits for its child, whose descriptors tell that it has begun.
        process = subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", portroom, "check",
                                    "--json", "--netns", "own", "--sample",
                                    "%ds" % (3 * SLOWNESS)],
                                   stdout=subprocess.PIPE, universal_newlines=True)
        seen = await_nap(process, child_of)
        maker = Churn(churn, ["hold", LOCAL, PORT + 51, 5])
        maker.await_held()
        made = Churn(churn, ["connect", LOCAL, PORT + 51, 20, 0]).end()
        if not seen or not await_nap(process, child_of):
            raise Late("the sample was over before what it was to see")
        row = destination(loads(process.communicate(timeout=120)[0]), PORT + 51)
        maker.end()
    owners = [owner for owner in row["owners"] if owner["state"] == "time_wait"]
    tap.ok(made.made == 20 and len(owners) == 1 and owners[0]["pid"] is None and
           owners[0]["name"] == "churn" and owners[0]["how"] == "recorded" and
           owners[0]["ports"] == 20,
           "pid namespace: a maker that has no number there is recorded by its name", row)


def try_short(tap, portroom, churn):
    """A first look that takes longer than the sample shall last."""
    with Server(churn, PORT + 55):
        check = Check(portroom, 0.1 / SLOWNESS, ["--netns", "own"])
        check.stop()
        maker = Churn(churn, ["connect", LOCAL, PORT + 55, 20, 0]).end()
        time.sleep(0.5)
        document = check.go_on().document()
    row = destination(document, PORT + 55)
    # Or it was stopped before the sample began, as the time tells.
    tap.ok(row and row["opens_exact"] and
           (document["sample"]["seconds"] < 0.4 or
            [(each["pid"], each["opens"]) for each in row["openers"]] == [(maker.pid, 20)]),
           "short: what was opened during the first look is counted", row, document["sample"])


# ---- without a ledger ----

BECOME_NOBODY = """
import os, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.execv(sys.argv[1], sys.argv[1:])
"""


def try_without_bpf(tap, portroom, churn):
    with Server(churn, PORT + 60):
        check = Check(portroom, 3, ["--netns", "own", "--no-bpf"], await_ledger=False)
        holder = Churn(churn, ["hold", LOCAL, PORT + 60, 20])
        holder.await_held()
        maker = Churn(churn, ["connect", LOCAL, PORT + 60, 50, 50]).end()
        document = check.end()
        holder.end()
    row = destination(document, PORT + 60)
    tap.ok(document["sample"]["recorded"] is False and
           source(document, "ledger")["why_not"] == "--no-bpf",
           "--no-bpf: nothing is recorded, and why is told", document["sample"])
    tap.ok(row["opens_exact"] is False and row["failed_calls"] is None and
           abs(row["opens_per_s"] * document["sample"]["seconds"] - 70) < 1,
           "--no-bpf: what rests and what is open tell the least that was opened", row)
    tap.ok((maker.pid, "recorded") not in resting(row) and
           all(how in ("inferred", "unknown") for pid, how in resting(row)),
           "--no-bpf: nobody is said to be recorded", row["owners"])


def try_inference(tap, portroom, churn):
    """The only process that is connected there and old enough; a second one makes it unknown."""
    with Server(churn, PORT + 70):
        holder = Churn(churn, ["hold", LOCAL, PORT + 70, 20])
        holder.await_held()
        time.sleep(2.1)
        Churn(churn, ["connect", LOCAL, PORT + 70, 30, 0]).end()
        words = [portroom, "check", "--json", "--netns", "own", "--limit", "all"]
        alone = destination(run(words).json(), PORT + 70)
        time.sleep(2.1)  # start times are whole seconds since a boot time of whole seconds
        other = Churn(churn, ["hold", LOCAL, PORT + 70, 1])
        other.await_held()
        both = destination(run(words).json(), PORT + 70)
        holder.end()
        young = destination(run(words).json(), PORT + 70)
        other.end()
    tap.ok(resting(alone) == {(holder.pid, "inferred"): 30},
           "inference: the only one connected there is inferred", alone["owners"])
    tap.ok(resting(both) == {(None, "unknown"): 30},
           "inference: of two nobody is", both["owners"])
    tap.ok(resting(young).get((None, "unknown")) == 50,
           "inference: a process younger than the entries is not", young["owners"])


def try_unprivileged(tap, portroom):
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    copy = os.path.join(folder, "portroom")
    with open(portroom, "rb") as old, open(copy, "wb") as new:
        new.write(old.read())
    os.chmod(copy, 0o755)
    answer = run([sys.executable, "-c", BECOME_NOBODY, copy, "check", "--json", "--netns", "own",
                  "--sample", "500ms"])
    os.unlink(copy)
    os.rmdir(folder)
    document = answer.json()
    tap.ok(document["sample"]["recorded"] is False and
           "CAP_BPF" in source(document, "ledger")["why_not"],
           "unprivileged: two looks all the same, and the capability is named",
           document["sources"])


# ---- what is left ----

def is_left(recorder, ids):
    return [kind for kind in ids if ids[kind] and
            run([recorder, "left", kind] + ids[kind]).status == 0]


def await_gone(recorder, ids):
    """The kernel frees a little later."""
    until = time.monotonic() + 20
    while is_left(recorder, ids) and time.monotonic() < until:
        time.sleep(0.05)
    return is_left(recorder, ids)


def try_left(tap, portroom, recorder):
    for name, number in (("its end", None), ("SIGKILL", signal.SIGKILL), ("SIGINT", signal.SIGINT)):
        check = Check(portroom, 2 if number is None else 60,
                      ["--netns", "own", "--source", "bpf_tables"])
        sleep(0.3)
        ids = {kind: descriptors(check.pid, kind) for kind in ("prog", "map", "link")}
        there = is_left(recorder, ids)
        if number is None:
            check.end()
        else:
            check.kill(number)
        tap.ok(sorted(there) == ["link", "map", "prog"] and not await_gone(recorder, ids),
               "left: after %s no program, map or link is" % name, ids, there,
               is_left(recorder, ids))
    # The two that limit the time.
    answer = run([portroom, "check", "--netns", "own", "--sample", "1s", "--timeout", "20"])
    tap.ok(answer.status in (0, 1, 2) and not answer.err, "left: --timeout allows a sample", answer)


# ---- a recorder's ledger ----

class Recorder:
    def __init__(self, program, folder, entries):
        self._process = subprocess.Popen([program, "record", folder, str(entries)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         universal_newlines=True)
        self.word = self._process.stdout.readline().strip()
        self.ids = {kind: descriptors(self._process.pid, kind) for kind in ("prog", "map", "link")}

    def kill(self):
        self._process.kill()
        self._process.wait()


def with_ledger(folder):
    return dict(os.environ, PORTROOM_LEDGER=folder)


def rows_of(portroom, folder, port, count):
    """Those in TIME_WAIT, when there are so many: the server may not have closed the last yet."""
    until = time.monotonic() + 20
    while True:
        answer = run([portroom, "list", "--json", "--netns", "own", "--state", "time_wait", "--port",
                      str(port)], env=with_ledger(folder)).json()
        rows = [row for row in answer["rows"] if row["remote_port"] == port]
        if len(rows) >= count or time.monotonic() > until:
            return rows, answer
        time.sleep(0.05)


def ports_at_rest(port):
    """The local ports of connections to that port that are in TIME_WAIT, by /proc/net/tcp."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return sorted(int(row[1].split(":")[1], 16) for row in rows
                  if row[3] == "06" and int(row[2].split(":")[1], 16) == port)


def ledger_of(portroom, folder):
    answer = run([portroom, "check", "--json", "--netns", "own"], env=with_ledger(folder))
    return source(answer.json(), "ledger")


def try_pinned(tap, portroom, churn, recorder, bpffs):
    folder = os.path.join(bpffs, "portroom%d" % PORT, "ledger")
    tap.ok("recorder" in ledger_of(portroom, folder)["why_not"],
           "pinned: without a recorder there is no ledger", ledger_of(portroom, folder))
    first = Recorder(recorder, folder, 1 << 17)
    tap.ok(first.word == "begun", "pinned: a recorder begins one", first.word)
    with Server(churn, PORT + 80):
        makers = [Churn(churn, ["connect", LOCAL, PORT + 80, count, 0]).end() for count in (70, 30)]
        rows, document = rows_of(portroom, folder, PORT + 80, 100)
        ports = {maker.pid: {row["local_port"] for row in rows if row["pid"] == maker.pid}
                 for maker in makers}
        tap.ok(len(rows) == 100 and ports == {maker.pid: maker.ports for maker in makers} and
               {(row["how"], row["owner"]) for row in rows} == {("recorded", "nobody")},
               "pinned: a later list names the maker of every port", rows[:3],
               source(document, "ledger"))
        tap.ok(ledger_of(portroom, folder)["used"], "pinned: a later check uses it")
        first.kill()
        maker = Churn(churn, ["connect", LOCAL, PORT + 80, 20, 0]).end()
        rows, _ = rows_of(portroom, folder, PORT + 80, 120)
        tap.ok({row["local_port"] for row in rows if row["pid"] == maker.pid} == maker.ports,
               "pinned: it goes on when the recorder is killed", rows[:3])
        check = Check(portroom, 2, ["--netns", "own"], await_ledger=False,
                      env=with_ledger(folder))
        maker = Churn(churn, ["connect", LOCAL, PORT + 80, 40, 0]).end()
        row = destination(check.end(), PORT + 80)
        tap.ok(resting(row).get((maker.pid, "recorded")) == 40 and
               [each["opens"] for each in row["openers"]] == [40],
               "pinned: a sample counts along with it, and only what is new", row)
    second = Recorder(recorder, folder, 1 << 17)
    tap.ok(second.word == "adopted", "pinned: the next recorder adopts it", second.word)
    second.kill()
    run([recorder, "end", folder])
    tap.ok(not os.path.exists(folder) and not await_gone(recorder, first.ids),
           "pinned: removed, nothing of it is left", first.ids, is_left(recorder, first.ids))


def try_small(tap, portroom, churn, recorder, bpffs):
    """More connections than the ledger has room for: unknown, and never another's."""
    folder = os.path.join(bpffs, "small%d" % PORT)
    small = Recorder(recorder, folder, 1024)
    with Server(churn, PORT + 90):
        makers = [Churn(churn, ["connect", LOCAL, PORT + 90, 2500, rate]) for rate in (2500, 2000)]
        for maker in makers:
            maker.end()
        rows, document = rows_of(portroom, folder, PORT + 90, 5000)
    of_pid = {maker.pid: maker.ports for maker in makers}
    named = [row for row in rows if row["pid"]]
    wrong = [row for row in named if row["local_port"] not in of_pid.get(row["pid"], ())]
    resting = ports_at_rest(PORT + 90)
    tap.ok(sorted(row["local_port"] for row in rows) == resting and len(rows) > 4990 and
           500 < len(named) <= 1024 and not wrong, "small: what is named is right, the rest is unknown",
           len(rows), len(resting), len(named), wrong[:3])
    tap.ok(any("since the ledger was begun" in gap["what"] for gap in document["gaps"]),
           "small: it is said that some are not known", document["gaps"])
    with Server(churn, PORT + 91):
        check = Check(portroom, 2, ["--netns", "own"], await_ledger=False,
                      env=with_ledger(folder))
        check.stop()  # which looks at the ledger far more often than a slow machine fills it
        Churn(churn, ["connect", LOCAL, PORT + 91, 5000, 0]).end()
        document = check.go_on().document()
    row = destination(document, PORT + 91)
    tap.ok(document["sample"]["lost"] > 0 and row["opens_exact"] is False,
           "small: a rate that is too low says so", document["sample"], row["opens_per_s"])
    small.kill()
    run([recorder, "end", folder])


def try_foreign(tap, portroom, recorder, bpffs):
    folder = os.path.join(bpffs, "foreign")
    run([recorder, "foreign", folder])
    answer = ledger_of(portroom, folder)
    tap.ok(not answer["used"] and "version" in answer["why_not"],
           "foreign: what only looks alike is not used, and why", answer)
    replaced = Recorder(recorder, folder, 1024)
    tap.ok(replaced.word == "begun" and ledger_of(portroom, folder)["used"],
           "foreign: a recorder's start removes it and begins its own", replaced.word)
    replaced.kill()

    os.chmod(os.path.join(folder, "entries"), 0o666)
    answer = ledger_of(portroom, folder)
    tap.ok(not answer["used"] and "others than root" in answer["why_not"],
           "foreign: what others may write to is not used", answer)
    os.chmod(os.path.join(folder, "entries"), 0o600)
    os.chown(folder, 65534, -1)
    answer = ledger_of(portroom, folder)
    tap.ok(not answer["used"] and "others than root" in answer["why_not"],
           "foreign: a folder of another user is not used", answer)
    os.chown(folder, 0, -1)
    tap.ok(ledger_of(portroom, folder)["used"], "foreign: whole again, it is")
    os.unlink(os.path.join(folder, "link"))
    answer = ledger_of(portroom, folder)
    tap.ok(not answer["used"] and "missing" in answer["why_not"],
           "foreign: one that nobody writes to any more is not used", answer)
    run([recorder, "end", folder])

    with tempfile.TemporaryDirectory() as plain:
        answer = ledger_of(portroom, plain)
        tap.ok(not answer["used"] and "bpffs" in answer["why_not"],
               "foreign: a plain folder is not used", answer)
    answer = source(run([portroom, "check", "--json", "--netns", "own", "--no-bpf"],
                        env=with_ledger(folder)).json(), "ledger")
    tap.ok(answer["why_not"] == "--no-bpf", "foreign: --no-bpf looks for none", answer)


def with_time(function, *arguments):
    """Again where the machine was too slow: with more time, on ports that have nothing in TIME_WAIT."""
    global PORT, SLOWNESS
    usual = SLOWNESS
    for more in range(1, TRIES + 1):
        SLOWNESS = usual * more
        try:
            function(*arguments)
            return
        except Late as late:
            print("# %s: %s" % (function.__name__, late))
            PORT += 100
        finally:
            SLOWNESS = usual
    raise Late("it was too slow each time")


def main(words):
    schema_folder = take_option(words, "--schema-dir")
    words = [word for word in words if word != "--quick"]
    if len(words) != 4:
        sys.exit(__doc__)
    portroom, program, churn, recorder = (os.path.abspath(word) for word in words)
    tap = Tap()
    need_root(tap)
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable] + sys.argv)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    write("/proc/sys/net/ipv4/tcp_tw_reuse", "0")
    # A peer that was too slow sends its FIN twice, and the second answer would end the entry.
    write("/proc/sys/net/ipv4/tcp_rfc1337", "1")
    set_range(32768, 60999)
    bpffs = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "bpf", "none", bpffs], check=True)
    # Nobody else's ledger may be in the way.
    os.environ["PORTROOM_LEDGER"] = os.path.join(bpffs, "none")
    schemas = Schemas(schema_folder)
    parts = (
        ("shares", try_shares, (portroom, churn, schemas)),
        ("families", try_families, (portroom, churn)),
        ("maker gone", try_maker_gone, (portroom, churn)),
        ("lookalikes", try_lookalikes, (portroom, churn)),
        ("situation", try_situation, (portroom, program)),
        ("open before", try_open_before, (portroom, churn)),
        ("pid reuse", try_pid_reuse, (portroom, churn)),
        ("pid namespaces", try_pid_namespaces, (portroom, churn)),
        ("short", try_short, (portroom, churn)),
        ("--no-bpf", try_without_bpf, (portroom, churn)),
        ("inference", try_inference, (portroom, churn)),
        ("unprivileged", try_unprivileged, (portroom,)),
        ("left", try_left, (portroom, recorder)),
        ("pinned", try_pinned, (portroom, churn, recorder, bpffs)),
        ("small", try_small, (portroom, churn, recorder, bpffs)),
        ("foreign", try_foreign, (portroom, recorder, bpffs)),
    )
    for name, function, arguments in parts:
        guard(tap, name, with_time, function, tap, *arguments)
    subprocess.run(["umount", bpffs], check=True)
    os.rmdir(bpffs)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
