"""The resources and data sources that the project's modules use, by Terraform's name."""

from aerial_ops.emulator.azurerm.resource import Resource
from aerial_ops.emulator.azurerm.resources.authorization import RoleAssignment, RoleDefinition
from aerial_ops.emulator.azurerm.resources.automation import AutomationAccount, Runbook
from aerial_ops.emulator.azurerm.resources.budget import Budget
from aerial_ops.emulator.azurerm.resources.group import ResourceGroup
from aerial_ops.emulator.azurerm.resources.hdinsight import SparkCluster
from aerial_ops.emulator.azurerm.resources.job_schedule import JobSchedule
from aerial_ops.emulator.azurerm.resources.network import SecurityGroup, SecurityRule, SubnetAssociation
from aerial_ops.emulator.azurerm.resources.schedule import Schedule
from aerial_ops.emulator.azurerm.resources.storage import StorageAccount, StorageContainer

_ALL: tuple[Resource, ...] = (
    AutomationAccount(),
    Budget(),
    JobSchedule(),
    ResourceGroup(),
    RoleAssignment(),
    RoleDefinition(),
    Runbook(),
    Schedule(),
    SecurityGroup(),
    SecurityRule(),
    SparkCluster(),
    StorageAccount(),
    StorageContainer(),
    SubnetAssociation(),
)
RESOURCES: dict[str, Resource] = {resource.type_name: resource for resource in _ALL}
