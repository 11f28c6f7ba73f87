"""Environments in the cloud: made, looked at, changed and removed."""
