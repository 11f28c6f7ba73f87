from aerial_ops.analysis.joining import ABSENT, positions


def test_names_are_found_whole_or_without_folders() -> None:
    assert positions(["a", "b", "c"], ["x/b", "y/a"]).tolist() == [1, 0, ABSENT]
    assert positions(["f/a", "b"], ["g/a", "f/a", "h/b", "b"]).tolist() == [1, 3]
    assert positions(["f/a"], ["a"]).tolist() == [ABSENT]


def test_of_equal_paths_the_last_one_counts() -> None:
    assert positions(["a"], ["a", "a"]).tolist() == [1]


def test_nothing_on_either_side() -> None:
    assert positions([], ["a"]).tolist() == []
    assert positions(["a"], []).tolist() == [ABSENT]
