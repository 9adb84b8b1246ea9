"""What people do with contracts: start, change, pause, renew, cancel, take back, find."""

from billdesk.domain.contract_changes import Change, Phase, When
from billdesk.services.subscriptions.changing import (
    Start,
    change_subscription,
    preview_change,
    preview_revoke,
    preview_start,
    refresh_due_standings,
    revoke_entry,
    start_subscription,
    update_subscription,
)
from billdesk.services.subscriptions.checking import check_subscription, suggest_subscription_number
from billdesk.services.subscriptions.endings import Ending, load_ending, move_entry, preview_move
from billdesk.services.subscriptions.queries import (
    SubscriptionCard,
    count_notices,
    count_states,
    count_subscriptions,
    list_subscriptions,
    load_subscription,
    load_subscription_card,
    load_timeline,
    monthly_revenue,
    monthly_revenue_by_plan,
)
from billdesk.services.timeline_words import TimelineItem
from billdesk.storage.subscription_lists import Recurring, SubscriptionFilter, SubscriptionRow, SubscriptionSort

__all__ = [
    "Change",
    "Ending",
    "Phase",
    "Recurring",
    "Start",
    "SubscriptionCard",
    "SubscriptionFilter",
    "SubscriptionRow",
    "SubscriptionSort",
    "TimelineItem",
    "When",
    "change_subscription",
    "check_subscription",
    "count_notices",
    "count_states",
    "count_subscriptions",
    "list_subscriptions",
    "load_ending",
    "load_subscription",
    "load_subscription_card",
    "load_timeline",
    "monthly_revenue",
    "monthly_revenue_by_plan",
    "move_entry",
    "preview_change",
    "preview_move",
    "preview_revoke",
    "preview_start",
    "refresh_due_standings",
    "revoke_entry",
    "start_subscription",
    "suggest_subscription_number",
    "update_subscription",
]
