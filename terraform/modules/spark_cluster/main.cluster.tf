locals {
  ssh_keys           = length(var.ssh_public_keys) == 0 ? null : var.ssh_public_keys
  virtual_network_id = one(var.network[*].virtual_network_id)
  subnet_id          = one(var.network[*].subnet_id)
  script_action_name = "install-job-packages"
}

resource "azurerm_hdinsight_spark_cluster" "this" {
  name                          = var.name
  resource_group_name           = var.resource_group_name
  location                      = var.location
  cluster_version               = "5.1"
  tier                          = "Standard"
  tls_min_version               = "1.2"
  encryption_in_transit_enabled = var.encryption_in_transit
  tags                          = var.tags

  component_version {
    spark = "3.3"
  }

  gateway {
    username = var.gateway_username
    password = var.gateway_password
  }

  storage_account {
    is_default            = true
    storage_account_id    = var.storage_account_id
    storage_account_key   = var.storage_account_key
    storage_container_url = var.storage_container_url
  }

  roles {
    head_node {
      vm_size            = var.head_vm_size
      username           = var.ssh_username
      password           = var.ssh_password
      ssh_keys           = local.ssh_keys
      virtual_network_id = local.virtual_network_id
      subnet_id          = local.subnet_id

      script_actions {
        name       = local.script_action_name
        uri        = var.script_action_uri
        parameters = var.script_action_parameters
      }
    }

    worker_node {
      vm_size               = var.worker_vm_size
      username              = var.ssh_username
      password              = var.ssh_password
      ssh_keys              = local.ssh_keys
      virtual_network_id    = local.virtual_network_id
      subnet_id             = local.subnet_id
      target_instance_count = var.worker_count

      script_actions {
        name       = local.script_action_name
        uri        = var.script_action_uri
        parameters = var.script_action_parameters
      }

      dynamic "autoscale" {
        for_each = var.autoscale[*]

        content {
          capacity {
            min_instance_count = autoscale.value.min
            max_instance_count = autoscale.value.max
          }
        }
      }
    }

    zookeeper_node {
      vm_size            = var.zookeeper_vm_size
      username           = var.ssh_username
      password           = var.ssh_password
      ssh_keys           = local.ssh_keys
      virtual_network_id = local.virtual_network_id
      subnet_id          = local.subnet_id
    }
  }

  # The subnet is closed before anything stands in it.
  depends_on = [azurerm_subnet_network_security_group_association.this]

  lifecycle {
    # A script runs when a node is made. Azure takes no new address for it, and each `up` signs a new one.
    ignore_changes = [
      roles[0].head_node[0].script_actions,
      roles[0].worker_node[0].script_actions,
    ]

    precondition {
      condition     = strcontains(lower(var.switch_link_id), lower("/resourceGroups/${var.resource_group_name}/"))
      error_message = "The dead man's switch watches another resource group than the cluster's, ${var.resource_group_name}."
    }

    precondition {
      condition     = timecmp(var.deadline, timeadd(plantimestamp(), "10m")) > 0
      error_message = "The deadline ${var.deadline} must be at least 10 minutes ahead. Extend it, or destroy the environment."
    }
  }
}
