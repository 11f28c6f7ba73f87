# What the dead man's switch needs, and nothing else. An administrator applies this root once per subscription; it is not part
# of an environment, because a role would outlive the group that the switch removes.
data "azurerm_subscription" "this" {}

resource "azurerm_role_definition" "switch" {
  name        = var.name
  scope       = data.azurerm_subscription.this.id
  description = "Removes an aerial-ops environment at its deadline: its clusters, and the resource group with what the kit has made in it."

  permissions {
    actions = [
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Resources/subscriptions/resourceGroups/delete",
      "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
      "Microsoft.HDInsight/clusters/read",
      "Microsoft.HDInsight/clusters/delete",
      "Microsoft.Storage/storageAccounts/read",
      "Microsoft.Storage/storageAccounts/delete",
      "Microsoft.Network/networkSecurityGroups/read",
      "Microsoft.Network/networkSecurityGroups/delete",
      "Microsoft.Automation/automationAccounts/read",
      "Microsoft.Automation/automationAccounts/delete",
      "Microsoft.Automation/automationAccounts/runbooks/read",
      "Microsoft.Automation/automationAccounts/runbooks/delete",
    ]
  }
}
