"""The four sample domains in words; all names are invented."""

from collections.abc import Mapping
from typing import Final

from metarec_core.data.sample_domains.courses import COURSES
from metarec_core.data.sample_domains.declaration import Domain, Step, Topic
from metarec_core.data.sample_domains.funds import FUNDS
from metarec_core.data.sample_domains.shop import SHOP
from metarec_core.data.sample_domains.social import SOCIAL

DOMAINS: Final[Mapping[str, Domain]] = {"shop": SHOP, "social": SOCIAL, "courses": COURSES, "funds": FUNDS}

__all__ = ["DOMAINS", "Domain", "Step", "Topic"]
