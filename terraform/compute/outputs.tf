output "cluster_id" {
  description = "Resource id of the cluster."
  value       = module.spark_cluster.id
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.spark_cluster.name
}

output "https_endpoint" {
  description = "Host of the cluster's gateway."
  value       = module.spark_cluster.https_endpoint
}

output "ssh_endpoint" {
  description = "Host of the cluster's ssh."
  value       = module.spark_cluster.ssh_endpoint
}

output "livy_url" {
  description = "URL of the cluster's job server."
  value       = module.spark_cluster.livy_url
}

output "gateway_username" {
  description = "User of the gateway."
  value       = module.spark_cluster.gateway_username
}

output "worker_count" {
  description = "Number of worker nodes asked for."
  value       = module.spark_cluster.worker_count
}
