mock_provider "azurerm" {
  mock_data "azurerm_subscription" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000"
    }
  }

  mock_resource "azurerm_role_definition" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/33333333-3333-3333-3333-333333333333|/subscriptions/00000000-0000-0000-0000-000000000000"
    }
  }
}

run "gives_no_right_to_create" {
  command = apply

  assert {
    condition     = output.name == "Aerial Ops Switch"
    error_message = "The name that the data layer is told."
  }

  assert {
    condition     = alltrue([for a in azurerm_role_definition.switch.permissions[0].actions : endswith(a, "/read") || endswith(a, "/delete")])
    error_message = "Reading and deleting, nothing else."
  }
}

run "refuses_a_short_name" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}
