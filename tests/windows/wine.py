"""What the tests under Wine share: a prefix, a private network, stand-ins, and portroom.exe.

    test_NAME.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

    def main(words):
        tap = Tap()
        with enter(tap, words, __doc__) as wine:
            answer = wine.portroom("check", "--json", standins=["netsh.exe"])

PROGRAMS and STANDINS are folders of what was built from programs/ and standins/. The prefix is a copy of DIR,
else of WINEPREFIX, else of the folder `prefix` beside PROGRAMS, and made anew where that is not there.

Theory of operation. Wine makes sockets in its server, so they are in the namespace that the server of
the prefix was started in; what portroom.exe sees is that whole namespace. enter() therefore ends a
server that still runs, executes the test again in namespaces of its own (network, processes, mounts)
and starts the server there. With the namespace of processes ends all that was started, whatever happens.
What Wine leaves running in the background keeps the descriptors of the first program: that one has none
of ours, and what programs say goes to files, not to pipes.

A stand-in is a DLL or EXE of ours in place of one that Wine does not have in earnest. All that were
built are copied into system32 of the prefix; each call chooses which of them count, the others being Wine's.
"""

import fcntl
import glob
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing behind in the source tree
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))

from live import Answer, Tap, guard, loads, run

TIMEOUT_S = 60
PREFIX_TIMEOUT_S = 240
LINE_TIMEOUT_S = 30
INSIDE = "PORTROOM_WINE_NAMESPACE"  # set in the environment of the test that runs in its namespaces
STEADY = os.path.join(HERE, "..", "..", "tools", "steady.sh")
OWN_FOLDERS = ("/usr/lib/*/wine/x86_64-windows", "/usr/lib*/wine/x86_64-windows", "/opt/wine-*/lib*/wine/x86_64-windows")
OVERRIDES = "mscoree,mshtml=;winedbg.exe=d"  # nothing to install from elsewhere, no debugger


class Abort(RuntimeError):
    """Wine ended the program: it called what Wine has by name only."""


def need(tap, sentence, why):
    """What is missing is a skip for a developer and a failure where everything must be tried."""
    if os.environ.get("CI") == "true":
        tap.ok(False, sentence, "CI must not skip this: " + why)
    else:
        tap.skip(sentence, why)
    sys.exit(tap.finish())


def native(tap):
    """portroom of this system, to compare with: what PORTROOM_NATIVE names, else what ./dev build leaves."""
    path = os.path.abspath(os.environ.get("PORTROOM_NATIVE") or
                           os.path.join(HERE, "..", "..", "build", "portroom"))
    if not os.path.exists(path):
        need(tap, "there is a portroom of this system", "needs %s (./dev build), or PORTROOM_NATIVE" % path)
    return path


def prefix_in(words):
    if "--prefix" in words:
        at = words.index("--prefix")
        prefix = words[at + 1]
        del words[at:at + 2]
        return os.path.abspath(prefix)
    return os.path.abspath(os.environ.get("WINEPREFIX") or
                           os.path.join(os.path.dirname(os.path.abspath(words[1])), "prefix"))


def environment(prefix, overrides=()):
    names = dict(os.environ, WINEPREFIX=prefix, WINEDEBUG="-all",
                 WINEDLLOVERRIDES=";".join([OVERRIDES] + list(overrides)))
    names.pop("DISPLAY", None)
    return names


def quiet(argv, prefix, timeout_s):
    """A command whose descriptors nobody waits for."""
    nothing = subprocess.DEVNULL
    return subprocess.run(argv, stdin=nothing, stdout=nothing, stderr=nothing, timeout=timeout_s,
                          env=environment(prefix), check=False).returncode


def end_server(prefix):
    quiet(["wineserver", "-k"], prefix, TIMEOUT_S)
    quiet(["wineserver", "-w"], prefix, TIMEOUT_S)


def free_copy(model):
    """A copy of the prefix that no other test uses: as many tests go on at a time as there are processors. The model itself
    may be in use by whoever made it. Its files are shared, but for the registry, which Wine writes over."""
    copies = ["%s.%d" % (model, number) for number in range(1, (os.cpu_count() or 1) + 1)]
    os.makedirs(os.path.dirname(model), exist_ok=True)
    # The lock goes along into the namespaces, and ends with the test.
    locks = [os.open(copy + ".lock", os.O_RDWR | os.O_CREAT, 0o644) for copy in copies]
    for how in (fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_EX):
        for lock, copy in zip(locks, copies):
            try:
                fcntl.flock(lock, how)
            except BlockingIOError:
                continue
            os.set_inheritable(lock, True)
            make_copy(model, copy)
            return copy
    raise RuntimeError("no lock in " + model)


def what_passes(folder, names):
    """Left out of a copy: what programs that run in the model take away again, perhaps at this moment."""
    return names if os.path.basename(folder).lower() == "temp" else []


def make_copy(model, copy):
    """Where the model is whole; else Wine makes a prefix when the test begins."""
    if os.path.exists(os.path.join(copy, "system.reg")) or not os.path.exists(os.path.join(model, "system.reg")):
        os.makedirs(copy, exist_ok=True)
        return
    shutil.rmtree(copy, ignore_errors=True)
    os.makedirs(copy)
    shutil.copytree(os.path.join(model, "drive_c"), os.path.join(copy, "drive_c"), symlinks=True, ignore=what_passes,
                    copy_function=os.link)
    for name in os.listdir(model):
        # Wine writes a registry to a file *.tmp first.
        if name not in ("drive_c", "system.reg") and not name.endswith(".tmp"):
            subprocess.run(["cp", "-a", os.path.join(model, name), copy], check=True)
    subprocess.run(["cp", "-a", os.path.join(model, "system.reg"), copy], check=True)  # says that it is whole


def enter(tap, words, usage):
    """The test goes on inside its namespaces only; outside, this call does not return."""
    words = list(words)
    if "--prefix" in words and words.index("--prefix") + 1 == len(words) or len(words) < 3:
        sys.exit(usage)
    if not shutil.which("wine") or not shutil.which("wineserver"):
        need(tap, "Wine is there", "needs wine (Debian: wine, wine64)")
    if os.geteuid() != 0:
        need(tap, "a network of its own can be made", "needs root")
    model = prefix_in(words)
    prefix = os.environ.get(INSIDE)
    if prefix and prefix.startswith(model):
        return Wine(prefix, *(os.path.abspath(word) for word in words[:3]), rest=words[3:])
    prefix = free_copy(model)
    end_server(prefix)
    os.environ[INSIDE] = prefix
    sys.stdout.flush()
    os.execvp(STEADY, [STEADY, "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                       sys.executable] + sys.argv)
    return None


def keep_original(place):
    """Wine's own NAME.dll as NAME_wine.dll, for a stand-in that has the rest from there. Without Wine's mark it is a file
    like others, of any name."""
    mark = b"Wine builtin DLL"
    with open(place, "rb") as file:
        library = bytearray(file.read())
    if place.endswith(".dll") and library[0x40:0x40 + len(mark)] == mark:
        library[0x40:0x40 + len(mark)] = bytes(len(mark))
        with open(place[:-4] + "_wine.dll", "wb") as file:
            file.write(library)


class Program:
    """A Windows program that goes on: a line is written to it, and lines are read from it.

    `pid` is what Windows calls it when the program tells it in its first line, {"pid": N}; `unix_pid`
    is the process of this system.
    """

    def __init__(self, wine, argv, env, standins, lines=True):
        self._stderr = open(os.path.join(wine.folder, "program-stderr"), "ab")
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=self._stderr, env=wine.environment(env, standins),
                                         start_new_session=True)
        self._rest = b""
        self.unix_pid = self._process.pid
        self.pid = self.line().get("pid") if lines else None

    def line(self, timeout_s=LINE_TIMEOUT_S):
        """The next line, which is JSON; an error when there is none in time."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise TimeoutError("the program said nothing for %d s" % timeout_s)
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                raise RuntimeError("the program ended, exit status %d" % self._process.wait())
            self._rest += part
        line, self._rest = self._rest.split(b"\n", 1)
        return loads(line.decode("utf-8"))

    def lines(self, timeout_s=LINE_TIMEOUT_S):
        """All lines up to {"done": ...}."""
        told = []
        while not told or "done" not in told[-1]:
            told.append(self.line(timeout_s))
        return told[:-1]

    def do(self, text, timeout_s=LINE_TIMEOUT_S):
        """Writes a line and reads what comes of it."""
        self._process.stdin.write(text.encode("utf-8") + b"\n")
        self._process.stdin.flush()
        return self.lines(timeout_s)

    def running(self):
        return self._process.poll() is None

    def ends(self, timeout_s=LINE_TIMEOUT_S):
        """Whether it does by itself: Wine calls a program ended a moment before its process is gone."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, timeout_s=TIMEOUT_S):
        """Closes its input, which asks it to end; its exit status."""
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            return self._process.wait(timeout_s)
        finally:
            self.kill()

    def kill(self):
        if self.running():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill()


class Wine:
    """The prefix in its namespaces, while the test runs."""

    def __init__(self, prefix, program, programs, standins, rest=()):
        self.prefix, self.program, self.programs, self.rest = prefix, program, programs, list(rest)
        self.folder = tempfile.mkdtemp(prefix="portroom-wine-")
        self._standins = standins
        self.standins = []

    def __enter__(self):
        run(["ip", "link", "set", "lo", "up"])
        # Time for the prefix, which an earlier Wine may have left half made.
        ready = os.path.join(self.prefix, "system.reg")
        if not os.path.exists(ready):
            quiet(["wineboot", "-i"], self.prefix, PREFIX_TIMEOUT_S)
            quiet(["wineserver", "-w"], self.prefix, PREFIX_TIMEOUT_S)
        if not os.path.exists(ready):
            raise RuntimeError("wineboot -i made no prefix in " + self.prefix)
        self._install()
        quiet(["wineserver", "-p"], self.prefix, TIMEOUT_S)  # stays, so that all is in one namespace
        # The first program. Whatever version of Windows an earlier test has chosen in this prefix, it has that of Wine.
        quiet(["wine", "reg", "delete", r"HKCU\Software\Wine", "/v", "Version", "/f"], self.prefix, PREFIX_TIMEOUT_S)
        return self

    def __exit__(self, kind, error, trace):
        end_server(self.prefix)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- files ----

    @staticmethod
    def path(path):
        """What Windows calls a file of this system."""
        return "Z:" + os.path.abspath(path).replace("/", "\\")

    def drive_c(self, path):
        """Where this system has a file of drive C, in its spelling there: windows/system32/netsh.exe."""
        return os.path.join(self.prefix, "drive_c", path)

    def file(self, name):
        """A file of this name in the test's own folder."""
        return os.path.join(self.folder, name)

    # ---- stand-ins ----

    def _install(self):
        for path in sorted(glob.glob(os.path.join(self._standins, "*"))):
            name = os.path.basename(path)
            if not name.endswith((".dll", ".exe")):
                continue
            place = self.drive_c("windows/system32/" + name)
            if os.path.exists(place):
                keep_original(place)
                os.unlink(place)
            shutil.copy(path, place)
            self.standins.append(name)
        self._keep_own("iphlpapi")

    def _keep_own(self, name):
        """Wine's own library as NAME_wine.dll, for a stand-in that hands on what it does not stand in for. Wine
        loads what is marked as its own by the name that it was built with, so the copy has no mark."""
        found = [path for folder in OWN_FOLDERS for path in glob.glob(os.path.join(folder, name + ".dll"))]
        if not found:
            raise RuntimeError("no %s.dll of Wine's own in %s" % (name, ", ".join(OWN_FOLDERS)))
        with open(found[0], "rb") as file:
            own = file.read()
        with open(self.drive_c("windows/system32/%s_wine.dll" % name), "wb") as file:
            file.write(own.replace(b"Wine builtin DLL", b"Wine copied  DLL", 1))

    def _overrides(self, standins):
        missing = [name for name in standins if name not in self.standins]
        if missing:
            raise ValueError("no such stand-in: %s; there are: %s" % (missing, self.standins))
        # Of a DLL the name alone: what Wine looks for is its name without .dll.
        return ["%s=%s" % (name[:-4] if name.endswith(".dll") else name, "n" if name in standins else "b")
                for name in self.standins]

    def environment(self, env=None, standins=()):
        names = environment(self.prefix, self._overrides(standins))
        names.update(env or {})
        return names

    # ---- programs ----

    def run(self, argv, env=None, stdin=None, timeout_s=TIMEOUT_S, standins=(), cwd=None):
        """Runs a program of Windows, by its path on this system or by its name there. `stdin` is bytes."""
        names = [self.file(name) for name in ("stdin", "stdout", "stderr")]
        with open(names[0], "wb") as file:
            file.write(stdin or b"")
        with open(names[0], "rb") as given, open(names[1], "wb") as out, open(names[2], "wb") as err:
            process = subprocess.Popen(["wine"] + list(argv), stdin=given, stdout=out, stderr=err, cwd=cwd,
                                       env=self.environment(env, standins), start_new_session=True)
            try:
                status = process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise
        texts = []
        for name in names[1:]:
            with open(name, "rb") as file:
                texts.append(file.read().decode("utf-8", "replace"))
        if any("unimplemented function" in text for text in texts):
            raise Abort("%s\nexit status %d\n%s" % (" ".join(argv), status, texts[1][-600:]))
        return Answer(status, *texts)

    def portroom(self, *words, env=None, stdin=None, timeout_s=TIMEOUT_S, standins=(), cwd=None):
        """`portroom WORDS`; see Answer of live.py, which has json(), too."""
        return self.run([self.program] + list(words), env, stdin, timeout_s, standins, cwd)

    def start(self, name, *words, env=None, standins=()):
        """Starts one of programs/ that tells its pid first, and goes on."""
        return Program(self, ["wine", os.path.join(self.programs, name + ".exe")] + list(words), env, standins)

    def start_portroom(self, *words, env=None, standins=()):
        """portroom while it goes on (watch --json): its lines are read as they come."""
        return Program(self, ["wine", self.program] + list(words), env, standins, lines=False)

    # ---- the system ----

    def set_version(self, version):
        """"win7" or "win10", for what is started from now on."""
        answer = self.run(["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", version, "/f"])
        if answer.status:
            raise RuntimeError("version %s was not set: %s" % (version, answer))

    @staticmethod
    def sysctl(name, value=None):
        """Reads or sets a setting of the namespace: net.ipv4.ip_local_port_range."""
        path = "/proc/sys/" + name.replace(".", "/")
        if value is not None:
            with open(path, "w", encoding="ascii") as file:
                file.write(str(value))
        with open(path, encoding="ascii") as file:
            return file.read().strip()
