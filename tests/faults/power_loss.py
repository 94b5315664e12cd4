"""What a disk may hold after the power has failed, from the log that tests/preload/record.c writes.

The model is that of POSIX with a journal of names: what was synced is there; of what was not, any
writes may be there or not, or in part, and the files' lengths with them; the names are those of
some moment since their folder was synced ("in order"), or any of the changes since then are there
("any").
"""
import os
from pathlib import Path


class File:
    def __init__(self):
        self.synced = b""
        self.pending = []  # ("write", offset, data) or ("truncate", size)

    def content(self, random):
        """Synced bytes, and any of the writes after them."""
        data = bytearray(self.synced)
        for change in self.pending:
            if random is not None and random.random() < 0.5:
                continue
            apply(data, change, random)
        return bytes(data)

    def sync(self):
        self.synced = self.content(None)
        self.pending = []


def apply(data, change, random):
    if change[0] == "truncate":
        del data[change[1]:]
        data.extend(bytes(change[1] - len(data)))
        return
    _, offset, written = change
    if random is not None and random.random() < 0.3:
        written = written[:random.randrange(len(written))]
    data.extend(bytes(max(0, offset - len(data))))
    data[offset:offset + len(written)] = written


class Disk:
    """The files and folders of a log up to some entry."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.files = {}    # inode: File
        self.folders = {self.folder}
        self.synced = {}   # path: inode, as of the last sync of its folder
        self.pending = []  # changes of names since then: (parent, function on a dict of names)
        self.names = {}    # path: inode, as the program sees it
        self.moment = 0

    def change(self, path, function):
        function(self.names)
        self.pending.append((os.path.dirname(path), function))

    def play(self, entry):
        what, arguments, data = entry
        self.moment += 1
        getattr(self, what)(*arguments, *([data] if data is not None else []))

    def create(self, inode, path):
        self.files[inode] = File()
        self.change(path, lambda names: names.__setitem__(path, inode))

    def write(self, inode, offset, _size, data):
        if inode in self.files:
            self.files[inode].pending.append(("write", int(offset), data))

    def truncate(self, inode, size):
        if inode in self.files:
            self.files[inode].pending.append(("truncate", int(size)))

    def sync(self, inode):
        if inode in self.files:
            self.files[inode].sync()

    def syncdir(self, path):
        """Names are journaled in their order: those of other folders go with them."""
        for _, function in self.pending:
            function(self.synced)
        self.pending = []

    def rename(self, first, second):
        def move(names):
            if first in names:
                names[second] = names.pop(first)
        self.change(second, move)

    def link(self, first, second):
        def copy(names):
            if first in names:
                names[second] = names[first]
        self.change(second, copy)

    def unlink(self, path):
        self.change(path, lambda names: names.pop(path, None))

    def mkdir(self, path):
        self.folders.add(path)

    def rmdir(self, path):
        self.folders.discard(path)

    def after_power_loss(self, to, random, in_order):
        """Writes what may be found into the folder `to`."""
        names = dict(self.synced)
        kept = random.randint(0, len(self.pending))
        for i, (_, function) in enumerate(self.pending):
            if i < kept if in_order else random.random() < 0.5:
                function(names)
        for folder in sorted(self.folders):
            (Path(to) / os.path.relpath(folder, self.folder)).mkdir(parents=True, exist_ok=True)
        contents = {inode: self.files[inode].content(random) for inode in set(names.values())}
        for path, inode in names.items():
            (Path(to) / os.path.relpath(path, self.folder)).write_bytes(contents[inode])


def read_log(path):
    """A list of (name, arguments, data or None)."""
    entries, log, at = [], Path(path).read_bytes(), 0
    while at < len(log):
        end = log.index(b"\n", at)
        what, *arguments = log[at:end].decode().split(" ")
        at, data = end + 1, None
        if what == "write":
            data = log[at:at + int(arguments[2])]
            at += int(arguments[2])
        entries.append((what, arguments, data))
    return entries


def saved_at(entries, checkpoint):
    """The entries with which a checkpoint is safe: the sync of its folder after its rename."""
    moments, renamed = [], False
    for number, (what, arguments, _) in enumerate(entries, 1):
        if what == "rename" and arguments[1] == checkpoint:
            renamed = True
        if what == "syncdir" and renamed and arguments[0] == os.path.dirname(checkpoint):
            moments.append(number)
            renamed = False
    return moments
