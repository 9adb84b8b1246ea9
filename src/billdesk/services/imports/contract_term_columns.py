"""The columns of a contract sheet that describe terms, renewals and early ends."""

from __future__ import annotations

from typing import Final

from billdesk.domain.contract_terms import AfterTerm, FeeKind
from billdesk.kernel.i18n import N_
from billdesk.sheets import Column, ColumnKind

_AFTER: Final = {
    "renews": "renew", "renewal": "renew", "auto": "renew", "automatic": "renew", "verlengen": "renew",
    "verlenging": "renew", "stilzwijgende verlenging": "renew", "automatisch": "renew", "reconduction": "renew",
    "tacite reconduction": "renew", "renouvellement": "renew", "verlängern": "renew", "verlängerung": "renew",
    "open": "continue", "open end": "continue", "onbepaald": "continue", "onbepaalde duur": "continue",
    "doorlopend": "continue", "indéterminée": "continue", "durée indéterminée": "continue", "unbefristet": "continue",
    "ends": "end", "stop": "end", "einde": "end", "eindigt": "end", "fin": "end", "ende": "end", "befristet": "end",
}  # fmt: skip
_FEES: Final = {
    "no": "none", "geen": "none", "aucune": "none", "keine": "none",
    "percentage": "percent", "%": "percent", "procent": "percent", "pourcentage": "percent", "prozent": "percent",
    "amount": "fixed", "bedrag": "fixed", "vast bedrag": "fixed", "montant": "fixed", "betrag": "fixed",
    "all": "remaining", "rest": "remaining", "resterende maanden": "remaining", "solde": "remaining",
    "restlaufzeit": "remaining",
}  # fmt: skip

TERM_COLUMNS: Final = (
    Column("term_months", "Term (months)", ColumnKind.INTEGER, synonyms={
        "en": "Term months|Minimum term|Contract term|Duration (months)",
        "nl": "Looptijd|Looptijd (maanden)|Contractduur|Minimumduur|Duur (maanden)",
        "fr": "Durée|Durée (mois)|Durée minimale", "de": "Laufzeit|Laufzeit (Monate)|Mindestlaufzeit"},
        help=N_("Of a start, a new term or a renewal; or name its end")),
    Column("term_until", "Term until", ColumnKind.DATE, synonyms={
        "en": "Term end|End of term", "nl": "Einde looptijd|Looptijd tot", "fr": "Fin de la durée|Durée jusqu'au",
        "de": "Laufzeit bis|Laufzeitende"}, help=N_("First day after the term")),
    Column("term_since", "Term since", ColumnKind.DATE, synonyms={
        "en": "Start of term", "nl": "Begin looptijd|Looptijd vanaf", "fr": "Début de la durée", "de": "Laufzeit ab"},
        help=N_("Empty: from the date of the row")),
    Column("notice_days", "Notice (days)", ColumnKind.INTEGER, synonyms={
        "en": "Notice days|Notice period (days)", "nl": "Opzegtermijn (dagen)|Opzegtermijn in dagen",
        "fr": "Préavis (jours)", "de": "Kündigungsfrist (Tage)"}),
    Column("notice_months", "Notice (months)", ColumnKind.INTEGER, synonyms={
        "en": "Notice months|Notice period (months)", "nl": "Opzegtermijn (maanden)|Opzegtermijn in maanden",
        "fr": "Préavis (mois)", "de": "Kündigungsfrist (Monate)"}),
    Column("after_term", "After the term", ColumnKind.CHOICE, aliases=_AFTER, choices=tuple(AfterTerm), synonyms={
        "en": "Renewal|Auto-renewal", "nl": "Na de looptijd|Stilzwijgende verlenging|Verlenging",
        "fr": "Après la durée|Reconduction", "de": "Nach der Laufzeit|Verlängerung"},
        help=N_("Empty means that it renews")),
    Column("renewal_months", "Renews for (months)", ColumnKind.INTEGER, synonyms={
        "en": "Renewal months|Renewal term", "nl": "Verlenging (maanden)|Verlengt met (maanden)",
        "fr": "Reconduction (mois)", "de": "Verlängerung (Monate)"}, help=N_("Empty: as long as the term")),
    Column("uplift_percent", "Uplift (%)", ColumnKind.DECIMAL, synonyms={
        "en": "Uplift|Uplift percent|Price increase (%)", "nl": "Prijsverhoging (%)|Verhoging (%)|Prijsverhoging",
        "fr": "Augmentation (%)|Majoration (%)", "de": "Preiserhöhung (%)|Erhöhung (%)"},
        help=N_("At each renewal; of a renewal: at this one")),
    Column("uplift_index", "Uplift index", synonyms={
        "en": "Index|Price index", "nl": "Index|Indexering|Indexcode", "fr": "Indice|Indexation", "de": "Preisindex"},
        help=N_("Code of a price index, instead of a percentage")),
    Column("uplift_share", "Indexed share (%)", ColumnKind.DECIMAL, synonyms={
        "en": "Indexed part (%)", "nl": "Geïndexeerd deel (%)", "fr": "Part indexée (%)",
        "de": "Indexierter Anteil (%)"},
        help=N_("Part of the price that follows the index; empty means all")),
    Column("uplift_lag", "Index lag (months)", ColumnKind.INTEGER, synonyms={
        "nl": "Indexmaand vooraf", "fr": "Décalage de l'indice (mois)", "de": "Indexverzug (Monate)"},
        help=N_("Months between the figure and the renewal; empty means 1")),
    Column("uplift_decimals", "Uplift decimals", ColumnKind.INTEGER, synonyms={
        "nl": "Decimalen na verhoging", "fr": "Décimales après augmentation", "de": "Dezimalen nach Erhöhung"}),
    Column("next_uplift", "Next uplift", synonyms={
        "nl": "Volgende verhoging", "fr": "Augmentation suivante", "de": "Nächste Erhöhung"},
        help=N_("Of a renewal with a new term: a percentage, or an index such as health:80")),
    Column("fee_kind", "Early fee", ColumnKind.CHOICE, aliases=_FEES, choices=tuple(FeeKind), synonyms={
        "en": "Termination fee", "nl": "Verbrekingsvergoeding|Opzegvergoeding", "fr": "Indemnité de rupture",
        "de": "Ablöse|Abstandszahlung"}, help=N_("What leaving before the end of the term costs")),
    Column("fee_percent", "Early fee (%)", ColumnKind.DECIMAL, synonyms={
        "nl": "Verbrekingsvergoeding (%)", "fr": "Indemnité (%)", "de": "Ablöse (%)"}),
    Column("fee_amount", "Early fee amount", ColumnKind.DECIMAL, synonyms={
        "nl": "Verbrekingsvergoeding bedrag", "fr": "Montant de l'indemnité", "de": "Ablösebetrag"}),
    Column("commitment", "Commitment", ColumnKind.DECIMAL, synonyms={
        "en": "Committed amount|Minimum commitment", "nl": "Afnameverplichting|Minimumafname|Toezegging",
        "fr": "Engagement|Montant engagé", "de": "Mindestabnahme|Abnahmeverpflichtung"},
        help=N_("Least amount in the contract's currency; 0 waives what the plan commits to")),
    Column("commitment_months", "Commitment per (months)", ColumnKind.INTEGER, synonyms={
        "nl": "Afnameverplichting per (maanden)", "fr": "Engagement par (mois)", "de": "Mindestabnahme je (Monate)"},
        help=N_("Empty: for the whole of each term")),
    Column("notice_given", "Notice given on", ColumnKind.DATE, synonyms={
        "en": "Notice date", "nl": "Opzegging ontvangen op|Opgezegd per brief van", "fr": "Préavis donné le",
        "de": "Kündigung eingegangen am"}, help=N_("Of an end; empty: in time")),
    Column("fee_waived", "Fee waived", ColumnKind.BOOLEAN, synonyms={
        "nl": "Vergoeding kwijtgescholden", "fr": "Indemnité abandonnée", "de": "Ablöse erlassen"}),
)  # fmt: skip
