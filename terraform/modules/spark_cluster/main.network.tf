# With an existing subnet and a list of address ranges, the gateway and ssh answer these ranges only.
locals {
  allowed_address_ranges = var.network == null ? toset([]) : var.network.allowed_address_ranges
  closed                 = length(local.allowed_address_ranges) > 0
}

resource "azurerm_network_security_group" "this" {
  count = local.closed ? 1 : 0

  name                = "${var.name}-access"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_network_security_rule" "management" {
  count = local.closed ? 1 : 0

  name                        = "allow-hdinsight"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.this[0].name
  description                 = "HDInsight's own health and management services; without them no cluster can be made."
  priority                    = 300
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  source_address_prefix       = "HDInsight"
  destination_port_range      = "443"
  destination_address_prefix  = "VirtualNetwork"
}

resource "azurerm_network_security_rule" "clients" {
  count = local.closed ? 1 : 0

  name                        = "allow-clients"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.this[0].name
  description                 = "The gateway and ssh, for the allowed address ranges."
  priority                    = 310
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  source_address_prefixes     = local.allowed_address_ranges
  destination_port_ranges     = ["22", "443"]
  destination_address_prefix  = "VirtualNetwork"
}

resource "azurerm_subnet_network_security_group_association" "this" {
  count = local.closed ? 1 : 0

  subnet_id                 = var.network.subnet_id
  network_security_group_id = azurerm_network_security_group.this[0].id

  depends_on = [azurerm_network_security_rule.management, azurerm_network_security_rule.clients]
}
