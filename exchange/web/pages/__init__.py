"""The pages, one blueprint a concern. All but `public` stand behind the gate."""

from exchange.web.pages.acting import acting
from exchange.web.pages.collection import collection
from exchange.web.pages.drafts import drafts
from exchange.web.pages.letters import letters
from exchange.web.pages.public import public
from exchange.web.pages.receipts import receipts

BLUEPRINTS = (public, acting, letters, drafts, collection, receipts)
"""Everything that `create_app` registers."""
