"""The Terraform adapter: one narrow, typed way to the program; the only importer of python-terraform."""

from aerial_ops.infrastructure.terraform.adapter import CREATE_SECONDS, Change, Plan, Terraform
from aerial_ops.infrastructure.terraform.workspace import Workspace, prepare_workspace

__all__ = ["CREATE_SECONDS", "Change", "Plan", "Terraform", "Workspace", "prepare_workspace"]
