# Sign-in comes from ARM_* variables; nothing secret is written here.
provider "azurerm" {
  features {
    # What Azure has begun to make is in the state, even when its creation is interrupted.
    persist_id_on_create_before_polling_for_completion = true

    resource_group {
      # Somebody else's resource in the group stops its deletion.
      prevent_deletion_if_contains_resources = true
    }
  }

  # Registering resource providers is an administrator's work, once per subscription.
  resource_provider_registrations = "none"
}
