"""The runbook of the dead man's switch, as far as it can be looked at without PowerShell."""

import re

from tests.terraform.stack import TERRAFORM

MODULE = TERRAFORM / "modules" / "cost_guard"
SCRIPT = (MODULE / "remove-environment.ps1").read_text()
CODE = re.sub(r"<#.*?#>|#[^\n]*", "", SCRIPT, flags=re.DOTALL)


def test_the_link_passes_exactly_the_parameters_that_the_runbook_takes() -> None:
    declared = {name.lower() for name in re.findall(r"\[string\] \$(\w+)", CODE.partition("$ErrorActionPreference")[0])}
    passed = re.search(r"parameters = \{(.*?)\}", (MODULE / "main.switch.tf").read_text(), re.DOTALL)
    assert passed
    assert set(re.findall(r"^\s+(\w+)\s+=", passed[1], re.MULTILINE)) == declared


def test_it_calls_nothing_that_the_narrow_role_does_not_cover() -> None:
    called = set(re.findall(r"\b(?:Get|Remove|New|Set|Invoke|Connect)-Az\w+", CODE))
    assert called == {"Connect-AzAccount", "Get-AzResource", "Get-AzResourceGroup", "Remove-AzResource", "Remove-AzResourceGroup"}
    actions = set(re.findall(r'"(Microsoft\.[\w./]+)"', (TERRAFORM / "roles" / "main.tf").read_text()))
    assert {"Microsoft.HDInsight/clusters/delete", "Microsoft.Resources/subscriptions/resourceGroups/delete"} <= actions
    assert '"*/read"' in (TERRAFORM / "roles" / "main.tf").read_text(), "what may not be read is not listed, and would be deleted"
    assert all(action.endswith(("/read", "/delete")) for action in actions)


def test_the_group_goes_last_and_only_when_nothing_foreign_is_in_it() -> None:
    order = [
        CODE.index(part)
        for part in ("Remove-AzResource -ResourceId", '$KeepData -eq "true"', "$foreign.Count", "Remove-AzResourceGroup")
    ]
    assert order == sorted(order)


def test_brackets_are_balanced() -> None:
    text = re.sub(r'"[^"]*"', "", CODE)
    for opening, closing in ("{}", "()", "[]"):
        assert text.count(opening) == text.count(closing)
