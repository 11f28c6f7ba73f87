output "id" {
  description = "Resource id of the cluster."
  value       = azurerm_hdinsight_spark_cluster.this.id
}

output "name" {
  description = "Name of the cluster."
  value       = azurerm_hdinsight_spark_cluster.this.name
}

output "https_endpoint" {
  description = "Host of the cluster's gateway."
  value       = azurerm_hdinsight_spark_cluster.this.https_endpoint
}

output "ssh_endpoint" {
  description = "Host of the cluster's ssh."
  value       = azurerm_hdinsight_spark_cluster.this.ssh_endpoint
}

output "livy_url" {
  description = "URL of the cluster's job server."
  value       = "https://${azurerm_hdinsight_spark_cluster.this.https_endpoint}/livy"
}

output "gateway_username" {
  description = "User of the gateway."
  value       = var.gateway_username
}

output "worker_count" {
  description = "Number of worker nodes asked for."
  value       = azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].target_instance_count
}
