#!/usr/bin/env python3
"""`portroom probe`: each way in which an outbound attempt ends, made to happen.

    test_probe.py PORTROOM SITUATION [--schema-dir DIR] [CASE...]

Everything happens in namespaces of its own; nothing leaves this machine.
"""

import os
import shlex
import sys

from live import TRIES, Situation, Tap, guard, need_root, run
from nat import Box, SERVER, PORT
from test_check import Schemas, take_option

CASES = []


def case(function):
    CASES.append(function)
    return function


class Here:
    """portroom in a namespace that the shell text `before` has set up, with servers on 127.0.0.1: 8080, and 8090 which
    resets at once."""

    SERVE = ("import socket, struct, sys, threading\n"
             "def serve(port, reset):\n"
             "    s = socket.create_server(('127.0.0.1', port), backlog=4096)\n"
             "    def accept():\n"
             "        while True:\n"
             "            c = s.accept()[0]\n"
             "            if reset: c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
             "            c.close()\n"
             "    threading.Thread(target=accept, daemon=True).start()\n"
             "serve(8080, False); serve(8090, True)\n"
             "print('up', flush=True); sys.stdin.read()\n")

    def __init__(self, portroom, schemas):
        self.portroom, self.schemas = portroom, schemas

    def shell(self, script, before=""):
        """A script in a network and mount namespace of its own; $P is portroom. The servers end with their input: bash would
        tell of one that was killed, if it learnt of that before its own end."""
        text = ("ip link set lo up\ncoproc S { python3 -c %s; }\nread -r up <&${S[0]}\n%s\n%s\nstatus=$?\n"
                "exit $status\n" % (shlex.quote(self.SERVE), before, script))
        return run(["unshare", "--net", "--mount", "bash", "-c", text], env=dict(os.environ, P=self.portroom))

    def probe(self, words, before=""):
        return self.shell("$P probe " + words, before)

    def rows(self, tap, words, before="", sentence=None):
        answer = self.probe("--json " + words, before)
        document = answer.json()
        self.schemas.try_document(tap, document, sentence or words)
        return document["results"]


def outcomes(rows):
    return [row["outcome"] for row in rows]


@case
def ends(tap, here):
    rows = here.rows(tap, "127.0.0.1:8080 127.0.0.1:81 203.0.113.1:80 nosuch.invalid:80 [::1]:81 --timeout 3s")
    tap.ok(outcomes(rows)[:3] == ["connected", "refused", "unreachable"] and outcomes(rows)[4] == "refused" and
           outcomes(rows)[3] in ("no_name", "name_failed", "name_timed_out"), "connected, refused, unreachable, unresolvable", rows)
    tap.ok(rows[0]["local"].startswith("127.0.0.1:") and rows[0]["error"] is None and
           rows[1]["error"] == "ECONNREFUSED" and rows[1]["call"] == "connect" and rows[3]["endpoint"] is None,
           "with the local end, or call and error", rows)
    rows = here.rows(tap, "--udp 127.0.0.1:81 203.0.113.1:53 127.0.0.1:8081", "nft add table t; true")
    tap.ok(outcomes(rows) == ["refused", "unreachable", "refused"], "UDP refused and unreachable", rows)
    rows = here.rows(tap, "--src 10.9.9.9 127.0.0.1:8080")
    tap.ok(outcomes(rows) == ["source_not_ours"] and rows[0]["call"] == "bind",
           "a source that is none of ours", rows)
    rows = here.rows(tap, "--src 127.0.0.5 127.0.0.1:8080")
    tap.ok(outcomes(rows) == ["connected"] and rows[0]["local"].startswith("127.0.0.5:"),
           "a source of ours is used", rows)
    answer = here.probe("127.0.0.1:8080")
    tap.ok(answer.status == 0 and "connected" in answer.out and not answer.err, "good: 0", answer)
    answer = here.probe("127.0.0.1:8080 127.0.0.1:81")
    tap.ok(answer.status == 1 and "not a lack of ports" in answer.out and not answer.err,
           "not all good: 1, and why", answer)


FILTERED = """nft -f - <<'X'
table inet t {
 chain o {
  type filter hook output priority 0
  tcp dport 82 drop
  tcp dport 83 reject
  tcp dport 84 reject with tcp reset
  tcp dport 85 reject with icmpx admin-prohibited
  udp dport 86 drop
  udp dport 87 reject
 }
}
X"""


@case
def filters(tap, here):
    for _ in range(TRIES):  # until this machine has not stood still meanwhile
        rows = here.rows(tap, "--timeout 500ms 127.0.0.1:82 127.0.0.1:83 127.0.0.1:84 127.0.0.1:85", FILTERED)
        if rows[0]["milliseconds"] < 1500:
            break
    tap.ok(outcomes(rows) == ["timed_out", "refused", "refused", "unreachable"],
           "dropped, rejected, reset, prohibited", rows)
    tap.ok(500 <= rows[0]["milliseconds"] < 1500 and rows[0]["local"],
           "a dropped one takes its time, and had a port", rows[0])
    rows = here.rows(tap, "--udp --timeout 500ms 127.0.0.1:86 127.0.0.1:87", FILTERED)
    tap.ok(outcomes(rows) == ["forbidden", "forbidden"] and rows[0]["error"] == "EPERM",
           "UDP that the own firewall drops or rejects is forbidden", rows)


@case
def looks_like_no_port(tap, here):
    """EADDRNOTAVAIL of connect() where there is no address to have a port on."""
    rows = here.rows(tap, "[::1]:81", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
    tap.ok(outcomes(rows) == ["unreachable"] and rows[0]["error"] == "EADDRNOTAVAIL", "IPv6 switched off", rows)
    rows = here.rows(tap, "--udp [::1]:81", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
    tap.ok(outcomes(rows) == ["unreachable"], "and so by UDP", rows)
    rows = here.rows(tap, "[fe80::1%lo]:81 [fe80::1%nosuch]:81 --timeout 300ms")
    tap.ok(len(rows) == 2 and "no_port" not in outcomes(rows), "a link-local address has its interface", rows)


@case
def reset(tap, here):
    rows = here.rows(tap, "--repeat 50 127.0.0.1:8090")
    tap.ok({row["outcome"] for row in rows} <= {"connected", "reset"} and sum(row["count"] for row in rows) == 50,
           "a server that resets at once is not said to refuse", rows)


@case
def leaves_nothing(tap, here):
    answer = here.shell("$P probe 127.0.0.1:8080 --repeat 200; ss -tanH | grep -cv LISTEN")
    lines = answer.out.splitlines()
    tap.ok(lines[0].count("200 of 200") == 1 and lines[-1] == "0",
           "200 attempts leave no TIME_WAIT and nothing else", answer)


def in_situation(tap, here, name, words, sentence, wanted):
    with Situation(SITUATION[0], name) as situation:
        if situation.skipped:
            tap.skip(sentence, situation.skipped)
            return None
        document = situation.run([here.portroom, "probe", "--json"] + words.split()).json()
    here.schemas.try_document(tap, document, sentence)
    row = document["results"][0]
    tap.ok(row["outcome"] == wanted, sentence, row)
    return row


SITUATION = []


@case
def no_port(tap, here):
    for name, words in (("destination_full", "127.0.0.1:9000"), ("bind_first_full", "127.0.0.1:9000"),
                        ("bound_only_leak", "127.0.0.1:9000"), ("time_wait_full", "127.0.0.1:9000"),
                        ("close_wait_leak", "127.0.0.1:9000"), ("udp_full", "--udp 127.0.0.1:53")):
        row = in_situation(tap, here, name, words, "%s: no local port" % name, "no_port")
        if row:
            tap.ok(row["room"] == 0, name + ": there is no room", row)
            tap.ok(name == "time_wait_full" or
                   (row["holder"] and row["holder"]["pid"] and row["holder"]["ports"] >= 60),
                   name + ": who has them is named", row)
    in_situation(tap, here, "destination_full", "127.0.0.2:9000", "another destination of a full one", "connected")


@case
def black_hole(tap, here):
    with Situation(SITUATION[0], "black_hole") as situation:
        document = situation.run([here.portroom, "check", "--json", "--netns", "own"]).json()
        row = document["destinations"][0]
        target = "%s:%d" % (row["destination"], row["port"])
        answer = situation.run([here.portroom, "probe", "--json", "--timeout", "300ms", target]).json()["results"][0]
        wanted = "no_port" if row["room"] == 0 else "timed_out"
    tap.ok(answer["outcome"] == wanted, "a destination that never answers: " + wanted, answer, row["room"])


@case
def nat_full(tap, here):
    rules = ["nft", "table ip nat { chain post { type nat hook postrouting priority 100; "
             "ip protocol tcp masquerade to :40000-40009; }; }"]
    with Box(rules) as box:
        box.serve()
        box.fill(10)
        answer = run([here.portroom, "probe", "--json", "--timeout", "500ms", "--netns", box.names["client"],
                      "%s:%d" % (SERVER[4], PORT)])
        row = answer.json()["results"][0]
        tap.ok(row["outcome"] == "timed_out" and "source NAT on this host has no port left" in row["why"],
               "seen from the client it times out, and the NAT of this host is blamed", row)
        box.reset(list(box.kept[1:3]))


@case
def limits(tap, here):
    for limit in range(4, 14):
        answer = here.shell("(ulimit -n %d; $P probe --json 127.0.0.1:8080; echo status $?)" % limit)
        said = "no_descriptor" in answer.out or '"connected"' in answer.out or "portroom: " in answer.err or \
            "shared libraries" in answer.err
        tap.ok(said and answer.err.count("\n") <= 1, "with %d descriptors it says what it met" % limit, answer)
    targets = " ".join("127.0.0.1:%d" % port for port in range(8080, 8140))
    answer = here.shell("ulimit -n 32; $P probe --json " + targets)
    tap.ok("no_descriptor" not in answer.out and len(answer.json()["results"]) == 60,
           "60 targets wait for each other with 32 descriptors", answer)
    rows = here.rows(tap, "127.0.0.1:8080", sentence="with enough")
    tap.ok(outcomes(rows) == ["connected"], "and with enough it connects", rows)
    answer = here.shell("setpriv --reuid=65534 --regid=65534 --clear-groups $P probe 127.0.0.1:8080")
    tap.ok(answer.status == 0 and "connected" in answer.out, "it needs no privilege", answer)


@case
def symptoms(tap, here):
    """Files in a mount namespace of its own: /etc is a copy that nobody else sees."""
    before = """
mkdir -p /run; mount -t tmpfs none /run; cp -a /etc /run/etc; mount --bind /run/etc /etc
printf 'nameserver 127.0.0.1\\noptions timeout:1\\n' >/etc/resolv.conf
mkdir -p /etc/sssd /etc/ldap /etc/ssh; rm -rf /etc/apt/sources.list*
printf '[realms]\\n X = {\\n  kdc = 127.0.0.1:8080\\n  admin_server = 127.0.0.9\\n }\\n' >/etc/krb5.conf
printf 'URI ldap://127.0.0.1:390 ldaps://[::1]\\n' >/etc/ldap/ldap.conf
printf '127.0.0.1:/x /mnt nfs port=8080,ro 0 0\\n//127.0.0.7/share /mnt cifs guest 0 0\\n' >>/etc/fstab
printf 'Host a\\n HostName 127.0.0.1\\n Port 8080\\nHost b\\n HostName 127.0.0.2\\n' >/etc/ssh/ssh_config
printf 'http_proxy="http://user:w@rd@127.0.0.1:8080/"\\n' >/etc/environment
export HOME=/nonexistent http_proxy=http://127.0.0.1:3128
"""
    rows = here.rows(tap, "--symptoms --timeout 1s", before)
    found = {(row["group"], row["target"], row["protocol"]): row["outcome"] for row in rows}
    wanted = {
        ("name service", "127.0.0.1:53", "udp"): "refused",
        ("name service", "127.0.0.1:53", "tcp"): "refused",
        ("directory", "127.0.0.1:8080", "tcp"): "connected",
        ("directory", "127.0.0.1:390", "tcp"): "refused",
        ("directory", "[::1]:636", "tcp"): "refused",
        ("file shares", "127.0.0.1:8080", "tcp"): "connected",
        ("file shares", "127.0.0.7:445", "tcp"): "refused",
        ("remote login", "127.0.0.1:8080", "tcp"): "connected",
        ("remote login", "127.0.0.2:22", "tcp"): "refused",
        ("web", "127.0.0.1:3128", "tcp"): "refused",
        ("web", "127.0.0.1:8080", "tcp"): "connected",
    }
    tap.ok(found == wanted, "what is configured is tried", sorted(found.items()), sorted(wanted.items()))
    answer = here.probe("--symptoms --timeout 1s", before)
    tap.ok("credentials are cached" in answer.out and "word" not in answer.out,
           "it says that cached credentials hide a failing logon, and no password", answer)


BAD = (
    ("", "needs a HOST:PORT"),
    ("127.0.0.1", "no HOST:PORT"),
    ("127.0.0.1:0", "no HOST:PORT"),
    ("127.0.0.1:70000", "no HOST:PORT"),
    (":80", "no HOST:PORT"),
    ("::1:80", "no HOST:PORT"),
    ("http://x:80/", "no HOST:PORT"),
    ("x:80 --src nowhere", "not an IP address"),
    ("x:80 --timeout 0s", "give a time"),
    ("x:80 --timeout 1d", "give a time"),
    ("x:80 --repeat 0", "from 1 to"),
    ("x:80 --root /proc", "--root"),
    ("x:80 --passive", "--passive"),
    ("x:80 --netns all", "one network namespace"),
    ("--symptoms --udp", "--udp goes with"),
    ("[::1]:80 --src 127.0.0.1", "not of the same address family"),
)


@case
def bad_input(tap, here):
    for words, said in BAD:
        answer = run([here.portroom, "probe"] + words.split())
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out,
               "probe %s is one sentence" % words, answer)
    answer = run([here.portroom, "probe", "--netns", "nosuch", "127.0.0.1:80"])
    tap.ok(answer.status == 1 and "nosuch" in answer.err, "a namespace that is none", answer)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 2:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(os.path.abspath(words[0]), schemas)
    SITUATION.append(os.path.abspath(words[1]))
    for function in CASES:
        if not words[2:] or function.__name__ in words[2:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
