"""The applications of the tenant: who they are and how they prove it. Kept in the store."""

import secrets
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.identity import Identity
    from aerial_ops.emulator.arm.store import Store

SETTING = "applications"


class Directory:
    """Applications by client id: {"object_id", "secret", "subjects"}; `subjects` are federated credentials, "*" allows any."""

    def __init__(self, store: "Store", identity: "Identity") -> None:
        self._store = store
        with store.transaction():
            known = self._all()
            if identity.client_id not in known:
                first = {"object_id": identity.object_id, "secret": identity.client_secret, "subjects": ["*"]}
                store.keep(SETTING, {**known, identity.client_id: first})

    def find(self, client_id: str) -> dict[str, Any] | None:
        """The application with this client id."""
        return self._all().get(client_id)

    def name_of(self, object_id: str) -> str:
        """The client id that belongs to an object id; the object id itself when it is no application's."""
        return next((client for client, app in self._all().items() if app["object_id"] == object_id), object_id)

    def add(self, subjects: list[str]) -> dict[str, Any]:
        """A new application without any role."""
        client_id = str(uuid.uuid4())
        app = {"object_id": str(uuid.uuid4()), "secret": secrets.token_urlsafe(30), "subjects": subjects}
        with self._store.transaction():
            self._store.keep(SETTING, {**self._all(), client_id: app})
        return {"client_id": client_id, **app}

    def _all(self) -> dict[str, dict[str, Any]]:
        return dict(self._store.setting(SETTING) or {})
