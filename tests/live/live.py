"""What the live drivers share: TAP, a situation to ask questions in, and portroom's JSON.

Only modules of Debian's python3-minimal are used, so that the drivers run in a small guest too.
"""

import os
import signal
import subprocess
import sys
import time

# A shell has it ignored by what it runs in the background, and commands that are tried inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

try:
    from json import loads
except ImportError:

    def loads(text):
        """JSON without escapes beyond ASCII is an expression; the program under test wrote it."""
        names = {"true": True, "false": False, "null": None, "__builtins__": {}}
        return eval(text, names)


COMMAND_TIMEOUT_S = 180  # for what hangs: an emulated machine that stands still for a while is not meant
SKIPPED = 77
TRIES = 3  # of what a slow machine, or others on it, may have spoilt


def quote(word):
    return "'" + word.replace("'", "'\"'\"'") + "'"


class Tap:
    """Test Anything Protocol: a line per sentence, the plan at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, condition, sentence, *details):
        self.count += 1
        self.failed += not condition
        word = "ok" if condition else "not ok"
        print("%s %d - %s" % (word, self.count, sentence.replace("#", "")))
        if not condition:
            for detail in details:
                for line in str(detail).splitlines() or [""]:
                    print("# " + line[:600])
        sys.stdout.flush()
        return bool(condition)

    def skip(self, sentence, why):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, sentence, why), flush=True)

    def finish(self):
        print("1..%d" % self.count, flush=True)
        return 1 if self.failed else 0


class Answer:
    """How a command ended and what it said."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        try:
            return loads(self.out)
        except Exception as error:
            raise ValueError("no JSON (%s), exit status %d\nstdout: %s\nstderr: %s" %
                             (error, self.status, self.out[:300], self.err[:300])) from None

    def __str__(self):
        return ("exit status %d\nstdout: %s\nstderr: %s" %
                (self.status, self.out[:500], self.err[:500]))


def run(argv, timeout_s=COMMAND_TIMEOUT_S, **more):
    """Runs a command here, not in a situation."""
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run(argv, timeout=timeout_s, check=False, **more)
    text = [(part or b"").decode("utf-8", "replace") for part in (done.stdout, done.stderr)]
    return Answer(done.returncode, *text)


class Situation:
    """A situation while it holds. `run` runs a command inside its namespace.

        with Situation(program, "destination_full") as situation:
            answer = situation.run(["portroom", "room", "127.0.0.1:9000"])

    The situation's own shell runs what is written to it. When the block ends, the situation
    measures itself; its verdict is then in `verified`. `late`: what was stated ended before that.
    """

    def __init__(self, program, name):
        self.name = name
        self.skipped = None
        self.truth, self.verified = None, []
        self.late = False
        self.status = None
        self._folder = os.path.join(os.environ.get("TMPDIR", "/tmp"),
                                    "portroom-live-%d" % os.getpid())
        self._program = program
        self._process, self._complaints = self._start()

    def _start(self):
        complaints = os.fdopen(os.memfd_create("complaints"), "w+")
        process = subprocess.Popen([self._program, self.name, "--exec", "exec sh"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=complaints, universal_newlines=True)
        return process, complaints

    def _complained(self):
        self._complaints.seek(0)
        return self._complaints.read().strip()

    def __enter__(self):
        os.makedirs(self._folder, exist_ok=True)
        line = self._process.stdout.readline()
        if not line:
            # A machine that stands still for seconds makes a situation late, once in many thousands.
            self._end()
            print("# situation %s is made again: %s" % (self.name, self._complained()))
            self._process, self._complaints = self._start()
            line = self._process.stdout.readline()
        self.since = time.monotonic()
        if line.startswith("SKIP "):
            self.skipped = line[5:].strip()
        elif line.startswith("TRUTH "):
            self.truth = loads(line[6:])
        else:
            self._end()
            raise RuntimeError("situation %s could not be made: %s%s" %
                               (self.name, line, self._complained()))
        return self

    def _end(self):
        self._process.kill()
        self._process.communicate()

    def run(self, argv, before="", after="", timeout_s=COMMAND_TIMEOUT_S):
        """`before` and `after` are shell text around the command: a limit, a redirection."""
        out, err = (os.path.join(self._folder, name) for name in ("out", "err"))
        command = " ".join(quote(word) for word in argv)
        self._say("(%s timeout -k 1 %d %s </dev/null >%s 2>%s %s); echo status $?" %
                  (before, timeout_s, command, quote(out), quote(err), after))
        line = self._process.stdout.readline()
        if not line.startswith("status "):
            raise RuntimeError("situation %s ended early: %s%s" %
                               (self.name, line, self._complained()))
        texts = []
        for path in (out, err):
            with open(path, "rb") as file:
                texts.append(file.read().decode("utf-8", "replace"))
            os.unlink(path)
        return Answer(int(line.split()[1]), *texts)

    def expired(self):
        """Whether what was stated may have stopped being true: TIME_WAIT does not wait."""
        valid = self.truth.get("valid_seconds") if isinstance(self.truth, dict) else None
        return valid is not None and time.monotonic() - self.since > valid

    def _say(self, text):
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def __exit__(self, kind, error, trace):
        try:
            self._process.stdin.close()
        except OSError:
            pass
        for line in self._process.stdout:
            if line.startswith("VERIFY "):
                self.verified.append(line.strip())
        self.status = self._process.wait()
        self.late = self.expired() or self._was_not_measured()
        for line in self._complained().splitlines():
            print("# situation %s: %s" % (self.name, line))
        try:
            os.rmdir(self._folder)
        except OSError:
            pass

    def _was_not_measured(self):
        return bool(self.verified) and self.verified[0].startswith("VERIFY skipped")

    def measured(self, index):
        """What real calls reached for one target, or None when it was not measured."""
        words = self.verified[index].split() if index < len(self.verified) else []
        numbers = [word[9:] for word in words if word.startswith("measured=")]
        return int(numbers[0]) if numbers else None

    def verify(self, tap, sentence):
        """One test: the truth still held after everything that was done in between."""
        if self.skipped:
            return
        if self._was_not_measured():
            tap.skip(sentence, self.verified[0][len("VERIFY skipped: "):])
            return
        tap.ok(self.verified and all(line.startswith("VERIFY ok ") for line in self.verified),
               sentence, *self.verified)


def names(program):
    """The names of all situations but `many`, which is no single one."""
    listed = run([program, "--list"]).out.splitlines()
    return [line.split()[0] for line in listed if line and not line.startswith("many ")]


def is_napping(pid):
    try:
        with open("/proc/%d/wchan" % pid, encoding="ascii") as file:
            return "nanosleep" in file.read()
    except OSError:
        return False


def await_nap(process, pid_of=lambda process: process.pid, patience_s=60):
    """Until a program waits for a time to pass: whatever it does before has been done. False: it has ended."""
    until = time.monotonic() + patience_s
    while not is_napping(pid_of(process)):
        if process.poll() is not None:
            return False
        if time.monotonic() > until:
            raise RuntimeError("the program does not wait")
        time.sleep(0.005)
    return True


def guard(tap, sentence, function, *arguments):
    """Calls the function; an exception is a failed test, not the end of all."""
    try:
        return function(*arguments)
    except Exception as error:
        tap.ok(False, sentence, "%s: %s" % (type(error).__name__, error))
        return None


def need_root(tap):
    """Situations need a namespace of their own; without root there is nothing to test."""
    if os.geteuid() == 0:
        return
    tap.skip("situations can be made", "needs root")
    sys.exit(tap.finish())
