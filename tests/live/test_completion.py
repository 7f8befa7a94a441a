#!/usr/bin/env python3
"""`portroom completion SHELL`: every shell is asked to complete lines with the script it was given.

    test_completion.py PORTROOM

A shell that is not installed is skipped. No root is needed. Of PowerShell, which Debian does not have, the script is
looked at only.
"""

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from live import Tap, guard, run

# What is typed, the last word being the one to complete; what must be offered; what must not.
LINES = (
    ("", ("check", "room", "list", "range", "completion", "help"), ("show", "--json")),
    ("li", ("list",), ("room",)),
    ("help ra", ("range",), ("room",)),
    ("list --st", ("--state",), ("--by", "--src")),
    ("list --state ti", ("time_wait",), ("listen", "--state")),
    ("list --state=bo", ("bound",), ("time_wait",)),
    ("list --state bound,l", ("bound,listen", "bound,last_ack"), ("bound,bound",)),
    ("list --by state,", ("state,process", "state,dport"), ("state,state",)),
    ("list --user roo", ("root",), ("list",)),
    ("list --json --pid " + str(os.getpid())[:1], (str(os.getpid()),), ("all",)),
    ("list --port ", (), ("80", "--json")),
    ("check --color ", ("always", "never", "auto"), ("en",)),
    ("--lang ", ("en", "zh_CN"), ("check",)),
    ("--netns h", ("host",), ("own",)),
    ("range s", ("show",), ("list",)),
    ("room --dev l", ("lo",), ("list",)),
    ("range show --root /pro", ("/proc/",), ("/etc/",)),
    ("completion ", ("bash", "zsh", "fish"), ("show",)),
)

# A process whose name is shell, which must stay a name.
HOSTILE = "$(echo>X)"


def words_of(line):
    return line.split(" ")


class Bash:
    name = "bash"
    check = ["bash", "-n"]

    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def complete(self, line):
        # Bash breaks words at "=" as well.
        words = ["portroom"]
        for word in words_of(line):
            words += [part for part in re.split("(=)", word) if part] or [""]
        if line.endswith("="):
            words.append("")
        program = ('source "$1"; shift; read -ra made < <(complete -p portroom); '
                   'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "${made[2]}"; '
                   'printf "%s\\n" "${COMPREPLY[@]}"')
        answer = run(["bash", "--norc", "--noprofile", "-c", program, "bash", self.script] + words,
                     cwd=self.folder)
        if answer.err:
            raise RuntimeError(answer.err)
        return [each.rstrip("/") + "/" * os.path.isdir(each) for each in answer.out.splitlines()]


class Fish:
    name = "fish"
    check = ["fish", "--no-execute"]

    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def complete(self, line):
        answer = run(["fish", "--no-config", "-c", 'source $argv[1]; complete -C "portroom $argv[2]"',
                      self.script, line], cwd=self.folder, env=dict(os.environ, HOME=self.folder))
        if answer.err:
            raise RuntimeError(answer.err)
        offered = [each.split("\t")[0] for each in answer.out.splitlines()]
        return [re.sub("^--[a-z0-9-]*=", "", each) for each in offered]


class Zsh:
    """An interactive zsh on a terminal of its own; what it offers is taken where it is added."""

    name = "zsh"
    check = ["zsh", "-n"]
    SETUP = """
PROMPT= RPROMPT=; LISTMAX=10000; unsetopt beep; setopt no_list_beep
autoload -Uz compinit; compinit -u -D; source %s
compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-[OAD]\\ * ]]; then
        builtin compadd -A hits "$@"
        (( $#hits )) && print -rl -- $hits >>%s
    fi
    builtin compadd "$@"
}
offer() { zle complete-word; print -r -- END >>%s; zle kill-buffer }
zle -N offer; bindkey '^I' offer; print READ''Y
"""

    def __init__(self, script, folder):
        self.folder, self.out = folder, os.path.join(folder, "offered")
        setup = os.path.join(folder, "setup")
        with open(setup, "w") as file:
            file.write(self.SETUP % (script, self.out, self.out))
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave,
                                        cwd=folder, start_new_session=True,
                                        env=dict(os.environ, TERM="dumb", HOME=folder))
        os.close(slave)
        os.write(self.master, b"source %s\n" % setup.encode())
        self._wait(lambda text: b"READY" in text)

    def _wait(self, done, timeout_s=20):
        """Reads the terminal, which would else block the shell, until the text or a file says so."""
        text, until = b"", time.monotonic() + timeout_s
        while not done(text):
            if time.monotonic() > until:
                raise RuntimeError("zsh says nothing: %r" % text[-300:])
            if select.select([self.master], [], [], 0.05)[0]:
                text += os.read(self.master, 65536)

    def _offered(self):
        try:
            with open(self.out, encoding="utf-8") as file:
                return file.read().splitlines()
        except OSError:
            return []

    def complete(self, line):
        if os.path.exists(self.out):
            os.unlink(self.out)
        os.write(self.master, ("portroom " + line + "\t").encode())
        self._wait(lambda text: "END" in self._offered())
        # Of a list, a path, an option with its value zsh completes the last part.
        last = words_of(line)[-1]
        before = last[:max(last.rfind(mark) for mark in ",/=") + 1].split("=")[-1]
        return [before + each + "/" * os.path.isdir(before + each)
                for each in self._offered() if each != "END"]

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def commands_of(portroom):
    """{command: its options}, as the help tells them."""
    env = dict(os.environ, COLUMNS="200")
    names = re.findall("^  ([a-z]+) ", run([portroom, "--help"], env=env).out, re.M)
    common = re.findall("--([a-z0-9-]+)", run([portroom, "help", "options"], env=env).out)
    common.remove("version")
    found = {}
    for name in names:
        text = run([portroom, name, "--help"], env=env).out
        own = re.findall("^  (?:    |-., )?--([a-z0-9-]+)", text, re.M)
        found[name] = ["--" + option for option in own + common]
    return found


def try_line(tap, shell, line, wanted, refused):
    offered = shell.complete(line)
    missing = [word for word in wanted if word not in offered]
    surplus = [word for word in refused if word in offered]
    tap.ok(not missing and not surplus, "%s: 'portroom %s' offers what fits" % (shell.name, line),
           "missing %s, surplus %s, offered %s" % (missing, surplus, offered[:40]))


def try_hostile(tap, shell, portroom):
    """Somebody's process can have any name of 15 bytes."""
    path = os.path.join(shell.folder, HOSTILE)
    os.symlink(shutil.which("sleep"), path)
    with subprocess.Popen([path, "60"]) as process:
        try:
            offered = shell.complete("list --process ") if shell.name != "zsh" else \
                shell.complete("list --process $")
        finally:
            process.kill()
    tap.ok(not os.path.exists(os.path.join(shell.folder, "X")),
           "%s: the name of a process is not run" % shell.name, offered)
    os.unlink(path)


def try_shell(tap, kind, portroom, folder):
    if not shutil.which(kind.name):
        tap.skip(kind.name + " completes", "it is not installed")
        return
    script = os.path.join(folder, "portroom." + kind.name)
    written = run([portroom, "completion", kind.name, "--lang", "en"])
    tap.ok(written.status == 0 and written.out and not written.err,
           "%s: the script is written" % kind.name, written)
    with open(script, "w", encoding="utf-8") as file:
        file.write(written.out)
    checked = run(kind.check + [script])
    tap.ok(checked.status == 0 and not checked.err, "%s: the script is well-formed" % kind.name,
           checked)
    shell = kind(script, folder)
    try:
        for line, wanted, refused in LINES:
            guard(tap, line, try_line, tap, shell, line, wanted, refused)
        for command, options in commands_of(portroom).items():
            line = "%s --" % command
            guard(tap, line, try_line, tap, shell, line, options, ("--nonsense",))
        try_line(tap, shell, "--", ["--version"] + commands_of(portroom)["check"], ("--by",))
        guard(tap, "hostile", try_hostile, tap, shell, portroom)
    finally:
        if hasattr(shell, "end"):
            shell.end()


def tokens(script):
    """What a script of PowerShell is made of, so far as ours goes: strings, comments, brackets; None if a string has no end."""
    found = re.findall(r"#[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|[][(){}]|[^#'\"\](){}[]+", script)
    return found if "".join(found) == script else None


def is_balanced(found):
    pairs, open_ones = {")": "(", "}": "{", "]": "["}, []
    for each in found:
        if each in pairs.values():
            open_ones.append(each)
        elif each in pairs and (not open_ones or open_ones.pop() != pairs[each]):
            return False
    return not open_ones


def block(script, beginning):
    """The lines from that one to the one that closes it, indented as far."""
    lines = script.splitlines()
    first = lines.index(beginning)
    indent = beginning[:len(beginning) - len(beginning.lstrip())]
    return lines[first + 1:lines.index(indent + "}", first)]


def told(lines):
    return [word for line in lines for word in re.findall(r"\bTell '([^']+)'", line)]


def try_powershell(tap, portroom):
    """There is no PowerShell to ask where this is tested: its script is looked at, and no more."""
    written = run([portroom, "completion", "powershell", "--lang", "en"])
    script = written.out
    tap.ok(written.status == 0 and script and not written.err, "powershell: the script is written", written)
    found = tokens(script)
    tap.ok(found and is_balanced(found), "powershell: strings end, and brackets are in pairs")
    tap.ok(script.isascii(), "powershell: the script is ASCII")
    commands = commands_of(portroom)
    tap.ok(told(block(script, "    function Commands {")) == list(commands) + ["help"],
           "powershell: commands are offered, in the order of the help")
    options = block(script, "    function Options($of) {")
    common = told(line for line in options if line.startswith("        Tell"))
    for name, wanted in commands.items():
        offered = told(block("\n".join(options), "            '%s' {" % name)) + common
        tap.ok(not [each for each in wanted if each not in offered],
               "powershell: the options of %s are offered" % name, wanted, offered)
    labels = re.findall(r"^            ('[^']+'|\{ \$_[^}]*\}) \{ Tell ''; (.*)return \}$", script, re.M)
    names = [label for label, _ in labels]
    tap.ok(names and len(names) == len(set(names)), "powershell: what an option takes is told once", names)
    values = dict(labels)
    tap.ok("Several 'established' " in values["'list --state'"] and "Tell 'always'; " in
           values["{ $_.EndsWith(' --color') }"], "powershell: states may be several, a colour is one",
           values["'list --state'"])
    chinese = run([portroom, "completion", "powershell", "--lang", "zh_CN"]).out
    escaped = re.findall(r"\(Unescape '((?:[^']|'')*)'\)", chinese)
    texts = [re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), each) for each in escaped]
    help_text = run([portroom, "--help", "--lang", "zh_CN"], env=dict(os.environ, COLUMNS="500")).out
    tap.ok(chinese.isascii() and any(text in help_text for text in texts),
           "powershell: Chinese descriptions are escaped, and are those of the help", texts[:3])


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    portroom = os.path.abspath(words[0])
    tap = Tap()
    tap.ok(len(commands_of(portroom)) >= 5, "the help names the commands", commands_of(portroom))
    for kind in (Bash, Fish, Zsh):
        folder = tempfile.mkdtemp()
        try:
            guard(tap, kind.name, try_shell, tap, kind, portroom, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    guard(tap, "powershell", try_powershell, tap, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
