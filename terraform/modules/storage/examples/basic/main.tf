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
  source = "../../../resource_group"

  name = "aerial-ops-example"
}

module "storage" {
  source = "../.."

  name                = "aerialopsexample"
  resource_group_name = module.resource_group.name
  location            = module.resource_group.location
  containers          = ["cluster", "train"]
}

output "blob_endpoint" {
  description = "URL of the account's blob service."
  value       = module.storage.blob_endpoint
}
