"""Archives of arrays: files with checksums, whose large arrays stay on disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

_MAPPED = 16_000_000  # bytes from which a member is left on the disk: an ensemble may outgrow the memory
_PART = 4_000_000  # bytes that are checked at a time
_SEAL = 14  # bytes of the checksum at the end of a member's file
EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time stamp: the same data give the same bytes


class _Checked:
    """Passes bytes on to a stream and keeps their checksum; it cannot go back, so every byte passes once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.sum = stream, 0

    def write(self, data: Buffer) -> int:
        """Pass some bytes on."""
        self.sum = zlib.crc32(data, self.sum)
        return self._stream.write(data)

    def flush(self) -> None:
        """Write what is held back."""
        self._stream.flush()


@contextmanager
def sealed(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Yield an archive to write arrays into; at the end, the checksum of all its bytes becomes its comment.

    Parameters
    ----------
    stream : file
        Written piece by piece, because a member of the opening case takes fifty megabytes.
    """
    checked = _Checked(stream)
    with zipfile.ZipFile(checked, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        yield archive
    comment = b"crc32 %08x" % checked.sum
    stream.seek(-2, io.SEEK_END)  # an archive ends with the length of its comment
    stream.write(len(comment).to_bytes(2, "little") + comment)


def put(archive: zipfile.ZipFile, name: str, array: np.ndarray[Any, Any]) -> None:
    """Store an array in an archive that is being written, under its name, as `numpy.save` would."""
    whole = np.ascontiguousarray(array)
    with archive.open(zipfile.ZipInfo(f"{name}.npy", EPOCH), "w", force_zip64=True) as entry:
        np.lib.format.write_array_header_1_0(entry, np.lib.format.header_data_from_array_1_0(whole))
        entry.write(whole.reshape(-1).view(np.uint8).data)


def check_seal(path: Path) -> None:
    """Raise ValueError where a single bit of an archive is not as it was written.

    The checksums of the archive's entries are checked only where an entry is read whole, which those of a large member
    are not.
    """
    rest, found = path.stat().st_size - _SEAL - 2, 0
    with path.open("rb") as stream:
        while rest > 0 and (part := stream.read(min(rest, _PART))):
            found, rest = zlib.crc32(part, found), rest - len(part)
        end = stream.read()
    found = zlib.crc32(b"\0\0", found)  # an archive without a comment ends so
    if end != _SEAL.to_bytes(2, "little") + b"crc32 %08x" % found:
        raise ValueError("its checksum is not that of its bytes")


def arrays_in(archive: zipfile.ZipFile, path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of an open archive by name; those of a large one are read when they are used."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    mapped = _map(path) if path.stat().st_size > _MAPPED else None
    for entry in archive.infolist():
        if not entry.filename.endswith(".npy"):
            continue
        name = entry.filename.removesuffix(".npy")
        with archive.open(entry) as stream:
            if mapped is None:
                found[name] = np.lib.format.read_array(stream, allow_pickle=False)
                continue
            np.lib.format.read_magic(stream)
            shape, _fortran, kind = np.lib.format.read_array_header_1_0(stream)
            size = int(np.prod(shape)) * kind.itemsize
            # The entries are stored as they are: the payload ends where the entry does.
            end = _entry_start(mapped, entry) + entry.file_size
            found[name] = mapped[end - size : end].view(kind).reshape(shape)
    return found


def _map(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    """Return a file's bytes without reading them; None where the system allows no more open files."""
    try:
        return np.memmap(path, dtype=np.uint8, mode="r")
    except OSError:
        return None


def _entry_start(data: np.ndarray[Any, np.dtype[np.uint8]], entry: zipfile.ZipInfo) -> int:
    """Return where an archive's entry begins: after a header of 30 bytes, its name and an extra field."""
    head = data[entry.header_offset + 26 : entry.header_offset + 30].tobytes()
    return entry.header_offset + 30 + int.from_bytes(head[:2], "little") + int.from_bytes(head[2:], "little")
