"""Sentences about price books, conversion and versions of plans; part of `kernel.messages`."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

CATALOG_PROBLEMS: Final[dict[str, Wording]] = {
    "until_before_since": Wording(
        N_("The end {value} is not after the start {start}."),
        N_("Enter the first day on which it no longer holds, or leave it empty."),
    ),
    "unknown_book": Wording(
        N_("There is no price book {value}."), N_("Correct the code, or give the book's name and whom it is for.")
    ),
    "reach_of_one_kind": Wording(
        N_("A price book is for regions, for segments or for customers: name some of one kind."),
        N_("Make a second book for the others."),
    ),
    "book_terms_twice": Wording(
        N_("The book gives a price two amounts in {value} on the same days."),
        N_("End the earlier one where the later one starts."),
    ),
    "book_conflict": Wording(
        N_("The book {value} has priority {priority} too and gives the same customers other amounts on the same days."),
        N_("Give one of the two another priority: the lower number goes first."),
    ),
    "book_reprices_issued": Wording(
        N_("Issued documents bill these prices up to {until}: a start before that would credit and bill them anew."),
        N_("Start on that day or later, or say that it counts for billed days too."),
    ),
    "book_begun": Wording(
        N_("The terms of the price book {value} are in force, so whom it goes before cannot change."),
        N_("End the book and make a new one from that day on."),
    ),
    "conversion_base_missing": Wording(
        N_("The price has no amount in {value} to convert from."),
        N_("Add its amount in that currency, or convert from another one."),
    ),
    "model_not_convertible": Wording(
        N_("A price of the kind “{value}” has no amounts that could be converted."),
        N_("Add the price in each currency, or let a missing currency be an error."),
    ),
    "conversion_rate_missing": Wording(
        N_("The price {price} is converted from {base}, but no rate of {currency} is known on {day}."),
        N_("Import the exchange rates of that day, or give the price its own amount in {currency}."),
    ),
    "currency_converted": Wording(
        N_("Contracts in {value} are billed by conversion: amounts of the price itself would reprice what is billed."),
        N_("Put the amounts into a price book from a day on."),
    ),
    "no_common_currency": Wording(
        N_("The prices of this version have no currency in common, so nobody could buy it."),
        N_("Add the missing currency to its prices, or let them be converted."),
    ),
    "version_in_past": Wording(
        N_("The version would start on {value}, which is past."), N_("Give it a date from today on.")
    ),
}

CATALOG_RULES: Final[dict[str, Wording]] = {
    "conversion_rate_missing": CATALOG_PROBLEMS["conversion_rate_missing"],
    "book_begun": Wording(
        N_("The terms of the price book {book} are in force, so this cannot change."),
        N_("End the book and make a new one from that day on."),
    ),
    "terms_begun": Wording(
        N_("These terms came into force on {date}."), N_("Give the price other terms from a later day on.")
    ),
}
