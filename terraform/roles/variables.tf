variable "name" {
  description = "Name of the role; give it to the data layer as `switch_role_name`."
  type        = string
  nullable    = false
  default     = "Aerial Ops Switch"

  validation {
    condition     = length(trimspace(var.name)) >= 3 && length(var.name) <= 128
    error_message = "A role's name has 3 to 128 characters."
  }
}
