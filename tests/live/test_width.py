#!/usr/bin/env python3
"""Whatever is told: no line is wider than the terminal, and nothing else stands in it.

    test_width.py PORTROOM SITUATION [NAME...]

Every command runs on a terminal of 40, 80, 100 and 200 columns, in both languages and without
UTF-8, in situations with much to tell. Width is counted as terminals do (Unicode's East Asian
Width), by Python's tables and not by ours.
"""

import fcntl
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

from live import Situation, Tap, guard, need_root, run

FIXTURE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                       "fixtures", "proc-web")
HELP_LINES = 24

# What the environment says, what is put behind the command, how wide the terminal is.
LANGUAGES = {
    "English": ({"LC_ALL": "C.UTF-8"}, [], (40, 80, 100, 200)),
    "Chinese": ({"LC_ALL": "C.UTF-8"}, ["--lang", "zh_CN"], (40, 80, 100)),
    "Chinese by LANGUAGE": ({"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"}, [], (80,)),
    "ASCII": ({"LC_ALL": "C"}, [], (80,)),
}

NAMES = ("two_processes", "bound_only_leak", "mixed_owners", "time_wait_full", "nothing_free")

OWN = ["--netns", "own"]  # what others have on this machine comes and goes
COMMANDS = (
    ["check"] + OWN,
    ["check", "-v"] + OWN,
    ["list"] + OWN,
    ["list", "--by", "state,process"] + OWN,
    ["list", "--by", "netns,protocol,state,process,pid,user,unit,container,src,port,dst,dport"] +
    OWN,
    ["range", "show"],
    ["room", "127.0.0.1:9000", "-v"],
)
HELP = (["--help"], ["help", "options"], ["check", "--help"], ["list", "--help"],
        ["room", "--help"], ["range", "--help"], ["trace", "--help"], ["explain", "--help"],
        ["completion", "--help"], ["whatif", "--help"], ["probe", "--help"], ["handles", "--help"],
        ["close", "--help"], ["watch", "--help"], ["events", "--help"], ["lab", "--help"], ["save", "--help"],
        ["explain"], ["explain", "EADDRNOTAVAIL", "4227", "TIME_WAIT", "tcp_fin_timeout"])

PASTED = ("sysctl ", "nsenter ", "kill ", "ss ", "ip ")
SGR = re.compile("\x1b\\[[0-9;]*m")


def on_terminal(columns, argv):
    """Runs the command on a terminal so wide and writes what arrived there."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    with subprocess.Popen(argv, stdin=slave, stdout=slave) as process:
        os.close(slave)
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # EIO: the command has ended
                break
            sys.stdout.buffer.write(data)
    sys.stdout.flush()
    return process.returncode


def glyph_columns(glyph):
    if unicodedata.combining(glyph) or unicodedata.category(glyph) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(glyph) in "WF" else 1


def columns_of(line):
    return sum(glyph_columns(glyph) for glyph in line)


class Screen:
    """What a command showed, and where."""

    def __init__(self, answer, columns, language, colour):
        self.answer, self.columns, self.language, self.colour = answer, columns, language, colour
        self.lines = SGR.sub("", answer.out).split("\n")

    def problems(self):
        if self.answer.err or not self.answer.out.endswith("\n"):
            yield "an error: %s" % self.answer
        if not self.colour and "\x1b" in self.answer.out:
            yield "an escape sequence in spite of NO_COLOR"
        if self.language == "ASCII" and not self.answer.out.isascii():
            yield "not ASCII: %r" % self.answer.out
        for line in self.lines:
            if columns_of(line) > self.columns:
                yield "%d columns wide: %r" % (columns_of(line), line)
            if line != line.rstrip():
                yield "spaces at the end: %r" % line
            if re.search("[\x00-\x1f\x7f-\x9f]", line):
                yield "a control character: %r" % line

    def commands(self):
        """The commands to paste, with their continuation lines."""
        lines = iter(self.lines)
        for line in lines:
            if not line.strip().startswith(PASTED):
                continue
            command = line
            while line.endswith("\\"):
                line = next(lines)
                command += "\n" + line
            yield command


def words_of(command):
    """As the shell reads it."""
    answer = run(["sh", "-c", "set -- " + command.strip() + "\nprintf '%s\\n' \"$@\""])
    return answer.out.splitlines() if answer.status == 0 and not answer.err else [str(answer)]


def screens(place, portroom, command):
    for language, (environment, options, widths) in LANGUAGES.items():
        for columns in widths:
            colour = columns == 80
            variables = dict(environment)
            if not colour:
                variables["NO_COLOR"] = "1"
            settings = ["env", "-u", "LANGUAGE", "-u", "COLUMNS", "-u", "NO_COLOR"] + \
                ["%s=%s" % pair for pair in variables.items()]
            answer = place(settings + [sys.executable, os.path.abspath(__file__), "--terminal",
                                       str(columns), portroom] + command + options)
            yield Screen(answer, columns, language, colour)


def try_command(tap, name, place, portroom, command, wanted=None):
    problems = []
    for screen in screens(place, portroom, command):
        found = list(screen.problems())
        for pasted in screen.commands() if wanted else ():
            if run(["sh", "-n", "-c", pasted]).status or words_of(pasted) not in wanted:
                found.append("not the command that JSON has: %r" % pasted)
        if "--help" in command and screen.columns == 80 and len(screen.lines) > HELP_LINES:
            found.append("%d lines" % len(screen.lines))
        problems += ["%d columns, %s: %s" % (screen.columns, screen.language, each)
                     for each in found[:3]]
    tap.ok(not problems, "%s: portroom %s keeps to the terminal" % (name, " ".join(command)),
           *problems[:12])


def remedies(place, portroom):
    document = place([portroom, "check", "--json"] + OWN).json()
    return [words_of(remedy["command"]) for finding in document["findings"]
            for remedy in finding["remedies"] if remedy["command"]]


def try_place(tap, name, place, portroom):
    wanted = remedies(place, portroom)
    for command in COMMANDS:
        guard(tap, name, try_command, tap, name, place, portroom, command,
              wanted if command[0] == "check" else None)


def try_situation(tap, portroom, program, name):
    with Situation(program, name) as situation:
        if situation.skipped:
            tap.skip(name, situation.skipped)
            return
        try_place(tap, name, situation.run, portroom)


# Long IPv6 addresses, a wide name, a range and a reserved list in many pieces.
LONG = """
import socket, sys
V6 = "2001:db8:1111:2222:3333:4444:5555:%x"
with open("/proc/self/comm", "wb") as file:
    file.write("数据库连接".encode())
def write(name, text):
    with open("/proc/sys/net/ipv4/" + name, "w") as file:
        file.write(text)
write("ip_local_port_range", "40000 40099")
write("ip_local_reserved_ports", ",".join(str(port) for port in range(20001, 20100, 2)))
keep = [socket.create_server((V6 % 0xffff, 65000), family=socket.AF_INET6, backlog=512)]
for port in range(40001, 40080, 3):
    keep.append(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
    keep[-1].bind((V6 % 0xfffe, port))
for port in range(0, 60):
    keep.append(socket.socket(socket.AF_INET6))
    keep[-1].bind((V6 % 0xfffd, 0))
while True:
    keep.append(socket.socket(socket.AF_INET6))
    try:
        keep[-1].connect((V6 % 0xffff, 65000))
    except OSError:
        break
print("ready", flush=True)
sys.stdin.read()
"""


def try_long(tap, portroom):
    script = "ip link set lo up && for i in f e d; do ip -6 addr add " \
        "2001:db8:1111:2222:3333:4444:5555:fff$i/128 dev lo nodad; done && exec \"$@\""
    process = subprocess.Popen(["unshare", "--net", "sh", "-c", script, "sh", sys.executable, "-c",
                                LONG], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if not tap.ok(process.stdout.readline() == b"ready\n", "long addresses can be had"):
            return
        enter = ["nsenter", "--net=/proc/%d/ns/net" % process.pid]
        try_place(tap, "long addresses", lambda argv: run(enter + argv), portroom)
    finally:
        process.kill()
        process.communicate()


def try_copied(tap, portroom):
    """A unit and a container with long names, and a name with characters that are two wide."""
    folder = tempfile.mkdtemp()
    root = os.path.join(folder, "proc")
    try:
        shutil.copytree(FIXTURE, root, symlinks=True)
        for pid, text in ((812, "0::/system.slice/very-" + "long-" * 24 + "name.service\n"),
                          (900, "0::/system.slice/docker-" + "0123456789abcdef" * 4 + ".scope\n")):
            with open("%s/%d/cgroup" % (root, pid), "w") as file:
                file.write(text)
        with open(root + "/1500/comm", "wb") as file:
            file.write("数据库服务\n".encode())
        for command in (["check"], ["list"], ["list", "--by", "process,unit,container,src,dst"],
                        ["range", "show"]):
            guard(tap, "copied", try_command, tap, "copied /proc", run, portroom,
                  command + ["--root", root])
    finally:
        shutil.rmtree(folder)


def try_pipe(tap, portroom):
    """In a pipe a row is a line with its columns where they always are."""
    for language, (environment, options, _) in LANGUAGES.items():
        answer = run(["env", "-u", "LANGUAGE", "-u", "COLUMNS"] +
                     ["%s=%s" % pair for pair in environment.items()] +
                     [portroom, "list", "--root", FIXTURE] + options)
        lines = answer.out.splitlines()
        rows = [line for line in lines if line.startswith(("tcp ", "udp "))]
        states = lines[0].index("STATE")
        tap.ok(rows and lines[0].startswith("PROTO STATE ") and
               all(line[states - 1] == " " and line[states] != " " for line in rows),
               "in a pipe a row is one line, %s" % language, answer)


def main(words):
    if words[:1] == ["--terminal"]:
        return on_terminal(int(words[1]), words[2:])
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    tap = Tap()
    for command in HELP:
        guard(tap, "help", try_command, tap, "help", run, portroom, command)
    guard(tap, "pipe", try_pipe, tap, portroom)
    guard(tap, "copied /proc", try_copied, tap, portroom)
    need_root(tap)
    guard(tap, "long", try_long, tap, portroom)
    for name in words[2:] or NAMES:
        guard(tap, name, try_situation, tap, portroom, program, name)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
