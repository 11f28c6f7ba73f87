"""A storage account or one of its containers as a source."""

import hashlib
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from aerial_ops.errors import BlobNotFoundError, StorageError
from aerial_ops.storage.blobs import SINGLE_PUT_LIMIT, BlobChangedError, BlobStore, CopyMethod, CopyRefusedError
from aerial_ops.storage.permits import STORAGE_SCOPE
from aerial_ops.storage.sync.filenames import content_type_of, is_hidden
from aerial_ops.storage.sync.source import FileProblemError, Listing, Sent, SourceFile


class AccountSource:
    """Containers of an account; copied by the service itself where it does that, else streamed through this machine."""

    def __init__(self, label: str, store: BlobStore, containers: Mapping[str, str]) -> None:
        """`containers` says for each container to fill from which container of the account it comes."""
        self.label = label
        self._store = store
        self._containers = dict(containers)
        self._copies = _Copies()

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers to look for; the listing tells which are there."""
        return tuple(self._containers)

    @property
    def copy_refusal(self) -> str:
        """Why the service did not copy by itself; "" when it did."""
        return self._copies.refusal

    def place(self, container: str) -> str:
        """The container's address."""
        return f"{self._store.endpoint.url}/{self._containers[container]}"

    def list(self, container: str) -> Listing | None:
        """Its blobs, or None when there is no such container."""
        files, skipped = [], 0
        try:
            for blob in self._store.list_files(self._containers[container]):
                if any(is_hidden(part) for part in blob.name.split("/")):
                    skipped += 1
                else:
                    files.append(SourceFile(blob.name, blob.size, blob.etag, blob.md5))
        except BlobNotFoundError:
            return None
        return Listing(files, skipped)

    def md5(self, container: str, file: SourceFile) -> bytes:
        """The blob's Content-MD5, or that of its bytes, read, when it has none."""
        if file.md5:
            return file.md5
        digest = _md5()
        for block in self._read(container, file):
            digest.update(block)
        return bytes(digest.digest())

    def settled(self, file: SourceFile) -> bool:
        """An etag always changes with its blob."""
        return True

    def send(self, container: str, file: SourceFile, store: BlobStore) -> Sent:
        """Have the destination copy the blob; stream it when it will not, or when no MD5 could prove the copy."""
        if file.md5:
            for method in self._copies.methods():
                try:
                    url = self._store.source_url(self._containers[container], file.name)
                    store.copy(container, file.name, url, md5=file.md5, method=method, token=self._token())
                except CopyRefusedError as error:
                    self._copies.refused(method, error)
                except StorageError:
                    continue  # the streamed way below has the full set of retries, and tells if it fails as well
                else:
                    self._copies.worked(method)
                    return Sent(file, "copied")
        return self._stream(container, file, store)

    def _stream(self, container: str, file: SourceFile, store: BlobStore) -> Sent:
        content_type = content_type_of(file.name)
        if file.size > SINGLE_PUT_LIMIT:
            md5 = store.put_blocks(container, file.name, self._read(container, file), content_type)
        else:
            data = b"".join(self._read(container, file))
            md5 = hashlib.md5(data, usedforsecurity=False).digest()
            store.put(container, file.name, data, md5, content_type)
        return Sent(SourceFile(file.name, file.size, file.version, md5), "streamed")

    def _read(self, container: str, file: SourceFile) -> Iterator[bytes]:
        """The blob's bytes; an error instead of the end when they are not what the listing said."""
        digest, size = _md5(), 0
        try:
            for block in self._store.read_blocks(self._containers[container], file.name, file.version, file.size):
                digest.update(block)
                size += len(block)
                yield block
        except BlobNotFoundError:
            raise FileProblemError("it vanished") from None
        except BlobChangedError:
            raise FileProblemError("it changed or vanished after it was listed") from None
        if size != file.size or (file.md5 and digest.digest() != file.md5):
            raise FileProblemError("its bytes do not match its size and MD5 at the source")

    def _token(self) -> str:
        credential = self._store.endpoint.credential
        get_token = getattr(credential, "get_token", None)
        return str(get_token(STORAGE_SCOPE).token) if get_token else ""


class _Copies:
    """Which ways of copying still make sense: one that is refused before it ever worked is not tried again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._methods: list[CopyMethod] = ["Put Blob From URL", "Copy Blob From URL"]
        self._worked: set[CopyMethod] = set()
        self.refusal = ""

    def methods(self) -> list[CopyMethod]:
        with self._lock:
            return list(self._methods)

    def worked(self, method: CopyMethod) -> None:
        with self._lock:
            self._worked.add(method)

    def refused(self, method: CopyMethod, error: CopyRefusedError) -> None:
        with self._lock:
            self.refusal = error.message
            if error.lasting and method not in self._worked and method in self._methods:
                self._methods.remove(method)


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)
