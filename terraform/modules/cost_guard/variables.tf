variable "name" {
  description = "Prefix of the names of the budget and the Automation account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{4,42}$", var.name))
    error_message = "The prefix has 5 to 43 letters, digits and hyphens and starts with a letter: Automation accounts allow 50 characters, and \"-switch\" is added."
  }
}

variable "environment" {
  description = "The environment's name; the runbook removes only what carries it in the tag `aerial-ops:environment`."
  type        = string
  nullable    = false
}

variable "resource_group_name" {
  description = "Name of the resource group that is watched and, at the deadline, removed."
  type        = string
  nullable    = false
}

variable "resource_group_id" {
  description = "Resource id of that group; the switch's identity has rights here and nowhere else."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+$", var.resource_group_id))
    error_message = "The rights of the switch must end at one resource group: give the id of a resource group."
  }
}

variable "location" {
  description = "Azure region, in its short form."
  type        = string
  nullable    = false
}

variable "deadline" {
  description = "When the switch fires: a moment in UTC, `2026-11-24T18:00:00Z`, at least 10 minutes ahead."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$", var.deadline)) && can(timecmp(var.deadline, var.deadline))
    error_message = "The deadline is a moment in UTC, written 2026-11-24T18:00:00Z."
  }
}

variable "keep_data" {
  description = "Whether the switch stops after the cluster and leaves the group with the data."
  type        = bool
  nullable    = false
  default     = false
}

variable "role_name" {
  description = "Role of the switch's identity in the group. `Contributor` exists everywhere; the narrower role is made once per subscription by the root `terraform/roles`."
  type        = string
  nullable    = false
  default     = "Contributor"

  validation {
    condition     = !contains(["Owner", "User Access Administrator", "Role Based Access Control Administrator"], var.role_name)
    error_message = "The switch only deletes: a role that can hand out rights is not for it."
  }
}

variable "budget_amount" {
  description = "Monthly budget of the group in USD; null for a subscription that knows no budgets."
  type        = number
  default     = 100

  validation {
    condition     = var.budget_amount == null || try(var.budget_amount >= 1, false)
    error_message = "The budget is at least 1 USD."
  }
}

variable "budget_thresholds" {
  description = "Percentages of the budget at which its contacts are told."
  type        = set(number)
  nullable    = false
  default     = [50, 80, 100]

  validation {
    condition     = length(var.budget_thresholds) > 0 && alltrue([for t in var.budget_thresholds : t == floor(t) && t >= 1 && t <= 1000])
    error_message = "Give at least one threshold; each is a whole percentage from 1 to 1000."
  }
}

variable "budget_emails" {
  description = "Who is told besides the owners of the group."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for address in var.budget_emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "Each contact is an e-mail address."
  }
}

variable "tags" {
  description = "Tags of the Automation account and its runbook."
  type        = map(string)
  nullable    = false
  default     = {}
}
