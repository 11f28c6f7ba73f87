output "name" {
  description = "Name of the role."
  value       = azurerm_role_definition.switch.name
}
