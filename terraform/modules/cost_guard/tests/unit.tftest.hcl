mock_provider "azurerm" {
  mock_resource "azurerm_automation_account" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/switch"
      identity = {
        principal_id = "11111111-1111-1111-1111-111111111111"
        tenant_id    = "22222222-2222-2222-2222-222222222222"
      }
    }
  }

  mock_resource "azurerm_automation_job_schedule" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/switch/schedules/deadline|/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/switch/runbooks/remove-environment"
    }
  }
}

variables {
  name                = "aerial-ops-demo"
  environment         = "demo"
  resource_group_name = "rg"
  resource_group_id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
  location            = "eastus"
  deadline            = "2099-12-31T00:00:00Z"
}

run "arms_the_switch" {
  command = apply

  assert {
    condition     = azurerm_automation_schedule.this.frequency == "OneTime" && azurerm_automation_schedule.this.start_time == var.deadline
    error_message = "One shot, at the deadline."
  }

  assert {
    condition     = azurerm_automation_schedule.this.expiry_time == azurerm_automation_schedule.this.start_time
    error_message = "An extension repeats the expiry: it must move along."
  }

  assert {
    condition     = azurerm_automation_job_schedule.this.parameters == tomap({ environment = "demo", keepdata = "false", resourcegroup = "rg" })
    error_message = "The runbook is told what to remove."
  }

  assert {
    condition     = azurerm_role_assignment.this.scope == var.resource_group_id && azurerm_role_assignment.this.principal_id == "11111111-1111-1111-1111-111111111111"
    error_message = "Rights for the switch's identity, in this group only."
  }

  assert {
    condition     = strcontains(azurerm_automation_runbook.this.content, "Remove-AzResourceGroup")
    error_message = "The runbook is the one in this folder."
  }

  assert {
    condition     = strcontains(output.switch_link_id, "/schedules/deadline|")
    error_message = "The link is handed out."
  }
}

run "budget_has_thresholds" {
  command = apply

  assert {
    condition     = azurerm_consumption_budget_resource_group.this[0].amount == 100
    error_message = "100 USD a month."
  }

  assert {
    condition     = length(setsubtract([50, 80, 100], [for n in azurerm_consumption_budget_resource_group.this[0].notification : n.threshold])) == 0
    error_message = "Three warnings."
  }

  assert {
    condition     = endswith(azurerm_consumption_budget_resource_group.this[0].time_period[0].start_date, "-01T00:00:00Z")
    error_message = "A budget begins with a month."
  }
}

run "does_without_a_budget" {
  command = apply

  variables {
    budget_amount = null
  }

  assert {
    condition     = length(azurerm_consumption_budget_resource_group.this) == 0
    error_message = "No budget."
  }
}

run "keeps_data" {
  command = apply

  variables {
    keep_data = true
  }

  assert {
    condition     = azurerm_automation_job_schedule.this.parameters["keepdata"] == "true"
    error_message = "The runbook is told to keep the data."
  }
}

run "takes_the_narrow_role" {
  command = apply

  variables {
    role_name = "Aerial Ops Switch"
  }

  assert {
    condition     = azurerm_role_assignment.this.role_definition_name == "Aerial Ops Switch"
    error_message = "The role is the given one."
  }
}

run "refuses_a_near_deadline" {
  command = plan

  variables {
    deadline = timeadd(timestamp(), "9m")
  }

  expect_failures = [azurerm_automation_schedule.this]
}

run "refuses_a_passed_deadline" {
  command = plan

  variables {
    deadline = "2020-01-01T00:00:00Z"
  }

  expect_failures = [azurerm_automation_schedule.this]
}

run "refuses_a_local_time" {
  command = plan

  variables {
    deadline = "2030-01-01T00:00:00+02:00"
  }

  expect_failures = [var.deadline]
}

run "refuses_a_day_that_is_not" {
  command = plan

  variables {
    deadline = "2030-02-31T00:00:00Z"
  }

  expect_failures = [var.deadline]
}

run "refuses_a_short_name" {
  command = plan

  variables {
    name = "abc"
  }

  expect_failures = [var.name]
}

run "refuses_the_whole_subscription" {
  command = plan

  variables {
    resource_group_id = "/subscriptions/00000000-0000-0000-0000-000000000000"
  }

  expect_failures = [var.resource_group_id]
}

run "refuses_owner" {
  command = plan

  variables {
    role_name = "Owner"
  }

  expect_failures = [var.role_name]
}

run "refuses_a_free_budget" {
  command = plan

  variables {
    budget_amount = 0
  }

  expect_failures = [var.budget_amount]
}

run "refuses_half_percents" {
  command = plan

  variables {
    budget_thresholds = [12.5]
  }

  expect_failures = [var.budget_thresholds]
}

run "refuses_no_threshold" {
  command = plan

  variables {
    budget_thresholds = []
  }

  expect_failures = [var.budget_thresholds]
}

run "refuses_a_name_for_an_address" {
  command = plan

  variables {
    budget_emails = ["somebody"]
  }

  expect_failures = [var.budget_emails]
}
