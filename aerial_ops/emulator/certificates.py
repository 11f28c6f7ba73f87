"""The emulator's own certificate authority and the certificate of its servers.

The authority's private key is forgotten as soon as it has signed: nobody can sign anything else that the emulator's clients
would trust.
"""

import datetime
import ipaddress
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = "pki"
VALID_DAYS = 800
RENEW_DAYS = 14


@dataclass(frozen=True)
class Certificates:
    """Files: the authority (PEM), the servers' certificate chain and key (PEM), the authority as a Java truststore (PKCS 12)."""

    authority: Path
    certificate: Path
    key: Path
    truststore: Path

    @classmethod
    def within(cls, folder: Path) -> "Certificates":
        """The files of the emulator in `folder`, whether they are there or not."""
        there = folder / FOLDER
        return cls(there / "ca.pem", there / "server.pem", there / "server.key", there / "truststore.p12")

    def complete(self) -> bool:
        """Whether every file is there and the certificate lasts for a while."""
        from cryptography import x509

        if not all(path.is_file() for path in (self.authority, self.certificate, self.key, self.truststore)):
            return False
        try:
            until = x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc
        except ValueError:
            return False
        return until - datetime.datetime.now(datetime.UTC) > datetime.timedelta(days=RENEW_DAYS)


def ensure_certificates(folder: Path) -> tuple[Certificates, bool]:
    """The certificates of the emulator in `folder`, and whether they had to be made (all together, or not at all)."""
    wanted = Certificates.within(folder)
    if wanted.complete():
        return wanted, False
    draft = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=folder))  # mode 0700
    _make(draft)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    draft.rename(folder / FOLDER)
    return wanted, True


def _make(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def usage(*, signs_certificates: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signs_certificates,
            key_cert_sign=signs_certificates,
            crl_sign=signs_certificates,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )

    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    until = since + datetime.timedelta(days=VALID_DAYS)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(subject: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name("aerial-ops emulator authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
            .add_extension(usage(signs_certificates=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        )

    authority = builder(name("aerial-ops emulator authority"), authority_key.public_key(), authority=True)
    signed_authority = authority.sign(authority_key, hashes.SHA256())
    hosts = ["localhost", "*.blob.localhost"]
    addresses: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
    addresses.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    server = (
        builder(name("localhost"), server_key.public_key(), authority=False)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key", folder / "truststore.p12")
    files.authority.write_bytes(signed_authority.public_bytes(pem))
    files.certificate.write_bytes(server.public_bytes(pem) + signed_authority.public_bytes(pem))
    files.key.touch(mode=0o600)
    files.key.write_bytes(server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    trusted = [pkcs12.PKCS12Certificate(signed_authority, b"aerial-ops")]
    files.truststore.write_bytes(pkcs12.serialize_java_truststore(trusted, plain))
