#!/usr/bin/env python3
"""Who a culprit is: its package, what it is written for, its names when they are made to deceive.

    test_identity.py PORTROOM FIXTURES [--schema-dir DIR]

Culprits take all ports of a small range in namespaces of their own. Some come from packages, some
from nowhere, some have names that would move a cursor, fake a line or run a command.
"""

import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unicodedata

from live import COMMAND_TIMEOUT_S, Tap, guard, need_root
from test_check import Schemas, take_option

PYTHON = "/usr/bin/python3"  # Debian's, not one that somebody put before it
SLEEP = "/usr/bin/sleep"

# Takes every port of its namespace; then it is renamed, or another program inherits the sockets.
# Standard output ends when that is done. Words come in hexadecimal, because they may be any bytes.
LEAK = r"""
import os, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("40000 40099")
held = [socket.socket()]
held[0].bind(("127.0.0.1", 9000))
held[0].listen(100)
for _ in range(100):
    held.append(socket.socket())
    %s
for each in held:
    each.set_inheritable(True)
words = [bytes.fromhex(word) for word in sys.argv[2:]]
os.set_inheritable(1, False)
if words:
    os.execv(words[0], words)
if sys.argv[1]:
    with open("/proc/self/comm", "wb", buffering=0) as file:
        file.write(bytes.fromhex(sys.argv[1]))
os.close(1)
sys.stdin.read()
"""

BIND = 'held[-1].bind(("127.0.0.1", 0))'
CONNECT = 'held[-1].connect(("127.0.0.1", 9000))'

NAMES = {
    "an escape sequence": b"\x1b[2J\x1b[31mOK\x07\r",
    "a newline": b"a\nOK  forged",
    "only newlines": b"\n\n",
    "right to left": "a\u202egnp\u2066x".encode(),
    "no UTF-8": b"\xff\xfe\xc3(\x80\xed\xa0\x80",
    "C1 controls": "a\u009b2Jb\u0085c".encode(),
    "half a character": "éééééééé".encode(),
    "deleted": b"x (deleted)",
    "parentheses": b"a) S 1 1 1 (b",
    "shell": b"$(id);`id`'\"|&",
    "a format": b"%s%n%d%99999s",
    "an option": b"-rf --help",
    "markup": b"</b>\\u0000\\\"",
}

FILE_NAMES = {
    "an escape sequence": b"\x1b]0;owned\x07\x1b[1A",
    "a newline": b"prog\nOK  forged\n",
    "right to left": "x\u202etxt.exe\u2069".encode(),
    "no UTF-8": b"\xc0\xaf\xff",
    "very long": "é".encode() * 127,
    "deleted": b"prog (deleted)",
    "shell": b"$(touch x);'\"`id` &|<>*?~!",
}

UNITS = {
    "an escaped unit": rb"dev-disk\x2dby\x2dlabel.service",
    "a plain unit": b"web@1.service",
    "a unit with quotes": b"x'; touch owned; '.service",
    "a unit with a newline": b"a\nOK  forged.service",
    "a unit with spaces": b"a.service rm -rf b.service",
    "a unit that is a command": b"$(touch owned).service",
    "a unit with an escape sequence": b"\x1b[2Jweb.service",
    "a unit that is an option": b"--force.service",
    "a unit right to left": "\u202eweb.service".encode(),
    "a unit of no UTF-8": b"\xff\xc3.service",
    "a very long unit": b"u" * 3000 + b".service",
}
RESTARTED = ("an escaped unit", "a plain unit")

BIDI = set("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Culprit:
    """A process that holds every port of its namespace, until the block ends."""

    def __init__(self, name=b"", program=(), becomes=None, takes=BIND):
        words = [name.hex()] + [os.fsencode(word).hex() for word in program]
        self._process = subprocess.Popen(["unshare", "--net", PYTHON, "-c", LEAK % takes] + words,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self._process.pid
        self._becomes = becomes

    def __enter__(self):
        self._process.stdout.read()
        deadline = time.monotonic() + 10
        while self._becomes and time.monotonic() < deadline:
            if os.path.basename(os.readlink("/proc/%d/exe" % self.pid)) == self._becomes:
                break
            time.sleep(0.01)
        if self._process.poll() is not None:
            raise RuntimeError("the culprit ended: %d" % self._process.returncode)
        return self

    def __exit__(self, kind, error, trace):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


class Said:
    """What portroom said, byte by byte."""

    def __init__(self, argv, locale="C.UTF-8"):
        environment = {**os.environ, "LC_ALL": locale}
        environment.pop("LANGUAGE", None)
        done = subprocess.run(argv, timeout=COMMAND_TIMEOUT_S, check=False, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return "exit status %d\n%r\n%r" % (self.status, self.out[:2000], self.err[:500])


def harm_in(data):
    """What a terminal would obey in these bytes, and lines that a name has made."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return "no UTF-8: %s" % error
    for line in text.split("\n"):
        if line.startswith("OK  forged"):
            return "a line that a name has made: %r" % line
        for each in line:
            if unicodedata.category(each) == "Cc" or each in BIDI:
                return "%r in %r" % (each, line[:200])
    return None


def harm_in_command(command):
    """What in a command to paste is neither plain nor quoted."""
    plain = re.sub(r"'[^'\n]*'|\"[^\"$`\\\n]*\"", "", command)
    if not re.fullmatch(r"[A-Za-z0-9@_.:/= -]*", plain):
        return "not plain: %r" % plain
    if subprocess.run(["sh", "-n", "-c", command], check=False).returncode:
        return "sh cannot read it"
    if shlex.split(command)[0] not in ("kill", "systemctl", "sysctl", "nsenter"):
        return "runs something else"
    return None


def commands_of(document):
    return [remedy["command"] for finding in document["findings"]
            for remedy in finding["remedies"] if remedy["command"]]


# In a locale without characters, text is written otherwise.
TEXTS = (
    ("C.UTF-8", ["check"]),
    ("C", ["check"]),
    ("C.UTF-8", ["check", "-v", "--lang", "zh_CN"]),
    ("C", ["list"]),
    ("C.UTF-8", ["list", "--by", "netns,process,unit,container"]),
    ("C.UTF-8", ["list", "--lang", "zh_CN"]),
    ("C", ["range", "show"]),
    ("C.UTF-8", ["range", "show", "--lang", "zh_CN"]),
)
DOCUMENTS = (["list", "--json"], ["list", "--by", "process,unit", "--json"],
             ["range", "show", "--json"])


def try_safety(tap, portroom, where, sentence, schemas):
    """Every view of what `where` selects; returns the verdict's document."""
    for locale, words in TEXTS:
        said = Said([portroom] + words + where, locale)
        harm = harm_in(said.out) or harm_in(said.err)
        tap.ok(not harm and said.out and not said.err,
               "%s: %s (%s) is safe to read" % (sentence, " ".join(words), locale), harm, said)
    for words in DOCUMENTS + (["check", "--json"],):
        said = Said([portroom] + words + where)
        harm = harm_in(said.out)
        tap.ok(not harm, "%s: %s is safe to read" % (sentence, " ".join(words)), harm, said)
        document = json.loads(said.out)
        schemas.try_document(tap, document, "%s: %s" % (sentence, " ".join(words)))
    for command in commands_of(document):
        harm = harm_in_command(command)
        tap.ok(not harm, "%s: a command to paste is harmless" % sentence, harm, command)
    return document


def culprit_of(document):
    found = [each["culprit"] for each in document["findings"] if each["culprit"]]
    return found[0] if found else None


def blame(tap, portroom, culprit, sentence):
    """The finding's culprit as the document has it; it must be this process."""
    said = Said([portroom, "check", "--json", "--netns", str(culprit.pid)])
    document = json.loads(said.out)
    named = culprit_of(document)
    tap.ok(named and named["pid"] == culprit.pid and said.status == 2 and not said.err,
           sentence + ": the process is blamed", document["findings"], said.err)
    listed = [each for each in document["processes"] if each["pid"] == culprit.pid]
    keys = ("package", "version", "vendor")
    tap.ok(named and listed and all(named[key] == listed[0][key] for key in keys),
           sentence + ": processes and culprit say the same", named, listed)
    return tuple(named[key] for key in keys) if named else None


# ---- packages ----


def dpkg_says(path):
    """Package, version and maintainer; before usrmerge, /usr/bin/x was /bin/x."""
    for name in (path, path[len("/usr"):]):
        found = subprocess.run(["dpkg-query", "-S", name], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, check=False, encoding="utf-8")
        if not found.returncode:
            package = found.stdout.split(": ")[0]
            shown = subprocess.run(["dpkg-query", "-W", "-f",
                                    "${Package}\n${Version}\n${Maintainer}", package],
                                   stdout=subprocess.PIPE, check=True, encoding="utf-8")
            return tuple(shown.stdout.split("\n"))
    return None


def try_packaged(tap, portroom, program, path):
    path = os.path.realpath(path)
    with Culprit(program=program) as culprit:
        said = blame(tap, portroom, culprit, path)
        text = Said([portroom, "check", "--netns", str(culprit.pid)])
        copied = Said([portroom, "check", "--json", "--root", "/proc"])
    wanted = dpkg_says(path)
    tap.ok(said == wanted, "%s: package, version and maintainer are those of dpkg" % path,
           "said %s, wanted %s" % (said, wanted))
    line = "package %s %s, from %s" % wanted
    script = re.search(r"(python|perl)", path)
    if script:
        tap.ok(b"\n          %s" % script[0].encode() in text.out and b"package" not in text.out,
               "%s: the text has its command line, not who packaged it" % path, text)
    else:
        tap.ok(line.encode() in text.out, "%s: the text names them" % path, text)
    named = [each["package"] for each in json.loads(copied.out)["processes"]]
    tap.ok(not any(named), "%s: in a copied /proc no package is looked up" % path, named)


def try_unpackaged(tap, portroom, folder):
    copy = os.path.join(folder, "own-program")
    shutil.copy(SLEEP, copy)
    with Culprit(program=[copy, "600"]) as culprit:
        tap.ok(blame(tap, portroom, culprit, "a program of no package") == (None,) * 3,
               "a program of no package has none")
        os.unlink(copy)
        tap.ok(blame(tap, portroom, culprit, "a deleted program") == (None,) * 3,
               "a deleted program has no package")
        text = Said([portroom, "check", "--netns", str(culprit.pid)])
        tap.ok(b"package" not in text.out, "without a package the text has no line for it", text)


INNER_VENDOR = "Inner \x1b[2J\u202e <i@example.org>"


def make_container(folder):
    """A root with a package of its own; what it needs to run is the host's /usr."""
    for path in ("usr", "old", "app", "var/lib/dpkg/info"):
        os.makedirs(os.path.join(folder, path))
    for name in ("bin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink("/" + name):
            os.symlink(os.readlink("/" + name), os.path.join(folder, name))
    shutil.copy(SLEEP, os.path.join(folder, "app/leaky"))
    files = {
        "var/lib/dpkg/info/inner.list": "/.\n/app\n/app/leaky\n",
        "var/lib/dpkg/status": "Package: inner\nVersion: 9.9-1\nMaintainer: %s\n" % INNER_VENDOR,
    }
    for path, text in files.items():
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)


CHROOT = 'mount --bind /usr "$0/usr" && exec chroot "$0" /app/leaky 600'
PIVOT = ('mount --bind "$0" "$0" && cd "$0" && mount --bind /usr usr && pivot_root . old && '
         'exec /app/leaky 600')


def try_container(tap, portroom, sentence, script):
    folder = tempfile.mkdtemp()
    try:
        make_container(folder)
        program = [shutil.which("unshare"), "--mount", "sh", "-c", script, folder]
        with Culprit(program=program, becomes="leaky") as culprit:
            said = blame(tap, portroom, culprit, sentence)
            text = Said([portroom, "check", "--netns", str(culprit.pid)])
        tap.ok(said == ("inner", "9.9-1", INNER_VENDOR),
               sentence + ": the package is that of its own root", said)
        tap.ok(b"package inner 9.9-1" in text.out and not harm_in(text.out),
               sentence + ": what its package says is safe to read", harm_in(text.out), text)
    finally:
        shutil.rmtree(folder)


HOG_NAMES = 3000
HOG_FIELD = 60 << 20
HOG_LIMIT_KIB = 100000
NO_THREAD = "ulimit -s 4000000; ulimit -v 200000; "


def limited(limits, words):
    return Said(["sh", "-c", limits + 'exec "$@"', "sh"] + words)


def make_hog(folder):
    """Many names of the wanted package, then a field that would fill the memory."""
    with open(os.path.join(folder, "var/lib/dpkg/status"), "wb") as file:
        file.write(b"Package: inner\n" * HOG_NAMES + b"Architecture: ")
        file.seek(HOG_FIELD, os.SEEK_CUR)
        file.write(b"\nVersion: " + b"9" * 5000 + b"\n\n")


def try_hog(tap, portroom):
    """Whoever made a container can neither use up memory nor keep the verdict from being said."""
    with open(portroom, "rb") as file:
        if b"__asan_init" in file.read():
            print("# a hostile container: the sanitizer takes more memory than the limit")
            return
    folder = tempfile.mkdtemp()
    try:
        make_container(folder)
        make_hog(folder)
        program = [shutil.which("unshare"), "--mount", "sh", "-c", CHROOT, folder]
        with Culprit(program=program, becomes="leaky") as culprit:
            words = [portroom, "check", "--json", "--netns", str(culprit.pid)]
            said = limited("ulimit -v %d; " % HOG_LIMIT_KIB, words)
            text = limited(NO_THREAD, [portroom, "check", "-v", "--netns", str(culprit.pid)])
            few = limited(NO_THREAD, words)
    finally:
        shutil.rmtree(folder)
    named = culprit_of(json.loads(said.out or b'{"findings": []}'))
    tap.ok(said.status == 2 and named and named["package"] == "inner" and
           named["version"] == "9" * 200,
           "little memory is enough for a hostile container", named, said)
    tap.ok(few.status == 2 and text.status == 2 and b"no thread can be started" in text.out,
           "where no thread can be started, the verdict stands and -v says so", few, text)


# ---- what programs are written for ----

HEADER_64 = "<16sHHIQQQIHHHHHH"
SECTION_64 = "<IIQQQQIIQQ"


def add_section(path, name):
    """Gives a 64-bit little-endian executable one more section, as its last, of no length."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    header = list(struct.unpack_from(HEADER_64, data))
    offset, count, names_index = header[6], header[12], header[13]
    size = struct.calcsize(SECTION_64)
    sections = [list(struct.unpack_from(SECTION_64, data, offset + size * at))
                for at in range(count)]
    names = sections[names_index]
    text = bytes(data[names[4]:names[4] + names[5]])
    sections.append([len(text), 1, 0, 0, 0, 0, 0, 0, 1, 0])
    text += name + b"\0"
    names[4:6] = len(data), len(text)
    header[6], header[12] = len(data) + len(text), count + 1
    struct.pack_into(HEADER_64, data, 0, *header)
    data += text
    for section in sections:
        data += struct.pack(SECTION_64, *section)
    write_bytes(path, data)


def preloaded(folder, library):
    """A program of no name, with a library of that name mapped."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        mapped = [line.split()[5] for line in file if re.search(r"/lib[a-z]+\.so\S*$", line)]
    shutil.copy(mapped[0], os.path.join(folder, library))
    return [shutil.which("env"), "LD_PRELOAD=" + os.path.join(folder, library)]


def try_runtime(tap, portroom, program, runtime, directive, schemas):
    """Who is named after itself is told what to set by what it is written for."""
    sentence = "a program written for %s" % (runtime or "nothing known")
    with Culprit(program=program, becomes="billing", takes=CONNECT) as culprit:
        said = Said([portroom, "check", "--json", "--netns", str(culprit.pid)])
        text = Said([portroom, "check", "--netns", str(culprit.pid)])
        copied = Said([portroom, "check", "--json", "--root", "/proc"])
    document = json.loads(said.out)
    schemas.try_document(tap, document, sentence)
    named = culprit_of(document)
    tap.ok(named and named["pid"] == culprit.pid and named["runtime"] == runtime,
           sentence + " is blamed and recognised", document["findings"])
    listed = [each["runtime"] for each in document["processes"] if each["pid"] == culprit.pid]
    tap.ok(listed == [runtime], sentence + ": processes say the same", listed)
    given = [remedy["directive"] for finding in document["findings"]
             for remedy in finding["remedies"] if remedy["directive"]]
    tap.ok(any(directive in each for each in given) if directive else not given,
           sentence + ": remedies name %s" % (directive or "the program alone"), given)
    shown = (directive or "billing").encode() in text.out
    tap.ok(shown and not harm_in(text.out), sentence + ": so does the text", text)
    named = [each["runtime"] for each in json.loads(copied.out)["processes"]]
    tap.ok(not any(named), sentence + ": in a copied /proc nothing is looked at", named)


def try_runtimes(tap, portroom, folder, schemas):
    plain, billing = (os.path.join(folder, name) for name in ("plain", "go"))
    for each in (plain, billing):
        os.mkdir(each)
        shutil.copy(SLEEP, os.path.join(each, "billing"))
    plain, billing = (os.path.join(each, "billing") for each in (plain, billing))
    add_section(billing, b".go.buildinfo")
    for program, runtime, directive in (
            ([billing, "600"], "Go", "net.Dialer"),
            (preloaded(folder, "libjvm.so") + [plain, "600"], "Java", "HttpClient"),
            (preloaded(folder, "libcoreclr.so") + [plain, "600"], ".NET", "SocketsHttpHandler"),
            ([plain, "600"], None, None)):
        guard(tap, str(runtime), try_runtime, tap, portroom, program, runtime, directive, schemas)


# ---- names ----


def try_name(tap, portroom, sentence, name, schemas):
    sentence = "a process named by " + sentence
    with Culprit(name=name) as culprit:
        document = try_safety(tap, portroom, ["--netns", str(culprit.pid)], sentence, schemas)
        everywhere = Said([portroom, "check"])
    named = culprit_of(document)
    tap.ok(named and named["pid"] == culprit.pid, sentence + " is blamed", document["findings"])
    wanted = name[:15].decode("utf-8", "replace")
    tap.ok(named and (named["name"] == wanted or "\ufffd" in wanted or not wanted.strip()),
           sentence + ": the document has the name as it is", named, repr(wanted))
    harm = harm_in(everywhere.out)
    tap.ok(not harm, sentence + ": a name of a namespace is safe to read", harm, everywhere)


def try_file_name(tap, portroom, folder, sentence, name, schemas):
    sentence = "a program whose file is named by " + sentence
    path = os.path.join(os.fsencode(folder), name)
    shutil.copy(SLEEP, path)
    with Culprit(program=[path, "600"]) as culprit:
        document = try_safety(tap, portroom, ["--netns", str(culprit.pid)], sentence, schemas)
    named = culprit_of(document)
    tap.ok(named and named["pid"] == culprit.pid and named["package"] is None,
           sentence + " is blamed and has no package", document["findings"])


def write_bytes(path, data):
    with open(path, "wb") as file:
        file.write(data)


def make_copy(fixtures, folder, unit, name):
    """A copied /proc in which one process is connected from every port to one destination."""
    copy = os.path.join(folder, "proc")
    shutil.copytree(os.path.join(fixtures, "proc-web"), copy, symlinks=True)
    process = os.path.join(copy, "812")
    lines = ["  sl  local_address rem_address   st\n"]
    for at in range(100):
        lines.append("%4d: 0500000A:%04X 0109000A:1538 01 00000000:00000000 00:00000000 00000000"
                     "    33        0 %d 1 0000000000000000 20 4 30 10 -1\n" %
                     (at, 40000 + at, 70000 + at))
        os.symlink("socket:[%d]" % (70000 + at), os.path.join(process, "fd", str(100 + at)))
    write_bytes(os.path.join(copy, "net/tcp"), "".join(lines).encode())
    write_bytes(os.path.join(copy, "sys/net/ipv4/ip_local_port_range"), b"40000\t40099\n")
    write_bytes(os.path.join(copy, "sys/net/ipv4/ip_local_reserved_ports"), b"\n")
    write_bytes(os.path.join(copy, "sys/kernel/hostname"), name + b"\n")
    write_bytes(os.path.join(copy, "812/cgroup"), b"0::/system.slice/" + unit + b"\n")
    write_bytes(os.path.join(copy, "812/comm"), name * 30 + b"\n")
    write_bytes(os.path.join(copy, "812/cmdline"), name + b"\0" + unit + b"\0")
    os.unlink(os.path.join(copy, "812/exe"))
    os.symlink(b"/opt/" + name.replace(b"/", b"_"), os.path.join(copy, "812/exe"))
    return copy


def try_unit(tap, portroom, fixtures, sentence, name, schemas):
    unit = UNITS[sentence]
    folder = tempfile.mkdtemp()
    try:
        copy = make_copy(fixtures, folder, unit, name)
        document = try_safety(tap, portroom, ["--root", copy], sentence, schemas)
    finally:
        shutil.rmtree(folder)
    named = culprit_of(document)
    tap.ok(named and named["pid"] == 812 and named["package"] is None,
           sentence + ": the process is blamed and no package is guessed", document["findings"])
    restarts = [shlex.split(each) for each in commands_of(document) if "systemctl" in each]
    if sentence in RESTARTED:
        tap.ok(restarts == [["systemctl", "restart", unit.decode()]],
               sentence + " is restarted by its name", restarts)
    else:
        tap.ok(not restarts, sentence + " is in no command", restarts)


def try_filters(tap, portroom, fixtures):
    """What list shows of a process and its unit may be typed in full."""
    folder = tempfile.mkdtemp()
    try:
        copy = make_copy(fixtures, folder, b"web@1.service", b"x")
        write_bytes(os.path.join(copy, "812/comm"), b"a-program-with-\n")
        for option, values in (("--unit", {"web@1.service": True, "web@1": True, "web": False}),
                               ("--process", {"a-program-with-a-long-name": True,
                                              "a-program-with-": True, "a-program-with": False,
                                              "another-program-with": False})):
            for value, wanted in values.items():
                said = Said([portroom, "list", "--root", copy, "--json", option, value])
                found = {row["pid"] for row in json.loads(said.out)["rows"]}
                tap.ok(found == ({812} if wanted else set()),
                       "%s %s finds %s" % (option, value, "it" if wanted else "nothing"), said)
    finally:
        shutil.rmtree(folder)


def main(words):
    schema_folder = take_option(words, "--schema-dir")
    if len(words) != 2:
        sys.exit(__doc__)
    portroom, fixtures = (os.path.abspath(word) for word in words)
    schemas = Schemas(schema_folder)
    tap = Tap()
    need_root(tap)
    folder = tempfile.mkdtemp()
    try:
        if shutil.which("dpkg-query"):
            for program, path in (((), PYTHON), ((SLEEP, "600"), SLEEP),
                                  (("/usr/bin/perl", "-e", "sleep 600"), "/usr/bin/perl")):
                guard(tap, path, try_packaged, tap, portroom, program, path)
        else:
            tap.skip("packages are those of dpkg", "no dpkg")
        guard(tap, "no package", try_unpackaged, tap, portroom, folder)
        guard(tap, "a chroot", try_container, tap, portroom, "a chroot", CHROOT)
        guard(tap, "a container", try_container, tap, portroom, "a container", PIVOT)
        guard(tap, "a hostile container", try_hog, tap, portroom)
        if sys.byteorder == "little" and sys.maxsize > 2**32:
            guard(tap, "runtimes", try_runtimes, tap, portroom, folder, schemas)
        else:
            tap.skip("programs are recognised by what they are", "made for 64-bit, little-endian")
        for sentence, name in NAMES.items():
            guard(tap, sentence, try_name, tap, portroom, sentence, name, schemas)
        for sentence, name in FILE_NAMES.items():
            guard(tap, sentence, try_file_name, tap, portroom, folder, sentence, name, schemas)
        guard(tap, "filters", try_filters, tap, portroom, fixtures)
        for sentence, name in zip(UNITS, list(NAMES.values())):
            guard(tap, sentence, try_unit, tap, portroom, fixtures, sentence, name, schemas)
    finally:
        shutil.rmtree(folder)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
