"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from orchestration.common.whole_file import read_record, write_aside, write_record, write_whole


def test_text_is_written_as_utf_8_with_its_line_ends_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.csv", "é\r\nb\n")
    assert (tmp_path / "a.csv").read_bytes() == b"\xc3\xa9\r\nb\n"
    write_whole(tmp_path / "a.csv", b"\x00")
    assert (tmp_path / "a.csv").read_bytes() == b"\x00"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_file_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    path = tmp_path / "a.csv"
    path.write_text("old")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(Path, step, fail)
        write_whole(path, "new")
    assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [("a.csv", "old")]


def test_a_half_written_file_is_never_seen_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(ValueError, match="half"), write_aside(path) as aside:
        aside.write_text("half")
        assert not path.exists()
        raise ValueError("half")
    assert list(tmp_path.iterdir()) == []


def test_rights_and_links_of_a_file_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "new")
    assert link.is_symlink()
    assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == ("new", "0o640")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"name": "ö", "n": 2, "checksum": "0"}', "[" * 100_000])
def test_a_record_that_is_not_as_it_was_written_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a" / "record.json"
    write_record(path, {"name": "ö", "n": 1})
    assert read_record(path) == {"name": "ö", "n": 1}
    path.write_text(path.read_text().replace('"n": 1', '"n": 2'))
    assert read_record(path) is None
    path.write_text(text)
    assert read_record(path) is None
    path.unlink()
    assert read_record(path) is None


def test_a_record_of_before_records_had_checksums_is_read(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"n": 1}')
    assert read_record(tmp_path / "record.json") == {"n": 1}
