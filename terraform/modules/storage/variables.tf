variable "name" {
  description = "Name of the storage account; unique in all of Azure."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.name))
    error_message = "A storage account's name has 3 to 24 small letters and digits, nothing else."
  }
}

variable "resource_group_name" {
  description = "Name of the resource group that holds the account."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Azure region, in its short form."
  type        = string
  nullable    = false
}

variable "containers" {
  description = "Names of the private blob containers."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for name in var.containers : can(regex("^[a-z0-9](-?[a-z0-9]){2,62}$", name))])
    error_message = "A container's name has 3 to 63 small letters, digits and single hyphens, and starts and ends with a letter or a digit."
  }

  validation {
    condition     = contains(var.containers, "cluster")
    error_message = "The container \"cluster\" is needed: it is the Spark cluster's own file system."
  }
}

variable "tags" {
  description = "Tags of the storage account."
  type        = map(string)
  nullable    = false
  default     = {}
}
