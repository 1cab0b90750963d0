import json

import pytest
from pydantic import BaseModel

from metarec_core.config import PRESETS, RunConfig, setting_names
from metarec_core.errors import ConfigError


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_survives_json_and_knows_its_name_whatever_the_seed(preset):
    config = RunConfig.preset(preset, seed=7)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert config.preset_name == preset
    assert config.seed == 7


def test_settings_of_ones_own_are_no_preset():
    assert RunConfig.preset("fast").with_settings(["model.dropout=0.11"]).preset_name is None


def test_settings_are_written_section_dot_name():
    config = RunConfig().with_settings(["model.embedding_dim=16", "evaluation.baselines=popular,ease", "seed=3"])
    assert config.model.embedding_dim == 16
    assert config.evaluation.baselines == ("popular", "ease")
    assert config.seed == 3


@pytest.mark.parametrize("setting", ["model.x=1", "model.embedding_dim", "model=3", "x.y.z=1", "=", ""])
def test_an_unknown_setting_is_refused_with_the_known_ones(setting):
    with pytest.raises(ConfigError, match=r"is not known: write section.name=value, with one of seed, "):
        RunConfig().with_settings([setting])


def test_a_value_out_of_bounds_is_refused_with_its_place():
    with pytest.raises(ConfigError, match=r"model.dropout = '3': input should be less than 1"):
        RunConfig().with_settings(["model.dropout=3"])


def test_an_unknown_key_in_a_stored_config_is_refused():
    with pytest.raises(ConfigError, match=r"model.colour is not a setting"):
        RunConfig.from_dict({"model": {"colour": "red"}})


def test_an_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="There is no preset 'slow': choose one of fast, balanced, best"):
        RunConfig.preset("slow")


def test_every_setting_has_a_description():
    for field in RunConfig.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for name, inner in field.annotation.model_fields.items():
                assert inner.description, name
    assert RunConfig.model_fields["seed"].description
    assert "model.dropout" in setting_names()


def test_the_protocol_and_what_ties_mean_are_settings_with_known_values():
    config = RunConfig().with_settings(["evaluation.protocol=time", "data.ties=sets"])
    assert (config.evaluation.protocol, config.data.ties) == ("time", "sets")
    with pytest.raises(
        ConfigError, match=r"protocol = 'random': input should be 'leave_one_out', 'time', 'users' or 'auto'"
    ):
        RunConfig().with_settings(["evaluation.protocol=random"])
    with pytest.raises(ConfigError, match=r"data.ties = 'x': input should be 'file_order' or 'sets'"):
        RunConfig().with_settings(["data.ties=x"])


def test_a_config_stored_before_there_were_ties_believes_the_order_of_the_file():
    stored = RunConfig().to_dict()
    del stored["data"]["ties"]
    assert RunConfig.from_dict(stored) == RunConfig()


def test_presets_split_by_time_where_that_is_possible_and_stay_presets_whatever_is_asked():
    assert {RunConfig.preset(name).evaluation.protocol for name in PRESETS} == {"auto"}
    asked = RunConfig.preset("best", seed=7).with_settings(["evaluation.protocol=users", "evaluation.targets=last"])
    assert asked.preset_name == "best"
    assert asked.with_settings(["evaluation.ablation=false"]).preset_name is None


@pytest.mark.parametrize(("optimiser", "rate"), [("adamw", 0.004), ("adam", 0.004), ("sgd", 0.4)])
def test_an_optimiser_has_its_usual_rate_where_none_is_given(optimiser, rate):
    config = RunConfig().with_settings([f"train.optimiser={optimiser}"])
    assert (config.train.learning_rate, config.train.rate) == (None, rate)
    said = config.with_settings(["train.learning_rate=0.01"])
    assert (said.train.learning_rate, said.train.rate) == (0.01, 0.01)


def test_the_usual_rate_in_figures_is_the_usual_rate():
    stored = RunConfig.preset("best").to_dict()
    stored["train"]["learning_rate"] = 0.004  # as every run had it when there was no empty one
    assert RunConfig.from_dict(stored).preset_name == "best"
    assert RunConfig().with_settings(["train.optimiser=sgd", "train.learning_rate=0.004"]).train.rate == 0.004
    with pytest.raises(ConfigError, match=r"train.learning_rate = '0': input should be greater than 0"):
        RunConfig().with_settings(["train.learning_rate=0"])


def test_what_only_a_gpu_is_quicker_by_is_no_setting_of_ones_own():
    stored = RunConfig.preset("fast").to_dict()
    stored["train"]["mixed_precision"] = True  # as every run had it when it was on without having been measured
    config = RunConfig.from_dict(stored)
    assert config.train.mixed_precision
    assert config.preset_name == "fast"
    assert not RunConfig().train.mixed_precision
