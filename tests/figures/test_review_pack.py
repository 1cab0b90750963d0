import re
from dataclasses import replace

import pandas as pd
import pytest

from metarec_core.data.dataset import Dataset
from metarec_core.evaluation.trust import Check, Trust
from metarec_core.figures.review_pack import review_html
from metarec_core.recommend.recommender import Recommender
from metarec_core.review import verdicts
from metarec_core.review.report import review_pack
from metarec_core.review.sample import Plan, Sample, Sampled
from tests.review.conftest import SAMPLE, finished_run
from tests.small_world import WrittenScores, dataset, recommender

EVIL = "</title><script>document.title='owned'</script><img src='http://evil.example/x' onerror=\"document.title='owned'\">"


def evil_world() -> Recommender:
    """The small world, its users and items called what an attacker would call them."""
    names = [f"{EVIL}{number}" for number in range(4)]
    data: Dataset = dataset({f"{EVIL}ann": names[:3], f"{EVIL}bob": names[:2]}, names)
    return Recommender(data, WrittenScores(), pd.DataFrame({"item_id": names, "title": names}), max_history=10)


def evil_html(store) -> str:
    """A page with hostile text wherever text can be."""
    run, world = finished_run(store, tables_name=EVIL), evil_world()
    user, item = world.user_ids[0], world.item_ids[3]
    review = verdicts.start_review(run, Sample(Plan(k=2), EVIL, (Sampled(user, item, EVIL),)))
    verdicts.judge(run, review.review_id, 1, reviewer=EVIL[:70], verdict="harmful", comment=EVIL)
    verdicts.judge(run, review.review_id, 1, reviewer="javascript:alert(1)", verdict="good", comment="{{ 7 * 7 }}")
    verdicts.sign_off(run, review.review_id, name=EVIL[:70], statement=EVIL)
    return review_html(review_pack(run, review.review_id, world))


@pytest.fixture
def pack(tmp_path):
    run = finished_run(tmp_path)
    review = verdicts.start_review(run, SAMPLE)
    verdicts.judge(run, review.review_id, 1, reviewer="Ada", verdict="good", comment="It is plum")
    verdicts.judge(run, review.review_id, 1, reviewer="Bo", verdict="wrong")
    return review_pack(run, review.review_id, recommender())


def test_the_file_says_of_what_and_shows_every_recommendation_with_its_verdicts(pack):
    html = review_html(pack)
    for words in ("tea room", "0123456789abcdef", pack.run.run_id, SAMPLE.words, "Plum jam", "It is plum"):
        assert words in html
    assert "Ada judged 1 of 3." in html
    assert "Ada and Bo both judged 1 and agreed on 0; Cohen's kappa 0.00." in html
    assert html.count('<section class="card">') == 3
    assert html.count("No verdict") == 2
    assert "Not signed yet." in html


def test_bars_build_up_from_part_to_part(pack):
    #  jam: taste 4, then fame -2: of a span of 4, taste fills all of it and fame goes back half of it
    html = review_html(pack)
    card = html[html.index('<section class="card">') : html.index("</section>")]
    bars = re.findall(r'<rect x="([\d.]+)" y="0" width="([\d.]+)"', card)
    assert bars[:2] == [("0.00", "100.00"), ("50.00", "50.00")]
    assert "+4.000" in card
    assert "-2.000" in card


def test_a_signature_is_shown_and_whether_it_still_stands(pack):
    verdicts.sign_off(pack.run, pack.review.review_id, name="Ada Lim", statement="Fit for use.")
    signed = review_html(review_pack(pack.run, pack.review.review_id, recommender()))
    assert "Ada Lim" in signed
    assert "Fit for use." in signed
    assert "Verdicts have changed" not in signed
    verdicts.judge(pack.run, pack.review.review_id, 2, reviewer="Bo", verdict="good")
    changed = review_html(review_pack(pack.run, pack.review.review_id, recommender()))
    assert "Verdicts have changed since this was signed." in changed


def test_the_trust_card_stands_before_the_verdicts_what_speaks_against_it_first(pack):
    card = Trust(
        (Check("leakage", "good", "No <i>leak</i>.", "protocol"), Check("users", "bad", "Few users.", "protocol"))
    )
    html = review_html(replace(pack, trust=card))
    assert "1 of 2 checks failed." in html
    assert html.index("Few users.") < html.index("No &lt;i&gt;leak&lt;/i&gt;.") < html.index("What reviewers said")
    assert "Can these results be trusted?" not in review_html(pack)


def test_paths_through_the_graph_are_shown_with_what_they_rest_on(pack):
    html = review_html(pack)
    assert "Paths through the knowledge graph" in html
    assert "1 person chose both" in html


def test_events_that_are_not_shown_are_counted(pack):
    first = replace(pack.evidence[0], n_earlier=5)
    html = review_html(replace(pack, evidence=(first,)))
    assert "and 5 more events" in html


def test_hostile_text_is_only_text(tmp_path):
    html = evil_html(tmp_path)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html


def test_nothing_in_the_file_asks_for_anything_outside(pack):
    html = review_html(pack)
    assert re.findall(r"(?:src|href|url|@import|srcset|action)\s*[=(]", html) == []
    assert "default-src 'none'" in html
