#!/usr/bin/env python3
"""`portroom events`: what the kernel, programs and counters have noted, against the same read by other means.

    test_events.py PORTROOM COPIED_PROC [--schema-dir DIR] [CASE...]

Lines of the kernel are real ones: an odd range in a namespace of the test's own makes it complain. Other tests may make
it complain meanwhile, and of many complaints the kernel writes ten in five seconds: counts have bounds, and who waits for
one tries again.
"""

import datetime
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

from live import Tap, guard, need_root, run
from test_check import Schemas, jsonschema, take_option

CASES = []
REMOTE = "/lib/systemd/systemd-journal-remote"
ODD = "prefer different parity"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
PATIENCE_S = 60
# As POSIX has them, since a minimal system knows no names of places. In the second clocks go forward at midnight.
BERLIN, NO_MIDNIGHT = "CET-1CEST,M3.5.0,M10.5.0/3", "AAA0BBB,M3.4.5/0,M10.5.0/0"
JITTER_S = 0.001  # of two clocks that are read one after the other
MARGIN_S = 5  # nobody sets the clock of the kernel's log: it goes a little wrong

# In a namespace of its own: each word on standard input makes something happen.
ACTOR = """
import socket, sys
kept = []
def overflow():
    server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(0); kept.append(server)
    for _ in range(8):
        client = socket.socket(); client.setblocking(False); kept.append(client)
        try: client.connect(server.getsockname())
        except BlockingIOError: pass
def odd():
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file: file.write("32768 60998")
print("up", flush=True)
for line in sys.stdin:
    {"overflow": overflow, "odd": odd}[line.strip()]()
    print("done", flush=True)
"""


def case(function):
    CASES.append(function)
    return function


class Namespace:
    def __enter__(self):
        self.process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$0\" -c \"$1\"", sys.executable, ACTOR],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
        if self.process.stdout.readline() != "up\n":
            raise RuntimeError("no namespace")
        self.pid = str(self.process.pid)
        return self

    def do(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("%s failed" % word)

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def counters(pid):
    """TcpExt of /proc/PID/net/netstat."""
    with open("/proc/%s/net/netstat" % pid, encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    return dict(zip(lines[0][1:], map(int, lines[1][1:])))


def kernel_times(text):
    """When the kernel itself wrote such lines, as far as its buffer has them."""
    found = []
    offset = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            try:
                record = os.read(fd, 16384).decode("utf-8", "replace")
            except BrokenPipeError:
                continue
            except BlockingIOError:
                return found
            head, _, message = record.partition(";")
            priority, _, microseconds = head.split(",")[:3]
            if text in message and int(priority) < 8:
                found.append(int(microseconds) / 1e6 + offset)
    finally:
        os.close(fd)


def complain():
    """Makes the kernel write its line, and returns when that was certain."""
    def latest():
        return max(kernel_times(ODD), default=0)
    # Not their number: of a buffer that is full as many lines fall out as come in.
    had, until = latest(), time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with Namespace() as namespace:
            namespace.do("odd")
        if latest() > had + JITTER_S:
            return True
        time.sleep(0.5)
    return False


def stamp(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)


def moment_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(
        tzinfo=datetime.timezone.utc).timestamp()


def entry(seconds, message, **fields):
    fields = dict({"_TRANSPORT": "stdout", "_MACHINE_ID": "00112233445566778899aabbccddeeff"}, **fields)
    fields["MESSAGE"] = message
    data = b"__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n" % (
        seconds * 1000000, seconds * 1000000 % 10**12, b"0123456789abcdef0123456789abcdef")
    for name, value in fields.items():
        value = value if isinstance(value, bytes) else value.encode()
        data += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return data + b"\n"


def write_journal(folder, *entries):
    made = subprocess.run([REMOTE, "-o", os.path.join(folder, "system.journal"), "-"], input=b"".join(entries),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    if made.returncode:
        raise RuntimeError(made.stdout.decode())


NO_PORT = "connect() to 10.0.9.1:5432 failed (99: Cannot assign requested address) while connecting to upstream"
NGINX = {"_PID": "812", "_COMM": "nginx", "_UID": "33", "_SYSTEMD_UNIT": "nginx.service"}
JAVA = "java.net.NoRouteToHostException: Cannot assign requested address\n\tat x.y"
UNKNOWN = "stitching 12 rows: write 10.1.1.1: Address already in use"
HOSTILE = (b"dial tcp 10.0.9.2:80: connect: cannot assign requested address \x1b[2J\x9b\xff\xfe\0\xe2\x80\xae" +
           b"A" * 2000000)


class Journal:
    """Journal files with what programs print, an hour ago and later."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="portroom-events-")
        self.now = now = int(time.time())
        write_journal(
            self.folder,
            entry(now - 30 * 3600, NO_PORT, **dict(NGINX, _PID="700")),
            entry(now - 3600, NO_PORT, **NGINX),
            entry(now - 3500, NO_PORT, **NGINX),
            entry(now - 3400, NO_PORT, **dict(NGINX, _PID="813")),
            entry(now - 3000, JAVA, _PID="9", _COMM="java", CONTAINER_ID_FULL="ab" * 32),
            entry(now - 2900, UNKNOWN, _PID="11", SYSLOG_IDENTIFIER="loom", _SYSTEMD_UNIT="loom.service"),
            entry(now - 2800, HOSTILE, _PID="10", _COMM="go\x1b]0;x\x07"),
            entry(now - 2700, "GET / 200, 99 bytes, took 98 ms", _PID="12", _COMM="web"),
            entry(now - 2600, "dial tcp 10.0.9.1:80: connect: connection refused", _PID="12", _COMM="web"),
            entry(now - 2500, "nf_conntrack: table full in netns 4026532211, dropping packet", _TRANSPORT="kernel",
                  SYSLOG_IDENTIFIER="kernel"),
            # What a program has written into /dev/kmsg.
            entry(now - 2450, "nf_conntrack: table full in netns 4026532299, dropping packet", _TRANSPORT="kernel",
                  SYSLOG_FACILITY="1", SYSLOG_IDENTIFIER="forger"),
            entry(now - 2400, "nf_conntrack: table full, dropping packet", _PID="13", _COMM="liar"),
        )
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


class Here:
    def __init__(self, words, schemas):
        self.portroom, self.copy = (os.path.abspath(word) for word in words)
        self.schemas = schemas

    def words(self, *words):
        return [self.portroom, "events", "--lang", "en"] + list(words)

    def run(self, *words):
        return run(self.words(*words))

    def document(self, tap, sentence, *words):
        document = self.run("--json", *words).json()
        self.schemas.try_document(tap, document, sentence)
        return document

    def try_lines(self, tap, lines, sentence):
        problems = []
        for line in lines if self.schemas.known else ():
            try:
                jsonschema.validate(line, self.schemas.known["portroom.events/1"])
            except jsonschema.ValidationError as error:
                problems.append("%s: %s" % (error.message, line))
        tap.ok(lines and not problems, sentence, *problems)


class Follow:
    """`events --follow --json`, past its first line. `until` reads on until a line is the one looked for."""

    def __init__(self, tap, here, *words):
        self.tap, self.here = tap, here
        self.process = subprocess.Popen(here.words("--follow", "--json", *words), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.rest = b""
        self.seen = [self.line()]

    def line(self):
        until = time.monotonic() + PATIENCE_S
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line.decode())

    def until(self, wanted):
        while True:
            line = self.line()
            if line is None:
                return None
            self.seen.append(line)
            if wanted(line):
                return line

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        last = self.until(lambda line: line["line"] == "end")
        self.process.wait(PATIENCE_S)
        said = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        self.here.try_lines(self.tap, self.seen, "every line of --follow is as the schema says")
        return last, said


@case
def kernel(tap, here):
    since = time.time() - MARGIN_S
    tag = "portroom-%d" % os.getpid()
    tap.ok(complain(), "the kernel complains of an odd range")
    with open("/dev/kmsg", "w", encoding="ascii") as file:
        file.write("<4>nf_conntrack: table full, dropping packet %s\n" % tag)
    with open("/dev/kmsg", "w", encoding="ascii") as file:
        file.write("<4>%s says hello\n" % tag)
    least = [moment for moment in kernel_times(ODD) if moment > since + 0.1]
    document = here.document(tap, "the kernel's log", "--since", stamp(since))
    most = [moment for moment in kernel_times(ODD) if moment > since - 0.1]
    odd = [event for event in document["events"] if event["name"] == "odd_range"]
    tap.ok(len(odd) == 1 and len(least) <= odd[0]["count"] <= len(most), "every line of it is an event, once",
           odd, least, most)
    tap.ok(odd and odd[0]["source"] == "kernel" and ODD in odd[0]["message"] and odd[0]["exhaustion"] == "no" and
           "odd number" in odd[0]["meaning"] and abs(moment_of(odd[0]["last"]) - most[-1]) < 2,
           "with its time and its meaning", odd, most)
    tap.ok(tag not in json.dumps(document), "what a program wrote there is not the kernel's",
           document["events"])
    text = here.run("--since", stamp(since))
    tap.ok(text.status == 0 and "odd_range" in text.out and "The range was set to an odd number" in text.out and
           text.out.rstrip().endswith("while it happens.") and "portroom trace" in text.out, "people are told, too", text)
    now = time.time()
    document = here.document(tap, "later", "--since", stamp(now))
    tap.ok(all(moment_of(event["last"]) >= now - 0.1 for event in document["events"] if event["last"]),
           "--since leaves out what was before", document["events"])


@case
def journal(tap, here):
    with Journal() as made:
        document = here.document(tap, "a journal", "--journal", made.folder)
        by_process = {event["process"]: event for event in document["events"]}
        nginx = by_process["nginx"]
        tap.ok(nginx["count"] == 3 and nginx["name"] == "EADDRNOTAVAIL" and nginx["exhaustion"] == "likely" and
               nginx["unit"] == "nginx.service" and nginx["pid"] == 813 and nginx["user_id"] == 33 and
               nginx["message"] == NO_PORT and nginx["command"].startswith("portroom room 10.0.9.1:5432"),
               "lines alike are one event", nginx)
        tap.ok(moment_of(nginx["first"]) == made.now - 3600 and moment_of(nginx["last"]) == made.now - 3400,
               "from the first to the last; older ones are left out", nginx, made.now)
        java = by_process["java"]
        tap.ok(java["message"] == JAVA.split("\n", maxsplit=1)[0] and java["container"] == "ab" * 32 and java["exhaustion"] == "likely",
               "of a stack trace the line that says it", java)
        loom = by_process["loom"]
        tap.ok(loom["name"] == "EADDRINUSE" and loom["exhaustion"] == "maybe" and loom["message"] == UNKNOWN,
               "the words of an error are known whoever writes them", loom)
        hostile = [event for event in document["events"] if event["pid"] == 10]
        tap.ok(len(hostile) == 1 and len(hostile[0]["message"]) < 600 and
               hostile[0]["message"].startswith("dial tcp 10.0.9.2:80") and "A" * 50 in hostile[0]["message"],
               "of a long line the beginning, whatever is in it", hostile)
        kernel_event = by_process[None]
        tap.ok(kernel_event["source"] == "kernel" and kernel_event["name"] == "conntrack_full" and
               kernel_event["namespace"] == "4026532211" and kernel_event["count"] == 1,
               "the kernel's line, with the namespace it names", kernel_event)
        tap.ok("web" not in by_process and "liar" not in by_process and len(document["events"]) == 5,
               "nothing else is an event", sorted(map(str, by_process)))
        sources = {source["name"]: source for source in document["sources"]}
        tap.ok(sources["journal"]["lines"] == 11 and not sources["kmsg"]["used"] and not sources["counters"]["used"],
               "and nothing else was read", sources)
        document = here.document(tap, "two days", "--journal", made.folder, "--since", "2d", "--process", "nginx")
        tap.ok([event["count"] for event in document["events"]] == [4], "--since goes further back",
               document["events"])


@case
def journal_as_text(tap, here):
    with Journal() as made:
        raw = subprocess.run(here.words("--journal", made.folder), stdout=subprocess.PIPE, check=False).stdout
        tap.ok(not [byte for byte in raw if byte < 32 and byte != 10] and b"\x7f" not in raw and
               b"\xe2\x80\xae" not in raw and b"\xff" not in raw, "nothing steers the terminal", raw)
        tap.ok(b"5 kinds of events" in raw and b"3 of them most likely mean" in raw and len(raw) < 8000,
               "what there is, in one sentence", raw)
        for width in ("40", "80", "100"):
            answer = run(here.words("--journal", made.folder), env=dict(os.environ, COLUMNS=width, LC_ALL="C.UTF-8"))
            tap.ok(max(map(len, answer.out.splitlines())) <= int(width), "no line is longer than %s" % width, answer)
        answer = here.run("--journal", made.folder, "--limit", "2")
        tap.ok("and 3 older kinds; --limit all shows them" in answer.out, "what --limit leaves out is counted", answer)
        document = here.document(tap, "a limit", "--journal", made.folder, "--limit", "2")
        tap.ok(len(document["events"]) == 2 and document["events_left_out"] == 3 and
               document["events"][1]["name"] == "conntrack_full", "the latest are kept", document)


@case
def filters(tap, here):
    with Journal() as made:
        for words, wanted in ((("--process", "java"), ["java"]), (("--unit", "nginx"), ["nginx"]),
                              (("--unit", "loom.service", "--process", "loom"), ["loom"]),
                              (("--pid", "812"), ["nginx"]), (("--pid", "4000000"), [])):
            document = here.document(tap, " ".join(words), "--journal", made.folder, *words)
            found = [event["process"] for event in document["events"]]
            tap.ok(found == wanted, "%s: nobody else" % " ".join(words), found)


@case
def counted(tap, here):
    with Namespace() as namespace:
        document = here.document(tap, "a new namespace", "--netns", namespace.pid, "--since", "1s")
        tap.ok(not [event for event in document["events"] if event["source"] == "counter"],
               "counters that are zero are no events", document["events"])
        namespace.do("overflow")
        before = counters(namespace.pid)
        document = here.document(tap, "after an overflow", "--netns", namespace.pid, "--since", "1s")
        after = counters(namespace.pid)
        moved = {event["name"]: event for event in document["events"] if event["source"] == "counter"}
        tap.ok(set(moved) == {"ListenOverflows", "ListenDrops"} and
               all(0 < before[name] <= moved[name]["count"] <= after[name] for name in moved),
               "those that have moved are, with their value", moved, before, after)
        inode = str(os.stat("/proc/%s/ns/net" % namespace.pid).st_ino)
        tap.ok(all(event["namespace"] == inode and event["first"] is None and event["last"] is None
                   for event in moved.values()), "of that namespace, without a time", moved)
        answer = here.run("--netns", namespace.pid, "--since", "1s")
        tap.ok("A counter has no time" in answer.out and "ListenOverflows" in answer.out, "people are told, too", answer)
        document = here.document(tap, "processes only", "--netns", namespace.pid, "--process", "nginx")
        tap.ok(not document["events"], "a counter has no process", document["events"])


@case
def follow(tap, here):
    with Namespace() as namespace, Namespace() as quiet:
        following = Follow(tap, here, "--netns", namespace.pid, "--since", "1s")
        tap.ok(following.seen[0] and following.seen[0]["schema"] == "portroom.events/1", "a line to begin with",
               following.seen)
        namespace.do("overflow")
        quiet.do("overflow")
        line = following.until(lambda line: line["line"] == "event" and line["name"] == "ListenDrops")
        tap.ok(line and line["count"] > 0 and line["last"], "a counter that moves is told with its time", line)
        tap.ok(complain(), "the kernel complains")
        line = following.until(lambda line: line["line"] == "event" and line["name"] == "odd_range")
        tap.ok(line and line["source"] == "kernel", "a line that comes is told", line)
        last, said = following.end()
        told = sum(line["count"] for line in following.seen if line["line"] == "event")
        drops = sum(line["count"] for line in following.seen
                    if line["line"] == "event" and line["name"] == "ListenDrops")
        tap.ok(drops <= counters(namespace.pid)["ListenDrops"], "nothing is counted twice, nor that of others", drops)
        tap.ok(following.process.returncode == 0 and last and last["events"] <= told and said.count("\n") == 1 and
               "watched for" in said, "SIGINT ends it with a sum", last, said)


@case
def follow_journal(tap, here):
    with Journal() as made:
        following = Follow(tap, here, "--journal", made.folder, "--process", "nginx")
        first = following.until(lambda line: line["line"] == "event")
        tap.ok(first and first["count"] == 3, "what was before is told first", first)
        write_journal(made.folder, entry(int(time.time()), NO_PORT, **dict(NGINX, _PID="900")),
                      entry(int(time.time()), "hello", **dict(NGINX, _PID="901")))
        line = following.until(lambda line: line["line"] == "event")
        tap.ok(line and line["count"] == 1 and line["pid"] == 900, "then what comes", line)
        last, said = following.end(signal.SIGTERM)
        tap.ok(following.process.returncode == 0 and last and last["events"] == 1, "SIGTERM ends it, too", last, said)


def machine_journal(tap, here, made, words, prefix=()):
    """Runs it where the files of `made` are this machine's journal, and nothing else is."""
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/machine-id", "w", encoding="ascii") as file:
            file.write("00112233445566778899aabbccddeeff\n")
        script = ("set -e; mount --bind \"$1/machine-id\" \"$(readlink -f /etc/machine-id)\"\n"
                  "mkdir -p /run/log /var/log/journal; mount -t tmpfs none /run/log; mount -t tmpfs none /var/log/journal\n"
                  "folder=/run/log/journal/00112233445566778899aabbccddeeff; mkdir -p $folder\n"
                  "SYSTEMD_LOG_LEVEL=err \"$2\" -o $folder/system.journal - <\"$3\" >/dev/null 2>&1\n"
                  "chmod 0640 $folder/system.journal; shift 3; exec \"$@\"")
        with open(folder + "/entries", "wb") as file:
            file.write(b"".join(made))
        return run(["unshare", "--mount", "sh", "-c", script, "sh", folder, REMOTE, folder + "/entries"] +
                   list(prefix) + here.words("--json", *words))


@case
def kernel_lines_in_both(tap, here):
    """Those that the kernel's buffer has are not taken from the journal as well; those of another boot are."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip().replace("-", "")
    since = time.time() - MARGIN_S
    tap.ok(complain(), "the kernel complains")
    offset = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    last = kernel_times(ODD)[-1]
    copies = 500

    def line(boot_id):
        made = entry(int(last), "ip_local_port_range: prefer different parity for start/end values.",
                     _TRANSPORT="kernel", _SOURCE_MONOTONIC_TIMESTAMP="%d" % round((last - offset) * 1e6))
        return made.replace(b"0123456789abcdef" * 2, boot_id.encode())
    least = [moment for moment in kernel_times(ODD) if moment > since + 0.1]
    entries = [line(boot)] * copies + [line("ab" * 16)] * 2
    answer = machine_journal(tap, here, entries, ["--since", stamp(since)])
    most = [moment for moment in kernel_times(ODD) if moment > since - 0.1]
    document = answer.json()
    odd = [event for event in document["events"] if event["name"] == "odd_range"]
    sources = {source["name"]: source for source in document["sources"]}
    tap.ok(sources["kmsg"]["used"] and sources["journal"]["used"] and sources["journal"]["lines"] == copies + 2,
           "both are read", document["sources"], answer)
    tap.ok(len(odd) == 1 and len(least) + 2 <= odd[0]["count"] <= len(most) + 2, "and no line is told twice",
           odd, len(least), len(most))
    answer = machine_journal(tap, here, entries, ["--since", stamp(since)], NOBODY)
    document = answer.json()
    tap.ok("no privilege to read its files" in json.dumps(document["gaps"]) and not document["events"],
           "who may not read it is told so", document)


@case
def unprivileged(tap, here):
    answer = run(NOBODY + here.words("--json", "--since", "1h"))
    document = answer.json()
    here.schemas.try_document(tap, document, "without privilege")
    missing = [source["name"] for source in document["sources"] if not source["used"]]
    told = " ".join(gap["what"] for gap in document["gaps"])
    words = {"kmsg": "the kernel's log", "journal": "journal", "counters": "counters"}
    tap.ok(answer.status == 0 and all(words[name] in told for name in missing) and
           "network namespaces of" in told, "what may not be read is a gap", missing, document["gaps"])
    with open("/proc/sys/kernel/dmesg_restrict", encoding="ascii") as file:
        restricted = file.read().strip() == "1"
    tap.ok(not restricted or "kmsg" in missing, "so is the kernel's log where it is restricted", missing)
    with Journal() as made:
        os.chmod(made.folder, 0o700)
        answer = run(NOBODY + here.words("--journal", made.folder))
        tap.ok(answer.status == 1 and "no privilege" in answer.err and answer.err.count("\n") == 1,
               "files that may not be read are one sentence", answer)


@case
def worst(tap, here):
    with open("/dev/full", "w", encoding="ascii") as full:
        for words in ((), ("--json",), ("--follow",), ("--follow", "--json")):
            made = subprocess.run(here.words("--since", "1s", *words), stdout=full, stderr=subprocess.PIPE,
                                  universal_newlines=True, check=False, timeout=60)
            tap.ok(made.returncode == 1 and made.stderr.count("\n") == 1 and "standard output" in made.stderr,
                   "a full disk is one sentence (%s)" % " ".join(words), made)
    for limit in range(4, 12):
        answer = run(["sh", "-c", "ulimit -n %d; exec \"$@\"" % limit, "sh"] + here.words("--since", "1s"))
        tap.ok(answer.status in (0, 1) and (answer.out or answer.err.startswith("portroom: ")) and
               answer.err.count("\n") <= 1, "with %d descriptors it works or says why not" % limit, answer)
    answer = run(["sh", "-c", "\"$@\" | head -n 1", "sh"] + here.words("--follow", "--since", "1s"))
    tap.ok(answer.status == 0 and not answer.err and answer.out, "nobody reads any more: it ends quietly", answer)
    with Journal() as made, tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "libsystemd.so.0"), "w", encoding="ascii") as file:
            file.write("no library\n")
        env = dict(os.environ, LD_LIBRARY_PATH=folder)
        answer = run(here.words("--journal", made.folder), env=env)
        tap.ok(answer.status == 1 and "libsystemd.so.0" in answer.err and answer.err.count("\n") == 1,
               "without the library the journal cannot be read, and it says so", answer)
        answer = run(here.words("--since", "1s", "--json"), env=env)
        tap.ok(answer.status == 0, "and everything else can", answer)
    document = here.document(tap, "a copied /proc", "--root", here.copy)
    tap.ok("logs" in [gap["what"] for gap in document["gaps"]] and document["host"]["name"] == "web1",
           "a copied /proc has no logs", document)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "system.journal"), "wb") as file:
            file.write(b"LPKSHHRH" + os.urandom(4096))
        answer = here.run("--journal", folder)
        tap.ok(answer.status in (0, 1) and answer.err.count("\n") <= 1, "a broken file is no end", answer)


BAD = (
    (("x",), "takes options only"),
    (("--since", "soon"), "--since 'soon' is no time"),
    (("--since", "0s"), "is no time"),
    (("--since", "2026-02-30"), "is no time"),
    (("--since", "2026-11-28 25:00"), "is no time"),
    (("--since", "2026-11-2"), "is no time"),
    (("--since", "2999-01-01"), "yet to come"),
    (("--since", "-1h"), "is no time"),
    (("--limit", "0"), "from 1 on"),
    (("--pid", "0"), "--pid '0'"),
    (("--journal", ""), "not empty"),
    (("--follow", "--root", "/proc"), "--root"),
)


@case
def bad_input(tap, here):
    for words, said in BAD:
        answer = here.run(*words)
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "events %s is one sentence" % " ".join(words), answer)
    for words, said in ((("--journal", "/nonexistent"), "no journal files"), (("--netns", "nosuch"), "nosuch"),
                        (("--root", "/nonexistent"), "/nonexistent")):
        answer = here.run(*words)
        tap.ok(answer.status == 1 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "events %s fails in one sentence" % " ".join(words), answer)


@case
def time_zones(tap, here):
    env = dict(os.environ, TZ="Asia/Shanghai")
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m-%d")
    document = run(here.words("--json", "--since", today), env=env).json()
    tap.ok(document["since"] == stamp(datetime.datetime.strptime(today + " +0800", "%Y-%m-%d %z").timestamp()),
           "a date begins at midnight here", document["since"], today)
    answer = run(here.words("--since", "2026-03-29 02:30"), env=dict(os.environ, TZ=BERLIN))
    tap.ok(answer.status == 2 and "is no time" in answer.err, "an hour that the clocks leave out is no time", answer)
    twice = run(here.words("--since", "2026-10-25 02:30", "--json"), env=dict(os.environ, TZ=BERLIN)).json()
    tap.ok(twice["since"] == "2026-10-25T00:30:00.000Z", "of an hour that comes twice it is the first", twice["since"])
    day = run(here.words("--since", "2026-03-27", "--json"), env=dict(os.environ, TZ=NO_MIDNIGHT)).json()
    tap.ok(day["since"] == "2026-03-27T00:00:00.000Z", "a day whose midnight the clocks leave out begins an hour later",
           day["since"])


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 2:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(words[:2], schemas)
    for function in CASES:
        if not words[2:] or function.__name__ in words[2:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
