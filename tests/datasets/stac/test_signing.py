from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from aerial_ops.datasets.stac.signing import Signer
from aerial_ops.errors import DataError
from tests.datasets.stac.conftest import StacServer


def test_a_token_is_used_until_it_is_about_to_expire(stac: StacServer) -> None:
    signer = Signer(f"{stac.token_service}naip")
    assert signer.sign("http://a/b.tif") == signer.sign("http://a/b.tif") == "http://a/b.tif?se=soon&sig=secret1"
    assert signer.sign("http://a/b.tif?v=1") == "http://a/b.tif?v=1&se=soon&sig=secret1"
    stac.lifetime = timedelta(minutes=1)
    short = Signer(f"{stac.token_service}naip")
    assert [short.sign("x")[-1] for _ in range(3)] == ["2", "3", "4"]


def test_threads_share_a_token(stac: StacServer) -> None:
    signer = Signer(f"{stac.token_service}naip")
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(signer.sign, ["x"] * 40))) == 1
    assert stac.tokens == 1


def test_a_refused_token_is_renewed_once_for_all(stac: StacServer) -> None:
    signer = Signer(f"{stac.token_service}naip")
    address = signer.sign("x")
    assert signer.renew(address) and signer.renew(address) and stac.tokens == 2
    assert signer.sign("x") == "x?se=soon&sig=secret2"


@pytest.mark.parametrize(
    "answer", [{}, {"token": "a"}, {"token": "a", "msft:expiry": "soon"}, {"token": "a", "msft:expiry": None}, [1]]
)
def test_a_service_that_gives_no_token(stac: StacServer, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr(stac, "token", lambda: answer)
    with pytest.raises(DataError, match=r"no token that can be understood|does not answer with a JSON object"):
        Signer(f"{stac.token_service}naip").sign("x")


def test_a_service_that_is_not_there(stac: StacServer) -> None:
    with pytest.raises(DataError, match=r"token service at .* refused the request: 404"):
        Signer(f"{stac.url}/nothing").sign("x")
