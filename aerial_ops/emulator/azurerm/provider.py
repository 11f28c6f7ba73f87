"""Terraform's calls (plugin protocol 6), answered from the schema and the resources."""

import functools
import os
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

from aerial_ops.emulator.azurerm import schema, values
from aerial_ops.emulator.azurerm.data_sources import DATA_SOURCES
from aerial_ops.emulator.azurerm.planning import plan_change, problems
from aerial_ops.emulator.azurerm.refusals import RefusedError
from aerial_ops.emulator.azurerm.resource import Context, Features, Resource, describe
from aerial_ops.emulator.azurerm.resources import RESOURCES
from aerial_ops.emulator.azurerm.values import State, Step
from aerial_ops.emulator.azurerm.wire import decode, encode

STRICT_VARIABLE = "AERIAL_OPS_AZURERM_STRICT"
"""Set to 1, results are held to Terraform's own rules. The provider asks to be excused from them, so without it they are not."""

Call = TypeVar("Call", bound=Callable[..., Any])


def diagnostic(summary: str, detail: str = "", path: tuple[Step, ...] = ()) -> pb.Diagnostic:
    """An error, at an argument where there is one."""
    made = pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=detail)
    if path:
        made.attribute.CopyFrom(attribute_path(path))
    return made


def attribute_path(path: tuple[Step, ...]) -> pb.AttributePath:
    """`path` as the protocol writes it."""
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(element_key_int=step) if isinstance(step, int) else pb.AttributePath.Step(attribute_name=step)
            for step in path
        ]
    )


def answers(response: Callable[..., Any]) -> Callable[[Call], Callable[..., Any]]:
    """A refusal, or a fault of the stand-in itself, becomes a diagnostic of the call's response."""

    def wrap(method: Call) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(self: "Provider", request: Any, context: Any) -> Any:
            try:
                return method(self, request)
            except RefusedError as error:
                return response(diagnostics=[diagnostic(error.summary, error.detail)])
            except Exception:  # a bug here must reach the user as an error of the provider, not as a lost connection
                return response(diagnostics=[diagnostic("The stand-in for azurerm has a fault", traceback.format_exc())])

        return call

    return wrap


class Provider(rpc.ProviderServicer):  # type: ignore[misc]
    """One provider process; ConfigureProvider signs it in."""

    def __init__(self) -> None:
        self._schemas = schema.load()
        self._azure: Any = None
        self._features = Features()
        self._legacy = os.environ.get(STRICT_VARIABLE) != "1"

    def _context(self, resource: Resource, operation: str, state: State) -> Context:
        if self._azure is None:
            raise RefusedError("the provider was used before it was configured")
        return Context(self._azure, self._features, resource.deadline(operation, state))

    def _block(self, type_name: str) -> schema.Block:
        return self._schemas.resources[type_name].block

    # -- schema and configuration

    @answers(pb.GetProviderSchema.Response)
    def GetProviderSchema(self, request: Any) -> Any:
        """All schemas."""
        return pb.GetProviderSchema.Response(
            provider=schema.to_protocol(self._schemas.provider),
            resource_schemas={name: schema.to_protocol(spec) for name, spec in self._schemas.resources.items()},
            data_source_schemas={name: schema.to_protocol(spec) for name, spec in self._schemas.data_sources.items()},
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        """Nothing can be wrong before sign-in."""
        return pb.ValidateProviderConfig.Response()

    @answers(pb.ConfigureProvider.Response)
    def ConfigureProvider(self, request: Any) -> Any:
        """Sign in."""
        from aerial_ops.emulator.azurerm.client import Azure
        from aerial_ops.emulator.azurerm.identity import Identity

        config = decode(request.config)
        self._features = Features.from_config(config)
        self._azure = Azure(Identity.from_config(config))
        return pb.ConfigureProvider.Response()

    @answers(pb.ValidateResourceConfig.Response)
    def ValidateResourceConfig(self, request: Any) -> Any:
        """The resource's checks of single arguments."""
        name = request.type_name
        found = problems(RESOURCES[name], self._block(name), decode(request.config))
        return pb.ValidateResourceConfig.Response(diagnostics=[diagnostic(summary, "", path) for summary, path in found])

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        """The schema says it all."""
        return pb.ValidateDataResourceConfig.Response()

    # -- state

    @answers(pb.UpgradeResourceState.Response)
    def UpgradeResourceState(self, request: Any) -> Any:
        """A state as it was written, completed."""
        raw = decode(pb.DynamicValue(json=request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=encode(values.complete(self._block(request.type_name), raw)))

    @answers(pb.ReadResource.Response)
    def ReadResource(self, request: Any) -> Any:
        """What is there now; null when it is gone."""
        resource, state = RESOURCES[request.type_name], decode(request.current_state)
        found = self._refresh(resource, self._context(resource, "read", state), state)
        return pb.ReadResource.Response(new_state=encode(found), private=request.private)

    @answers(pb.ImportResourceState.Response)
    def ImportResourceState(self, request: Any) -> Any:
        """An id is enough: Terraform reads it next."""
        state = values.complete(self._block(request.type_name), {"id": request.id})
        imported = pb.ImportResourceState.ImportedResource(type_name=request.type_name, state=encode(state))
        return pb.ImportResourceState.Response(imported_resources=[imported])

    def _refresh(self, resource: Resource, ctx: Context, state: State) -> State | None:
        found = resource.read(ctx, state)
        if found is None:
            return None
        block = self._block(resource.type_name)
        return values.quieted(block, state, values.complete(block, {**state, **found}), resource.defaults, resource.same)

    # -- change

    @answers(pb.PlanResourceChange.Response)
    def PlanResourceChange(self, request: Any) -> Any:
        """What will be, and whether that means another resource."""
        proposed = decode(request.proposed_new_state)
        if proposed is None:
            return pb.PlanResourceChange.Response(planned_state=encode(None), planned_private=request.prior_private)
        resource = RESOURCES[request.type_name]
        prior = decode(request.prior_state)
        planned, replaced = plan_change(resource, self._block(request.type_name), proposed, prior, legacy=self._legacy)
        return pb.PlanResourceChange.Response(
            planned_state=encode(planned),
            requires_replace=[attribute_path(path) for path in replaced],
            planned_private=request.prior_private,
            legacy_type_system=self._legacy,
        )

    @answers(pb.ApplyResourceChange.Response)
    def ApplyResourceChange(self, request: Any) -> Any:
        """Make, change or remove. What went wrong leaves in the state what is there."""
        resource = RESOURCES[request.type_name]
        prior, planned = decode(request.prior_state), decode(request.planned_state)

        def reply(state: State | None, error: RefusedError | None = None) -> Any:
            said = [diagnostic(error.summary, error.detail)] if error else []
            return pb.ApplyResourceChange.Response(
                new_state=encode(state), private=request.planned_private, legacy_type_system=self._legacy, diagnostics=said
            )

        if planned is None:
            return reply(*self._delete(resource, prior))
        if prior is None:
            return reply(*self._create(resource, planned))
        return reply(*self._update(resource, prior, planned))

    def _create(self, resource: Resource, planned: State) -> tuple[State | None, RefusedError | None]:
        ctx = self._context(resource, "create", planned)
        resource_id = resource.resource_id(ctx.azure, planned)
        state = {**values.settle(self._block(resource.type_name), planned), "id": resource_id}
        try:
            resource.must_be_new(ctx, resource_id, planned)
            resource.create(ctx, resource_id, planned)
        except RefusedError as error:
            return state if error.created else None, _about("creating", resource, resource_id, error)
        try:
            return self._refresh(resource, ctx, state), None
        except RefusedError as error:  # it was made: forgetting it would leave it behind
            return state, _about("retrieving", resource, resource_id, error)

    def _update(self, resource: Resource, prior: State, planned: State) -> tuple[State | None, RefusedError | None]:
        ctx = self._context(resource, "update", planned)
        try:
            resource.update(ctx, prior, planned)
            return self._refresh(resource, ctx, values.settle(self._block(resource.type_name), planned)), None
        except RefusedError as error:
            return prior, _about("updating", resource, prior["id"], error)

    def _delete(self, resource: Resource, prior: State) -> tuple[State | None, RefusedError | None]:
        try:
            resource.delete(self._context(resource, "delete", prior), prior)
        except RefusedError as error:  # it is still there: say so, or Terraform forgets it
            return prior, _about("deleting", resource, prior["id"], error)
        return None, None

    @answers(pb.ReadDataSource.Response)
    def ReadDataSource(self, request: Any) -> Any:
        """A data source's values."""
        if self._azure is None:
            raise RefusedError("the provider was used before it was configured")
        config = decode(request.config)
        found = {**config, **DATA_SOURCES[request.type_name](self._azure, config)}
        block = self._schemas.data_sources[request.type_name].block
        return pb.ReadDataSource.Response(state=encode(values.complete(block, found)))

    # -- the rest

    def GetFunctions(self, request: Any, context: Any) -> Any:
        """There are none."""
        return pb.GetFunctions.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        """Terraform was interrupted. What runs is finished: a create cut short would leave what nobody knows of."""
        return pb.StopProvider.Response()


def _about(verb: str, resource: Resource, resource_id: str, error: RefusedError) -> RefusedError:
    """`error` with the thing it is about in front, as the provider words it."""
    if not error.summary.startswith((verb, "a resource with the ID")):
        error.summary = f"{verb} {describe(resource.title, resource_id)}: {error.summary}"
    return error
