#!/usr/bin/env python3
"""Room on a NAT box, against real connections through it.

    test_nat.py PORTROOM [--schema-dir DIR] [NAME...]

Everywhere: so many connections as `portroom check` says are left can really be made, and no more.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
import time

from live import Tap, guard, need_root, run
from nat import AT_ONCE_S, CLIENTS, PORT, ROUTER, SERVER, Box, must, tool
from test_check import BECOME_NOBODY, Schemas, findings_of, take_option

CHAIN = ("add table {0} nat; add chain {0} nat post {{ type nat hook postrouting priority 100; }}; ")


def nft(*rules, family="ip"):
    return ["nft", CHAIN.format(family) +
            "; ".join("add rule %s nat post %s" % (family, rule) for rule in rules)]


class Case:
    """One box: what is asked about it, and what is real."""

    def __init__(self, tap, portroom, schemas, name):
        self.tap, self.portroom, self.schemas, self.name = tap, portroom, schemas, name

    def ok(self, condition, sentence, *details):
        return self.tap.ok(condition, "%s: %s" % (self.name, sentence), *details)

    def look(self, box, who="router", more=()):
        """The document about one namespace; the words come from whoever stands in it."""
        answer = run([self.portroom, "check", "--json", "--limit", "all", "--netns",
                      box.names[who]] + list(more))
        document = answer.json()
        self.schemas.try_document(self.tap, document, self.name + ": the document")
        return document

    def rows(self, document, **wanted):
        return [row for row in document["nat"]
                if all(row[key] == value for key, value in wanted.items())]

    def row(self, document, **wanted):
        rows = self.rows(document, **wanted)
        self.ok(len(rows) == 1, "one row for %s" % wanted, document["nat"])
        return rows[0] if len(rows) == 1 else None

    def exact(self, row, capacity, used):
        self.ok(row and (row["capacity"], row["used"], row["room"], row["exact"]) ==
                (capacity, used, capacity - used, True),
                "%d of %d ports are used" % (used, capacity), row)

    def full(self, document, address, destination, used, capacity):
        """The finding of a full range: critical, with the addresses and figures in its first line."""
        found = findings_of(document, "snat_full")
        words = "%d of %d" % (used, capacity)
        self.ok(len(found) == 1 and found[0]["severity"] == "critical" and
                document["verdict"] == "critical" and address in found[0]["title"] and
                destination in found[0]["title"] and words in found[0]["title"],
                "the finding is critical and names %s, %s and %s" % (address, destination, words),
                document["findings"], document["nat"])
        return found[0] if found else None


def part_then_full(case, box, version=4, udp=False, capacity=10, used=4, family=None):
    """Some are made, what is left is told, and it is just what can be made."""
    server = box.serve(version, udp)
    how = {"to": (SERVER[version], PORT), "server": server if udp else None}
    case.ok(len(box.fill(used, **how)) == used, "the first are made")
    if used:
        case.exact(case.row(case.look(box), snat_address=ROUTER[version],
                            destination=SERVER[version], port=PORT,
                            protocol="udp" if udp else "tcp"), capacity, used)
    more = len(box.fill(**how))
    case.ok(more == capacity - used, "so many more can be made, and no more", more)
    endpoint = ("[%s]:%d" if version == 6 else "%s:%d") % (SERVER[version], PORT)
    return case.full(case.look(box), ROUTER[version], endpoint, capacity, capacity)


def try_masquerade(case):
    with Box(nft("ip protocol tcp masquerade to :40000-40009")) as box:
        found = part_then_full(case, box)
        row = case.row(case.look(box), port=PORT)
        case.ok(row and (row["first"], row["last"]) == (40000, 40009), "the rule's range is told", row)
        case.ok(row and [(each["address"], each["ports"], each["pid"]) for each in row["sources"]] ==
                [(CLIENTS[4][0], 10, None)], "who made them is told by address", row)
        evidence = {each["name"]: each["value"] for each in (found or {}).get("evidence", ())}
        case.ok(evidence.get("insert_failed", 0) > 0, "the packet that was dropped is counted", evidence)
        text = run([case.portroom, "check", "--netns", box.names["router"]])
        case.ok(text.status == 2 and text.out.startswith("CRITICAL") and "10 of 10" in text.out and
                CLIENTS[4][0] in text.out and "chain ip nat post" in text.out,
                "the screen tells the same, and where the range is set", text)
        line = run([case.portroom, "check", "--plugin", "--netns", box.names["router"]])
        case.ok(line.status == 2 and "10 of 10 NAT ports" in line.out.splitlines()[0],
                "so does the plugin's line", line)
        client = case.look(box, "client")
        case.ok(client["verdict"] == "ok" and not client["findings"],
                "seen from the client nothing is blamed", client["findings"])
        other = box.serve(port=PORT + 1)
        case.ok(len(box.fill(3, to=(SERVER[4], PORT + 1))) == 3 and other,
                "to another port there is room")
        case.exact(case.row(case.look(box), port=PORT + 1), 10, 3)


def try_whole_host(case):
    """All namespaces at once: the process behind the address is found."""
    with Box(nft("ip protocol tcp masquerade to :40000-40009")) as box:
        box.serve()
        box.fill(10)
        document = run([case.portroom, "check", "--json"]).json()
        found = [each for each in findings_of(document, "snat_full")
                 if each["namespace"] == box.inode("router")]
        culprit = found[0]["culprit"] if found else None
        case.ok(culprit and culprit["pid"] == os.getpid(), "the process is named", found)
        owners = found[0]["owners"] if found else []
        case.ok([(each["address"], each["pid"], each["ports"], each["how"]) for each in owners] ==
                [(CLIENTS[4][0], os.getpid(), 10, "observed")], "with all of its ports", owners)


def try_udp(case):
    with Box(nft("ip protocol udp masquerade to :40000-40009")) as box:
        part_then_full(case, box, udp=True)


def try_ipv6(case):
    with Box(nft("meta l4proto tcp masquerade to :40000-40009", family="ip6")) as box:
        part_then_full(case, box, version=6)


def try_inet(case):
    """One table for both families; a rule for the other protocol beside it."""
    with Box(nft("meta l4proto tcp masquerade to :40000-40009",
                 "meta l4proto udp masquerade to :50000-50001", family="inet")) as box:
        part_then_full(case, box)


def try_one_port(case):
    with Box(nft("ip protocol tcp snat to 10.2.0.1:40000")) as box:
        part_then_full(case, box, capacity=1, used=0)


def try_addresses(case):
    """Towards one destination the kernel keeps a client to one of the addresses."""
    with Box(nft("ip protocol tcp snat to 10.2.0.1-10.2.0.3:40000-40009")) as box:
        box.serve()
        for client in CLIENTS[4]:
            box.fill(1, source=(client, 0))
        rows = case.rows(case.look(box), destination=SERVER[4])
        address_of = {source["address"]: row for row in rows for source in row["sources"]}
        case.ok(len(address_of) == len(CLIENTS[4]) and all(row["capacity"] == 10 for row in rows),
                "every client is at one address, each with its own range", rows)
        for row in rows:
            client = row["sources"][0]["address"]
            more = len(box.fill(source=(client, 0)))
            case.ok(more == row["room"], "what is left at %s can be made" % row["snat_address"],
                    more, row)


def try_classes(case):
    """Without a range: low ports stay low. The last ones are found late: it is tried more often."""
    with Box(nft("ip protocol tcp masquerade")) as box:
        box.serve()
        for port in range(600, 1016):
            box.fill(1, source=(CLIENTS[4][0], port))
        for port in (20, 30000, 40000):
            box.fill(1, source=(CLIENTS[4][0], port))
        document = case.look(box)
        case.exact(case.row(document, first=600), 424, 416)
        case.exact(case.row(document, first=1), 511, 1)
        case.exact(case.row(document, first=1024), 64512, 2)
        # A packet looks at some 250 of the 424: it misses the last port that is free in every second try.
        more = sum(len(box.fill(1, misses=25, wait_s=0.15, source=(CLIENTS[4][1], port)))
                   for port in range(600, 612))
        case.ok(more == 8, "of the ports from 600 to 1023 so many can be had, and no more", more)
        case.full(case.look(box), ROUTER[4], "%s:%d" % (SERVER[4], PORT), 424, 424)


# One datagram from each port but the last ones and some at random.
MANY = """
import random, socket, sys
address, block, scattered = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ports = range(1024, 65536 - block)
left_out = set(random.Random(1).sample(ports, scattered))
for port in ports:
    if port in left_out:
        continue
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, port))
    try:
        s.sendto(b"x", ("%s", %d))
    except OSError:
        pass
    s.close()
""" % (SERVER[4], PORT)


def drain(server):
    """How many were there."""
    count = 0
    while True:
        try:
            server.recvfrom(16)
            count += 1
        except BlockingIOError:
            return count


def try_late(case):
    """Of many ports packets are lost before the last is used, and it says how many."""
    block, scattered, tries, lost = 300, 300, 100, 0
    with Box(nft("ip protocol udp masquerade")) as box:
        box.set("router", "net.netfilter.nf_conntrack_udp_timeout", 600)
        server = box.serve(udp=True)
        must(box.inside("client", [sys.executable, "-c", MANY, CLIENTS[4][0], str(block),
                                   str(scattered)]))
        drain(server)
        left = block + scattered
        document = case.look(box)
        case.exact(case.row(document, first=1024), 64512, 64512 - left)
        found = findings_of(document, "snat_full")
        promised = re.search(r"about (\d+) of 1,000 first packets find none",
                             found[0]["reason"]) if found else None
        for port in range(2000, 2000 + tries):
            made = box.exchange(server, source=(CLIENTS[4][1], port), wait_s=0.02)
            lost += made is None
        time.sleep(AT_ONCE_S)
        lost -= drain(server)  # those were late
        # It is chance: 300 runs of such a draw had 23 to 47, of 30 told. Those that come through take ports, so it becomes more.
        expected = int(promised.group(1)) * tries / 1000 if promised else 0
        case.ok(expected > 20 and expected - 14 < lost < expected + 26,
                "as many packets are lost as is told", "%d lost" % lost, found)
        row = case.row(case.look(box), first=1024)
        case.ok(row and row["room"] == left - (tries - lost), "each that came through took one",
                row, lost)


def try_own(case):
    """Connections of the router itself take NAT ports as well."""
    with Box(nft("ip saddr 10.1.0.0/24 ip protocol tcp masquerade to :40000-40009")) as box:
        box.serve()
        for port in (40000, 40007, 45000):
            box.fill(1, who="router", source=(ROUTER[4], port))
        case.ok(not case.look(box)["nat"], "without NAT there is nothing to tell")
        box.fill(3)
        case.exact(case.row(case.look(box), port=PORT), 10, 5)
        more = len(box.fill())
        case.ok(more == 5, "the ports that the router has are not to be had", more)


def try_time_wait(case):
    """Entries of closed connections keep their port; newer kernels may give it away."""
    with Box(nft("ip protocol tcp masquerade to :40000-40019")) as box:
        server = box.serve()
        box.rest(server, box.fill(20))
        row = case.row(case.look(box), port=PORT)
        case.ok(row and row["used"] == 20 and row["states"].get("time_wait") == 20,
                "the ports of closed connections are held", row)
        more = len(box.fill(20, misses=3, wait_s=1.5))
        case.ok(row and row["room_min"] <= more <= row["room_max"],
                "what can be made lies within what is told", more, row)
        # Nothing at all can only be a kernel that keeps them, and which kind it is was tried.
        case.ok(row and (row["exact"] if more == 0 else row["room_min"] > 0),
                "whether this kernel gives them away is known", more, row)


def try_cure(case):
    """The first remedy against TIME_WAIT, as it is printed."""
    with Box(nft("ip protocol tcp masquerade to :40000-40009")) as box:
        server = box.serve()
        sockets = box.fill(10)
        box.rest(server, sockets[:4], sockets[4:])
        found = findings_of(case.look(box), "snat_full")
        remedy = found[0]["remedies"][0] if found else {"text": "", "command": None}
        case.ok("connections that are over" in remedy["text"] and remedy["command"],
                "entries that are over can be dropped", found)
        if not remedy["command"]:
            return
        done = tool(["sh", "-c", remedy["command"]])
        case.ok(done.returncode == 0, "the command can be run as it is printed", done.stdout)
        more = len(box.fill())
        case.ok(more == remedy["room_after"] == 4, "it brings the room that it promises", more, remedy)


def try_two_rules(case):
    """Two ranges for two networks: each has its own room."""
    with Box(nft("ip saddr 10.1.0.2 ip protocol tcp masquerade to :40000-40009",
                 "ip protocol tcp masquerade to :50000-50004")) as box:
        box.serve()
        box.fill(6, source=(CLIENTS[4][0], 0))
        box.fill(2, source=(CLIENTS[4][1], 0))
        document = case.look(box)
        case.exact(case.row(document, first=40000), 10, 6)
        case.exact(case.row(document, first=50000), 5, 2)
        for client, room in ((CLIENTS[4][0], 4), (CLIENTS[4][1], 3)):
            more = len(box.fill(source=(client, 0)))
            case.ok(more == room, "%s has its own room" % client, more)


def try_unclear(case):
    """Ranges that overlap, by a condition that is not understood: an interval, not a guess."""
    with Box(nft("ip saddr 10.1.0.2 ip protocol tcp masquerade to :40000-40009",
                 "ct mark 0 ip protocol tcp masquerade to :40000-40099")) as box:
        box.serve()
        box.fill(6, source=(CLIENTS[4][0], 0))
        row = case.row(case.look(box), port=PORT)
        case.ok(row and not row["exact"] and row["room"] is None and row["capacity"] is None and
                (row["room_min"], row["room_max"]) == (4, 94), "the room is an interval", row)
        box.fill(1, source=(CLIENTS[4][1], 40050))
        case.exact(case.row(case.look(box), port=PORT), 100, 7)


def try_map(case):
    """Addresses that come from a map do not stand in the way of the ports."""
    with Box(nft("ip protocol tcp snat to ip saddr map "
                 "{ 10.1.0.2 : 10.2.0.2, 10.1.0.3 : 10.2.0.3 }:40000-40009")) as box:
        box.serve()
        box.fill(4, source=(CLIENTS[4][0], 0))
        case.exact(case.row(case.look(box), snat_address="10.2.0.2"), 10, 4)
        more = len(box.fill(source=(CLIENTS[4][0], 0)))
        case.ok(more == 6, "so many more can be made", more)


def unknown(case, box, used):
    """Nothing is promised, and nobody is alarmed."""
    document = case.look(box)
    row = case.row(document, first=None)
    case.ok(row and row["used"] == used and row["capacity"] is None and row["room"] is None and
            row["room_min"] is None and not row["exact"], "%d are used, of how many is not told" % used,
            row)
    case.ok(document["verdict"] == "ok" and not findings_of(document, "snat_full"),
            "what is not known is no finding", document["findings"])


def try_ports_from_a_map(case):
    with Box(nft("ip protocol tcp snat ip addr . port to ip saddr map "
                 "{ 10.1.0.2 : 10.2.0.2 . 40000, 10.1.0.3 : 10.2.0.2 . 40001 }")) as box:
        box.serve()
        box.fill(1, source=(CLIENTS[4][0], 0))
        unknown(case, box, 1)


def try_rule_is_gone(case):
    """Entries stay when their rule goes; the rule that is there has not made them."""
    with Box(nft("ip protocol tcp masquerade to :40000-40009")) as box:
        box.serve()
        box.fill(4)
        must(box.inside("router", ["nft", "flush chain ip nat post"]))
        unknown(case, box, 4)
        must(box.inside("router", nft("ip protocol tcp masquerade to :50000-50004")))
        unknown(case, box, 4)
        box.fill(2)
        case.exact(case.row(case.look(box), first=50000), 5, 2)
        more = len(box.fill())
        case.ok(more == 3, "so many more can be made", more)


def try_changed_destination(case):
    """The client asks for another address than it gets to; its socket shows what it asked for."""
    with Box(["nft", CHAIN.format("ip") +
              "add chain ip nat pre { type nat hook prerouting priority -100; }; "
              "add rule ip nat pre ip daddr 10.9.9.9 tcp dport 80 dnat to %s:%d; "
              "add rule ip nat post ip protocol tcp masquerade to :40000-40009" %
              (SERVER[4], PORT)]) as box:
        box.serve()
        box.fill(10, to=("10.9.9.9", 80))
        document = run([case.portroom, "check", "--json"]).json()
        found = [each for each in findings_of(document, "snat_full")
                 if each["namespace"] == box.inode("router")]
        case.ok(found and found[0]["culprit"] and found[0]["culprit"]["pid"] == os.getpid() and
                "%s:%d" % (SERVER[4], PORT) in found[0]["title"],
                "the process is found, and the real destination named", found)


def with_iptables(case, command, version=4):
    if not shutil.which(command):
        case.tap.ok(False, "%s: there is %s" % (case.name, command))
        return
    rule = [command, "-t", "nat", "-A", "POSTROUTING", "-p"]
    source = {4: "10.2.0.2", 6: "fd02::1"}[version]
    to = ("[%s]:41000-41004" if version == 6 else "%s:41000-41004") % source
    with Box(rule + ["tcp", "-j", "MASQUERADE", "--to-ports", "40000-40009"],
             rule + ["udp", "-j", "SNAT", "--to-source", to]) as box:
        part_then_full(case, box, version)
        server = box.serve(version, udp=True)
        how = {"to": (SERVER[version], PORT), "server": server}
        box.fill(2, **how)
        case.exact(case.row(case.look(box), protocol="udp", snat_address=source), 5, 2)
        more = len(box.fill(**how))
        case.ok(more == 3, "so many more datagrams come through", more)


def try_iptables_nft(case):
    with_iptables(case, "iptables-nft")


def try_ip6tables_nft(case):
    with_iptables(case, "ip6tables-nft", 6)


def with_legacy(case, command, version=4):
    with Box() as box:
        done = tool(box.inside("router", [command, "-t", "nat", "-S"]))
    if "Table does not exist" in done.stdout:
        case.tap.skip(case.name, "this kernel has no legacy iptables")
        return
    with_iptables(case, command, version)


def try_iptables_legacy(case):
    with_legacy(case, "iptables-legacy")


def try_ip6tables_legacy(case):
    with_legacy(case, "ip6tables-legacy", 6)


def try_unprivileged(case):
    """The build folder may be closed to others, so they get a copy."""
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o755)
        copy = shutil.copy(case.portroom, folder)
        os.chmod(copy, 0o755)
        with Box(nft("ip protocol tcp masquerade to :40000-40009")) as box:
            box.serve()
            box.fill(10)
            answer = run(box.inside("router", [sys.executable, "-c", BECOME_NOBODY, copy, "check",
                                               "--json", "--netns", "own"]))
    finally:
        shutil.rmtree(folder)
    document = answer.json()
    case.schemas.try_document(case.tap, document, case.name + ": the document")
    gaps = [gap for gap in document["gaps"] if "CAP_NET_ADMIN" in gap["why"]]
    case.ok(len(gaps) == 1 and gaps[0]["remedy"], "what is missing is a gap", document["gaps"])
    case.ok(document["nat"] == [] and not findings_of(document, "snat_full"),
            "nothing is told of it", document["nat"])
    source = [each for each in document["sources"] if each["name"] == "ctnetlink"]
    case.ok(len(source) == 1 and not source[0]["used"] and "CAP_NET_ADMIN" in source[0]["why_not"],
            "the source says which privilege is missing", source)


def try_quiet(case):
    """Nothing is tracked: nothing is asked."""
    with Box() as box:
        box.serve()
        box.fill(3)
        document = case.look(box)
        source = [each for each in document["sources"] if each["name"] == "ctnetlink"][0]
        case.ok(not source["used"] and source["milliseconds"] == 0 and document["nat"] == [],
                "without tracking it costs nothing", source)


CASES = {
    "masquerade": try_masquerade,
    "whole_host": try_whole_host,
    "udp": try_udp,
    "ipv6": try_ipv6,
    "inet": try_inet,
    "one_port": try_one_port,
    "addresses": try_addresses,
    "classes": try_classes,
    "late": try_late,
    "own": try_own,
    "time_wait": try_time_wait,
    "cure": try_cure,
    "two_rules": try_two_rules,
    "unclear": try_unclear,
    "map": try_map,
    "ports_from_a_map": try_ports_from_a_map,
    "rule_is_gone": try_rule_is_gone,
    "changed_destination": try_changed_destination,
    "iptables_nft": try_iptables_nft,
    "ip6tables_nft": try_ip6tables_nft,
    "iptables_legacy": try_iptables_legacy,
    "ip6tables_legacy": try_ip6tables_legacy,
    "unprivileged": try_unprivileged,
    "quiet": try_quiet,
}


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if not words:
        sys.exit(__doc__)
    portroom = os.path.abspath(words[0])
    tap = Tap()
    need_root(tap)
    # Whoever ends this early does not want to find the namespaces afterwards.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name in words[1:] or CASES:
        guard(tap, name, CASES[name], Case(tap, portroom, schemas, name))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
