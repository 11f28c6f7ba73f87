"""The clients that only the tests use: budgets, roles, Automation."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.automation import AutomationClient
from azure.mgmt.consumption import ConsumptionManagementClient

from tests.emulator.arm.cloud import EmulatedCloud


def test_budgets(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    client = cloud.sdk(ConsumptionManagementClient)
    body = {
        "properties": {
            "amount": 200,
            "category": "Cost",
            "timeGrain": "Monthly",
            "timePeriod": {"startDate": "2026-11-01T00:00:00Z"},
            "notifications": {
                "over": {"enabled": True, "operator": "GreaterThan", "threshold": 80, "contactEmails": ["me@example.org"]}
            },
        }
    }
    scope = cloud.path().strip("/")
    assert client.budgets.create_or_update(scope, "limit", body).properties.amount == 200
    assert [budget.name for budget in client.budgets.list(scope)] == ["limit"]
    client.budgets.delete(scope, "limit")
    with pytest.raises(ResourceNotFoundError):
        client.budgets.get(scope, "limit")


def test_roles(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    client = cloud.sdk(AuthorizationManagementClient)
    (reader,) = client.role_definitions.list(cloud.path(), filter="roleName eq 'Reader'")
    given = {"properties": {"roleDefinitionId": reader.id, "principalId": str(uuid.uuid4()), "principalType": "ServicePrincipal"}}
    name = str(uuid.uuid4())
    made = client.role_assignments.create(cloud.path(), name, given)
    assert made.id.endswith(name)
    with pytest.raises(HttpResponseError, match="RoleAssignmentExists"):
        client.role_assignments.create(cloud.path(), str(uuid.uuid4()), given)
    listed = list(client.role_assignments.list_for_scope(cloud.path(), filter="atScope()"))
    assert name in [assignment.name for assignment in listed]
    client.role_assignments.delete(cloud.path(), name)
    with pytest.raises(ResourceNotFoundError, match="RoleAssignmentNotFound"):
        client.role_assignments.get(cloud.path(), name)


def test_automation(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    client = cloud.sdk(AutomationClient)
    account = {
        "location": "eastus",
        "name": "guard",
        "properties": {"sku": {"name": "Basic"}},
        "identity": {"type": "SystemAssigned"},
    }
    made = client.automation_account.create_or_update("rg", "guard", account)
    assert made.identity.principal_id
    moment = datetime.now(UTC) + timedelta(hours=2)
    schedule = {
        "name": "deadline",
        "properties": {"frequency": "OneTime", "startTime": moment.isoformat(), "timeZone": "Etc/UTC"},
    }
    shown = client.schedule.create_or_update("rg", "guard", "deadline", schedule)
    assert shown.properties.is_enabled
    assert [found.name for found in client.schedule.list_by_automation_account("rg", "guard")] == ["deadline"]
    assert list(client.job.list_by_automation_account("rg", "guard")) == []
    client.schedule.delete("rg", "guard", "deadline")
    client.automation_account.delete("rg", "guard")
    assert list(client.automation_account.list_by_resource_group("rg")) == []
