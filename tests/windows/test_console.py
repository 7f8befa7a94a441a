#!/usr/bin/env python3
"""Text: to a pipe, a file and a console; its language; arguments and paths; exit statuses.

    test_console.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

Wine makes a terminal of this system a console of Windows. Its console takes the mode for colours and then shows their
sequences without the first byte, so colours are looked for by what follows it.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

from wine import Tap, enter, guard

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "evidence")
LISTING = os.path.join(FIXTURES, "netstat", "loop-en.txt")
CHINESE = "端口"
ENGLISH = "Linux error"
TOPIC = ("explain", "EADDRNOTAVAIL")


def on_console(wine, *words, env=None, columns=100, timeout_s=60, until=None):
    """(exit status, what was shown) of `portroom WORDS` on a terminal so wide. Once `until` is shown, Ctrl-C is pressed."""
    return shown_on_console(wine, [wine.program] + list(words), env, columns, timeout_s, until)


def shown_on_console(wine, argv, env=None, columns=100, timeout_s=60, until=None):
    names = wine.environment(dict({"TERM": "xterm"}, **(env or {})))
    pid, terminal = pty.fork()
    if not pid:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
            os.execvpe("wine", ["wine"] + argv, names)
        finally:
            os._exit(127)
    shown, status, deadline = b"", None, time.monotonic() + timeout_s
    try:
        # The end of the program counts: Wine's console, which is a program of its own, may stay after Ctrl-C.
        while time.monotonic() < deadline:
            part = b""
            if select.select([terminal], [], [], 0.3)[0]:
                try:
                    part = os.read(terminal, 65536)
                except OSError:  # the other end is closed
                    break
            shown += part
            if until and until.encode() in shown:
                os.write(terminal, b"\x03")
                until = None
            if status is not None and not part:
                break
            ended, state = os.waitpid(pid, os.WNOHANG) if status is None else (0, 0)
            status = os.waitstatus_to_exitcode(state) if ended else status
        if status is None:
            if time.monotonic() >= deadline:
                os.kill(pid, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(terminal)
    return status, shown.decode("utf-8", "replace")


def try_bytes(tap, wine):
    answer = wine.portroom(*TOPIC, "--lang", "zh_CN")
    tap.ok(answer.status == 0 and CHINESE in answer.out, "Chinese to a file is UTF-8", answer)
    tap.ok("\r" not in answer.out and "\ufeff" not in answer.out and "\ufffd" not in answer.out,
           "with plain ends of lines, and no mark of its encoding")
    tap.ok("\033" not in answer.out, "without colours")
    answer = wine.run(["cmd", "/c", wine.path(wine.program) + " explain EADDRNOTAVAIL --lang zh_CN > " +
                       wine.path(wine.file("redirected"))])
    with open(wine.file("redirected"), "rb") as file:
        data = file.read()
    tap.ok(CHINESE.encode() in data and b"\r" not in data, "so it is where cmd.exe redirects it", answer)
    answer = wine.portroom(*TOPIC, "--json")
    tap.ok(answer.status == 0 and answer.json() and answer.out.isascii(), "JSON for other programs is such", answer)


def try_colours(tap, wine):
    read = ("check", "--on", wine.path(LISTING))
    always = wine.portroom(*read, "--color", "always")
    tap.ok("\033[" in always.out, "colours are written where they are asked for", always)
    forced = wine.portroom(*read, env={"CLICOLOR_FORCE": "1"})
    tap.ok("\033[" in forced.out, "CLICOLOR_FORCE asks for them, too", forced)
    status, shown = on_console(wine, *read)
    tap.ok("[0m" in shown, "a console gets them", status, shown)
    status, shown = on_console(wine, *read, env={"NO_COLOR": "1"})
    tap.ok("[0m" not in shown and "UNKNOWN" in shown, "but not with NO_COLOR", status, shown)


def try_console(tap, wine):
    status, shown = on_console(wine, *TOPIC, "--lang", "zh_CN")
    tap.ok(status == 0 and CHINESE in shown and "\ufffd" not in shown, "a console shows Chinese", status, shown)
    status, shown = on_console(wine, "frobnicate", "--lang", "zh_CN")
    tap.ok(status == 2 and "frobnicate" in shown and "portroom" in shown, "and complaints", status, shown)
    # Many characters of three bytes: what the console is given at once ends within one sooner or later.
    status, shown = on_console(wine, "help", "options", "--lang", "zh_CN")
    status, shown = on_console(wine, "check", "--help", "--lang", "zh_CN")
    tap.ok(status == 0 and "\ufffd" not in shown and "--sample" in shown, "text of many pages is whole", status,
           shown[-300:])
    for columns in (60, 100):
        status, shown = on_console(wine, "help", "options", env={"LANGUAGE": "en"}, columns=columns)
        tap.ok(status == 0 and "--json" in shown, "the help is shown on %d columns" % columns, status)


def try_interrupt(tap, wine):
    status, shown = on_console(wine, "watch", "1s", env={"LANGUAGE": "en"}, until="Z ")
    tap.ok("opens/s" in shown and status >= 0, "lines are shown when they come, and Ctrl-C ends it", status, shown)
    begun = time.monotonic()
    status, shown = on_console(wine, "check", "--sample", "60s", env={"LANGUAGE": "en"}, until="watching for")
    tap.ok("watching for 60.0 s" in shown and status >= 0 and time.monotonic() - begun < 40,
           "so it does while nothing is written", status, shown)


def try_left_as_found(tap, wine):
    """What is shown has sequences between any two letters, and the cursor is moved in place of spaces."""
    tell = wine.path(os.path.join(wine.programs, "console_mode.exe"))
    for words in ("frobnicate", "check --on %s" % wine.path(LISTING)):
        status, shown = shown_on_console(wine, ["cmd", "/c", "%s & %s %s & %s" % (
            tell, wine.path(wine.program), words, tell)])
        modes = re.findall(r"consolemode([0-9]+,colours[0-9]+,codepage[0-9]+)\.", re.sub(r"\x1b\[[?0-9]*[A-Za-z]|\s", "", shown))
        tap.ok(len(modes) == 2 and modes[0] == modes[1],
               "after `%s` the console is as it was" % words.split(" Z:")[0], status, modes, shown)


def cmd(wine, line, env):
    return wine.run(["cmd", "/c", line.replace("PORTROOM", wine.path(wine.program))], env=env)


def try_language(tap, wine):
    """Wine takes the language of its menus from LC_ALL; inside, the variables are then taken away again."""
    unset = "set LC_ALL=& set LC_MESSAGES=& set LANG=& set LANGUAGE=& "
    chinese, german = {"LC_ALL": "zh_CN.UTF-8"}, {"LC_ALL": "de_DE.UTF-8"}
    ask = "PORTROOM explain EADDRNOTAVAIL"
    for name, line, env, wanted in (
            ("a Chinese Windows gets Chinese", unset + ask, chinese, CHINESE),
            ("a German one gets English", unset + ask, german, ENGLISH),
            ("--lang decides", unset + ask + " --lang en", chinese, ENGLISH),
            ("LANGUAGE goes before the system's", unset + "set LANGUAGE=en& " + ask, chinese, ENGLISH),
            ("LANG goes before the system's", unset + "set LANG=zh_CN& " + ask, german, CHINESE)):
        answer = cmd(wine, line, env)
        tap.ok(wanted in answer.out and (wanted == CHINESE) == (CHINESE in answer.out), name, answer)


def try_arguments(tap, wine):
    for word in ("端口", "two words", 'a "quoted" one', "back\\slash\\", 'end\\"', "", "\U0001f600", "%PATH%", "a&b"):
        answer = wine.portroom("probe", "127.0.0.1:1", word + "=x")
        tap.ok(word + "=x" in answer.err, "the argument %r arrives" % word, answer)
    for words, status in ((("--version",), 0), (TOPIC, 0), (("explain", "no such thing at all"), 1),
                          (("frobnicate",), 2), (("list", "--nonsense"), 2), (("check", "--nonsense"), 3),
                          (("check", "--on", "Z:\\none"), 3)):
        answer = wine.portroom(*words)
        tap.ok(answer.status == status, "%s ends with %d" % (" ".join(words), status), answer)


def deep_folder(wine, name):
    path = wine.file(name)
    while len(path) < 400:
        path = os.path.join(path, "a-folder-whose-name-is-rather-long")
    os.makedirs(path)
    return path


def try_paths(tap, wine):
    with open(LISTING, "rb") as file:
        listing = file.read()
    folder = deep_folder(wine, "deep")
    for name, path in (("a long path", os.path.join(folder, "netstat.txt")),
                       ("a Chinese name", wine.file("端口 列表.txt"))):
        with open(path, "wb") as file:
            file.write(listing)
        answer = wine.portroom("check", "--on", wine.path(path))
        tap.ok(answer.status == 3 and os.path.basename(path) in answer.out and "64 records" in answer.out,
               name + " is read", answer)
    answer = wine.portroom("check", "--on", wine.path(folder))
    tap.ok("64 records" in answer.out, "so is a folder with a long path", answer)
    saved = os.path.join(folder, "保存.json")
    answer = wine.portroom("save", wine.path(saved))
    tap.ok(answer.status == 0 and os.path.exists(saved), "a long path is written", answer, os.listdir(folder))
    answer = wine.portroom("check", "--on", wine.path(saved))
    tap.ok(answer.status in (0, 1, 2, 3) and not answer.err, "and read again", answer)
    again = wine.portroom("save", wine.path(saved))
    tap.ok(again.status != 0 and "exists" in again.err, "and not written over", again)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        for name, attempt in (("bytes", try_bytes), ("console", try_console), ("colours", try_colours),
                              ("interrupt", try_interrupt), ("left as found", try_left_as_found),
                              ("language", try_language), ("arguments", try_arguments), ("paths", try_paths)):
            guard(tap, name, attempt, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
