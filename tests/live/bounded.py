"""Runs a program that may be up to anything, within bounds, and tells what it cost."""

import os
import resource
import signal
import subprocess
import tempfile
import time

MIB = 1 << 20
TIMEOUT_S = 60


def is_sanitized(program):
    """Then its memory is the sanitizer's, which needs address space without end."""
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()


def environment(folder):
    """What a sanitizer finds ends it with a status that is no verdict."""
    return {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, "LC_ALL": "C"} | {
        name: os.environ.get(name, "") + ":exitcode=99" for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}


class Cost:
    """How it ended, what it said, and the most memory it had (this interpreter's own at fork included)."""

    def __init__(self, status, out, err, peak_mib, seconds):
        self.status, self.out, self.err = status, out, err
        self.peak_mib, self.seconds = peak_mib, seconds

    @property
    def crashed(self):
        """By a signal, or it had to be killed."""
        return self.status < 0

    def __str__(self):
        return (f"exit status {self.status}, {self.peak_mib:.0f} MiB, {self.seconds:.1f} s\n"
                f"stdout: {self.out[:400]}\nstderr: {self.err[:400]}")


def limiter(limits, user):
    def limit():
        # Nobody writes to a file; pipes are no files.
        for what, value in ({"FSIZE": 0, "CORE": 0} | limits).items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + what), (value, value))
        if user:
            os.setgid(user)
            os.setuid(user)

    return limit


def read_back(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def run(argv, stdin=subprocess.DEVNULL, stdout=None, timeout_s=TIMEOUT_S, user=None, during=None,
        **limits):
    """`limits` by name: AS=..., NOFILE=...; `during(process)` is called while it runs.

    It runs in an empty folder of its own, HOME and TMPDIR included, and must leave that empty.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, \
            tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        pipes = [os.pipe(), os.pipe()]
        begun = time.monotonic()
        process = subprocess.Popen(argv, stdin=stdin, stdout=stdout or pipes[0][1],
                                   stderr=pipes[1][1], cwd=folder, env=environment(folder),
                                   preexec_fn=limiter(limits, user), start_new_session=True)
        movers = [subprocess.Popen(["cat"], stdin=pipe[0], stdout=file)
                  for pipe, file in zip(pipes, (out, err))]
        for ends in pipes:
            os.close(ends[0])
            os.close(ends[1])
        if during:
            during(process)
        status, usage = wait(process, begun + timeout_s)
        seconds = time.monotonic() - begun
        for mover in movers:
            mover.wait()
        left = os.listdir(folder)
        cost = Cost(status, read_back(out), read_back(err), usage.ru_maxrss / 1024, seconds)
    if left:
        raise AssertionError(f"it left {left} behind")
    return cost


def wait(process, until):
    """As os.wait4(); who is not done then is killed."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.002)
