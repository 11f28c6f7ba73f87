# What the dead man's switch needs: reading everything in its group, or it would not see what is not ours, and deleting what the
# kit makes. Reading does not include keys. An administrator applies this root once per subscription; it is not part
# of an environment, because a role would outlive the group that the switch removes.
data "azurerm_subscription" "this" {}

resource "azurerm_role_definition" "switch" {
  name        = var.name
  scope       = data.azurerm_subscription.this.id
  description = "Removes an aerial-ops environment at its deadline: its clusters, and the resource group with what the kit has made in it."

  permissions {
    actions = [
      "*/read",
      "Microsoft.Resources/subscriptions/resourceGroups/delete",
      "Microsoft.HDInsight/clusters/delete",
      "Microsoft.Storage/storageAccounts/delete",
      "Microsoft.Network/networkSecurityGroups/delete",
      "Microsoft.Automation/automationAccounts/delete",
      "Microsoft.Automation/automationAccounts/runbooks/delete",
    ]
  }
}
