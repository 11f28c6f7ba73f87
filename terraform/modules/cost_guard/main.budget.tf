# A budget tells people. It never stops the spending: Azure counts hours late. The switch does.
resource "azurerm_consumption_budget_resource_group" "this" {
  count = var.budget_amount == null ? 0 : 1

  name              = "${var.name}-budget"
  resource_group_id = var.resource_group_id
  amount            = var.budget_amount
  time_grain        = "Monthly"

  time_period {
    start_date = formatdate("YYYY-MM-01'T'00:00:00'Z'", plantimestamp())
  }

  dynamic "notification" {
    for_each = var.budget_thresholds

    content {
      operator       = "GreaterThan"
      threshold      = notification.value
      threshold_type = "Actual"
      contact_emails = var.budget_emails
      contact_roles  = ["Owner"]
    }
  }

  lifecycle {
    # A new month must not replace the budget and forget what it has counted.
    ignore_changes = [time_period]
  }
}
