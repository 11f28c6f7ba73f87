"""Settings: aerial-ops.toml, overridden by AERIAL_OPS_* variables, overridden by flags. Errors name the key and its source."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from aerial_ops.errors import UsageError
from aerial_ops.names import checked_environment_name

CONFIG_FILE = "aerial-ops.toml"
PREFIX = "AERIAL_OPS_"
IN_USE = "in-use"  # in the folder of environments: the one that commands work on


class Settings(BaseSettings):
    """What the kit needs to know before it does anything. `docs/settings.md` is made from this model."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    cloud: Literal["azure", "emulator"] = Field("emulator", description="Where the work is done.")
    home: Path = Field(Path(".aerial-ops"), description="Folder for state, logs and reports of this project.")
    environment: str = Field("default", description="Name of the environment: everything in the cloud is made and found by it.")
    owner: str = Field("", description="Who answers for the environment (default: the user's name on this machine).")
    location: str = Field("eastus", description="Azure region, in its short form.")
    workers: int = Field(40, ge=1, description="Worker nodes of the cluster.")
    worker_size: str = Field("Standard_D12_V2", description="Size of the worker nodes.")
    head_size: str = Field("Standard_D12_V2", description="Size of the two head nodes.")
    ttl: str = Field("4h", description="How long an environment may live, such as 90m, 4h, 1d: then the cloud itself removes it.")
    max_cost: float | None = Field(None, gt=0, description="What it may cost until its deadline, in USD.")
    budget: float = Field(100, ge=1, description="Monthly budget in USD; its owners are told at 50, 80 and 100 %.")
    switch_role: str = Field(
        "Contributor", description="Role of the dead man's switch in the group; terraform/roles makes a narrower one."
    )
    subscription: str = Field(
        "", description="Azure subscription id (default: AZURE_SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID, the Azure CLI's)."
    )
    terraform: Path | None = Field(None, description="Terraform's program, where it is not on PATH.")
    backend: dict[str, str] = Field(
        {}, description="Where Terraform keeps its state: settings of its azurerm backend (default: on this machine)."
    )
    storage_account: str = Field("", description="Name of an existing Azure storage account (cloud = azure).")
    storage_key: SecretStr | None = Field(
        None, description="Its key; without one, azure-identity signs in. Set it in the environment, not in the file."
    )
    synapseml_repository: str = Field(
        "", description="Maven repository that holds SynapseML for Spark 3.3: --engine synapseml, --classifier lightgbm (azure)."
    )
    cluster: str = Field("", description="Name of an existing HDInsight cluster (cloud = azure).")
    cluster_user: str = Field("admin", description="The cluster's gateway user.")
    cluster_password: SecretStr | None = Field(
        None, description="The gateway user's password. Set it in the environment, not in the file."
    )

    @field_validator("environment")
    @classmethod
    def _named(cls, name: str) -> str:
        try:
            return checked_environment_name(name)
        except UsageError as error:
            raise ValueError(f"{error.message.rstrip('.')} ({error.suggestion.rstrip('.')})") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only values given by `load`, which has merged file and flags in their order, and the environment."""
        return (init_settings, env_settings)


def load(config: Path | None = None, experiment: Mapping[str, Any] | None = None, **flags: Any) -> Settings:
    """The settings in force: flags, then variables, then what an experiment's file says, then the settings file.

    A flag that is None is not given. Raises UsageError that names key and source.
    """
    path = config or Path(CONFIG_FILE)
    values: dict[str, Any] = {**(_read(path) if config or path.exists() else {}), **(experiment or {})}
    given = {key: value for key, value in flags.items() if value is not None}
    from_file = {k: v for k, v in values.items() if k not in given and _variable(k) not in os.environ}
    try:
        found = Settings(**{**from_file, **given})
        chosen = _in_use(found.home) if "environment" not in found.model_fields_set else None
        return Settings(**{**from_file, **given, "environment": chosen}) if chosen else found
    except ValidationError as error:
        raise UsageError(_explain(error, path, values, given)) from error


def _in_use(home: Path) -> str | None:
    """The environment that `aerial-ops env use` has chosen."""
    try:
        return (home / "environments" / IN_USE).read_text().strip()
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise UsageError(
            f"The home folder {home} is not a folder.", suggestion="Choose another: --home FOLDER, or AERIAL_OPS_HOME."
        ) from error


def _variable(key: str) -> str:
    return PREFIX + key.upper()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise UsageError(f"The settings file {path} does not exist.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings file {path} is not valid TOML: {error}.") from error


def _explain(error: ValidationError, path: Path, values: dict[str, Any], given: dict[str, Any]) -> str:
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        top = str(problem["loc"][0]) if problem["loc"] else ""
        variable = os.environ.get(_variable(top))
        flag = "env" if top == "environment" else top.replace("_", "-")
        source = f"flag --{flag}" if top in given else f"variable {_variable(top)}"
        if top not in given and variable is None:
            source = f"file {path}" if top in values else "defaults"
        reason = (
            "there is no such setting" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
        )
        lines.append(f"Setting {key!r} (from {source}): {reason}.")
    return " ".join(lines)
