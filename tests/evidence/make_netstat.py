#!/usr/bin/env python3
"""Listings as netstat of Windows prints them, of machines that never were.

    make_netstat.py loop  [--listings N] [--rows N] [--language L] [--encoding E] [--stamp S] [--leak]
    make_netstat.py one   [--options ano] [--rows N] [--language L] [--encoding E]

Written to standard output. Words and layout are those of netstat.exe; hosts, ports and programs are invented. As a module:
Machine makes rows, listing() writes them, and counts() says what a reader must find in them.
"""
import argparse
import datetime
import random
import sys

# Title, header, and the words that are not as in English.
LANGUAGES = {
    'en': ('Active Connections', ('Proto', 'Local Address', 'Foreign Address', 'State', 'PID'), {}),
    'de': ('Aktive Verbindungen', ('Proto', 'Lokale Adresse', 'Remoteadresse', 'Status', 'PID'), {
        'LISTENING': 'ABHÖREN', 'ESTABLISHED': 'HERGESTELLT', 'TIME_WAIT': 'WARTEND',
        'CLOSE_WAIT': 'SCHLIESSEN_WARTEN', 'FIN_WAIT_2': 'FIN_WARTEN_2', 'SYN_SENT': 'SYN_GESENDET'}),
    'es': ('Conexiones activas', ('Proto', 'Dirección local', 'Dirección remota', 'Estado', 'PID'), {}),
    'zh': ('活动连接', ('协议', '本地地址', '外部地址', '状态', 'PID'), {}),
    # No such language: whatever the words are, the result is the same.
    'xx': ('Qwxz zzq', ('Prq', 'Lqq aqq', 'Rqq aqq', 'Sqq', 'PID'), {
        'LISTENING': 'LYQQ', 'ESTABLISHED': 'FQRB', 'TIME_WAIT': 'VQNT PAA', 'CLOSE_WAIT': 'LQQ VQNT', 'BOUND': 'RQSV'}),
}
NO_OWNER = {'en': ' Can not obtain ownership information',
            'es': ' No se puede obtener información de propiedad',
            'zh': ' 无法获取所有权信息'}

# What cmd, Windows PowerShell and PowerShell 7 write.
ENCODINGS = {
    'ascii': lambda text: text.encode('ascii', 'replace'),
    'utf-8': lambda text: text.encode('utf-8'),
    'utf-8-mark': lambda text: text.encode('utf-8-sig'),
    'utf-16le-mark': lambda text: b'\xff\xfe' + text.encode('utf-16-le'),
    'utf-16le': lambda text: text.encode('utf-16-le'),
    'utf-16be-mark': lambda text: b'\xfe\xff' + text.encode('utf-16-be'),
    'cp437': lambda text: text.encode('cp437', 'replace'),
    'cp850': lambda text: text.encode('cp850', 'replace'),
    'cp1252': lambda text: text.encode('cp1252', 'replace'),
    'cp936': lambda text: text.encode('cp936', 'replace'),
}

# %date% %time% of some locales.
STAMPS = {
    'en-US': '%a %m/%d/%Y {h:2d}:%M:%S.{c:02d} ',
    'en-GB': '%d/%m/%Y {h:2d}:%M:%S.{c:02d} ',
    'de': '%d.%m.%Y {h:2d}:%M:%S,{c:02d} ',
    'zh': '%Y/%m/%d 周三 {h:2d}:%M:%S.{c:02d} ',
    'sv': '%Y-%m-%d {h:2d}:%M:%S,{c:02d} ',
}


def stamp(form, time):
    text = time.strftime(STAMPS[form].replace('{h:2d}', '\x01').replace('{c:02d}', '\x02'))
    return text.replace('\x01', '%2d' % time.hour).replace('\x02', '%02d' % (time.microsecond // 10000))


class Machine:
    """Rows (protocol, local, port, remote, remote port, state, pid), and the program of each pid."""

    def __init__(self, seed=1, leaker=4321):
        self.random = random.Random(seed)
        self.programs = {4: None, 988: 'svchost.exe', 1200: 'dns client.exe', 2040: 'sqlservr.exe',
                         leaker: 'orders.exe'}
        self.leaker = leaker

    def services(self):
        for port, pid in ((135, 988), (445, 4), (1433, 2040), (3389, 988)):
            yield ('TCP', '0.0.0.0', port, '0.0.0.0', 0, 'LISTENING', pid)

    def clients(self, count):
        for i in range(count):
            pid = self.random.choice((988, 2040, 5000 + i % 40))
            self.programs.setdefault(pid, 'app%d.exe' % pid)
            state = self.random.choice(('ESTABLISHED',) * 6 + ('CLOSE_WAIT', 'TIME_WAIT'))
            yield ('TCP', '10.0.0.5', 49152 + i % 16384, '10.0.%d.%d' % (i % 7, 1 + i % 250), 443,
                   state, 0 if state == 'TIME_WAIT' else pid)

    def leaked(self, count, first=65000, state='ESTABLISHED'):
        for i in range(count):
            remote = ('0.0.0.0', 0) if state == 'BOUND' else ('10.0.9.9', 5432)
            local = '0.0.0.0' if state == 'BOUND' else '10.0.0.5'
            yield ('TCP', local, first - i, *remote, state, self.leaker)

    def datagrams(self):
        yield ('UDP', '0.0.0.0', 5353, '*', None, '', 1200)
        yield ('UDP', '10.0.0.5', 52001, '10.0.0.53', 53, '', 1200)
        yield ('UDP', '[fe80::e908:14c9:dc52:d1d5%5]', 52240, '*', None, '', 988)

    def rows(self, clients=20, leaked=0, state='ESTABLISHED'):
        rows = list(self.services()) + list(self.clients(clients))
        rows += list(self.leaked(leaked, state=state))
        rows.append(('TCP', '[::]', 135, '[::]', 0, 'LISTENING', 988))
        rows.append(('TCP', '[2001:db8::5]', 61000, '[2001:db8::9]', 443, 'ESTABLISHED', 2040))
        return rows + list(self.datagrams())


def row_line(row, options, words):
    protocol, local, port, remote, remote_port, state, pid = row
    there = '*:*' if remote_port is None else '%s:%d' % (remote, remote_port)
    line = '  %s    %-21s  %-21s  %-15s' % (protocol, '%s:%d' % (local, port), there,
                                            words.get(state, state))
    return (line + ' %d' % pid) if 'o' in options else line


def listing(machine, rows, options='ano', language='en'):
    """One run, as lines."""
    title, columns, words = LANGUAGES[language]
    lines = ['', title, '', '  %-5s  %-21s  %-21s  %-14s' % columns[:4]]
    if 'o' in options:
        lines[-1] += '  ' + columns[4]
    for row in rows:
        if row[5] == 'BOUND' and 'q' not in options:
            continue
        lines.append(row_line(row, options, words))
        if 'b' in options and row[6]:
            program = machine.programs.get(row[6])
            if program == 'svchost.exe':
                lines.append('  RpcSs')
            lines.append(' [%s]' % program if program else NO_OWNER.get(language, ' ' + title))
    return lines


def counts(rows, options='ano'):
    """Rows by protocol and state as a reader must find them, where it knows the words."""
    found = {}
    for row in rows:
        if row[5] == 'BOUND' and 'q' not in options:
            continue
        key = (row[0].lower(), row[5].lower() or ('established' if row[4] else 'unconnected'))
        found[key] = found.get(key, 0) + 1
    return found


def encode(lines, encoding, end='\r\n'):
    return ENCODINGS[encoding](end.join(lines) + end)


def loop(machine, count, rows, options='ano', language='en', form='en-US', leak=0, start=None,
         period_s=60):
    """The article's loop: a stamp, a listing, a minute's pause."""
    time = start or datetime.datetime(2025, 1, 22, 22, 58, 9, 120000)
    for i in range(count):
        if form:
            yield [stamp(form, time + datetime.timedelta(seconds=period_s * i))]
        yield listing(machine, machine.rows(rows, leak * i), options, language)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('what', choices=('loop', 'one'))
    parser.add_argument('--listings', type=int, default=10)
    parser.add_argument('--rows', type=int, default=20)
    parser.add_argument('--options', default='ano')
    parser.add_argument('--language', default='en', choices=LANGUAGES)
    parser.add_argument('--encoding', default='utf-8', choices=ENCODINGS)
    parser.add_argument('--stamp', default='en-US', choices=list(STAMPS) + ['none'])
    parser.add_argument('--leak', type=int, default=0, help='ports more of one process each time')
    parser.add_argument('--state', default='ESTABLISHED')
    arguments = parser.parse_args()
    machine = Machine()
    if arguments.what == 'one':
        rows = machine.rows(arguments.rows, arguments.leak, arguments.state)
        lines = listing(machine, rows, arguments.options, arguments.language)
    else:
        lines = [line for part in loop(machine, arguments.listings, arguments.rows, arguments.options,
                                       arguments.language,
                                       None if arguments.stamp == 'none' else arguments.stamp,
                                       arguments.leak) for line in part]
    sys.stdout.buffer.write(encode(lines, arguments.encoding))


if __name__ == '__main__':
    main()
