"""The provider's program: Terraform starts it; `--reattach FILE` serves many commands."""

import os
import sys
from pathlib import Path

from aerial_ops.emulator.azurerm.provider import Provider
from aerial_ops.emulator.azurerm.serve import serve, serve_reattached

if sys.argv[1:2] == ["--reattach"]:
    serve_reattached(Provider(), Path(sys.argv[2]))
else:
    serve(Provider())
# Terraform waits for the end of this process, and there is nothing to tidy up: no thread is worth waiting for.
sys.stdout.flush()
os._exit(0)
