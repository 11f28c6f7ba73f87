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
  environment           = "demo"
  owner                 = "ops@example.com"
  cluster_name          = "aerial-ops-demo"
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

run "makes_the_compute_layer" {
  command = apply

  assert {
    condition     = output.cluster_name == "aerial-ops-demo" && output.worker_count == 40
    error_message = "The cluster of the mission."
  }

  assert {
    condition     = output.livy_url == "https://cluster.azurehdinsight.net/livy"
    error_message = "Livy behind the gateway."
  }

  assert {
    condition     = output.gateway_username == "admin"
    error_message = "The gateway's user."
  }
}

run "refuses_a_bad_environment" {
  command = plan

  variables {
    environment = "d"
  }

  expect_failures = [var.environment]
}

run "refuses_a_bad_run" {
  command = plan

  variables {
    run = "-"
  }

  expect_failures = [var.run]
}

run "refuses_nobody" {
  command = plan

  variables {
    owner = ""
  }

  expect_failures = [var.owner]
}

run "refuses_to_overwrite_its_tags" {
  command = plan

  variables {
    tags = { "aerial-ops:run" = "x" }
  }

  expect_failures = [var.tags]
}
