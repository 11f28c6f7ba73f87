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

module "resource_group" {
  source = "../.."

  name     = "aerial-ops-example"
  location = "eastus"
  tags     = { "aerial-ops:environment" = "example" }
}

output "id" {
  description = "Resource id of the group."
  value       = module.resource_group.id
}
