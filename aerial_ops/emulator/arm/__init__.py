"""An emulated Azure Resource Manager: the control plane of the cloud on one machine."""
