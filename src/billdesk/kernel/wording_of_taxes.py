"""The words for what can go wrong with taxes, corrections and what is left of credit notes."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

TAX_PROBLEMS: Final[dict[str, Wording]] = {
    "no_rate_chosen": Wording(
        N_("No rate is chosen that holds on that day."), N_("Name a country, a class or the percent until now.")
    ),
    "line_not_there": Wording(
        N_("The invoice has no line {value}."), N_("Use the position of a line as it is printed.")
    ),
}

TAX_RULES: Final[dict[str, Wording]] = {
    "distance_sales_moved": Wording(
        N_("What was sold to consumers abroad before the draft of {customer} changes its tax."),
        N_("Run billing again, or open the draft and save it."),
    ),
    "rate_follows_none": Wording(
        N_("The rate of {country} from {since} follows on no other one."), N_("Delete it if it is wrong.")
    ),
    "nothing_to_offset": Wording(
        N_("The customer of {number} has no open invoice in its currency."),
        N_("Pay the amount back, or leave it: the next invoice uses it."),
    ),
}
