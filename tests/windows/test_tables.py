#!/usr/bin/env python3
"""What the tables of sockets become under Wine: samples, saved snapshots, room and what is refused.

    test_tables.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]
"""

import json
import socket
import sys
import threading
import time

from wine import Tap, enter, guard

RANGE = "49152 65535"  # the default of Windows, which nothing under Wine tells otherwise
MINE = "sockets.exe"


def port_of(told, kind):
    return next(entry["port"] for entry in told if entry.get("kind") == kind)


def source(document, name):
    return next(item for item in document["sources"] if item["name"] == name)


def towards(document, port):
    return next((item for item in document["destinations"] if item["port"] == port), None)


def try_routes(tap, wine):
    with wine.start("sockets") as program:
        program.do("pair 3")
        document = wine.portroom("check", "--json").json()
    for name in ("iphlpapi_tcp4", "iphlpapi_tcp6", "iphlpapi_udp4", "iphlpapi_udp6", "iphlpapi_addresses"):
        told = source(document, name)
        tap.ok(told["used"] and told["milliseconds"] > 0, "%s is told with its time" % name, told)
    tap.ok(source(document, "iphlpapi_tcp4")["sockets"] >= 7, "and with the sockets it has", document["sources"])
    answer = wine.portroom("check", "-v")
    tap.ok("iphlpapi_tcp4" in answer.out, "check -v prints the routes", answer)
    tap.ok("none of the files" not in answer.out and "that machine" not in answer.out and
           "listing" not in answer.out, "nothing is said of files or of another machine", answer)


class Server:
    """Of this system: it reads what it is sent and closes when the other end has, so that that end waits."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection = self.socket.accept()[0]
            threading.Thread(target=self.drain, args=(connection,), daemon=True).start()

    @staticmethod
    def drain(connection):
        while connection.recv(4096):
            pass
        connection.close()


def sampled(wine, seconds, meanwhile):
    """check --sample, and what it was like while it went on."""
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(wine.portroom("check", "--sample", "%ds" % seconds, "--json", timeout_s=120)))
    thread.start()
    meanwhile()
    thread.join()
    return answers[0].json()


def try_sample(tap, wine):
    """What was open at a look and rests at the last has the process that was seen with it."""
    server = Server()
    with wine.start("sockets") as client:
        client.do("connect 4 %d" % server.port)

        def work():
            time.sleep(8)
            client.do("connect 12 %d" % server.port)
            time.sleep(4)
            client.do("close connect")

        document = sampled(wine, 16, work)
        there = towards(document, server.port)
        tap.ok(there and there["states"] == {"time_wait": 16}, "what rests is counted", there, document["gaps"])
        owners = [owner for owner in there["owners"] if owner["how"] == "recorded"]
        tap.ok(len(owners) == 1 and owners[0]["pid"] == client.pid and owners[0]["ports"] == 16,
               "what rests has the process that was seen with it", there["owners"])
        tap.ok(there["opens_per_s"] and not there["opens_exact"] and there["rests_per_s"],
               "so many at least were opened a second, and came to rest", there)
        tap.ok([(opener["pid"], opener["opens"]) for opener in there["openers"]] == [(client.pid, 12)],
               "who opened connections meanwhile is told, and how many", there["openers"])


def try_ended(tap, wine):
    """The process has ended when the last look is made."""
    server = Server()
    client = wine.start("sockets")
    client.do("connect 5 %d" % server.port)

    def work():
        time.sleep(8)
        client.end()

    there = towards(sampled(wine, 12, work), server.port)
    owners = [owner for owner in (there or {"owners": []})["owners"] if owner["how"] == "recorded"]
    tap.ok(len(owners) == 1 and owners[0]["pid"] == client.pid and owners[0]["name"] == MINE,
           "who has ended meanwhile keeps its name", there)


def try_saved(tap, wine):
    path = wine.file("machine.json")
    with wine.start("sockets") as program:
        port = port_of(program.do("listen 1"), "listen")
        program.do("connect 20 %d" % port)
        saved = wine.portroom("save", wine.path(path))
        live = wine.portroom("check", "--json").json()
    tap.ok(saved.status == 0, "this machine is saved", saved)
    again = wine.portroom("read", "--json", wine.path(path))
    document = again.json()
    tap.ok(document["verdict"] == live["verdict"], "the verdict on what was saved is the same",
           document["verdict"], live["verdict"])
    tap.ok([item["name"] for item in document["sources"]] == [item["name"] for item in live["sources"]],
           "the table of routes goes with it", document["sources"])
    there, here = towards(document, port), towards(live, port)
    tap.ok(there and there == here and there["states"] == {"established": 20}, "so does what was seen", there, here)
    with open(path, encoding="utf-8") as file:
        namespaces = json.load(file)["namespaces"]
    tap.ok(len(namespaces) == 1 and namespaces[0]["name"] is None, "its namespace has no name", namespaces)


def try_room(tap, wine):
    with wine.start("sockets") as program:
        port = port_of(program.do("listen 1"), "listen")
        before = wine.portroom("room", "--json", "127.0.0.1:%d" % port).json()
        program.do("connect 7 %d" % port)
        program.do("bound 5")
        after = wine.portroom("room", "--json", "127.0.0.1:%d" % port).json()
        bind = wine.portroom("room", "--bind", "127.0.0.1", "--json").json()
    tap.ok(after["room_max"] == before["room_max"] - 12, "connections and bound ports take room", before, after)
    tap.ok(bind["room_max"] <= after["room_max"], "bind() has no more room than connect()", bind, after)
    answer = wine.portroom("room", "--bind", "192.0.2.1")
    tap.ok(answer.status == 1 and "no address of this host" in answer.err, "a foreign address has none", answer)


def try_refused(tap, wine):
    answer = wine.portroom("check", "--netns", "blue")
    tap.ok(answer.status == 3 and "no network namespaces" in answer.err, "there are no namespaces to name", answer)
    answer = wine.portroom("check", "--root", r"C:\proc")
    tap.ok(answer.status == 3 and answer.err.startswith("portroom: "), "a copied /proc is refused", answer)
    for scope in ("own", "host", "all"):
        answer = wine.portroom("check", "--netns", scope, "--json")
        tap.ok(answer.status in (0, 3) and answer.json()["namespaces"][0]["kind"] == "host",
               "--netns %s is the machine" % scope, answer)
    answer = wine.portroom("check", "--source", "iphlpapi", "--json")
    tap.ok(source(answer.json(), "iphlpapi_tcp4")["used"], "the source can be named", answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        wine.sysctl("net.ipv4.ip_local_port_range", RANGE)
        guard(tap, "routes", try_routes, tap, wine)
        guard(tap, "room", try_room, tap, wine)
        guard(tap, "a saved machine", try_saved, tap, wine)
        guard(tap, "a sample", try_sample, tap, wine)
        guard(tap, "a process that ends", try_ended, tap, wine)
        guard(tap, "what is refused", try_refused, tap, wine)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
