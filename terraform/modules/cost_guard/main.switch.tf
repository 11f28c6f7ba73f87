# The dead man's switch. At the deadline a runbook removes the cluster and then, unless the data is to be kept, the group,
# whether or not the machine that asked for all this still exists.
locals {
  identity_id = azurerm_automation_account.this.identity[0].principal_id
}

resource "azurerm_automation_account" "this" {
  name                          = "${var.name}-switch"
  resource_group_name           = var.resource_group_name
  location                      = var.location
  sku_name                      = "Basic"
  local_authentication_enabled  = false
  public_network_access_enabled = true
  tags                          = var.tags

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_role_assignment" "this" {
  # The same right has the same name: what was made and not remembered is found again, and not asked for twice.
  name                             = uuidv5("url", "${var.resource_group_id}/${local.identity_id}")
  scope                            = var.resource_group_id
  role_definition_name             = var.role_name
  principal_id                     = local.identity_id
  skip_service_principal_aad_check = true
}

resource "azurerm_automation_runbook" "this" {
  name                    = "remove-environment"
  resource_group_name     = var.resource_group_name
  automation_account_name = azurerm_automation_account.this.name
  location                = var.location
  runbook_type            = "PowerShell72"
  log_progress            = true
  log_verbose             = false
  content                 = file("${path.module}/remove-environment.ps1")
  tags                    = var.tags
}

resource "azurerm_automation_schedule" "this" {
  name                    = "deadline"
  resource_group_name     = var.resource_group_name
  automation_account_name = azurerm_automation_account.this.name
  frequency               = "OneTime"
  start_time              = var.deadline
  # Every update repeats the expiry that the service has stored; left alone, an extension would send one before its start.
  expiry_time = var.deadline
  timezone    = "Etc/UTC"

  lifecycle {
    # Azure refuses a start less than 5 minutes ahead, and only at apply, when other things have been made already. After the
    # switch has fired this also stops an apply from building everything again without a switch.
    precondition {
      condition     = timecmp(var.deadline, timeadd(plantimestamp(), "10m")) > 0
      error_message = "The deadline ${var.deadline} must be at least 10 minutes ahead. Extend it, or destroy the environment."
    }
  }
}

resource "azurerm_automation_job_schedule" "this" {
  resource_group_name     = var.resource_group_name
  automation_account_name = azurerm_automation_account.this.name
  runbook_name            = azurerm_automation_runbook.this.name
  schedule_name           = azurerm_automation_schedule.this.name

  # Azure takes these names in small letters only; PowerShell does not mind.
  parameters = {
    environment   = var.environment
    keepdata      = tostring(var.keep_data)
    resourcegroup = var.resource_group_name
  }

  # Without its rights the runbook would fire in vain.
  depends_on = [azurerm_role_assignment.this]

  lifecycle {
    # Azure drops the link together with its schedule or its runbook, and names alone do not tell Terraform.
    replace_triggered_by = [azurerm_automation_schedule.this.id, azurerm_automation_runbook.this.id]
  }
}
