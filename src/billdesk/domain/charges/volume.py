"""Volume: all units at the price of the tier that holds the quantity, and that tier's flat fee."""

from billdesk.domain.tariffs import NEEDS_WHOLE, TieredModel, rate_all
from billdesk.kernel.i18n import N_

PLUGIN = TieredModel("volume", N_("Volume tiers"), rate_all, needs=NEEDS_WHOLE)
