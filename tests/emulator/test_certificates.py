import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from aerial_ops.emulator import certificates as module
from aerial_ops.emulator.certificates import Certificates, ensure_certificates


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    certificates, renewed = ensure_certificates(tmp_path)
    assert renewed
    return certificates


def test_made_once(made: Certificates, tmp_path: Path) -> None:
    before = made.certificate.read_bytes()
    assert ensure_certificates(tmp_path) == (made, False)
    assert made.certificate.read_bytes() == before


def test_names_and_issuer(made: Certificates) -> None:
    server, authority = x509.load_pem_x509_certificates(made.certificate.read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "*.blob.localhost"}
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    server.verify_directly_issued_by(authority)
    assert made.authority.read_bytes() in made.certificate.read_bytes()


def test_private_parts_are_private_and_the_authority_cannot_sign_again(made: Certificates) -> None:
    folder = made.key.parent
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.iterdir()} == {"ca.pem", "server.pem", "server.key", "truststore.p12"}
    keys = [path.name for path in folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == ["server.key"]


@pytest.mark.parametrize("name", ["ca.pem", "server.pem", "server.key", "truststore.p12"])
def test_a_lost_file_renews_them_all(made: Certificates, tmp_path: Path, name: str) -> None:
    before = made.key.read_bytes() if name != "server.key" else b""
    (made.key.parent / name).unlink()
    assert ensure_certificates(tmp_path) == (made, True)
    assert made.key.read_bytes() != before


def test_a_damaged_or_expiring_certificate_is_renewed(
    made: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.certificate.write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    assert ensure_certificates(tmp_path)[1]
    monkeypatch.setattr(module, "VALID_DAYS", 10)
    shutil.rmtree(made.key.parent)
    assert ensure_certificates(tmp_path)[1]
    assert ensure_certificates(tmp_path)[1], "it lasts ten days only, less than RENEW_DAYS"
    until = x509.load_pem_x509_certificate(made.certificate.read_bytes()).not_valid_after_utc
    assert until < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=10)


@pytest.mark.skipif(not shutil.which("keytool"), reason="needs Java's keytool")
def test_java_reads_the_truststore_without_a_password(made: Certificates) -> None:
    listing = subprocess.run(
        ["keytool", "-list", "-keystore", made.truststore, "-storetype", "PKCS12"],
        input="\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "trustedCertEntry" in listing.stdout
