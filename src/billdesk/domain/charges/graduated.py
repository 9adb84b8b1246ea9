"""Graduated: each unit at its own tier's price, and the flat fee of each tier that is reached."""

from billdesk.domain.tariffs import TieredModel, rate_each
from billdesk.kernel.i18n import N_

PLUGIN = TieredModel("graduated", N_("Graduated tiers"), rate_each)
