locals {
  tags = merge(var.tags, {
    "aerial-ops:environment" = var.environment
    "aerial-ops:expires-at"  = var.deadline
    "aerial-ops:owner"       = var.owner
    "aerial-ops:run"         = var.run
  })
}

module "spark_cluster" {
  source = "../modules/spark_cluster"

  name                     = var.cluster_name
  resource_group_name      = var.resource_group_name
  location                 = var.location
  storage_account_id       = var.storage_account_id
  storage_account_key      = var.storage_account_key
  storage_container_url    = var.storage_container_url
  gateway_username         = var.gateway_username
  gateway_password         = var.gateway_password
  ssh_username             = var.ssh_username
  ssh_password             = var.ssh_password
  ssh_public_keys          = var.ssh_public_keys
  worker_count             = var.worker_count
  autoscale                = var.autoscale
  head_vm_size             = var.head_vm_size
  worker_vm_size           = var.worker_vm_size
  zookeeper_vm_size        = var.zookeeper_vm_size
  script_action_uri        = var.script_action_uri
  script_action_parameters = var.script_action_parameters
  encryption_in_transit    = var.encryption_in_transit
  network                  = var.network
  switch_link_id           = var.switch_link_id
  deadline                 = var.deadline
  tags                     = local.tags
}
