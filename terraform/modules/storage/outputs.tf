output "id" {
  description = "Resource id of the storage account."
  value       = azurerm_storage_account.this.id
}

output "name" {
  description = "Name of the storage account."
  value       = azurerm_storage_account.this.name
}

output "blob_endpoint" {
  description = "URL of the account's blob service, with a slash at the end."
  value       = azurerm_storage_account.this.primary_blob_endpoint
}

output "container_urls" {
  description = "URL of each container, by name."
  value       = { for name, container in azurerm_storage_container.this : name => container.url }
}

output "primary_access_key" {
  description = "The account's first key; the cluster and the blob client sign with it."
  value       = azurerm_storage_account.this.primary_access_key
  sensitive   = true
}
