variable "environment" {
  description = "Name of the environment; part of every name and tag."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.environment))
    error_message = "An environment's name has 2 to 20 small letters, digits and hyphens, starts with a letter and does not end with a hyphen."
  }
}

variable "run" {
  description = "Identifier of the run that asked for the environment."
  type        = string
  nullable    = false
  default     = "none"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", var.run))
    error_message = "A run's identifier has letters, digits, periods, underscores and hyphens."
  }
}

variable "owner" {
  description = "Who answers for the environment."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.owner)) > 0 && length(var.owner) <= 256
    error_message = "Say who answers for the environment, in 1 to 256 characters."
  }
}

variable "location" {
  description = "Azure region, in its short form."
  type        = string
  nullable    = false
  default     = "eastus"
}

variable "resource_group_name" {
  description = "Name of the resource group; null for `aerial-ops-ENVIRONMENT`."
  type        = string
  default     = null
}

variable "storage_account_name" {
  description = "Name of the storage account; unique in all of Azure."
  type        = string
  nullable    = false
}

variable "containers" {
  description = "Names of the blob containers."
  type        = set(string)
  nullable    = false
  default = [
    "cluster",
    "features",
    "middlesexma2016",
    "predictions",
    "pretrainedmodels",
    "runs",
    "test",
    "train",
    "trainedmodels",
  ]
}

variable "deadline" {
  description = "When the dead man's switch fires: a moment in UTC, `2026-11-24T18:00:00Z`, at least 10 minutes ahead."
  type        = string
  nullable    = false
}

variable "keep_data" {
  description = "Whether the switch stops after the cluster and leaves the group with the data."
  type        = bool
  nullable    = false
  default     = false
}

variable "switch_role_name" {
  description = "Role of the switch's identity in the group; see the root `roles` for the narrow one."
  type        = string
  nullable    = false
  default     = "Contributor"
}

variable "budget_amount" {
  description = "Monthly budget of the group in USD; null for none."
  type        = number
  default     = 100
}

variable "budget_emails" {
  description = "Who is told about the budget besides the owners of the group."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "tags" {
  description = "More tags for everything."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.tags) : !startswith(lower(name), "aerial-ops:")])
    error_message = "Tags that begin with aerial-ops: are set by the kit."
  }
}
