"""The outbox and the files: how documents leave BillDesk."""

from billdesk.services.delivery.emptying import OutboxSent, send_outbox
from billdesk.services.delivery.files import (
    Bundle,
    export_documents,
    file_name,
    load_bundle,
    load_for_export,
    safe_name,
)
from billdesk.services.delivery.mail_drafts import load_queued, write_mail_drafts
from billdesk.services.delivery.queueing import (
    cancel_delivery,
    count_deliveries,
    list_deliveries,
    mail_text,
    mark_letters_sent,
    queue_documents,
    queue_issued,
    retry_delivery,
)
from billdesk.services.delivery.sending import (
    Answer,
    Parcel,
    load_parcels,
    record_answer,
    recover_outbox,
    secret_name,
    send_parcel,
    take_next,
)
from billdesk.storage.invoices.outbox import Delivery, DeliveryState

__all__ = [
    "Answer",
    "Bundle",
    "Delivery",
    "DeliveryState",
    "OutboxSent",
    "Parcel",
    "cancel_delivery",
    "count_deliveries",
    "export_documents",
    "file_name",
    "list_deliveries",
    "load_bundle",
    "load_for_export",
    "load_parcels",
    "load_queued",
    "mail_text",
    "mark_letters_sent",
    "queue_documents",
    "queue_issued",
    "record_answer",
    "recover_outbox",
    "retry_delivery",
    "safe_name",
    "secret_name",
    "send_outbox",
    "send_parcel",
    "take_next",
    "write_mail_drafts",
]
