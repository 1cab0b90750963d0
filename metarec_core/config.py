"""Every setting that changes a result. Where and how a run is made (device, folder) is not config.

The text under a field is its tooltip, its command-line help and its row in the documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from metarec_core.errors import ConfigError
from metarec_core.language import later, say

Preset = Literal["fast", "balanced", "best"]
Protocol = Literal["leave_one_out", "time", "users", "auto"]
Targets = Literal["successive", "last"]
Repeats = Literal["filtered", "allowed"]
Ties = Literal["file_order", "sets"]


USUAL_RATES: Final = {"adamw": 4e-3, "adam": 4e-3, "sgd": 0.4}
"""Learning rates that suit the optimisers."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """A config from plain values; what is not given keeps its default.

        Raises:
            ConfigError: A name is unknown or a value is out of bounds.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from None


class CleaningConfig(_Section):
    """Which rows of an import are dropped. Applied once, before the data is stored, in this order."""

    test_accounts: str = ""
    """Drop all rows of users whose entire ID matches this regular expression, such as ``(test|demo|qa).*``; case is
    ignored. Empty: off."""

    drop_impossible_times: bool = True
    """Drop rows whose time is before 1990 or more than a day in the future."""

    first_day: date | None = None
    """Drop rows from before this day (UTC). Empty: off."""

    last_day: date | None = None
    """Drop rows from after this day (UTC). Empty: off."""

    drop_negative_labels: bool = True
    """If a ``label`` column holds 1 for what was chosen and 0 for what was only offered, drop the rows with 0."""

    min_label: float | None = None
    """If a ``label`` column holds other numbers, drop rows whose label is below this. Empty: off."""

    rating_scale: tuple[float, float] | None = None
    """Lowest and highest possible rating; rows outside are dropped. Empty: wide bounds found from the data."""

    min_rating: float | None = None
    """Drop rows whose rating is below this, such as 4 of 5, so that only what was liked is an event. Rows without a
    rating stay. Empty: off."""

    drop_duplicates: bool = True
    """Drop rows that repeat user, item and time of an earlier row."""

    repeat_window_s: float = Field(default=1.0, ge=0.0, le=86_400.0)
    """Drop rows that follow the same user's last row with the same item within this many seconds, as double clicks
    do. 0: off."""

    max_events_per_day: int | None = Field(default=2_000, ge=1)
    """Users with more events than this on one day count as bots; all their events are dropped. Empty: off."""

    drop_regular: bool = False
    """Drop all rows of users whose events come at almost equal intervals (more than 50 events), as a script's do."""

    max_events_per_minute: int | None = Field(default=None, ge=1)
    """If one user has more events than this within 60 seconds, drop those: a script or a slip, not choices. Empty:
    off."""

    min_user_events: int = Field(default=1, ge=1, le=1_000)
    """Drop rows of users with fewer rows than this, repeatedly until every remaining user has enough. 1: off."""

    min_item_events: int = Field(default=1, ge=1, le=1_000)
    """Drop rows of items with fewer rows than this, in turn with the users. The items stay in the catalogue. 1:
    off."""

    leave_out_personal: bool = True
    """Leave out columns that look like e-mail addresses, phone numbers, card numbers or names of people."""

    keep_columns: tuple[str, ...] | None = None
    """Columns to keep although they look personal or are free text, by their names in the files."""

    leave_out_text: bool = False
    """Leave out columns of free text, such as comments and descriptions; titles stay."""

    def with_settings(self, settings: Iterable[str]) -> Self:
        """These rules with some changed, each written ``name=value``; nothing after the sign switches a rule off.

        Raises:
            ConfigError: A rule is not written that way, is unknown, or its value is out of bounds.
        """
        values = self.model_dump()
        for setting in settings:
            name, equals, text = (part.strip() for part in setting.partition("="))
            if not equals or name not in values:
                raise ConfigError(
                    say(
                        "Cleaning rule {setting!r} is not known: write name=value, with one of {names}.",
                        setting=setting,
                        names=", ".join(values),
                    )
                )
            several = "tuple" in str(type(self).model_fields[name].annotation)
            off = "" if values[name] == "" else None
            values[name] = ([part for part in text.split(",") if part] if several else text) if text else off
        return self.from_dict(values)


class DataConfig(_Section):
    """Which part of the data the model sees."""

    max_history: int = Field(default=200, ge=2, le=1_000)
    """Longest history, in events, that a model looks at; older events count only in item statistics."""

    ties: Ties = "file_order"
    """What the order of a user's events within one second means: "file_order" trusts the file; "sets" treats them
    as chosen together, so that none of them is a hint at another, neither in training nor in testing."""

    repeats: Repeats = "filtered"
    """Whether a user may get an item again: "filtered" leaves items that the user already had out of lists, and
    does not count them as answers; "allowed" ranks them like any other item, for songs, groceries and anything
    else that is consumed again."""


class ModelConfig(_Section):
    """The model: which parts it has, and how large they are."""

    sequence: bool = True
    """Use the part that learns what follows what over a whole history (LSTM with causal attention). Without it
    training takes seconds."""

    transition: bool = True
    """Use the part that remembers which item came next, or soon, after which."""

    cooccurrence: bool = True
    """Use the part that remembers which items are chosen by the same users (EASE; item-kNN above 20,000 items)."""

    regression: bool = True
    """Use the part that weighs all recent items against each other for the very next one (ridge regression; above
    20,000 items, only the most frequent ones)."""

    text: bool = True
    """Use the part that knows what items are about, from their titles, descriptions and attributes. It serves new
    items too."""

    modes: bool = True
    """Use the part that knows what items look or sound like, if vectors of images, audio or other modes were
    imported."""

    graph: bool = True
    """Use the part that knows which attribute values and facts lead to which. It serves new items too."""

    graph_embedding: Literal["linear", "distmult", "transe"] = "linear"
    """How the graph part places items by what is known about them: "linear" (main axes of items and values, with a
    weight learned for each relation; a score is a sum of paths), or "distmult" or "transe", learned models
    without paths."""

    text_encoder: str = "auto"
    """What reads the text: "auto" (a language model if one is installed and suits the language), "tf-idf", or a
    sentence-transformers model by name or folder."""

    meta: bool = True
    """Learn for each user and item how far to trust each part, and use that if it is proven to rank better."""

    popularity: bool = True
    """Use the part that knows how often an item was chosen by anyone. It can serve users without a history."""

    recent: bool = True
    """Use the part that knows how often an item was chosen recently."""

    context: bool = True
    """Use the part that knows what is chosen more often in the request's context (device, channel …), if the log
    has one."""

    user_attributes: bool = True
    """Let the context part know users' attributes too, so that users without a history get what is chosen by people
    like them. Attributes with several values per user, or hardly any user per value, are left out; many
    different numbers become five bands."""

    new_item_price: float = Field(default=0.03, ge=0.0, le=0.5)
    """Share of ranking quality (NDCG@10) that may be given up so that items without events are shown too, measured
    by treating a tenth of the items as new; 0 shows them only if it costs nothing."""

    encoder: Literal["lstm", "transformer"] = "lstm"
    """What reads histories in the sequence part: an LSTM with attention, or a Transformer."""

    fused: bool = True
    """Let the sequence part also know what items are about, so that it can place new items."""

    id_dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    """Share of items that the sequence part must recognise by their content alone, at each step of training."""

    time_gaps: bool = True
    """Tell the sequence part how much time lies between events, if times are real."""

    sequence_length: int = Field(default=50, ge=2, le=1_000)
    """Latest events that the sequence part looks at; the other parts look at all of ``data.max_history``."""

    embedding_dim: int = Field(default=64, ge=8, le=512)
    """Numbers in an item's learned vector."""

    dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    """Share of vector entries blanked during training, to prevent memorising."""


class TrainConfig(_Section):
    """How the neural part is trained."""

    epochs: int = Field(default=12, ge=1, le=500)
    """Maximum passes over the data; training stops earlier when validation stops improving."""

    patience: int = Field(default=5, ge=1, le=50)
    """Epochs without a better validation NDCG@10 before training stops."""

    refit_epochs: int = Field(default=6, ge=0, le=100)
    """Passes made at the end with the validation events included, when everything is chosen: about half as many as
    before, or the latest events count for little."""

    batch_events: int = Field(default=512, ge=64)
    """Events in one training step."""

    full_softmax_items: int = Field(default=20_000, ge=0)
    """Up to this many items, each step compares the next item with the whole catalogue; above, with a sample of it."""

    negatives: int = Field(default=512, ge=1, le=20_000)
    """How many items such a sample holds."""

    loss: Literal["softmax", "bpr", "gbce"] = "softmax"
    """What training minimises: cross-entropy over the catalogue or a sample of it; BPR (each answer above each
    sampled item); or gBCE (yes or no for each, corrected for the sampling)."""

    optimiser: Literal["adamw", "adam", "sgd"] = "adamw"
    """How weights follow the gradient: AdamW, Adam, or SGD with momentum. Without weight decay AdamW is the same as Adam."""

    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate falls after a short rise at the beginning."""

    learning_rate: float | None = Field(default=None, gt=0.0, le=1.0, json_schema_extra={"empty": later("default")})
    """Highest step size of the optimiser. Empty: the default, 0.004 with AdamW and Adam, 0.4 with SGD."""

    weight_decay: float = Field(default=0.0, ge=0.0, le=1.0)
    """How strongly weights are pulled towards zero at each step. At 0, AdamW is the same as Adam."""

    gradient_clip: float = Field(default=5.0, ge=0.0)
    """Maximum gradient length of a step; longer ones are shortened to it. 0: no limit."""

    mixed_precision: bool = False
    """On a GPU made for bfloat16, multiply in half precision: usually less memory and time per step; neither this
    nor the cost in quality has been measured with this model. Changes nothing on a CPU."""

    compile: bool = False
    """On a GPU, compile the network before a long training, which itself takes a minute; changes nothing on a CPU."""

    @field_validator("learning_rate")
    @classmethod
    def _usual_goes_unsaid(cls, rate: float | None, fields: ValidationInfo) -> float | None:
        """The usual rate in figures, as runs of before have it, is no setting of one's own."""
        return None if rate == USUAL_RATES.get(fields.data.get("optimiser", "")) else rate

    @property
    def rate(self) -> float:
        """The learning rate, be it said or usual."""
        return USUAL_RATES[self.optimiser] if self.learning_rate is None else self.learning_rate


class EvaluationConfig(_Section):
    """How a run is measured when it is finished."""

    protocol: Protocol = "auto"
    """Which events are test questions: "leave_one_out" asks for the last event of each user; "time" asks for every
    event of the last tenth of the log and trains on what came before it, as in real use, which needs real times;
    "users" asks about a tenth of the users, from whom nothing is learned; "auto" splits by time if times are
    real and enough users come back, else leaves one out."""

    targets: Targets = "successive"
    """Which events of a time split's window, or of an unseen user, are questions: "successive" asks for each of
    them in turn, "last" only for each user's last one."""

    baselines: tuple[str, ...] = ("popular", "recent_popular", "item_knn", "ease", "ease_decayed", "transition")
    """Simple models that the run must beat, trained on the same events; there are also "ials", which needs the
    package implicit, and "sasrec" and "tri_tower", networks that take a minute or more."""

    ablation: bool = True
    """Also measure what the run would be without meta-knowledge and without each of its parts."""

    bootstrap_draws: int = Field(default=1_000, ge=100, le=20_000)
    """Resamplings of the test users behind each interval."""


class RunConfig(_Section):
    """All settings of one run."""

    seed: int = Field(default=0, ge=0, lt=2**31)
    """Seed of everything random; the same seed gives the same lists on a CPU."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @classmethod
    def preset(cls, name: str, seed: int = 0) -> Self:
        """A ready-made config: ``fast`` (seconds to a minute), ``balanced`` (minutes), ``best`` (as long as it takes).

        Raises:
            ConfigError: There is no such preset.
        """
        if name not in PRESETS:
            raise ConfigError(
                say("There is no preset {name!r}: choose one of {presets}.", name=name, presets=", ".join(PRESETS))
            )
        return cls.from_dict({"seed": seed, **PRESETS[name]})

    @property
    def preset_name(self) -> str | None:
        """The preset these settings are, whatever the seed, the questions and a GPU's haste; None for settings of one's own."""
        asked = {"protocol": self.evaluation.protocol, "targets": self.evaluation.targets}
        haste = {"mixed_precision": self.train.mixed_precision, "compile": self.train.compile}
        for name in PRESETS:
            preset = RunConfig.preset(name, self.seed)
            alike = {
                "evaluation": preset.evaluation.model_copy(update=asked),
                "train": preset.train.model_copy(update=haste),
            }
            if self == preset.model_copy(update=alike):
                return name
        return None

    def without_network(self) -> Self:
        """The same run without the part that takes minutes: what can be looked at while that one learns."""
        return self.with_settings(["model.sequence=false", "evaluation.ablation=false"])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; ``from_dict`` gives the same config back."""
        return self.model_dump(mode="json")

    def with_settings(self, settings: Iterable[str]) -> Self:
        """This config with some settings changed, each written ``section.name=value``.

        Raises:
            ConfigError: A setting is not written that way, is unknown, or its value is out of bounds.
        """
        values = self.to_dict()
        for setting in settings:
            path, equals, value = setting.partition("=")
            *sections, name = path.strip().split(".")
            place: Any = values
            for section in sections:
                place = place.get(section) if isinstance(place, dict) else None
            if not equals or not isinstance(place, dict) or name not in place or isinstance(place[name], dict):
                raise ConfigError(
                    say(
                        "Setting {setting!r} is not known: write section.name=value, with one of {names}.",
                        setting=setting,
                        names=", ".join(setting_names()),
                    )
                )
            place[name] = [v for v in value.split(",") if v] if isinstance(place[name], list) else value.strip()
        return self.from_dict(values)


PRESETS: dict[str, dict[str, Any]] = {
    "fast": {
        "model": {"text_encoder": "tf-idf", "embedding_dim": 32},
        "train": {"epochs": 10, "patience": 3, "refit_epochs": 5, "batch_events": 256, "full_softmax_items": 2_000},
    },
    "balanced": {},
    "best": {"model": {"embedding_dim": 128}, "train": {"epochs": 60, "patience": 10}},
}


def setting_names() -> list[str]:
    """Every setting as ``section.name``, in the order of the sections."""
    names = []
    for name, field in RunConfig.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            names += [f"{name}.{inner}" for inner in section.model_fields]
        else:
            names.append(name)
    return names


def _sentence(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        place = ".".join(str(step) for step in problem["loc"])
        if problem["type"] == "extra_forbidden":
            problems.append(say("{setting} is not a setting", setting=place))
        else:
            problems.append(f"{place} = {problem['input']!r}: {problem['msg'].lower()}")
    return say("The configuration cannot be used: {problems}.", problems=say("; ").join(problems))
