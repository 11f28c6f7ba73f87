"""The index of hashes: a shortcut that may be lost, never one that lies."""

from pathlib import Path

from aerial_ops.storage.sync.index import FILE, HashIndex
from aerial_ops.storage.sync.source import SourceFile

A = SourceFile("a", 1, "v1", b"1" * 16)
B = SourceFile("b", 2, "v1", b"2" * 16)


def bare(file: SourceFile, size: int | None = None, version: str | None = None) -> SourceFile:
    return SourceFile(file.name, size or file.size, version or file.version)


def test_knows_a_file_only_as_it_was(tmp_path: Path) -> None:
    with HashIndex(tmp_path) as index:
        index.learn("place", [A, B])
    with HashIndex(tmp_path) as index:
        assert index.completed("place", [bare(A), bare(B)]) == [A, B]
        assert index.completed("place", [bare(A, size=9), bare(B, version="v2")]) == [bare(A, size=9), bare(B, version="v2")]
        assert index.completed("elsewhere", [bare(A)]) == [bare(A)]


def test_forgets_what_is_gone_from_its_place(tmp_path: Path) -> None:
    with HashIndex(tmp_path) as index:
        index.learn("place", [A, B])
        index.learn("elsewhere", [B])
        index.completed("place", [bare(A)])
        assert index.completed("place", [bare(A), bare(B)]) == [A, bare(B)]
        assert index.completed("elsewhere", [bare(B)]) == [B]


def test_what_the_source_knows_itself_counts_more(tmp_path: Path) -> None:
    told = SourceFile("a", 1, "v1", b"9" * 16)
    with HashIndex(tmp_path) as index:
        index.learn("place", [A])
        assert index.completed("place", [told]) == [told]


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this was a database once" * 100)
    with HashIndex(tmp_path) as index:
        index.learn("place", [A])
        assert index.completed("place", [bare(A)]) == [A]
