"""What the core tells people in Chinese, word for word, and what it keeps in English whoever reads."""

import io
from collections.abc import Iterator

import pytest

from metarec_core.config import RunConfig
from metarec_core.data.clean import read_tables
from metarec_core.data.mapping import guess_columns
from metarec_core.data.privacy import personal_columns
from metarec_core.data.read import read_raw
from metarec_core.data.reasons import REASONS, reason_said
from metarec_core.data.store import open_tables, write_tables
from metarec_core.data.tables import Tables
from metarec_core.data.verdict import verdict
from metarec_core.errors import ConfigError, DataError
from metarec_core.evaluation.trust import trust
from metarec_core.explain.explanation import Count, EventShare, PartValue, TrustReason
from metarec_core.explain.wording import reason, trust_reason
from metarec_core.figures import data as figures
from metarec_core.language import speaking
from metarec_core.language.kept import again
from tests.data.test_verdict import PLENTY
from tests.evaluation.test_trust import SOUND

LOG = """user_id,item_id,time,rating,mail
ann,tea,2024-01-01 10:00:00,5,ann@example.com
bob,milk,2024-01-01 11:00:00,many,bob@example.com
ann,milk,2024-01-02 10:00:00,3,ann@example.com
ann,milk,2024-01-02 10:00:00,3,ann@example.com
,milk,2024-01-02 11:00:00,4,cat@example.com
"""


def upload(text: str) -> io.BytesIO:
    file = io.BytesIO(text.encode())
    file.name = "log.csv"
    return file


@pytest.fixture
def imported() -> Tables:
    """A log that somebody imported who reads Chinese."""
    with speaking("zh"):
        return read_tables(upload(LOG))


@pytest.fixture
def in_chinese() -> Iterator[None]:
    with speaking("zh"):
        yield


def test_a_ledger_is_kept_in_english_whoever_imports(imported: Tables, tmp_path):
    english = [step.reason for step in read_tables(upload(LOG)).report.steps]
    assert [step.reason for step in imported.report.steps] == english
    assert "Rows without a user or an item." in english
    assert "Column 'mail' looks like e-mail addresses (100% of a sample): left out." in english
    with speaking("zh"):
        write_tables(imported, tmp_path)
    stored = "".join(file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.json"))
    assert "Rows without a user or an item." in stored
    assert not any("一" <= sign <= "鿿" for sign in stored)
    assert [step.reason for step in open_tables(tmp_path, imported.fingerprint).report.steps] == english


def test_what_cleaning_did_is_told_again_in_chinese(imported: Tables, in_chinese: None):
    told = {step.rule: reason_said(step) for step in imported.report.steps}
    assert told["missing_id"] == "缺少用户或物品的行。"
    assert told["unparsable_rating"] == "rating 不是数字的行：已置空。"
    assert told["time_format"] == "列 'time' 按“日期，未注明时区的按 UTC”读取。"
    assert told["left_out"] == "列 'mail' 看起来是电子邮箱（抽样中占 100%）：已去除。"
    assert list(figures.cleaning_steps(imported.report)["Why"]) == [
        reason_said(step) for step in imported.report.steps if step.rows
    ]


def test_a_sentence_that_no_message_made_stays_as_it_was_kept(in_chinese: None):
    assert again("Rows of an older version {day}.", REASONS.values()) == "Rows of an older version {day}."
    assert again("Rows dated before {year}.", REASONS.values()) == "日期早于 {year} 的行。"  # values are not filled


def test_a_line_of_the_trust_card(in_chinese: None):
    lines = {check.name: check.said for check in trust(SOUND, [0.12], None).checks}
    assert lines["ranking"] == "答案在全部 1,682 个物品中排名，而不是在抽样中。"
    assert lines["beats item_knn"] == "优于“item-kNN”（NDCG@10 +0.020，区间 +0.010 至 +0.030，p = 0.003）。"


def test_reasons_in_words(in_chinese: None):
    popular = PartValue("popularity", 1.0, None, count=Count(events=12.0, rank=3, n_items=1_682))
    assert reason(popular, str) == "它总共被选择过 12 次：在 1,682 个物品中排第 3 位。"
    events = (EventShare("a", "", 0.6, others=2), EventShare("b", "", 0.3), EventShare("c", "", 0.1))
    step = PartValue("transition", 1.0, None, events=events)
    assert reason(step, str.upper) == "它常在“A”（2 个用户有此转移）和“B”，以及另外 1 个之后不久被选择。"
    why = [TrustReason("history_length", "历史有 2 条行为", 0.2)]
    assert trust_reason("text", 1.2, why) == "text 的权重比对所有人高 20%，主要因为：历史有 2 条行为（+20%）。"


def test_a_verdict_on_data(in_chinese: None):
    said = verdict(PLENTY)
    assert said.headline == "这份数据可以支持：序列模型。新物品可以凭文本和属性定位。"
    assert said.ladder[0].reason == "热门列表只需要行为数据；现有 10,000 条。"


def test_guesses_of_columns_and_what_is_personal(in_chinese: None):
    cells = read_raw(upload(LOG)).cells
    assert guess_columns(cells, "events")["user_id"].reason == "列名完全一致。"
    (found,) = personal_columns(cells, "events")
    assert found.words == "列 'mail' 看起来是电子邮箱（抽样中占 100%）"


def test_an_error_is_a_sentence_of_its_reader(in_chinese: None):
    with pytest.raises(DataError, match=r"^清洗后 log\.csv 只有一个用户：推荐系统至少需要两个用户和两个物品。$"):
        read_tables(upload("user_id,item_id,time\nann,tea,2024-01-01\nann,milk,2024-01-02\n"))
    nobody = "user_id,item_id,time\n,tea,2024-01-01\n,milk,2024-01-02\n"
    with pytest.raises(ConfigError, match=r"^没有预设 'quick'：请从 fast, balanced, best 中选择。$"):
        RunConfig.preset("quick")
    with pytest.raises(DataError, match=r"（2 × 缺少用户或物品的行）"):
        read_tables(upload(nobody))
