variable "name" {
  description = "Name of the cluster; unique in all of Azure, as it is a host name too."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,57}[a-z0-9]$", var.name))
    error_message = "A cluster's name has 3 to 59 small letters, digits and hyphens, and starts and ends with a letter or a digit."
  }
}

variable "resource_group_name" {
  description = "Name of the resource group that holds the cluster."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Azure region, in its short form; the storage account's."
  type        = string
  nullable    = false
}

variable "storage_account_id" {
  description = "Resource id of the storage account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("/providers/Microsoft.Storage/storageAccounts/[a-z0-9]{3,24}$", var.storage_account_id))
    error_message = "Give the resource id of a storage account."
  }
}

variable "storage_container_url" {
  description = "URL of the container that is the cluster's own file system."
  type        = string
  nullable    = false

  # The provider looks at this only at apply.
  validation {
    condition     = can(regex("^https://[a-z0-9]+\\.blob\\.[^/]+/[a-z0-9-]{3,63}$", var.storage_container_url))
    error_message = "A container's URL looks like https://ACCOUNT.blob.core.windows.net/CONTAINER."
  }
}

variable "storage_account_key" {
  description = "Key of the storage account. Another key means another cluster."
  type        = string
  nullable    = false
  sensitive   = true
}

variable "gateway_username" {
  description = "User of the cluster's https gateway (Livy, Ambari)."
  type        = string
  nullable    = false
  default     = "admin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,19}$", var.gateway_username))
    error_message = "The gateway's user has 2 to 20 small letters and digits, and starts with a letter."
  }
}

variable "gateway_password" {
  description = "Password of the gateway's user. Can be changed in place."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition = alltrue([
      length(var.gateway_password) >= 10,
      can(regex("[0-9]", var.gateway_password)),
      can(regex("[a-z]", var.gateway_password)),
      can(regex("[A-Z]", var.gateway_password)),
      can(regex("[^0-9A-Za-z]", var.gateway_password)),
      !can(regex("['\"`\\\\]", var.gateway_password)),
    ])
    error_message = "The gateway's password has at least 10 characters with a digit, a small letter, a capital and a symbol, but no quote, backquote or backslash."
  }
}

variable "ssh_username" {
  description = "User of the nodes."
  type        = string
  nullable    = false
  default     = "sshuser"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,19}$", var.ssh_username)) && var.ssh_username != var.gateway_username
    error_message = "The nodes' user has 2 to 20 small letters and digits, starts with a letter, and differs from the gateway's user."
  }
}

variable "ssh_password" {
  description = "Password of the nodes' user; null where there are keys. Another password means another cluster."
  type        = string
  default     = null
  sensitive   = true

  # The provider looks at this only at apply.
  validation {
    condition     = (var.ssh_password == null) == (length(var.ssh_public_keys) > 0)
    error_message = "Give either a password or public keys for the nodes' user, not both and not neither."
  }

  validation {
    condition = var.ssh_password == null || try(alltrue([
      length(var.ssh_password) >= 10,
      can(regex("[0-9]", var.ssh_password)),
      can(regex("[a-z]", var.ssh_password)),
      can(regex("[A-Z]", var.ssh_password)),
      can(regex("[^0-9A-Za-z]", var.ssh_password)),
      !can(regex("['\"`\\\\]", var.ssh_password)),
    ]), false)
    error_message = "The nodes' password has at least 10 characters with a digit, a small letter, a capital and a symbol, but no quote, backquote or backslash."
  }

  validation {
    condition     = var.ssh_password == null || var.ssh_password != var.gateway_password
    error_message = "The nodes' password must differ from the gateway's."
  }
}

variable "ssh_public_keys" {
  description = "Public keys of the nodes' user, in OpenSSH's form."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for key in var.ssh_public_keys : can(regex("^ssh-rsa [A-Za-z0-9+/=]+( .*)?$", trimspace(key)))])
    error_message = "HDInsight takes RSA keys in OpenSSH's form: ssh-rsa AAAA... name."
  }
}

variable "worker_count" {
  description = "Number of worker nodes. Can be changed in place."
  type        = number
  nullable    = false
  default     = 40

  validation {
    condition     = var.worker_count == floor(var.worker_count) && var.worker_count >= 1 && var.worker_count <= 500
    error_message = "A cluster has 1 to 500 worker nodes."
  }
}

variable "autoscale" {
  description = "Smallest and largest number of worker nodes when Azure is to choose by load; null for a fixed number."
  type = object({
    min = number
    max = number
  })
  default = null

  validation {
    condition     = var.autoscale == null || try(var.autoscale.min >= 3 && var.autoscale.min <= var.worker_count && var.worker_count <= var.autoscale.max, false)
    error_message = "Autoscale needs at least 3 worker nodes, and the number at the start must lie between its smallest and its largest."
  }
}

variable "head_vm_size" {
  description = "Size of the 2 head nodes. Another size means another cluster."
  type        = string
  nullable    = false
  default     = "Standard_D12_V2"

  validation {
    condition     = can(regex("^Standard_[A-Z]+[0-9]+[a-z]*_V[0-9]$", var.head_vm_size))
    error_message = "A size is written as HDInsight writes it, with a capital V: Standard_D12_V2."
  }
}

variable "worker_vm_size" {
  description = "Size of the worker nodes. Another size means another cluster."
  type        = string
  nullable    = false
  default     = "Standard_D12_V2"

  validation {
    condition     = can(regex("^Standard_[A-Z]+[0-9]+[a-z]*_V[0-9]$", var.worker_vm_size))
    error_message = "A size is written as HDInsight writes it, with a capital V: Standard_D12_V2."
  }
}

variable "zookeeper_vm_size" {
  description = "Size of the 3 ZooKeeper nodes. Another size means another cluster."
  type        = string
  nullable    = false
  default     = "Standard_A2_V2"

  validation {
    condition     = can(regex("^Standard_[A-Z]+[0-9]+[a-z]*_V[0-9]$", var.zookeeper_vm_size))
    error_message = "A size is written as HDInsight writes it, with a capital V: Standard_A2_V2."
  }
}

variable "script_action_uri" {
  description = "https URL of the script that installs the jobs' packages on each node, with a SAS that is good until the deadline: nodes added later fetch it too."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = can(regex("^https://[^/\\s]+/\\S+$", var.script_action_uri))
    error_message = "Azure fetches the script over https; wasbs:// and local paths are refused."
  }
}

variable "script_action_parameters" {
  description = "Arguments of that script; null for none."
  type        = string
  default     = null
}

variable "encryption_in_transit" {
  description = "Whether the nodes encrypt what they send each other. Another choice means another cluster."
  type        = bool
  nullable    = false
  default     = false
}

variable "network" {
  description = "An existing subnet for the nodes, and the address ranges that may reach gateway and ssh (none given: the subnet's own rules decide). The subnet must have no network security group of its own when ranges are given."
  type = object({
    virtual_network_id     = string
    subnet_id              = string
    allowed_address_ranges = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.network == null || try(startswith(var.network.subnet_id, "${var.network.virtual_network_id}/subnets/"), false)
    error_message = "The subnet must belong to the virtual network: its id begins with the network's id and /subnets/."
  }

  validation {
    condition     = var.network == null || try(alltrue([for range in var.network.allowed_address_ranges : can(cidrhost(range, 0))]), false)
    error_message = "An address range is written like 203.0.113.0/24."
  }
}

variable "switch_link_id" {
  description = "Id of the armed dead man's switch: output `switch_link_id` of the data layer. No cluster without it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("/providers/Microsoft.Automation/automationAccounts/[^/]+/(schedules|jobSchedules)/", var.switch_link_id))
    error_message = "A cluster is created only when the dead man's switch is armed: give the data layer's output switch_link_id."
  }
}

variable "deadline" {
  description = "When the switch fires: a moment in UTC, at least 10 minutes ahead."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$", var.deadline)) && can(timecmp(var.deadline, var.deadline))
    error_message = "The deadline is a moment in UTC, written 2026-11-24T18:00:00Z."
  }
}

variable "tags" {
  description = "Tags of the cluster."
  type        = map(string)
  nullable    = false
  default     = {}
}
