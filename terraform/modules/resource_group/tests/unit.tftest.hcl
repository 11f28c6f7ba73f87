mock_provider "azurerm" {
  mock_resource "azurerm_resource_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
    }
  }
}

variables {
  name = "aerial-ops-demo"
  tags = { "aerial-ops:environment" = "demo" }
}

run "creates_a_group" {
  command = apply

  assert {
    condition     = output.name == "aerial-ops-demo"
    error_message = "The group has the given name."
  }

  assert {
    condition     = output.location == "eastus"
    error_message = "eastus is the default region."
  }

  assert {
    condition     = azurerm_resource_group.this.tags["aerial-ops:environment"] == "demo"
    error_message = "Tags are passed on."
  }
}

run "refuses_a_period_at_the_end" {
  command = plan

  variables {
    name = "group."
  }

  expect_failures = [var.name]
}

run "refuses_a_long_name" {
  command = plan

  variables {
    name = join("", [for i in range(91) : "a"])
  }

  expect_failures = [var.name]
}

run "refuses_a_region_in_words" {
  command = plan

  variables {
    location = "East US"
  }

  expect_failures = [var.location]
}

run "refuses_too_many_tags" {
  command = plan

  variables {
    tags = { for i in range(51) : "t${i}" => "x" }
  }

  expect_failures = [var.tags]
}
