mock_provider "azurerm" {
  mock_resource "azurerm_hdinsight_spark_cluster" {
    defaults = {
      id             = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.HDInsight/clusters/cluster"
      https_endpoint = "cluster.azurehdinsight.net"
      ssh_endpoint   = "cluster-ssh.azurehdinsight.net"
    }
  }

  mock_resource "azurerm_network_security_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/access"
    }
  }
}

variables {
  name                  = "aerial-ops-demo"
  resource_group_name   = "rg"
  location              = "eastus"
  storage_account_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/account"
  storage_account_key   = "bW9jaw=="
  storage_container_url = "https://account.blob.core.windows.net/cluster"
  gateway_password      = "Gateway-Passw0rd"
  ssh_password          = "Nodes-Passw0rd!"
  script_action_uri     = "https://account.blob.core.windows.net/cluster/bootstrap.sh?sig=x"
  switch_link_id        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/switch/schedules/deadline|x"
  deadline              = "2099-12-31T00:00:00Z"
}

run "is_the_cluster_of_the_mission" {
  command = apply

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.cluster_version == "5.1" && azurerm_hdinsight_spark_cluster.this.component_version[0].spark == "3.3"
    error_message = "HDInsight 5.1 with Spark 3.3."
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.roles[0].head_node[0].vm_size == "Standard_D12_V2" && azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].vm_size == "Standard_D12_V2"
    error_message = "Nodes of 4 cores and 28 GB."
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].target_instance_count == 40 && output.worker_count == 40
    error_message = "40 workers."
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.tls_min_version == "1.2"
    error_message = "TLS 1.2."
  }

  assert {
    condition     = length(azurerm_hdinsight_spark_cluster.this.roles[0].head_node[0].script_actions) == 1 && length(azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].script_actions) == 1 && length(azurerm_hdinsight_spark_cluster.this.roles[0].zookeeper_node[0].script_actions) == 0
    error_message = "Packages on head and worker nodes."
  }

  assert {
    condition     = length(azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].autoscale) == 0
    error_message = "A fixed number of workers."
  }

  assert {
    condition     = output.livy_url == "https://cluster.azurehdinsight.net/livy"
    error_message = "Livy behind the gateway."
  }

  assert {
    condition     = length(azurerm_network_security_group.this) == 0
    error_message = "No network of its own."
  }
}

run "scales_by_load" {
  command = apply

  variables {
    worker_count = 4
    autoscale    = { min = 3, max = 8 }
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].autoscale[0].capacity[0].max_instance_count == 8
    error_message = "Up to 8."
  }
}

run "takes_keys" {
  command = apply

  variables {
    ssh_password    = null
    ssh_public_keys = ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops"]
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].password == null && length(azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].ssh_keys) == 1
    error_message = "A key and no password."
  }
}

run "stands_in_a_closed_subnet" {
  command = apply

  variables {
    network = { virtual_network_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v", subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/spark", allowed_address_ranges = ["203.0.113.0/24"] }
  }

  assert {
    condition     = azurerm_hdinsight_spark_cluster.this.roles[0].worker_node[0].subnet_id == "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/spark"
    error_message = "In the subnet."
  }

  assert {
    condition     = azurerm_network_security_rule.clients[0].source_address_prefixes == toset(["203.0.113.0/24"])
    error_message = "Only the given addresses."
  }

  assert {
    condition     = azurerm_network_security_rule.management[0].source_address_prefix == "HDInsight"
    error_message = "HDInsight itself may enter."
  }

  assert {
    condition     = azurerm_subnet_network_security_group_association.this[0].subnet_id == var.network.subnet_id
    error_message = "The rules stand in front of the subnet."
  }
}

run "leaves_an_open_subnet_alone" {
  command = apply

  variables {
    network = { virtual_network_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v", subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/spark" }
  }

  assert {
    condition     = length(azurerm_network_security_group.this) == 0
    error_message = "No rules without addresses."
  }
}

run "refuses_to_stand_without_a_switch" {
  command = plan

  variables {
    switch_link_id = "none"
  }

  expect_failures = [var.switch_link_id]
}

run "refuses_the_switch_of_another_group" {
  command = plan

  variables {
    switch_link_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/other/providers/Microsoft.Automation/automationAccounts/switch/schedules/deadline|x"
  }

  expect_failures = [azurerm_hdinsight_spark_cluster.this]
}

run "refuses_a_near_deadline" {
  command = plan

  variables {
    deadline = timeadd(timestamp(), "9m")
  }

  expect_failures = [azurerm_hdinsight_spark_cluster.this]
}

run "refuses_a_deadline_in_words" {
  command = plan

  variables {
    deadline = "tomorrow"
  }

  expect_failures = [var.deadline]
}

run "refuses_a_short_name" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_a_name_with_capitals" {
  command = plan

  variables {
    name = "Cluster"
  }

  expect_failures = [var.name]
}

run "refuses_no_worker" {
  command = plan

  variables {
    worker_count = 0
  }

  expect_failures = [var.worker_count]
}

run "refuses_half_a_worker" {
  command = plan

  variables {
    worker_count = 2.5
  }

  expect_failures = [var.worker_count]
}

run "refuses_a_size_in_small_letters" {
  command = plan

  variables {
    worker_vm_size = "Standard_D12_v2"
  }

  expect_failures = [var.worker_vm_size]
}

run "refuses_a_head_size_in_small_letters" {
  command = plan

  variables {
    head_vm_size = "standard_d12_V2"
  }

  expect_failures = [var.head_vm_size]
}

run "refuses_a_zookeeper_size_without_its_series" {
  command = plan

  variables {
    zookeeper_vm_size = "A2"
  }

  expect_failures = [var.zookeeper_vm_size]
}

run "refuses_one_password_for_both" {
  command = plan

  variables {
    ssh_password = "Gateway-Passw0rd"
  }

  expect_failures = [var.ssh_password]
}

run "refuses_a_weak_password" {
  command = plan

  variables {
    ssh_password = "password12"
  }

  expect_failures = [var.ssh_password]
}

run "refuses_a_weak_gateway_password" {
  command = plan

  variables {
    gateway_password = "Short-1"
  }

  expect_failures = [var.gateway_password]
}

run "refuses_a_quote_in_the_gateway_password" {
  command = plan

  variables {
    gateway_password = "Gateway'Passw0rd"
  }

  expect_failures = [var.gateway_password]
}

run "refuses_neither_password_nor_key" {
  command = plan

  variables {
    ssh_password = null
  }

  expect_failures = [var.ssh_password]
}

run "refuses_password_and_key" {
  command = plan

  variables {
    ssh_public_keys = ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops"]
  }

  expect_failures = [var.ssh_password]
}

run "refuses_another_kind_of_key" {
  command = plan

  variables {
    ssh_password    = null
    ssh_public_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI ops"]
  }

  expect_failures = [var.ssh_public_keys]
}

run "refuses_a_gateway_user_with_capitals" {
  command = plan

  variables {
    gateway_username = "Admin"
  }

  expect_failures = [var.gateway_username]
}

run "refuses_one_user_for_both" {
  command = plan

  variables {
    ssh_username = "admin"
  }

  expect_failures = [var.ssh_username]
}

run "refuses_a_script_in_wasbs" {
  command = plan

  variables {
    script_action_uri = "wasbs://cluster@account.blob.core.windows.net/bootstrap.sh"
  }

  expect_failures = [var.script_action_uri]
}

run "refuses_a_container_in_wasbs" {
  command = plan

  variables {
    storage_container_url = "wasbs://cluster@account.blob.core.windows.net/"
  }

  expect_failures = [var.storage_container_url]
}

run "refuses_something_else_than_storage" {
  command = plan

  variables {
    storage_account_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/switch/schedules/deadline|x"
  }

  expect_failures = [var.storage_account_id]
}

run "refuses_a_small_autoscale" {
  command = plan

  variables {
    worker_count = 4
    autoscale    = { min = 1, max = 8 }
  }

  expect_failures = [var.autoscale]
}

run "refuses_a_start_outside_of_autoscale" {
  command = plan

  variables {
    worker_count = 9
    autoscale    = { min = 3, max = 8 }
  }

  expect_failures = [var.autoscale]
}

run "refuses_the_subnet_of_another_network" {
  command = plan

  variables {
    network = { virtual_network_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v2", subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/spark", allowed_address_ranges = ["203.0.113.0/24"] }
  }

  expect_failures = [var.network]
}

run "refuses_an_address_that_is_none" {
  command = plan

  variables {
    network = { virtual_network_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v", subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/spark", allowed_address_ranges = ["my-office"] }
  }

  expect_failures = [var.network]
}
