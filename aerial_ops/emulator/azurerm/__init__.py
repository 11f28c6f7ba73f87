"""A stand-in for Terraform's azurerm provider, for machines that cannot download it.

It speaks Terraform's plugin protocol, knows the resources that the project's modules use, and asks Azure Resource Manager
for them in the same calls as the provider does. It holds nothing itself: what exists is what Resource Manager says.
"""
