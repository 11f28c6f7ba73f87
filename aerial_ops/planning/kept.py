"""The rates that were last measured, kept on this machine: the run history goes with the environment."""

import json
from dataclasses import asdict
from pathlib import Path

from aerial_ops.planning.rates import Rates


class KeptRates:
    """The rates of one network (None: of any) in `home`."""

    def __init__(self, home: Path, backbone: str | None) -> None:
        self._file = home / "rates" / f"{backbone or 'any'}.json"

    def write(self, rates: Rates) -> None:
        """Keep them, in place of older ones."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(rates), indent=2) + "\n")
        draft.replace(self._file)

    def read(self) -> Rates | None:
        """What was kept; None when that is nothing, or not readable any more."""
        try:
            return Rates(**json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
