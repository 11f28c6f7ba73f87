variable "name" {
  description = "Name of the resource group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[-\\w.()]{0,89}[-\\w()]$", var.name))
    error_message = "A resource group's name has 1 to 90 letters, digits, underscores, hyphens, periods and brackets, and does not end in a period."
  }
}

variable "location" {
  description = "Azure region, in its short form (`eastus`)."
  type        = string
  nullable    = false
  default     = "eastus"

  validation {
    condition     = can(regex("^[a-z]+[0-9]*$", var.location))
    error_message = "A region is written in small letters and digits, without spaces: eastus, not \"East US\"."
  }
}

variable "tags" {
  description = "Tags of the resource group."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.tags) <= 50
    error_message = "A resource group holds 50 tags at most."
  }
}
