"""Import of customers, catalogue and contracts: preview, apply, undo, templates and exports."""

from billdesk.services.imports.commands import (
    BatchChange,
    UndoPreview,
    apply_import,
    count_batches,
    list_batch_changes,
    list_batches,
    preview_import,
    preview_undo,
    undo_import,
)
from billdesk.services.imports.exports import (
    export_catalog,
    export_customers,
    export_subscriptions,
    export_table,
    export_workbook,
    problem_tables,
)
from billdesk.services.imports.model import (
    CellAt,
    Counts,
    GridRow,
    ImportKind,
    ImportOutcome,
    ImportPreview,
    ImportRequest,
    Outcome,
    PartPreview,
)
from billdesk.services.imports.problem_lists import problems_workbook, rejected_rows_workbook
from billdesk.services.imports.profiles import SavedProfile, delete_profile, list_profiles, save_profile
from billdesk.services.imports.registry import import_kind, import_kinds
from billdesk.services.imports.templates import import_template, template_columns
from billdesk.sheets import Ambiguity

__all__ = [
    "Ambiguity",
    "BatchChange",
    "CellAt",
    "Counts",
    "GridRow",
    "ImportKind",
    "ImportOutcome",
    "ImportPreview",
    "ImportRequest",
    "Outcome",
    "PartPreview",
    "SavedProfile",
    "UndoPreview",
    "apply_import",
    "count_batches",
    "delete_profile",
    "export_catalog",
    "export_customers",
    "export_subscriptions",
    "export_table",
    "export_workbook",
    "import_kind",
    "import_kinds",
    "import_template",
    "list_batch_changes",
    "list_batches",
    "list_profiles",
    "preview_import",
    "preview_undo",
    "problem_tables",
    "problems_workbook",
    "rejected_rows_workbook",
    "save_profile",
    "template_columns",
    "undo_import",
]
