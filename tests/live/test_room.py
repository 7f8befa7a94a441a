#!/usr/bin/env python3
"""`portroom room` against what really is possible.

    test_room.py [--allow-interval] PORTROOM SITUATION [NAME...]

In each situation, for every call whose outcome the situation states, portroom must say exactly that
number, without BPF and by each of its sources, and by these also if --passive; without BPF --passive says
an interval around it; and asking must not have changed it. With --allow-interval an interval that
contains the truth, and says why it is one, is as good, but for BPF.
"""

import os
import socket
import sys

from live import TRIES, Situation, Tap, guard, names, need_root, run


def arguments_for(target):
    """The portroom command line that asks for a target's number."""
    udp = ["--udp"] if target["proto"].startswith("udp") else []
    if target["how"] in ("bind0", "listen_autobind"):
        return ["room", "--bind", target["src"]] + udp
    form = "[%s]:%d" if ":" in target["dst"] else "%s:%d"
    words = ["room", form % (target["dst"], target["dport"])] + udp
    if target["how"] == "connect_noport":
        words += ["--src", target["src"]]
    if target["port_range"]:
        words += ["--port-range", "%d-%d" % tuple(target["port_range"])]
    return words


KINDS = {
    ("connect", "tcp"): "connect",
    ("connect_noport", "tcp"): "connect",
    ("bind0", "tcp"): "bind",
    ("listen_autobind", "tcp"): "bind",
    ("autobind", "udp"): "udp_connect",
    ("bind0", "udp"): "udp_bind",
}


def says_why(room):
    return isinstance(room["why_not_exact"], str) and room["why_not_exact"] != ""


def contains(room, number):
    return room["room_min"] <= number <= room["room_max"]


def is_consistent(room):
    """Exact means one number; an interval is two different ones, no single one, and a reason."""
    if room["exact"]:
        return room["room"] == room["room_min"] == room["room_max"] and not room["why_not_exact"]
    return room["room"] is None and room["room_min"] < room["room_max"] and says_why(room)


def is_right(room, target, measured, allow_interval):
    if target["odd"]:
        # One call may overlook one port: both answers are right, nothing wider is as a rule.
        number = target["available"] if measured is None else measured
        return (contains(room, number) and room["room_max"] == target["available"] and
                (allow_interval or room["room_max"] - room["room_min"] <= 1))
    if allow_interval or target["uncertain"]:
        return contains(room, target["available"]) and (room["exact"] or says_why(room))
    return room["exact"] is True and room["room"] == target["available"]


def fits(room, target):
    """What else the answer says about the question. UDP: routing does not matter for its pool."""
    return (room["kind"] == KINDS[target["how"], target["proto"][:3]] and
            room["eligible"] == target["eligible"] and room["destination"] == target["dst"] and
            room["port"] == target["dport"] and
            (target["how"] == "autobind" or room["source"] == target["src"]))


# By BPF, the answer is exact in any case.
EXACT = tuple(("--source", source) + passive
              for source in ("bpf_tables", "bpf_iter") for passive in ((), ("--passive",)))


OLD = tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 8)


class Asked:
    """One target, and what portroom said about it."""

    def __init__(self, situation, target):
        self.target, self.words = target, arguments_for(target)
        self.sentence = "%s: portroom %s" % (situation.name, " ".join(self.words))
        self.room = self.passive = None
        self.exact = {}


def ask(tap, situation, portroom, target):
    asked = Asked(situation, target)
    sentence = asked.sentence
    command = [portroom] + asked.words + ["--json"]

    def answer(*options):
        return guard(tap, " ".join((sentence,) + options) + " answers",
                     lambda: situation.run(command + list(options)).json())

    asked.room = answer("--no-bpf")
    asked.passive = answer("--no-bpf", "--passive")
    asked.exact = {options: answer(*options) for options in EXACT}
    return asked


def judge(tap, situation, asked, index, allow_interval):
    sentence, target, room = asked.sentence, asked.target, asked.room
    details = (target, room)
    if room:
        measured = situation.measured(index)
        tap.ok(guard(tap, sentence, is_right, room, target, measured, allow_interval),
               "%s says %s%d" % (sentence, "about " if target["odd"] else "", target["available"]),
               "measured %s" % measured, *details)
        tap.ok(guard(tap, sentence, lambda: fits(room, target) and is_consistent(room)),
               sentence + " agrees with itself and with the question", *details)
    for options, exact in asked.exact.items():
        if exact:
            strict = dict(target, uncertain=False)
            # Before Linux 6.8 the iterators do not show sockets that no descriptor leads to; the port
            # test then has to tell.
            loose = options[1] == "bpf_iter" and "--passive" in options and OLD
            tap.ok(guard(tap, sentence, lambda: fits(exact, target) and is_consistent(exact) and
                         is_right(exact, strict, situation.measured(index), loose)),
                   "%s %s says the same" % (sentence, " ".join(options)), target, exact)
    if asked.passive:
        passive = asked.passive
        low = target["available"] - (1 if target["odd"] else 0)
        tap.ok(guard(tap, sentence, lambda: is_consistent(passive) and passive["room_min"] <=
                     target["available"] and passive["room_max"] >= low),
               sentence + " --passive contains the truth", target, passive)


def ask_for_text(situation, portroom, target):
    words, number = [portroom] + arguments_for(target), target["available"]
    return [situation.run(words + more)
            for more in ([], ["--at-least", str(number)], ["--at-least", str(number + 1)])]


def judge_text(tap, name, target, text, enough, more):
    """Text output begins with the number, and --at-least turns it into an exit status."""
    number = target["available"]
    sentence = "%s: portroom %s" % (name, " ".join(arguments_for(target)))
    first = text.out.replace(",", "").split()[:1]
    tap.ok(text.status == 0 and first == [str(number)],
           sentence + " prints the number first", text)
    tap.ok(enough.status == 0 and more.status == 1,
           sentence + " --at-least is 0 for %d and 1 for one more" % number, enough, more)


def try_situation(tap, portroom, program, name, allow_interval):
    for _ in range(TRIES):
        with Situation(program, name) as situation:
            if situation.skipped:
                tap.skip(name, situation.skipped)
                return None
            targets = situation.truth["targets"]
            asked = [ask(tap, situation, portroom, target) for target in targets]
            plain = [each for each in targets if not each["odd"] and not each["uncertain"]]
            texts = ask_for_text(situation, portroom, plain[-1]) \
                if plain and not allow_interval else None
        if not situation.late:
            break
    else:
        tap.skip(name, "the situation was over before the answer came")
        return None
    for index, each in enumerate(asked):
        judge(tap, situation, each, index, allow_interval)
    if texts:
        judge_text(tap, name, plain[-1], *texts)
    situation.verify(tap, name + ": looking changed nothing")
    return [each for each in asked if each.room]


def summarize(answers):
    """How many answers were exact, and which were not: a comment, for whoever reads the log."""
    intervals = [each for each in answers if not each.room["exact"]]
    print("# %d of %d answers are exact" % (len(answers) - len(intervals), len(answers)))
    for each in intervals:
        print("# interval: %s: %s to %s, true: %d; %s" %
              (each.sentence, each.room["room_min"], each.room["room_max"],
               each.target["available"], each.room["why_not_exact"]))


CONNECT = """
import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
try:
    socket.socket(family, socket.SOCK_STREAM).connect((sys.argv[1], 53))
except OSError as error:
    print(errno.errorcode[error.errno])
"""

# How a new namespace is changed, and destinations there.
UNREACHABLE = (
    ("true", ("::1", "2001:db8::1", "127.0.0.1", "10.0.9.1")),
    ("ip link set lo up", ("2001:db8::1", "10.0.9.1")),
    ("ip link set lo up; sysctl -qw net.ipv6.conf.all.disable_ipv6=1", ("::1",)),
    ("ip link set lo up; ip route add prohibit 10.0.9.1; ip -6 route add blackhole 2001:db8::1",
     ("10.0.9.1", "2001:db8::1")),
)


def try_unreachable(tap, portroom, script, address):
    """No port is asked for: what is told instead is what connect() really reports."""
    target = ("[%s]:53" if ":" in address else "%s:53") % address
    answer = run(["unshare", "--net", "sh", "-c",
                  script + '; "$0" -c "$1" "$2"; exec "$3" room "$4"',
                  sys.executable, CONNECT, address, portroom, target])
    reported, sentence = answer.out.strip(), "in `%s`, room %s" % (script, target)
    if reported == "EAFNOSUPPORT":
        tap.skip(sentence, "no IPv6")
        return
    tap.ok(answer.status == 1 and reported.startswith("E") and
           "connect() reports %s" % reported in answer.err and
           "no lack of ports" in answer.err and answer.err.count("\n") == 1,
           sentence + " tells what connect() reports", answer)


WILDCARDS = (("0.0.0.0", None, "127.0.0.1"), ("0.0.0.0", "127.0.0.7", "127.0.0.7"), ("::", None, "::1"))


def try_wildcard(tap, portroom, wildcard, source, where):
    """A wildcard as a destination is this host: where connect() goes, the answer goes."""
    family = socket.AF_INET6 if ":" in wildcard else socket.AF_INET
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((wildcard, 0))
        server.listen()
        port = server.getsockname()[1]
        if source:
            client.bind((source, 0))
        client.connect((wildcard, port))
        peer = client.getpeername()[0]
        target = ("[%s]:%d" if ":" in wildcard else "%s:%d") % (wildcard, port)
        words = ["room", target, "--netns", "own"] + (["--src", source] if source else [])
        text, answer = run([portroom] + words), run([portroom] + words + ["--json"])
    tap.ok(peer == where and answer.json()["destination"] == where,
           "%s from %s: the answer is about where connect() goes" % (wildcard, source or "anywhere"), peer, answer)
    tap.ok("%s as a destination means this host: connect() goes to %s" % (wildcard, where) in text.out,
           "%s from %s: so it is said" % (wildcard, source or "anywhere"), text)


def main(words):
    allow_interval = "--allow-interval" in words
    words = [word for word in words if word != "--allow-interval"]
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    tap = Tap()
    need_root(tap)
    answers = []
    for name in words[2:] or names(program):
        answers += guard(tap, name, try_situation, tap, portroom, program, name,
                         allow_interval) or []
    if not words[2:] and os.path.exists("/usr/bin/unshare"):
        for script, addresses in UNREACHABLE:
            for address in addresses:
                guard(tap, address, try_unreachable, tap, portroom, script, address)
    if not words[2:]:
        for wildcard in WILDCARDS:
            guard(tap, wildcard[0], try_wildcard, tap, portroom, *wildcard)
    summarize(answers)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
