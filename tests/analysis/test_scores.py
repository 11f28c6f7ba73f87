import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from aerial_ops.analysis.scores import scores_of

stacks = st.tuples(st.integers(1, 4), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int64, (shape[0], shape[1], shape[1]), elements=st.sampled_from([0, 0, 1, 2, 7]))
)


@given(stacks)
def test_many_matrices_at_once_score_as_scikit_learn_scores_each(counts: np.ndarray) -> None:
    found = scores_of(counts)
    classes = range(counts.shape[-1])
    for k, one in enumerate(counts):
        cells = [(i, j) for i in classes for j in classes for _ in range(one[i, j])]
        if not cells:
            assert (found.accuracy[k], found.macro_f1[k], found.kappa[k]) == (0, 0, 0)
            continue
        true, predicted = zip(*cells, strict=True)
        precision, recall, f1, _ = sk.precision_recall_fscore_support(true, predicted, labels=[*classes], zero_division=0)
        assert np.allclose([found.precision[k], found.recall[k], found.f1[k]], [precision, recall, f1])
        assert np.isclose(found.accuracy[k], sk.accuracy_score(true, predicted))
        assert np.isclose(found.macro_f1[k], sk.f1_score(true, predicted, average="macro", zero_division=0))
        if len({*true, *predicted}) > 1:
            assert np.isclose(found.kappa[k], sk.cohen_kappa_score(true, predicted))
