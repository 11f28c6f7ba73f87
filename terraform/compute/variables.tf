variable "environment" {
  description = "Name of the environment; part of every tag."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.environment))
    error_message = "An environment's name has 2 to 20 small letters, digits and hyphens, starts with a letter and does not end with a hyphen."
  }
}

variable "run" {
  description = "Identifier of the run that asked for the cluster."
  type        = string
  nullable    = false
  default     = "none"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", var.run))
    error_message = "A run's identifier has letters, digits, periods, underscores and hyphens."
  }
}

variable "owner" {
  description = "Who answers for the cluster."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.owner)) > 0 && length(var.owner) <= 256
    error_message = "Say who answers for the cluster, in 1 to 256 characters."
  }
}

variable "resource_group_name" {
  description = "Output `resource_group_name` of the data layer."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Output `location` of the data layer."
  type        = string
  nullable    = false
}

variable "storage_account_id" {
  description = "Output `storage_account_id` of the data layer."
  type        = string
  nullable    = false
}

variable "storage_account_key" {
  description = "Output `storage_account_key` of the data layer. Another key means another cluster."
  type        = string
  nullable    = false
  sensitive   = true
}

variable "storage_container_url" {
  description = "Output `cluster_container_url` of the data layer."
  type        = string
  nullable    = false
}

variable "switch_link_id" {
  description = "Output `switch_link_id` of the data layer. No cluster without an armed dead man's switch."
  type        = string
  nullable    = false
}

variable "deadline" {
  description = "Output `deadline` of the data layer."
  type        = string
  nullable    = false
}

variable "cluster_name" {
  description = "Name of the cluster; unique in all of Azure."
  type        = string
  nullable    = false
}

variable "gateway_username" {
  description = "User of the cluster's https gateway."
  type        = string
  nullable    = false
  default     = "admin"
}

variable "gateway_password" {
  description = "Password of the gateway's user. Can be changed in place."
  type        = string
  nullable    = false
  sensitive   = true
}

variable "ssh_username" {
  description = "User of the nodes."
  type        = string
  nullable    = false
  default     = "sshuser"
}

variable "ssh_password" {
  description = "Password of the nodes' user; null where there are keys. Another password means another cluster."
  type        = string
  default     = null
  sensitive   = true
}

variable "ssh_public_keys" {
  description = "Public RSA keys of the nodes' user, in OpenSSH's form."
  type        = set(string)
  nullable    = false
  default     = []
}

variable "worker_count" {
  description = "Number of worker nodes. Can be changed in place."
  type        = number
  nullable    = false
  default     = 40
}

variable "autoscale" {
  description = "Smallest and largest number of worker nodes when Azure is to choose by load; null for a fixed number."
  type = object({
    min = number
    max = number
  })
  default = null
}

variable "head_vm_size" {
  description = "Size of the 2 head nodes."
  type        = string
  nullable    = false
  default     = "Standard_D12_V2"
}

variable "worker_vm_size" {
  description = "Size of the worker nodes."
  type        = string
  nullable    = false
  default     = "Standard_D12_V2"
}

variable "zookeeper_vm_size" {
  description = "Size of the 3 ZooKeeper nodes."
  type        = string
  nullable    = false
  default     = "Standard_A2_V2"
}

variable "script_action_uri" {
  description = "https URL of the bootstrap script, with a SAS that is good until the deadline."
  type        = string
  nullable    = false
  sensitive   = true
}

variable "script_action_parameters" {
  description = "Arguments of the bootstrap script; null for none."
  type        = string
  default     = null
}

variable "encryption_in_transit" {
  description = "Whether the nodes encrypt what they send each other."
  type        = bool
  nullable    = false
  default     = false
}

variable "network" {
  description = "An existing subnet for the nodes, and the address ranges that may reach gateway and ssh; null for HDInsight's own network."
  type = object({
    virtual_network_id     = string
    subnet_id              = string
    allowed_address_ranges = optional(set(string), [])
  })
  default = null
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
