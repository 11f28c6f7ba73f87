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
  features {
    persist_id_on_create_before_polling_for_completion = true
  }
  resource_provider_registrations = "none"
}

variable "storage_account_id" {
  description = "Resource id of an existing storage account."
  type        = string
}

variable "storage_account_key" {
  description = "Its key."
  type        = string
  sensitive   = true
}

variable "gateway_password" {
  description = "Password of the gateway's user."
  type        = string
  sensitive   = true
}

variable "ssh_public_key" {
  description = "Public key of the nodes' user."
  type        = string
}

variable "script_action_uri" {
  description = "https URL of the bootstrap script, with its SAS."
  type        = string
  sensitive   = true
}

variable "switch_link_id" {
  description = "Output of the data layer."
  type        = string
}

variable "deadline" {
  description = "Output of the data layer."
  type        = string
}

module "spark_cluster" {
  source = "../.."

  name                  = "aerial-ops-example"
  resource_group_name   = "aerial-ops-example"
  location              = "eastus"
  storage_account_id    = var.storage_account_id
  storage_account_key   = var.storage_account_key
  storage_container_url = "https://${basename(var.storage_account_id)}.blob.core.windows.net/cluster"
  gateway_password      = var.gateway_password
  ssh_public_keys       = [var.ssh_public_key]
  script_action_uri     = var.script_action_uri
  worker_count          = 4
  autoscale             = { min = 3, max = 8 }
  switch_link_id        = var.switch_link_id
  deadline              = var.deadline
}

output "livy_url" {
  description = "URL of the cluster's job server."
  value       = module.spark_cluster.livy_url
}
