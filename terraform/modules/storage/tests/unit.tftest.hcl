mock_provider "azurerm" {
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
}

variables {
  name                = "account"
  resource_group_name = "rg"
  location            = "eastus"
  containers          = ["cluster", "train", "test"]
}

run "creates_private_storage" {
  command = apply

  assert {
    condition     = azurerm_storage_account.this.account_replication_type == "LRS" && azurerm_storage_account.this.account_tier == "Standard"
    error_message = "Standard_LRS."
  }

  assert {
    condition     = azurerm_storage_account.this.min_tls_version == "TLS1_2" && azurerm_storage_account.this.https_traffic_only_enabled
    error_message = "TLS 1.2 and https only."
  }

  assert {
    condition     = !azurerm_storage_account.this.allow_nested_items_to_be_public
    error_message = "No public blobs."
  }

  assert {
    condition     = alltrue([for c in azurerm_storage_container.this : c.container_access_type == "private"])
    error_message = "Every container is private."
  }

  assert {
    condition     = join(" ", keys(output.container_urls)) == "cluster test train"
    error_message = "One URL for each container."
  }

  assert {
    condition     = output.blob_endpoint == "https://account.blob.core.windows.net/"
    error_message = "The endpoint is the account's."
  }

  assert {
    condition     = nonsensitive(output.primary_access_key) == "bW9jaw=="
    error_message = "The key is handed out."
  }
}

run "refuses_capitals" {
  command = plan

  variables {
    name = "Account"
  }

  expect_failures = [var.name]
}

run "refuses_a_short_name" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_short_container" {
  command = plan

  variables {
    containers = ["cluster", "ab"]
  }

  expect_failures = [var.containers]
}

run "refuses_two_hyphens" {
  command = plan

  variables {
    containers = ["cluster", "a--b"]
  }

  expect_failures = [var.containers]
}

run "refuses_to_do_without_cluster" {
  command = plan

  variables {
    containers = ["train"]
  }

  expect_failures = [var.containers]
}
