import itertools
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from metarec_core.data.clean import read_tables
from metarec_core.data.sample_domains import DOMAINS
from metarec_core.data.synthetic import DIRT, IMPOSSIBLE_RATINGS, TIMES_OF_DAY, generate, main

SAMPLE_DATA = Path(__file__).resolve().parents[2] / "sample_data"


def test_the_committed_files_are_what_the_generator_writes(tmp_path):
    main(["--out", str(tmp_path)])
    for domain in DOMAINS:
        for file in ("behaviour", "items", "facts"):
            written = (tmp_path / domain / f"{file}.csv").read_bytes()
            assert written == (SAMPLE_DATA / domain / f"{file}.csv").read_bytes(), f"{domain}/{file}"


@pytest.mark.parametrize("domain", DOMAINS)
def test_cleaning_finds_exactly_the_planted_dirt(domain):
    folder = SAMPLE_DATA / domain
    tables = read_tables(folder / "behaviour.csv", folder / "items.csv", folder / "facts.csv")
    dropped = {step.rule: step.rows for step in tables.report.steps if step.action == "dropped"}
    expected = {
        "missing_id": DIRT["rows without user"] + DIRT["rows without item"],
        "unparsable_time": DIRT["unreadable times"],
        "duplicate": DIRT["duplicate rows"],
        "bot": DIRT["rows of a bot"],
    }
    if DOMAINS[domain].has_ratings:
        expected["impossible_rating"] = IMPOSSIBLE_RATINGS
    assert dropped == expected
    assert len(tables.events) == tables.report.rows_read["events"] - sum(expected.values())


@pytest.mark.parametrize("domain", DOMAINS)
def test_titles_and_descriptions_tell_items_apart_and_are_finished_sentences(domain):
    header, *items = generate(DOMAINS[domain], n_users=25)["items"]
    titles, descriptions = ([row[header.index(column)] for row in items] for column in ("title", "description"))
    assert len(set(titles)) == len(set(descriptions)) == len(items) == 400
    assert not [text for text in titles + descriptions if "{" in text or "  " in text]
    assert all(text.endswith(".") for text in descriptions)
    assert {row[header.index("tags")].count("|") for row in items} == {1}


@pytest.mark.parametrize("domain", DOMAINS)
def test_facts_agree_with_the_items_and_say_which_step_comes_before(domain):
    rows = generate(DOMAINS[domain], n_users=25)
    header, *items = rows["items"]
    said = {(item, relation): entity for item, relation, entity in rows["facts"][1:]}
    assert len(said) == len(rows["facts"]) - 1
    for column in (DOMAINS[domain].maker_column, DOMAINS[domain].kind_column, DOMAINS[domain].place_column):
        assert [said[row[0], column] for row in items] == [row[header.index(column)] for row in items]
    before = {item: entity for (item, relation), entity in said.items() if relation == DOMAINS[domain].order_relation}
    ids = [row[0] for row in items]
    assert before == {ids[i]: ids[i - 1] for i in range(400) if i % 5}
    assert all(said[item, "part_of"] == said[other, "part_of"] for item, other in before.items())


def test_a_fund_is_managed_by_the_house_it_is_named_after_and_risk_rises_along_its_range():
    header, *items = generate(DOMAINS["funds"], n_users=25)["items"]
    title, manager, risk = (header.index(column) for column in ("title", "manager", "risk_class"))
    assert all(row[title].split()[0] == row[manager].split()[0] for row in items)
    for one, other in itertools.pairwise(items):
        if one[title].rsplit(" ", 1)[0] == other[title].rsplit(" ", 1)[0]:
            assert int(one[risk]) <= int(other[risk])


def test_what_people_did_last_tells_what_they_do_next_better_than_popularity():
    rows = [row for row in generate(DOMAINS["courses"])["behaviour"][1:] if row[0].startswith("u") and row[1]]
    histories: dict[str, list[int]] = defaultdict(list)
    for user, item, *_ in rows:
        number = int(item.removeprefix("C-")) - 1
        if number not in histories[user]:
            histories[user].append(number)
    follows = np.zeros((400, 400))
    for *known, _ in histories.values():
        np.add.at(follows, (known[:-1], known[1:]), 1)
    popular = follows.sum(axis=0)
    hits = np.zeros(2)
    for *known, target in histories.values():
        scores = np.stack([follows[known[-1]] + 1e-6 * popular, popular])
        scores[:, known] = -np.inf
        hits += (scores > scores[:, [target]]).sum(axis=1) < 10
    by_order, by_popularity = hits / len(histories)
    assert by_order > 2 * by_popularity
    assert by_order < 0.6  # and yet nobody is an open book


def test_sessions_keep_one_device_and_topics_have_their_time_of_day():
    rows = [row for row in generate(DOMAINS["shop"], n_users=200)["behaviour"][1:] if row[0].startswith("u") and row[1]]
    days, at = defaultdict(set), np.zeros((3, 3))
    for _, item, _, _, part in rows:
        if part in TIMES_OF_DAY[:3]:
            at[(int(item.removeprefix("S-")) - 1) // 40 % 3, TIMES_OF_DAY.index(part)] += 1
    for user, _, time, device, part in rows:
        days[user, time[:10], part].add(device)
    assert np.mean([len(devices) == 1 for devices in days.values()]) > 0.9
    assert (at / at.sum(axis=0)).argmax(axis=1).tolist() == [0, 1, 2]


def test_people_do_not_repeat_items_and_take_steps_forwards():
    clean = [row for row in generate(DOMAINS["shop"], n_users=60)["behaviour"][1:] if row[0].startswith("u") and row[1]]
    taken = defaultdict(list)
    for user, item, *_ in clean:
        if item not in taken[user]:
            taken[user].append(int(item.removeprefix("S-")) - 1)
    steps = Counter()
    for items in taken.values():
        for one, other in itertools.pairwise(items):
            if one // 5 == other // 5:
                steps[other - one] += 1
    assert steps[1] > 5 * steps[-1]


def test_another_seed_gives_other_people_over_the_same_catalogue_size():
    one, other = generate(DOMAINS["funds"], seed=1, n_users=30), generate(DOMAINS["funds"], seed=2, n_users=30)
    assert one["behaviour"] != other["behaviour"]
    assert one["items"] == generate(DOMAINS["funds"], seed=1, n_users=25)["items"]
    assert len(one["items"]) == len(other["items"])
    assert one == generate(DOMAINS["funds"], seed=1, n_users=30)


def test_people_are_loyal_to_makers_and_a_session_goes_on_with_what_it_is_about():
    rows = generate(DOMAINS["shop"], n_users=200)
    header, *items = rows["items"]
    brand = {row[0]: row[header.index("brand")] for row in items}
    topic = {row[0]: row[header.index("category")] for row in items}
    clean = [row for row in rows["behaviour"][1:] if row[0].startswith("u") and row[1]]
    by_user = defaultdict(list)
    for user, item, time, *_ in clean:
        by_user[user].append((item, time[:10]))
    usual = Counter(brand[item] for _, item, *_ in clean)
    everyone = sum(n**2 for n in usual.values()) / len(clean) ** 2  # chance that two events of anybody share a brand
    pairs = [pair for events in by_user.values() for pair in itertools.combinations(events, 2)]
    assert np.mean([brand[one] == brand[other] for (one, _), (other, _) in pairs]) > 1.4 * everyone
    steps = [pair for events in by_user.values() for pair in itertools.pairwise(events)]
    same_day = [topic[one] == topic[other] for (one, day), (other, later) in steps if day == later]
    other_day = [topic[one] == topic[other] for (one, day), (other, later) in steps if day != later]
    assert np.mean(same_day) > 1.3 * np.mean(other_day)


def test_popularity_has_a_long_tail():
    rows = [row for row in generate(DOMAINS["social"], n_users=300)["behaviour"][1:] if row[0].startswith("u")]
    counts = np.sort(list(Counter(row[1] for row in rows).values()))[::-1]
    assert 0.25 < counts[:40].sum() / counts.sum() < 0.6
