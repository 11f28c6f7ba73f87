terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }
}

provider "azurerm" {
  features {}
  resource_provider_registrations = "none"
}

variable "deadline" {
  description = "When everything is removed, for example 2026-11-24T18:00:00Z."
  type        = string
}

locals {
  tags = { "aerial-ops:environment" = "example" }
}

module "resource_group" {
  source = "../../../resource_group"

  name = "aerial-ops-example"
  tags = local.tags
}

module "cost_guard" {
  source = "../.."

  name                = "aerial-ops-example"
  environment         = "example"
  resource_group_name = module.resource_group.name
  resource_group_id   = module.resource_group.id
  location            = module.resource_group.location
  deadline            = var.deadline
  budget_amount       = 50
  budget_emails       = ["ops@example.com"]
  tags                = local.tags
}

output "switch_link_id" {
  description = "The armed switch."
  value       = module.cost_guard.switch_link_id
}
