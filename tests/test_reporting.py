from pathlib import Path

from aerial_ops.reporting import path_text


def test_a_path_below_the_current_folder_is_short() -> None:
    assert path_text(Path.cwd() / "out" / "x") == str(Path("out") / "x")
    assert path_text(Path("/elsewhere/x")) == str(Path("/elsewhere/x"))
    assert path_text(Path("out/x")) == str(Path("out/x"))
