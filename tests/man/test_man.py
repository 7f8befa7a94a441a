#!/usr/bin/env python3
"""The manual pages: their form, that they tell of every command and option, and that what they show
is so. Every example is run, every screen compared, every file for another program read.

    test_man.py PORTROOM SITUATION MAN_FOLDER BUILT_FOLDER PAGE...
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "live"))

from live import Situation, Tap, guard, run
from page import Page

COLUMNS = 80
SCREEN_COLUMNS = 66  # what a literal block has in a page of 80

# scdoc writes .P wherever a paragraph might begin. Nothing shows of those that are too many.
HARMLESS = re.compile("WARNING: skipping paragraph macro: PP (empty|after S[HS])$")

# What standard error may have: what a filter looks for need not be there, and trace says what it does.
REMARK = re.compile("portroom: (no socket matches.*|watching for calls .*|not all is seen: .*|"
                    "watched for .*|.* failed for want of a port in .*|"
                    ".* UTC: (no call is seen to fail|.* failed for want of a port, .*)|.* failed with E.*)\n")

# Beside `portroom trace` a call that fails, as soon as it watches.
BESIDE_TRACE = """
said=$(mktemp)
"$@" --count 1 2>"$said" &
until grep -q 'watching for' "$said" || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
(: <>/dev/tcp/127.0.0.1/9000) 2>/dev/null
wait
cat "$said" >&2
rm "$said"
"""
TRIES = 5

# A small machine of its own: what the examples name is there, and nothing that others do on this one.
SCENERY = """
set -e
ip link set lo up
for address in 10.0.9.1/24 10.0.9.2/24; do ip addr add $address dev lo; done
for folder in /run /etc/sysctl.d; do mount -t tmpfs -o mode=755 none $folder; done
mkdir /run/netns
ip netns add blue
"$1" 600 </dev/null >/dev/null 2>&1 &
echo ready
read -r end
"""


def check_form(tap, page):
    lint = run(["mandoc", "-T", "lint", "-W", "warning", page.built]).out.splitlines()
    lint = [line for line in lint if not HARMLESS.search(line)]
    tap.ok(not lint, "%s: mandoc has nothing to complain of" % page.file, *lint)

    env = dict(os.environ, MANWIDTH=str(COLUMNS), LC_ALL="C.UTF-8", MANPAGER="cat", PAGER="cat")
    shown = run(["man", "--warnings=all", "-l", page.built], env=env)
    lines = shown.out.splitlines()
    tap.ok(shown.status == 0 and lines and not shown.err, "%s: man shows it" % page.file, shown)
    long = [line for line in lines if len(line) > COLUMNS]
    tap.ok(not long, "%s: no line is longer than %d" % (page.file, COLUMNS), *long)
    at = lines.index("NAME") if "NAME" in lines else len(lines)
    tap.ok(at + 1 < len(lines) and lines[at + 1].strip().startswith(page.name + " - "),
           "%s: NAME tells what it is" % page.file, *lines[at:at + 3])

    tap.ok(not page.single_backslashes, "%s: no backslash is lost in literal text" % page.file,
           *page.single_backslashes)
    stripped = {line.strip() for line in lines}
    lost = [line for block in page.blocks for line in block.lines
            if line.strip() and line.strip() not in stripped]
    tap.ok(not lost, "%s: literal text is shown as it is" % page.file, *lost)


def check_headings(tap, page):
    wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "OUTPUT", "EXIT STATUS", "ENVIRONMENT",
              "FILES", "EXAMPLES", "SEE ALSO"]
    if page.section != "1":
        wanted = ["NAME", "DESCRIPTION", "SEE ALSO"]
    found = [heading for heading in page.sections if heading in wanted]
    tap.ok(found == wanted, "%s: has its sections, in order" % page.file, list(page.sections))


def options_of(portroom, arguments):
    """{--name: (letter or "", value or "")}, as the help tells them."""
    text = run([portroom] + arguments, env=dict(os.environ, COLUMNS="200")).out
    rows = re.findall(r"^  (?:    |(-.), )?(--[a-z0-9-]+)(?: (\S+))?(?:  |$)", text, re.M)
    return {name: (letter, value) for letter, name, value in rows}


def check_options(tap, page, portroom):
    if page.command():
        told = options_of(portroom, [page.command(), "--help"])
    else:
        told = options_of(portroom, ["help", "options"])
        told["--version"] = ("-V", "")
    tap.ok(page.options() == told, "%s: has the options of the help, and no other" % page.file,
           "page %s" % sorted(page.options().items()), "help %s" % sorted(told.items()))


def check_commands(tap, pages, portroom):
    text = run([portroom, "--help"], env=dict(os.environ, COLUMNS="200")).out
    commands = re.findall("^  ([a-z]+)  ", text, re.M)
    described = sorted(page.command() for page in pages.values() if page.command())
    tap.ok(sorted(commands) == described, "every command has a page", commands, described)
    terms = pages["portroom.1"].terms("COMMANDS")
    tap.ok(terms == commands + ["help"], "portroom.1: lists the commands as the help does", terms)


def check_environment(tap, pages, sources):
    """Every variable that the program asks for, no other."""
    asked = set()
    for folder, _, files in os.walk(sources):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                asked |= set(re.findall(r'(?:getenv|locale_variable)\("(\w+)"\)', file.read()))
    text = pages["portroom.1"].section_text("ENVIRONMENT")
    told = {name for line in re.findall(r"^\*[A-Z_*, ]+\*$", text, re.M)
            for name in re.findall("[A-Z_]+", line)}
    tap.ok(told == asked, "portroom.1: has the environment variables that are asked for",
           sorted(told ^ asked))
    for page in pages.values():
        names = set(re.findall(r"\*([A-Z_]+)\*", page.section_text("ENVIRONMENT")))
        tap.ok(names <= told, "%s: its environment is that of portroom.1" % page.file, names)


def check_rules(tap, page, portroom):
    """The tables of rules against the program's own list, and each text against the rule's page."""
    contents = json.loads(run([portroom, "explain", "--json"]).out)["contents"]
    rules = next(each["names"] for each in contents if each["kind"] == "rule")
    tables = page.tables("RULES")
    rows = [row for table in tables for row in table]
    names = {name for name, _ in rows}
    tap.ok(len(rows) == len(rules) and names == set(rules), "%s: has every rule once" % page.file,
           "missing %s" % sorted(set(rules) - names), "surplus %s" % sorted(names - set(rules)))
    for table in tables:
        names = [name for name, _ in table]
        tap.ok(names == [rule for rule in rules if rule in names],
               "%s: has rules in the order in which they are asked" % page.file, names)
    env = dict(os.environ, COLUMNS="1000")
    for name, text in rows:
        heading = run([portroom, "explain", name], env=env).out.splitlines()[:1]
        tap.ok(heading == ["%s: %s" % (name, text)],
               "%s: %s is told as its own page does" % (page.file, name), heading, text)


def check_thresholds(tap, page, portroom):
    """That they are taken. What they mean is in tests/diagnosis/threshold.c."""
    rows = [name for table in page.tables("THRESHOLDS") for name, _ in table][1:]
    refused = [row for row in rows if run([portroom, "check", "--plugin", "--root", "/nowhere",
                                           "--warning", row]).out.count("--warning")]
    tap.ok(rows and not refused, "%s: its thresholds are taken" % page.file, refused)


def check_keys(tap, page, portroom, folder):
    path = os.path.join(folder, "wrong.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("qqqqqqqqqq = 1\n")
    complaint = run([portroom, "check", "--config", path]).err
    keys = re.findall("[a-z]+", complaint.split(";")[-1])
    keys = [key for key in keys if key not in ("and", "can")]
    tap.ok(sorted(page.terms("OPTIONS")) == sorted(keys), "%s: has the keys there are" % page.file,
           page.terms("OPTIONS"), complaint)


def installed_manuals():
    """name(section) of what the packages bring, whether or not this system keeps manuals."""
    listed = run(["dpkg-query", "--search", "/usr/share/man/man*"]).out
    return set(re.findall(r"/man\d/([^/\s]+)\.(\d)\.gz", listed))


def check_references(tap, page, ours, others):
    wrong = ["%s(%s)" % each for each in page.references()
             if each[0].startswith("portroom") and each not in ours]
    tap.ok(not wrong, "%s: refers to pages of portroom that exist" % page.file, *wrong)
    lost = ["%s(%s)" % each for each in page.references("SEE ALSO")
            if not each[0].startswith("portroom") and each not in others]
    tap.ok(not lost, "%s: refers to pages of other packages that exist" % page.file, *lost)


# ---- what is run ----


class Scenery:
    """Namespaces of network, mounts and processes, with a program called nginx, while the block lasts."""

    def __init__(self, portroom, folder):
        self.folder, tools = folder, os.path.join(folder, "bin")
        os.makedirs(tools)
        os.symlink(os.path.abspath(portroom), os.path.join(tools, "portroom"))
        shutil.copy(shutil.which("sleep"), os.path.join(folder, "nginx"))
        self.env = dict(os.environ, PATH=tools + ":" + os.environ["PATH"], HOME=folder, LC_ALL="C")

    def __enter__(self):
        self.process = subprocess.Popen(
            ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
             SCENERY, "sh", os.path.join(self.folder, "nginx")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the scenery could not be made")
        children = "/proc/{0}/task/{0}/children".format(self.process.pid)
        with open(children, encoding="ascii") as file:
            self.pid = file.read().strip()
        return self

    def run(self, command, text=""):
        inner = "cd %s && %s" % (shlex.quote(self.folder), command)
        with tempfile.TemporaryFile() as stdin:
            stdin.write(text.encode())
            stdin.seek(0)
            return run(["nsenter", "--target", self.pid, "--net", "--pid", "--mount", "bash", "-o",
                        "pipefail", "-c", inner], stdin=stdin, env=self.env)

    def __exit__(self, kind, error, trace):
        self.process.communicate("\n")


def run_command(tap, scenery, pages, block, command, sentence):
    """Nothing is short in the scenery, so that every verdict is ok, unless the block says otherwise."""
    status = int(block.rest) if block.marker == "status" else 0
    if block.marker == "file":
        name, _, content = block.rest.partition(" ")
        with open(os.path.join(scenery.folder, name), "w", encoding="utf-8") as file:
            file.write(content + "\n")
    answer = scenery.run(command)
    said = REMARK.sub("", answer.err)
    # The kernel counts bound sockets of the whole machine: where others work, a copy may leave doubt.
    wanted = (status, 3) if "--root" in command else (status,)
    tap.ok(answer.status in wanted and not said, sentence, command, answer)
    word = re.search(r"\bportroom\b(?:\s+([a-z]+)\b)?", command)
    page = word and pages["portroom-%s.1" % (word[1] or "check")]
    tap.ok(not page or status in page.statuses(), "%s: the status is documented" % sentence, status)


def normal(lines, names):
    """Words alone: names, process ids and how long it took are each time others, and so the gaps between columns."""
    text = "\n".join(lines)
    for name, shown in names.items():
        text = re.sub(r"\b%s\b" % re.escape(name), shown, text)
    text = re.sub(r"\b\d\d:\d\d:\d\d\b", "TIME", text)
    text = re.sub(r"\b\d+\.\d+ s\b", "TIME", text)
    text = re.sub(r"(\bthe\s+first\s+from\s+\S+:)\d+", r"\1PORT", text)
    return re.sub(r"(\bpid |\bkill |,)\d+\b", r"\1PID", text).split()


def compare_screen(tap, program, portroom, block, sentence):
    name, *pairs = block.rest.split()
    names = dict(pair.split("=") for pair in pairs)
    command = block.lines[0]
    words = shlex.split(command[2:])
    words[0] = portroom
    shown, real, tries = normal(block.output(), {}), None, 1
    if words[1:2] == ["trace"]:  # room is told if it could be read in time
        words, tries = ["bash", "-c", BESIDE_TRACE, "bash"] + words, TRIES
    with Situation(program, name) as situation:
        if situation.skipped:
            tap.skip(sentence, situation.skipped)
            return
        while shown != real and tries:
            answer = situation.run(["env", "COLUMNS=%d" % SCREEN_COLUMNS, "LC_ALL=C.UTF-8"] + words)
            real, tries = normal(answer.out.splitlines(), names), tries - 1
    tap.ok(shown == real and not REMARK.sub("", answer.err), sentence,
           "in the page: " + " ".join(shown), "really:      " + " ".join(real), answer.err)


# ---- files for other programs ----


def read_nagios(scenery, block):
    objects = re.findall(r"define (\w+) \{\n(.*?)\n\}", block.text(), re.S)
    settings = {kind: dict(line.split(None, 1) for line in body.splitlines())
                for kind, body in objects}
    name, *arguments = settings["service"]["check_command"].split("!")
    if name != settings["command"]["command_name"]:
        return "the service checks %s, which is not defined" % name
    command = settings["command"]["command_line"]
    for number, argument in enumerate(arguments, 1):
        command = command.replace("$ARG%d$" % number, argument)
    return judge_plugin(scenery, command)


def read_icinga(scenery, block):
    """Brackets and strings; then the command, with each argument's value."""
    text = block.text()
    bare = re.sub(r'"[^"\n]*"', "", text)
    for opening, closing in ("{}", "[]"):
        if bare.count(opening) != bare.count(closing):
            return "%s and %s do not match" % (opening, closing)
    if '"' in bare:
        return "a string does not end"
    words = json.loads(re.search(r"command = (\[.*\])", text)[1])
    values = dict(re.findall(r'vars\.(\w+) = "(.*)"', text))
    for option, variable in re.findall(r'"(--[a-z-]+)" = "\$(\w+)\$"', text):
        words += [option, values[variable]]
    return judge_plugin(scenery, " ".join(map(shlex.quote, words)))


def judge_plugin(scenery, command):
    answer = scenery.run(re.sub("^sudo ", "", command))
    if answer.status == 0 and answer.out.startswith("PORTROOM OK") and not answer.err:
        return None
    return "%s\n%s" % (command, answer)


def read_shell(scenery, block):
    path = os.path.join(scenery.folder, "script")
    with open(path, "w", encoding="utf-8") as file:
        file.write(block.text())
    os.chmod(path, 0o755)
    answer = scenery.run("./script")
    line = r"0 portroom \S+ .*\n"
    return None if re.fullmatch(line, answer.out) and not answer.err else str(answer)


def read_node_problem(scenery, block):
    """As node-problem-detector, pkg/custompluginmonitor/types/config.go, wants it."""
    config = json.loads(block.text())
    types = {condition["type"] for condition in config["conditions"]}
    if config["plugin"] != "custom" or not config["source"]:
        return "no custom plugin, or no source"
    for rule in config["rules"]:
        if rule["type"] != "permanent" or rule["condition"] not in types or not rule["reason"]:
            return "rule %s" % rule
        words = [os.path.basename(rule["path"])] + rule["args"]
        answer = scenery.run(" ".join(map(shlex.quote, words)))
        if answer.status != 0 or not answer.out or answer.err:
            return str(answer)
    return None


def read_config(scenery, block):
    with open(os.path.join(scenery.folder, "page.conf"), "w", encoding="utf-8") as file:
        file.write(block.text())
    answer = scenery.run("portroom check --config page.conf")
    return None if answer.status == 0 and not answer.err else str(answer)


def read_sysctl(scenery, block):
    answer = scenery.run("portroom explain --json -", block.text())
    remarks = answer.json()["review"]["remarks"]
    good = remarks and all(each["verdict"] in ("helpful", "neutral") for each in remarks)
    return None if good else str(answer)


READERS = {
    "nagios": read_nagios,
    "icinga": read_icinga,
    "sh": read_shell,
    "node-problem": read_node_problem,
    "portroom.conf": read_config,
    "sysctl": read_sysctl,
}


def try_block(tap, page, pages, block, scenery, program, portroom):
    where = "%s, line %d" % (page.file, block.line)
    if block.marker == "screen":
        guard(tap, where, compare_screen, tap, program, portroom, block,
              "%s: the screen is what portroom prints" % where)
    elif block.marker == "syntax":
        complaint = READERS[block.rest](scenery, block)
        tap.ok(not complaint, "%s: what is for %s is good" % (where, block.rest), complaint)
    else:
        commands = block.commands()
        told = sum(command.count("\n") + 1 for command in commands)
        tap.ok(commands and told == len(block.lines), "%s: only commands" % where, block.text())
        for command in commands:
            run_command(tap, scenery, pages, block, command,
                        "%s: %s" % (where, command.splitlines()[0]))


def try_blocks(tap, pages, program, portroom):
    if os.geteuid() != 0:
        tap.skip("the examples do what they say", "needs root")
        return
    with tempfile.TemporaryDirectory() as folder, Scenery(portroom, folder) as scenery:
        for page in pages.values():
            for block in page.blocks:
                guard(tap, "%s, line %d" % (page.file, block.line), try_block, tap, page, pages,
                      block, scenery, program, portroom)


def main():
    portroom, program, source, built, *files = sys.argv[1:]
    os.environ.pop("LANGUAGE", None)
    os.environ["LC_ALL"] = "C.UTF-8"
    tap = Tap()
    pages = {file: Page(os.path.join(source, file + ".scd"), os.path.join(built, file))
             for file in files}
    ours = {(page.name, page.section) for page in pages.values()}
    others = installed_manuals()

    sources = {name[:-len(".scd")] for name in os.listdir(source) if name.endswith(".scd")}
    tap.ok(sources == set(files), "every page is built", sorted(sources ^ set(files)))
    guard(tap, "commands", check_commands, tap, pages, portroom)
    guard(tap, "environment", check_environment, tap, pages,
          os.path.join(source, os.pardir, "src"))
    guard(tap, "rules", check_rules, tap, pages["portroom-check.1"], portroom)
    guard(tap, "thresholds", check_thresholds, tap, pages["portroom-check.1"], portroom)
    with tempfile.TemporaryDirectory() as folder:
        guard(tap, "keys", check_keys, tap, pages["portroom.conf.5"], portroom, folder)
    for page in pages.values():
        guard(tap, page.file, check_form, tap, page)
        guard(tap, page.file, check_headings, tap, page)
        guard(tap, page.file, check_references, tap, page, ours, others)
        if page.section == "1":
            guard(tap, page.file, check_options, tap, page, portroom)
    try_blocks(tap, pages, program, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
