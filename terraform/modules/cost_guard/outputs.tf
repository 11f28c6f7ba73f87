output "switch_link_id" {
  description = "Id of the link between runbook and schedule. It exists last: whoever has it knows that the switch is armed."
  value       = azurerm_automation_job_schedule.this.id
}

output "deadline" {
  description = "When the switch fires."
  value       = var.deadline

  # The moment is worth nothing before something acts on it.
  depends_on = [azurerm_automation_job_schedule.this]
}

output "automation_account_name" {
  description = "Name of the Automation account."
  value       = azurerm_automation_account.this.name
}

output "principal_id" {
  description = "Object id of the switch's identity."
  value       = local.identity_id
}
