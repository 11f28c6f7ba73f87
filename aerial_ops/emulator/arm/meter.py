"""What each cluster has cost so far, by the emulated minute, from its creation until it is gone, also in Error."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.prices import node_price

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.clock import Clock
    from aerial_ops.emulator.arm.store import Resource, Store


@dataclass(frozen=True)
class Bill:
    """One cluster's cost in USD. `parts` are the spans between changes of size: from, to, nodes, rate per hour."""

    id: str
    cluster_id: str
    tags: dict[str, str]
    created: float
    ended: float | None
    minutes: int
    cost: float
    rate: float
    parts: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "id": self.id,
            "clusterId": self.cluster_id,
            "tags": self.tags,
            "created": self.created,
            "ended": self.ended,
            "minutes": self.minutes,
            "costUSD": round(self.cost, 6),
            "hourlyUSD": round(self.rate, 6),
            "parts": self.parts,
        }


class Meter:
    """Lines of bills in the store: one per span in which a cluster's size stayed the same."""

    def __init__(self, store: "Store", clock: "Clock") -> None:
        self._store = store
        self._clock = clock

    def open(self, cluster: "Resource") -> None:
        """Start a span with the cluster's nodes as they are now."""
        nodes = [
            {"role": role["name"], "size": role["hardwareProfile"]["vmSize"], "count": int(role["targetInstanceCount"])}
            for role in cluster.properties["computeProfile"]["roles"]
        ]
        for node in nodes:
            node["rate"] = node_price(str(node["size"]), cluster.location)
        rate = sum(float(node["rate"]) * int(node["count"]) for node in nodes)
        record = {"id": cluster.id, "tags": cluster.body.get("tags") or {}, "nodes": nodes, "rate": rate}
        self._store.bill(cluster.properties["clusterId"], {**record, "from": self._clock.now(), "to": None})

    def close(self, cluster: "Resource") -> None:
        """End the cluster's span."""
        for number, cluster_id, record in self._store.bills():
            if cluster_id == cluster.properties["clusterId"] and record["to"] is None:
                self._store.bill(cluster_id, {**record, "to": self._clock.now()}, number)

    def change(self, cluster: "Resource") -> None:
        """The cluster has another size from now on."""
        self.close(cluster)
        self.open(cluster)

    def bills(self) -> list[Bill]:
        """Every cluster that ever was, in the order of creation."""
        lines: dict[str, list[dict[str, Any]]] = {}
        for _, cluster_id, record in self._store.bills():
            lines.setdefault(cluster_id, []).append(record)
        return [self._bill(cluster_id, parts) for cluster_id, parts in lines.items()]

    def _bill(self, cluster_id: str, parts: list[dict[str, Any]]) -> Bill:
        now, last = self._clock.now(), parts[-1]
        spans = [((part["to"] or now) - part["from"]) / 60 for part in parts]
        minutes = math.ceil(round(sum(spans), 6))
        spans[-1] += minutes - sum(spans)  # the last minute counts as a whole one
        cost = sum(span / 60 * part["rate"] for span, part in zip(spans, parts, strict=True))
        created, ended = parts[0]["from"], last["to"]
        return Bill(last["id"], cluster_id, last["tags"], created, ended, minutes, cost, 0.0 if ended else last["rate"], parts)
