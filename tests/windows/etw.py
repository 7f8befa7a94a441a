"""The machine of the stand-in for event tracing (standins/sechost.c): what it delivers, and what was asked of it."""

import os
import sys

from wine import HERE

sys.path.insert(0, os.path.join(HERE, "..", "evidence"))

import etl

# Of the process that AFD names, and of its sockets: any numbers.
PROCESS, SOCKET = 0xFFFFFA8001234060, 0xE000


class Tracing:
    def __init__(self, wine, name):
        self.wine, self.folder = wine, wine.file(name)
        os.makedirs(os.path.join(self.folder, "sessions"))

    def env(self, wrong=""):
        return {"PORTROOM_STANDIN_ETW": self.wine.path(self.folder),
                "PORTROOM_STANDIN_ETW_WRONG": wrong}

    def file(self, name):
        return os.path.join(self.folder, name)

    def deliver(self, scenario):
        """In the order of time, as the system does. A file grows: what was delivered is not delivered again."""
        events = [event for processor in scenario.trace.events.values() for event in processor]
        with open(self.file("events"), "ab") as file:
            file.write(b"".join(record for _, record in sorted(events, key=lambda event: event[0])))

    def sessions(self):
        return sorted(os.listdir(self.file("sessions")))

    def leave(self, name):
        """A session that somebody left behind."""
        with open(self.file("sessions/" + name), "wb"):
            pass

    def log(self):
        try:
            with open(self.file("log"), encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def calls(self, word):
        return [line for line in self.log() if line.split()[0] == word]


def bind_fails(pid, count=1, first=0, status=etl.TOO_MANY, protocol=etl.TCP, address=("10.0.0.5", 0)):
    """Sockets of that process, each made and asked for a port that it does not get."""
    scenario = etl.Scenario()
    make = scenario.make
    for number in range(count):
        socket, at = SOCKET + first + number, 10 * number
        scenario.afd(0, at, 1000, make.create(etl.EXIT, PROCESS, socket, pid, protocol), pid=pid, thread=11)
        scenario.afd(0, at + 1, 1030, make.bind(etl.ENTER, PROCESS, socket, 0, address), pid=pid, thread=11)
        scenario.afd(0, at + 2, 1029, make.bind(etl.EXIT, PROCESS, socket, status), pid=pid, thread=11)
    return scenario


def connect_fails(pid, destination, socket=SOCKET, by_transport=True):
    """TCP/IP finds no port, and then AFD's request ends."""
    scenario = etl.Scenario()
    make = scenario.make
    scenario.afd(0, 0, 1018, make.connect(etl.ENTER, PROCESS, socket, 0, destination), pid=pid, thread=21)
    if by_transport:
        scenario.trace.add(0, 1, etl.TCPIP, 1050, make.connect_port(
            0, ("10.0.0.5", 0), destination, etl.TOO_MANY, pid), pid=pid, thread=21)
    scenario.afd(0, 2, 1018, make.connect(etl.EXIT, PROCESS, socket, etl.TOO_MANY, destination), pid=pid, thread=21)
    return scenario
