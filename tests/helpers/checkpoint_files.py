"""Checkpoint files, section by section, with their checksums (docs/checkpoints.md)."""
import struct
from pathlib import Path

HEADER, NAME, PIECE, MASK = 64, 192, 1 << 20, (1 << 64) - 1


def mix64(x):
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        x = (x ^ x >> 33) * factor & MASK
    return x ^ x >> 33


def checksum64(data):
    """Four lanes of 8-byte words (src/base/checksum.c)."""
    data, lanes, total = bytes(data), [1, 2, 3, 4], mix64(len(data) + 1)
    data += bytes(-len(data) % 32)
    for number, (word,) in enumerate(struct.iter_unpack("<Q", data)):
        lane = (lanes[number % 4] ^ word) * 0x9E3779B97F4A7C15 & MASK
        lanes[number % 4] = (lane << 29 | lane >> 35) & MASK
    for lane in lanes:
        total = mix64(total ^ lane)
    return total


def pieces(size):
    return -(-size // PIECE)


class Checkpoint:
    """Its sections are a dict of bytes in their order; write() makes a sound file of them."""

    def __init__(self, path):
        self.path, data = Path(path), Path(path).read_bytes()
        self.header = list(struct.unpack("<8sIIQQQQQQ", data[:HEADER]))
        count, table = self.header[4], self.header[5]
        self.sections, at = {}, HEADER
        for i in range(count):
            entry = data[table + i * (NAME + 8):table + (i + 1) * (NAME + 8)]
            size = struct.unpack("<Q", entry[NAME:])[0]
            self.sections[entry[:NAME].rstrip(b"\0").decode()] = data[at:at + size]
            at += size
        assert checksum64(data[:HEADER - 8]) == self.header[8]

    def write(self):
        body = b"".join(self.sections.values())
        table = b"".join(name.encode().ljust(NAME, b"\0") + struct.pack("<Q", len(data))
                         for name, data in self.sections.items())
        for data in self.sections.values():
            for i in range(pieces(len(data))):
                table += struct.pack("<Q", checksum64(data[i * PIECE:(i + 1) * PIECE]))
        self.header[3] = HEADER + len(body) + len(table)
        self.header[4], self.header[5] = len(self.sections), HEADER + len(body)
        self.header[7] = checksum64(table)
        head = struct.pack("<8sIIQQQQQ", *self.header[:8])
        self.path.write_bytes(head + struct.pack("<Q", checksum64(head)) + body + table)
