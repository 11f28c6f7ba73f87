locals {
  name = "aerial-ops-${var.environment}"
  tags = merge(var.tags, {
    "aerial-ops:environment" = var.environment
    "aerial-ops:expires-at"  = var.deadline
    "aerial-ops:keep-data"   = tostring(var.keep_data)
    "aerial-ops:owner"       = var.owner
    "aerial-ops:run"         = var.run
  })
}

module "resource_group" {
  source = "../modules/resource_group"

  name     = coalesce(var.resource_group_name, local.name)
  location = var.location
  tags     = local.tags
}

# The cluster, which costs money by the minute, is another root: it is not made without the link that this module gives out.
module "cost_guard" {
  source = "../modules/cost_guard"

  name                = local.name
  environment         = var.environment
  resource_group_name = module.resource_group.name
  resource_group_id   = module.resource_group.id
  location            = module.resource_group.location
  deadline            = var.deadline
  keep_data           = var.keep_data
  role_name           = var.switch_role_name
  budget_amount       = var.budget_amount
  budget_emails       = var.budget_emails
  tags                = local.tags
}

module "storage" {
  source = "../modules/storage"

  name                = var.storage_account_name
  resource_group_name = module.resource_group.name
  location            = module.resource_group.location
  containers          = var.containers
  tags                = local.tags
}
