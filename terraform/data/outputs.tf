output "resource_group_name" {
  description = "Name of the resource group."
  value       = module.resource_group.name
}

output "resource_group_id" {
  description = "Resource id of the resource group."
  value       = module.resource_group.id
}

output "location" {
  description = "Region of everything."
  value       = module.resource_group.location
}

output "storage_account_name" {
  description = "Name of the storage account."
  value       = module.storage.name
}

output "storage_account_id" {
  description = "Resource id of the storage account."
  value       = module.storage.id
}

output "storage_account_key" {
  description = "Key of the storage account."
  value       = module.storage.primary_access_key
  sensitive   = true
}

output "blob_endpoint" {
  description = "URL of the blob service, with a slash at the end."
  value       = module.storage.blob_endpoint
}

output "container_urls" {
  description = "URL of each container, by name."
  value       = module.storage.container_urls
}

output "cluster_container_url" {
  description = "URL of the container that is the cluster's own file system."
  value       = module.storage.container_urls["cluster"]
}

output "switch_link_id" {
  description = "Id of the armed dead man's switch; the compute layer asks for it."
  value       = module.cost_guard.switch_link_id
}

output "deadline" {
  description = "When the switch fires."
  value       = module.cost_guard.deadline
}

output "keep_data" {
  description = "Whether the data outlives the deadline."
  value       = var.keep_data
}
