"""How a sync's result looks."""

from aerial_ops.cli.amounts import bytes_text
from aerial_ops.cli.output import Output
from aerial_ops.storage.sync import SyncResult


def show(out: Output, result: SyncResult) -> None:
    """A table of the containers, a sentence on the whole, and what deserves a remark on stderr."""
    out.result(result.as_dict(), lambda: _table(out, result))
    skipped, extra = result.total("skipped"), result.total("extra")
    if skipped:
        out.note(f"{skipped:,} hidden files or links in a loop were left out.")
    if extra:
        named = ", ".join(one.container for one in result.containers if one.extra)
        out.note(f"{extra:,} blobs in {named} are not in the source, and would be used as well; --delete-extra removes them.")
    if result.copy_refusal and result.total("streamed"):
        out.note(f"The service did not copy by itself, so the data went through this machine. {result.copy_refusal}")


def _table(out: Output, result: SyncResult) -> None:
    numbers = ("files", "size", "to send" if result.dry_run else "sent", "already there", "extra")
    columns = ("container", *numbers, "data hash")
    rows = [
        (
            one.container,
            f"{one.files:,}",
            bytes_text(one.bytes),
            f"{one.to_send if result.dry_run else one.sent:,}",
            f"{one.there:,}",
            f"{one.extra:,}",
            one.data_hash[:16] or "-",
        )
        for one in result.containers
    ]
    out.table(columns, rows, right=numbers)
    out.result(None, _summary(result))


def _summary(result: SyncResult) -> str:
    size = bytes_text(result.total("to_send_bytes"))
    if result.dry_run:
        return f"Dry run: {result.total('to_send'):,} files ({size}) would be sent, {result.total('there'):,} are there already."
    if not result.total("sent"):
        done = f"Nothing to send: all {result.total('there'):,} files are there"
    else:
        ways = [(result.total(way), text) for way, text in (("copied", "copied by the service"), ("streamed", "streamed"))]
        how = "".join(f", {count:,} {text}" for count, text in ways if count)
        done = f"Sent {result.total('sent'):,} files ({size}{how}), {result.total('there'):,} were there already"
    deleted = f"; {result.total('deleted'):,} extra blobs removed" if result.total("deleted") else ""
    return f"{done}{deleted}. Verified. {result.seconds:.1f} s."
