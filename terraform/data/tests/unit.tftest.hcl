mock_provider "azurerm" {
  mock_resource "azurerm_resource_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
    }
  }

  mock_resource "azurerm_storage_account" {
    defaults = {
      id                    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/account"
      primary_access_key    = "bW9jaw=="
      primary_blob_endpoint = "https://account.blob.core.windows.net/"
    }
  }

  mock_resource "azurerm_storage_container" {
    defaults = {
      url = "https://account.blob.core.windows.net/container"
    }
  }

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
  environment          = "demo"
  owner                = "ops@example.com"
  storage_account_name = "account"
  deadline             = "2099-12-31T00:00:00Z"
}

run "makes_the_data_layer" {
  command = apply

  assert {
    condition     = output.resource_group_name == "aerial-ops-demo"
    error_message = "The group is named after the environment."
  }

  assert {
    condition     = length(output.container_urls) == 9 && output.cluster_container_url == output.container_urls["cluster"]
    error_message = "Nine containers."
  }

  assert {
    condition     = output.deadline == var.deadline && !output.keep_data
    error_message = "Everything goes at the deadline."
  }

  assert {
    condition     = strcontains(output.switch_link_id, "/schedules/deadline|")
    error_message = "The switch is armed."
  }

  assert {
    condition     = nonsensitive(output.storage_account_key) == "bW9jaw=="
    error_message = "The key is handed out."
  }
}

run "names_the_group_as_asked" {
  command = apply

  variables {
    resource_group_name = "mine"
  }

  assert {
    condition     = output.resource_group_name == "mine"
    error_message = "The given name."
  }
}

run "refuses_a_bad_environment" {
  command = plan

  variables {
    environment = "Demo_1"
  }

  expect_failures = [var.environment]
}

run "refuses_a_bad_run" {
  command = plan

  variables {
    run = "a b"
  }

  expect_failures = [var.run]
}

run "refuses_nobody" {
  command = plan

  variables {
    owner = " "
  }

  expect_failures = [var.owner]
}

run "refuses_to_overwrite_its_tags" {
  command = plan

  variables {
    tags = { "Aerial-Ops:owner" = "me" }
  }

  expect_failures = [var.tags]
}
