"""The provider's program: Terraform starts it; `--reattach FILE` serves many commands."""

import sys
from pathlib import Path

from aerial_ops.emulator.azurerm.provider import Provider
from aerial_ops.emulator.azurerm.serve import serve, serve_reattached

if sys.argv[1:2] == ["--reattach"]:
    serve_reattached(Provider(), Path(sys.argv[2]))
else:
    serve(Provider())
