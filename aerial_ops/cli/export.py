"""`aerial-ops export`: the map as files for QGIS, spreadsheets and other programs."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.analysis.export.formats import Format
from aerial_ops.cli.export_options import Classes, Formats, Merged, Older, Out
from aerial_ops.cli.options import Json
from aerial_ops.cli.report_options import From


def export(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    formats: Formats = None,
    out: Out = None,
    merged: Merged = False,
    older: Older = None,
    classes: Classes = None,
    folder: From = None,
    as_json: Json = False,
) -> None:
    """Write a model's map for QGIS, spreadsheets and other programs. Needs storage only, no cluster.

    csv: a line a tile with class, confidence and place, and hectares by class. geojson: a polygon a tile, or with --merged an
    area. geotiff: a cell a tile, with colours and class names. csv and geojson also list newly developed places where older
    labels are known, the most certain first. geojson and geotiff need the extra geo: pip install "aerial-ops[geo]"
    """
    from aerial_ops.analysis.export.service import export as write
    from aerial_ops.cli.session import Session
    from aerial_ops.names import checked_name

    here = Session(as_json)
    source, chosen, where = folder or here.store, formats or tuple(Format), out or Path(name)
    told = write(source, checked_name(name), where, chosen, merged=merged, older=older, classes=classes, reporter=here.out)
    for note in told["notes"]:
        here.out.note(note)
    here.out.result(told, "\n".join(told["files"]))
