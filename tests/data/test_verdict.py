"""What data can support, on profiles made by hand just above and below the thresholds."""

from dataclasses import replace

import numpy as np
import pandas as pd

from metarec_core.data.profile import Coverage, Profile, TextProfile
from metarec_core.data.verdict import verdict

PLENTY = Profile(
    n_users=1_000,
    n_items=100,
    n_events=10_000,
    n_facts=0,
    user_events=np.full(1_000, 10),
    item_events=np.full(100, 100),
    repeats=0,
    activity=pd.DataFrame({"start": [], "events": []}),
    period="day",
    first=pd.Timestamp("2024-01-01", tz="UTC"),
    last=pd.Timestamp("2024-02-01", tz="UTC"),
    coverage=(Coverage("items", "kind", 1.0, 5),),
    text=TextProfile(1.0, 30.0, {"Latin": 1.0}),
)


def headline(**changes):
    return verdict(replace(PLENTY, **changes)).headline


def test_plenty_of_data_supports_everything_and_asks_for_nothing():
    said = verdict(PLENTY)
    assert (
        said.headline == "This data can support a sequence model. New items can be placed by their text and attributes."
    )
    assert all(support.enough and not support.bring for support in (*said.ladder, *said.others))


def test_each_step_of_the_ladder_falls_by_its_own_threshold():
    assert headline(n_events=9_999).startswith("This data can support what comes next.")
    assert headline(ties=0.51).startswith("This data can support what goes together.")
    assert headline(item_events=np.full(10_000, 1)).startswith("This data can support popularity only.")


def test_new_items_need_text_or_attributes_that_items_share():
    nothing = TextProfile(0.0, 0.0, {})
    assert headline(text=nothing).endswith("New items can be placed by their attributes.")
    own = (Coverage("items", "serial", 1.0, 100),)
    assert headline(text=nothing, coverage=own).endswith("New items cannot be placed.")
    assert headline(text=nothing, coverage=own, n_facts=100).endswith("New items can be placed by their attributes.")


def test_what_is_lacking_comes_with_what_to_bring():
    said = verdict(replace(PLENTY, user_events=np.full(1_000, 2)))
    assert [support.what for support in (*said.ladder, *said.others) if not support.enough] == [
        "a sequence model",
        "testing",
    ]
    assert said.ladder[-1].bring == "Use a log with more users, or a longer log of the same users."
