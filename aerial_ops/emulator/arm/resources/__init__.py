"""The resource providers, one module each."""

from aerial_ops.emulator.arm.resources import (
    activity_log,
    authorization,
    automation,
    capacity,
    cluster_life,
    cluster_settings,
    clusters,
    containers,
    groups,
    network,
    schedules,
    simple,
    storage,
    storage_services,
    subscriptions,
)

__all__ = ["ROUTERS", "cluster_life"]

ROUTERS = tuple(
    module.routes
    for module in (
        subscriptions,
        groups,
        activity_log,
        storage,
        storage_services,
        containers,
        clusters,
        cluster_settings,
        capacity,
        authorization,
        automation,
        schedules,
        network,
        simple,
    )
)
