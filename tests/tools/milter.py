"""A milter's other side: hands a message to a filter on a local socket, as sendmail and Postfix do, and says what it would change."""
import socket
import struct


class Milter:
    def __init__(self, path, host, ip, helo):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(30)
        self.s.connect(path)
        # all changes allowed, and no step left out; values come with the blank after the colon (SMFIP_HDR_LEADSPC)
        self.blank = struct.unpack('>III', self.ask(b'O', struct.pack('>III', 6, 0x1ff, 0x100000))[1])[2] & 0x100000
        self.step(b'C', host.encode() + b'\0004' + struct.pack('>H', 2525) + ip.encode() + b'\0')
        self.step(b'H', helo.encode() + b'\0')

    def send(self, command, data=b''):
        self.s.sendall(struct.pack('>I', len(data) + 1) + command + data)

    def read(self):
        def exactly(n):
            got = b''
            while len(got) < n:
                more = self.s.recv(n - len(got))
                if not more:
                    raise EOFError
                got += more
            return got
        all = exactly(struct.unpack('>I', exactly(4))[0])
        return all[:1], all[1:]

    def ask(self, command, data=b''):
        self.send(command, data)
        return self.read()

    def step(self, command, data=b''):
        answer = self.ask(command, data)[0]
        if answer not in (b'c', b'a'):
            raise ValueError(f'{command}: {answer}')
        return answer

    def message(self, sender, fields, body):
        """fields: (name, value) as they stand, with LF between lines, as the body; what the filter adds comes back in the same form"""
        steps = [(b'M', b'<' + sender.encode() + b'>\0'), (b'R', b'<someone@here.example>\0')]
        for name, value in fields:
            if not self.blank and value.startswith(b' '):
                value = value[1:]
            steps.append((b'L', name + b'\0' + value + b'\0'))
        body = body.replace(b'\n', b'\r\n')
        steps += [(b'N', b'')] + [(b'B', body[at:at + 60000]) for at in range(0, len(body), 60000)]
        for command, data in steps:
            if self.step(command, data) == b'a': # it wants to see no more of this message
                return b'a', []
        self.send(b'E')
        added = []
        while True:
            command, data = self.read()
            if command in (b'i', b'h'):
                name, value, _ = data[4 if command == b'i' else 0:].split(b'\0')
                added.append((name, value if self.blank else b' ' + value))
            elif command in (b'a', b'c', b'r', b't', b'y', b'd'):
                return command, added
