"""Files as archives, and archives as pieces small enough to carry, with a hash of the whole.

    python scripts/gpu/pieces.py cut OUT ARCHIVE=PATH[,PATH...] [ARCHIVE=...] [--megabytes 55]
    python scripts/gpu/pieces.py join PIECES INTO

`cut` writes OUT/ARCHIVE.SHA.NN-of-MM. `join` copies the pieces in PIECES to INTO and unpacks every archive that is
complete there; pieces may come in any order and over many calls. An archive is unpacked once; of several of one name
the one counts whose pieces are the newest.
"""

import argparse
import hashlib
import io
import re
import shutil
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

_NAME = re.compile(r"(?P<archive>[\w.-]+)\.(?P<sha>[0-9a-f]{16})\.(?P<number>\d+)-of-(?P<all>\d+)")


def cut(out: Path, archive: str, paths: Sequence[Path], megabytes: float) -> list[Path]:
    """Write the files `paths`, and what folders hold, as one archive in pieces of at most `megabytes` to `out`.

    Returns the pieces.
    """
    if missing := [path for path in paths if not path.exists()]:
        sys.exit(f"{missing[0]}: no such file or folder")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for path in paths:
            for each in sorted(path.iterdir()) if path.is_dir() else [path]:
                tar.add(each, each.name)
    content = packed.getvalue()
    size = int(megabytes * 1_000_000)
    sha = hashlib.sha256(content).hexdigest()[:16]
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for number, part in enumerate(parts, start=1):
        written.append(out / f"{archive}.{sha}.{number:02}-of-{len(parts):02}")
        written[-1].write_bytes(part)
    return written


def join(pieces: Path, into: Path) -> list[str]:
    """Copy the pieces to `into` and unpack what is complete; return the names of the archives unpacked now.

    Exits with a message when there is no such folder, and when an archive is not what was cut.
    """
    if not pieces.is_dir():
        sys.exit(f"{pieces}: no such folder")
    into.mkdir(parents=True, exist_ok=True)
    for piece in sorted(pieces.iterdir()):
        parsed = _NAME.fullmatch(piece.name)
        if parsed and _unpacked(into, parsed["archive"]) != parsed["sha"]:
            shutil.copy2(piece, into / piece.name)
    found: dict[tuple[str, str, int], list[Path]] = {}
    for piece in sorted(into.iterdir()):
        if parsed := _NAME.fullmatch(piece.name):
            found.setdefault((parsed["archive"], parsed["sha"], int(parsed["all"])), []).append(piece)
    whole = {key: parts for key, parts in found.items() if len(parts) == key[2]}
    newest: dict[str, str] = {}
    for archive, sha, _ in sorted(whole, key=lambda key: max(part.stat().st_mtime_ns for part in whole[key])):
        newest[archive] = sha
    done = []
    for (archive, sha, _), parts in whole.items():
        if newest[archive] == sha:
            _unpack(into / archive, sha, parts)
            (into / f"{archive}.unpacked").write_text(sha)
            done.append(archive)
        for part in parts:
            part.unlink()
    return done


def _unpacked(into: Path, archive: str) -> str:
    """The hash of the archive that is unpacked there; empty where none is."""
    mark = into / f"{archive}.unpacked"
    return mark.read_text() if mark.exists() and (into / archive).is_dir() else ""


def _unpack(folder: Path, sha: str, parts: Sequence[Path]) -> None:
    content = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(content).hexdigest()[:16] != sha:
        sys.exit(f"{folder.name}: the pieces are not those that were cut")
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(folder.with_suffix(".partial"), filter="data")
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_suffix(".partial").rename(folder)


def main() -> None:
    """Cut or join."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    cutting = commands.add_parser("cut")
    cutting.add_argument("out", type=Path, help="folder for the pieces")
    cutting.add_argument("archives", nargs="+", metavar="ARCHIVE=PATH[,PATH...]")
    cutting.add_argument("--megabytes", type=float, default=55, help="most of a piece (default: 55)")
    joining = commands.add_parser("join")
    joining.add_argument("pieces", type=Path, help="folder with pieces")
    joining.add_argument("into", type=Path, help="folder in which archives are unpacked")
    arguments = parser.parse_args()
    if arguments.command == "join":
        print("\n".join(join(arguments.pieces, arguments.into)))
        return
    for named in arguments.archives:
        archive, _, paths = named.partition("=")
        for piece in cut(arguments.out, archive, [Path(path) for path in paths.split(",")], arguments.megabytes):
            print(piece)


if __name__ == "__main__":
    main()
