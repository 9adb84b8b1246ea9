"""The outbox and the files: how documents leave BillDesk."""

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
from billdesk.storage.invoices.outbox import Delivery, DeliveryState

__all__ = [
    "Delivery",
    "DeliveryState",
    "cancel_delivery",
    "count_deliveries",
    "list_deliveries",
    "mail_text",
    "mark_letters_sent",
    "queue_documents",
    "queue_issued",
    "retry_delivery",
]
