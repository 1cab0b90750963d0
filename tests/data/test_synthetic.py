import itertools
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from metarec_core.data.clean import read_tables
from metarec_core.data.sample_domains import DOMAINS
from metarec_core.data.synthetic import DIRT, IMPOSSIBLE_RATINGS, generate, main

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
def test_titles_tell_items_apart_and_every_item_has_facts(domain):
    rows = generate(DOMAINS[domain], n_users=5)
    titles = [row[1] for row in rows["items"][1:]]
    assert len(set(titles)) == len(titles) == 400
    assert set(Counter(row[0] for row in rows["facts"][1:]).values()) == {4}


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
    one, other = generate(DOMAINS["funds"], seed=1, n_users=20), generate(DOMAINS["funds"], seed=2, n_users=20)
    assert one["behaviour"] != other["behaviour"]
    assert len(one["items"]) == len(other["items"])
    assert one == generate(DOMAINS["funds"], seed=1, n_users=20)


def test_popularity_has_a_long_tail():
    rows = [row for row in generate(DOMAINS["social"], n_users=300)["behaviour"][1:] if row[0].startswith("u")]
    counts = np.sort(list(Counter(row[1] for row in rows).values()))[::-1]
    assert counts[:40].sum() > 0.25 * counts.sum()
