"""The verbs of :mod:`metarec_core.api` on the command line.

Results go to stdout, everything else to stderr. Exit status: 0 done; 2 for what cannot be used, with one sentence that says
what and what to do; 1 for a fault of ours or a job that was stopped; 130 when interrupted. Nothing heavy is imported before
a verb needs it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

from metarec_core import __version__
from metarec_core.errors import InputError, JobError, MetaRecError

if TYPE_CHECKING:
    import pandas as pd

    from metarec_core.api import Brought, Progress, Replaced, Review, RunSummary, Selection, Tables
    from metarec_core.config import CleaningConfig, RunConfig
    from metarec_core.data.columns import TableName
    from metarec_core.data.vectors import VectorSource

PROGRAM: Final = "python -m metarec_core"
INTERRUPTED: Final = 130
"""Exit status of a program that Ctrl-C ended, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Words after the program's name; those of this process when not given.

    Returns:
        The exit status.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    debug = "--debug" in arguments
    try:
        options = _parser().parse_args(arguments)
        verb: Callable[[argparse.Namespace], int] = options.verb
        return verb(options)
    except MetaRecError as error:
        if debug:
            traceback.print_exc()
        _say(str(error))
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  the last resort: a sentence instead of a traceback
        if debug:
            traceback.print_exc()
        _say(
            f"This is an internal error in MetaRec, not a problem with your input ({type(error).__name__}): "
            "--debug shows where."
        )
        return 1


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are sentences like all others, and whose help may end in something looked up."""

    details: Callable[[], str] | None = None

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}: see {self.prog} --help.")

    def format_help(self) -> str:
        return super().format_help() + (self.details() if self.details else "")


def _parser() -> _Parser:
    parser = _Parser(prog=PROGRAM, description="MetaRec: recommendations that explain themselves.")
    parser.add_argument("--version", action="version", version=f"MetaRec {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def add(
        name: str, verb: Callable[[argparse.Namespace], int], what: str, run: bool = True, under: Any = verbs
    ) -> _Parser:
        sub: _Parser = under.add_parser(name, help=what, description=f"{what[:1].upper()}{what[1:]}.")
        sub.set_defaults(verb=verb)
        sub.add_argument(
            "--store", type=Path, required=True, metavar="DIR", help="workspace folder with data sets and runs"
        )
        if run:
            sub.add_argument("--run", required=True, metavar="ID", help="which run")
        sub.add_argument("--debug", action="store_true", help="show where an error comes from")
        return sub

    train = add("train", _train, "train a run; the last line of stdout is its ID", run=False)
    train.details = _settings_help
    _file_options(train)
    train.add_argument("--tables", metavar="ID", help="instead of files: a data set that is already stored, by its ID")
    train.add_argument("--preset", help="fast, balanced (default) or best")
    train.add_argument("--set", action="append", metavar="NAME=VALUE", help="change one setting; may be repeated")
    train.add_argument("--seed", metavar="N", help="seed of everything random (default 0)")
    train.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="where to train (default auto)")
    train.add_argument("--resume", metavar="ID", help="continue a run that was stopped, cancelled or lost")
    train.add_argument(
        "--mlflow", metavar="URI", help="also log the finished run there: http://…, sqlite:///… or a folder"
    )

    bring = add(
        "import", _import, "read, clean and store files; the last line of stdout is the ID of the data set", run=False
    )
    _file_options(bring)
    bring.add_argument("--name", metavar="NAME", help="name of the data set (default: the file name)")
    bring.add_argument("--keep-files", action="store_true", help="keep a copy, so that the page can clean them again")
    bring.add_argument(
        "--dry-run", action="store_true", help="show what would be stored and left out, and store nothing"
    )

    reidentify = add("reidentify", _reidentify, "match pseudonyms to IDs, using the original file", run=False)
    reidentify.add_argument("--behaviour", required=True, metavar="FILE", help="the behaviour log that was imported")
    reidentify.add_argument("--column", action="append", metavar="NAME=COLUMN", help="as at the import")
    reidentify.add_argument("--key", type=Path, metavar="FILE", help="a copy of the key (default: the workspace's)")
    reidentify.add_argument("--kind", choices=("user", "item"), default="user", help="IDs of what (default user)")
    reidentify.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    key = add("key", _key, "print the workspace's pseudonym key, to be kept safe elsewhere", run=False)
    key.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    delete = add("delete", _delete, "delete a data set and every run trained on it", run=False)
    delete.add_argument("--tables", required=True, metavar="ID", help="ID of the data set")
    delete.add_argument("--yes", action="store_true", help="really delete; without it, only show what would be deleted")

    tune = add("tune", _tune, "search for better settings; the last line of stdout is the best trial's run", run=False)
    tune.details = _space_help
    tune.add_argument("--behaviour", metavar="FILE", help="behaviour log, as for train")
    tune.add_argument("--items", metavar="FILE", help="item table, as for train")
    tune.add_argument("--facts", metavar="FILE", help="facts, as for train")
    tune.add_argument("--preset", default="fast", help="settings that are not searched (default fast)")
    tune.add_argument("--set", action="append", metavar="NAME=VALUE", help="change one setting; may be repeated")
    tune.add_argument("--seed", metavar="N", help="seed of everything random (default 0)")
    tune.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to train")
    tune.add_argument(
        "--trials", type=int, default=20, metavar="N", help="end after N trials (default 20, 0: no limit)"
    )
    tune.add_argument("--minutes", type=float, default=0.0, metavar="M", help="end after M minutes (0: no limit)")
    tune.add_argument("--processes", type=int, default=1, metavar="P", help="trials at the same time (default 1)")
    tune.add_argument("--resume", metavar="ID", help="continue a search that was stopped")

    evaluate = add("evaluate", _evaluate, "measure a run and simple models on its test events")
    evaluate.add_argument("--baselines", metavar="NAMES", help="for example popular,item_knn,ease (default: the run's)")
    evaluate.add_argument("--format", choices=("json",), default="json")

    curve = add("learning-curve", _learning_curve, "train on growing shares of a run's users, without the network")
    curve.add_argument("--format", choices=("json",), default="json")

    meta = add("meta-knowledge", _meta_knowledge, "show when a run trusts each part, and what that gains")
    meta.add_argument("--format", choices=("json",), default="json")

    move = add("transfer", _transfer, "test whether another run's meta-knowledge ranks better in a run")
    move.add_argument("--from", dest="source", required=True, metavar="ID", help="run whose meta-knowledge is taken")
    move.add_argument("--format", choices=("json",), default="json")

    recommend = add("recommend", _recommend, "list the best items for users")
    who = recommend.add_mutually_exclusive_group(required=True)
    who.add_argument("--user", nargs="+", action="extend", metavar="U", help="IDs of users")
    who.add_argument("--all", action="store_true", help="every user")
    recommend.add_argument("-k", type=int, default=10, metavar="N", help="items per user (default 10)")
    recommend.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only items with this value of an attribute; may be repeated: any of the values, for each attribute",
    )
    recommend.add_argument(
        "--between",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="only items whose number is in this range; may be repeated",
    )
    recommend.add_argument("--seen", action="store_true", help="also list items that the user already had")
    recommend.add_argument("--only-new", action="store_true", help="only items without events")
    recommend.add_argument(
        "--variety",
        type=float,
        default=0.0,
        metavar="V",
        help="from 0 (default), by score alone, to 1: how much items that differ from those above them are preferred",
    )
    recommend.add_argument(
        "--format",
        choices=("csv", "parquet", "json"),
        default="csv",
        help="csv (default; text that a spreadsheet would run as a formula gets an apostrophe), parquet or json",
    )
    recommend.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    explain = add("explain", _explain, "explain why a user gets an item: the parts of the score, and the attention")
    explain.add_argument("--user", required=True, metavar="U", help="ID of the user")
    explain.add_argument("--item", required=True, metavar="I", help="ID of the item")
    explain.add_argument("--quick", action="store_true", help="parts and attention only: no effects, no paths")
    explain.add_argument(
        "--counterfactuals",
        type=int,
        metavar="K",
        help="show instead what would take the item out of the list of K items, or into it",
    )
    explain.add_argument("--format", choices=("json",), default="json")

    attention = add("attention", _attention, "show how often a run's attention finds the events that matter")
    attention.add_argument("--users", type=int, default=100, metavar="N", help="users to test (default 100)")
    attention.add_argument("--format", choices=("json",), default="json")

    suppose = add("what-if", _what_if, "list what a user would get in another situation, next to the current list")
    suppose.add_argument(
        "--scenario", type=Path, required=True, metavar="FILE", help="a scenario file, as saved by the page"
    )
    suppose.add_argument("-k", type=int, default=10, metavar="N", help="items per list (default 10)")

    beside = add("compare", _compare, "compare a user's list with that of another run or a simple model")
    beside.add_argument("--user", required=True, metavar="U", help="ID of the user")
    beside.add_argument("--other", required=True, metavar="ID", help="another run, or a simple model such as ease")
    beside.add_argument("-k", type=int, default=10, metavar="N", help="items per list (default 10)")

    steady = add("stability", _stability, "show how far this run agrees with others on lists and reasons")
    steady.add_argument(
        "--others", required=True, nargs="+", metavar="ID", help="runs of the same config with other seeds"
    )
    steady.add_argument("-k", type=int, default=10, metavar="N", help="items per list (default 10)")

    review = verbs.add_parser("review", help="sample recommendations for reviewers, and export what they said")
    deeds = review.add_subparsers(title="actions", metavar="ACTION", required=True)
    take = add("sample", _review_sample, "start a review of recommendations sampled by a rule", under=deeds)
    take.add_argument(
        "--rule",
        default="random",
        help="random (default), cold, worst_served, misleading, popular_only, disagreement or given",
    )
    take.add_argument("-n", type=int, default=50, metavar="N", help="how many recommendations (default 50)")
    take.add_argument("-k", type=int, default=10, metavar="N", help="items per list (default 10)")
    take.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the sample (default 0)")
    take.add_argument("--baseline", default="item_knn", metavar="NAME", help="for disagreement (default item_knn)")
    take.add_argument(
        "--pairs", type=Path, metavar="FILE", help="for given: one pair per line: user ID, comma, item ID"
    )
    add("list", _review_list, "list the reviews of a run, newest first", under=deeds)
    give = add("export", _review_export, "write a review with evidence, verdicts and signatures", under=deeds)
    give.add_argument("--review", metavar="ID", help="which review (default: the newest)")
    give.add_argument("--format", choices=("html", "json"), default="html", help="html (default; one file) or json")
    give.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    paths = add("paths", _paths, "show what links a user to an item, with source rows")
    paths.add_argument("--user", required=True, metavar="U", help="ID of the user")
    paths.add_argument("--item", required=True, metavar="I", help="ID of the item")
    paths.add_argument(
        "-k", type=int, default=5, metavar="N", help="counted paths to list (default 5); the rest is summed up"
    )
    paths.add_argument("--format", choices=("json",), default="json")

    quality = add("path-quality", _path_quality, "measure the quality of a run's paths, and check their source rows")
    quality.add_argument("--users", type=int, default=50, metavar="N", help="users to draw (default 50)")
    quality.add_argument("--format", choices=("json",), default="json")

    graph = add("graph", _graph, "write the knowledge graph of a run's data")
    graph.add_argument("--format", choices=("csv", "graphml"), default="csv")
    graph.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    embedding_map = add("map", _map, "write the map of items, users and what is known about them in two dimensions")
    embedding_map.add_argument(
        "--layout",
        choices=("neighbours", "axes"),
        default="neighbours",
        help="neighbours together (t-SNE, kept with the run), or the two main axes (PCA)",
    )
    embedding_map.add_argument("--format", choices=("csv", "json"), default="csv")
    embedding_map.add_argument("--output", type=Path, metavar="FILE", help="write there instead of stdout")

    reproduce = add("reproduce", _reproduce, "train a run again from its data set, config and seed, and compare")
    reproduce.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), help="where to train (default: as the run was)"
    )
    reproduce.add_argument("--format", choices=("json",), default="json")

    export_run = add("export-run", _export_run, "write a run and its data set as one zip")
    export_run.add_argument("--output", type=Path, required=True, metavar="FILE", help="the zip")

    import_run = add("import-run", _import_run, "import a run from a zip; prints its ID", run=False)
    import_run.add_argument("file", type=Path, metavar="FILE", help="a zip that export-run wrote")

    demo = verbs.add_parser("demo", help="reset the demo in a workspace, or build it again")
    demo.description = "Reset the demo in a workspace, or build it again."
    demo.set_defaults(verb=_demo)
    what = demo.add_mutually_exclusive_group(required=True)
    what.add_argument("--store", type=Path, metavar="DIR", help="workspace to put it into; prints the run ID")
    what.add_argument("--build", action="store_true", help="train on the sample and write the zip; takes minutes")
    demo.add_argument(
        "--output", type=Path, metavar="FILE", help="with --build: write there instead of replacing the shipped file"
    )
    demo.add_argument("--debug", action="store_true", help="show where an error comes from")

    audit = add("audit", _audit, "print who did what in a workspace, and when, newest first", run=False)
    audit.add_argument("-n", type=int, default=0, metavar="N", help="at most N lines (default: all)")
    audit.add_argument("--format", choices=("json", "csv"), default="json", help="json (default; one line each) or csv")

    runs = add("runs", _runs, "list finished runs, newest first", run=False)
    runs.add_argument("--format", choices=("json",), default="json")
    return parser


def _file_options(verb: argparse.ArgumentParser) -> None:
    """What says which files are read, and how."""
    verb.add_argument("--behaviour", metavar="FILE", help="behaviour log: user_id, item_id, time, and more")
    verb.add_argument("--items", metavar="FILE", help="item table: item_id, title, and more")
    verb.add_argument("--facts", metavar="FILE", help="facts: item_id, relation, entity")
    verb.add_argument("--users", metavar="FILE", help="user table: user_id and attributes")
    verb.add_argument(
        "--import",
        dest="layout",
        metavar="PATH",
        help="instead of these: the folder or zip file of a public data set (MovieLens, RecBole, Amazon …) as downloaded",
    )
    verb.add_argument("--importer", metavar="NAME", help="its layout, if it should not be detected")
    verb.add_argument("--encoding", metavar="NAME", help="encoding of the files, if it should not be detected")
    verb.add_argument(
        "--vectors",
        action="append",
        metavar="MODE=FILE",
        help="item vectors of images, audio …: Parquet, CSV or .npz, or FILE.npy,IDS; may be repeated",
    )
    verb.add_argument(
        "--column",
        action="append",
        metavar="NAME=COLUMN",
        help="what a column is called in a file: user_id=who, items.title=label; may be repeated",
    )
    verb.add_argument("--clean", action="append", metavar="NAME=VALUE", help="change a cleaning rule; may be repeated")
    verb.add_argument("--pseudonymise", choices=("users", "all"), help="replace IDs by keyed hashes before storing")


def _n_processes() -> int:
    """How many torchrun started, this one among them."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def _train(options: argparse.Namespace) -> int:
    if _n_processes() == 1:
        return _train_here(options)
    from metarec_core.models.device import resolve_device  # torchrun started this process beside others
    from metarec_core.training import distributed

    with distributed.joined(resolve_device(options.device or "auto")) as world:
        if world.leads:
            status = _train_here(options)
            if status != 0:
                return status
            distributed.end()
        else:
            distributed.follow()
        return distributed.leave()


def _train_here(options: argparse.Namespace) -> int:
    if options.mlflow:
        from metarec_core.runs.mlflow import require_mlflow

        require_mlflow(options.mlflow)
    run_id = _resumed(options) if options.resume else _requested(options)
    try:
        finished = _watch(options.store, run_id, options.device)
    except KeyboardInterrupt:
        _say(f"Stopped; nothing is lost. Continue with: {PROGRAM} train --store {options.store} --resume {run_id}")
        return INTERRUPTED
    if not finished:
        raise JobError(
            f"Run {run_id} was cancelled. Continue with: {PROGRAM} train --store {options.store} --resume {run_id}"
        )
    from metarec_core import api

    run = api.open_run(options.store, run_id)
    from metarec_core.figures.train import estimate_words
    from metarec_core.jobs.forecast import error

    compared = error(run)
    estimated = estimate_words(*compared) if compared else ""
    _say(
        "\n".join(
            filter(None, (run.manifest.behind, run.manifest.reading, run.manifest.links, run.manifest.speed, estimated))
        )
    )
    print(run_id)
    if options.mlflow:
        from metarec_core.jobs.runner import history
        from metarec_core.runs.mlflow import log_run

        _say(f"MLflow run {log_run(run, options.mlflow, history(options.store, run_id))}")
    return 0


def _tune(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.jobs import runner, search
    from metarec_core.jobs.forecast import warning

    if options.resume:
        search_id = options.resume
        search.resume_search(options.store, search_id)
    else:
        if not options.behaviour:
            raise InputError(f"A search needs --behaviour, or --resume to continue one: see {PROGRAM} tune --help.")
        budget, config = search.Budget(options.trials, options.minutes), _config(options)
        tables = api.read_tables(options.behaviour, options.items, options.facts)
        fingerprint = api.store_tables(tables, options.store)
        processes = max(options.processes, 1)
        search_id = search.submit_search(options.store, fingerprint, config, budget, options.device, processes)
        if words := warning(search.expected(options.store, fingerprint, config, options.device), processes):
            _say(words)
    _say(f"search {search_id}")
    again = f"Continue with: {PROGRAM} tune --store {options.store} --resume {search_id}"
    try:
        said = -1
        while (now := search.search_status(options.store, search_id)).is_live:
            if now.epoch != said:
                _say(f"{now.state}, {now.epoch} trials finished")
                said = now.epoch
            time.sleep(0.5)
        run_id = search.best_run(options.store, search_id)
        if run_id is None:
            raise JobError(f"{now.message} {again}")
        while (now := runner.status(options.store, run_id)).is_live:
            time.sleep(0.5)
        if now.message:
            raise JobError(now.message)
    except KeyboardInterrupt:
        search.search_folder(options.store, search_id).cancel.touch()
        _say(f"Stopped; nothing is lost. {again}")
        return INTERRUPTED
    print(run_id)
    return 0


def _resumed(options: argparse.Namespace) -> str:
    for name in (
        "behaviour",
        "items",
        "facts",
        "users",
        "vectors",
        "tables",
        "layout",
        "importer",
        "encoding",
        "column",
        "clean",
        "pseudonymise",
        "preset",
        "set",
        "seed",
    ):
        if getattr(options, name) is not None:
            raise InputError(
                f"--{name.replace('layout', 'import')} cannot be given with --resume: a run keeps the data and settings "
                "it started with."
            )
    from metarec_core import api
    from metarec_core.audit import doing
    from metarec_core.jobs.forecast import forecast, require_room, warning

    run_id = str(options.resume)
    request, config = api.requested_run(run_id, store=options.store)
    expected = forecast(options.store, request.tables_fingerprint, config, options.device or request.device)
    with doing(options.store, "train", resumed=run_id):
        require_room(options.store, expected)
    if words := warning(expected):
        _say(words)
    return run_id


def _requested(options: argparse.Namespace) -> str:
    if not options.behaviour and not options.layout and not options.tables:
        raise InputError(f"Training needs --behaviour, or --resume to continue a run: see {PROGRAM} train --help.")
    if options.tables and (options.behaviour or options.layout or options.pseudonymise):
        raise InputError(
            "--tables names a data set that is already stored: leave out the files and the options for them."
        )
    config = _config(options)
    from metarec_core import api

    if options.device in ("cuda", "mps"):  # before anything is stored
        from metarec_core.models.device import resolve_device

        resolve_device(options.device)
    if options.tables:
        fingerprint = api.open_tables(options.store, options.tables).fingerprint
    else:
        fingerprint = _stored(options, _brought(options))
    return _reserved(options.store, fingerprint, config, options.device or "auto")


def _reserved(store: Path, fingerprint: str, config: RunConfig, device: str) -> str:
    """A run that fits this machine, not trained yet; says what it will take."""
    from metarec_core import api
    from metarec_core.jobs.forecast import forecast, keep, require_room, warning
    from metarec_core.runs.run import run_folder

    expected = forecast(store, fingerprint, config, device)
    require_room(store, expected)
    run_id = api.request_run(fingerprint, config, store=store, device=device)
    keep(run_folder(store, run_id), expected)
    _say(f"run {run_id}, about {expected.seconds:,.0f} s and {expected.memory_mb / 1024:.1f} GiB of memory")
    if words := warning(expected):
        _say(words)
    return run_id


def _import(options: argparse.Namespace) -> int:
    if not options.behaviour and not options.layout:
        raise InputError(f"There is nothing to read: give --behaviour or --import, see {PROGRAM} import --help.")
    brought = _brought(options)
    if options.dry_run:
        from metarec_core.data.originals import read_brought

        _say_read(read_brought(brought, _cleaning(options)))
        _say("Nothing was stored.")
    else:
        print(_stored(options, brought, keep=options.keep_files))
    return 0


def _stored(options: argparse.Namespace, brought: Brought, keep: bool = False) -> str:
    """Read, clean and store files, and say what was done: the fingerprint of the tables."""
    from metarec_core import api

    replaced: Replaced = options.pseudonymise or "none"
    tables = api.bring(brought, options.store, _cleaning(options), replace_ids_of=replaced, keep=keep)
    _say_read(tables)
    if keep and (reason := api.why_not_kept(tables.report)):
        _say(reason)
    return tables.fingerprint


def _cleaning(options: argparse.Namespace) -> CleaningConfig:
    from metarec_core.config import CleaningConfig

    return CleaningConfig().with_settings(options.clean or ())


def _brought(options: argparse.Namespace) -> Brought:
    """The files that the options name."""
    from metarec_core import api

    name = getattr(options, "name", None)
    if options.layout:
        for other in ("behaviour", "items", "facts", "users", "vectors", "encoding", "column"):
            if getattr(options, other) is not None:
                raise InputError(f"--{other} cannot be given with --import, which finds all files of a data set.")
        return api.Brought(layout=(options.layout,), importer=options.importer, name=name)
    paths: dict[TableName, str | None] = {
        "events": options.behaviour,
        "items": options.items,
        "facts": options.facts,
        "users": options.users,
    }
    return api.Brought(
        files={table: path for table, path in paths.items() if path is not None},
        vectors=dict(_vectors(text) for text in options.vectors or ()),
        name=name,
        mapping=dict(_pair(text) for text in options.column or ()),
        reading=dict.fromkeys(paths, api.Reading(encoding=options.encoding)),
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not equals:
        raise InputError(f"--column {text!r} is not NAME=COLUMN: write it like --column user_id=who.")
    return name.strip(), column.strip()


def _vectors(text: str) -> tuple[str, VectorSource]:
    mode, equals, file = (part.strip() for part in text.partition("="))
    if not equals or not mode or not file:
        raise InputError(f"--vectors {text!r} is not MODE=FILE: write it like --vectors image=image.npz.")
    numbers, comma, ids = file.rpartition(",")
    return mode, (numbers, ids) if comma and numbers.endswith(".npy") else file


def _config(options: argparse.Namespace) -> RunConfig:
    from metarec_core.config import RunConfig

    settings = list(options.set or ())
    if options.seed is not None:
        settings.append(f"seed={options.seed}")
    return RunConfig.preset(options.preset or "balanced").with_settings(settings)


def _watch(store: Path, run_id: str, device: str | None) -> bool:
    """Train, with progress on stderr; whether the run was finished."""
    from metarec_core.jobs.report import progress_line
    from metarec_core.jobs.work import work

    live = sys.stderr.isatty()
    said = ""
    progress: Progress | None = None
    with closing(work(store, run_id, device)) as reports:
        for progress in reports:
            line = progress_line(progress)
            if line != said:
                _say(f"\r\033[K{line}" if live else line)
                said = line
            elif live:
                print(f"\r\033[K{progress_line(progress, live=True)}", end="", file=sys.stderr, flush=True)
    return progress is not None and progress.run is not None


def _reidentify(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.audit import doing
    from metarec_core.recommend.export import write_csv

    mapping = dict(_pair(text) for text in options.column or ())
    key_file = options.key or options.store / api.KEY_FILE
    with doing(options.store, "key", reidentified=options.kind), _opened(options.output) as file:
        write_csv([api.reidentify(options.behaviour, key_file, mapping=mapping, kind=options.kind)], file)
    return 0


def _key(options: argparse.Namespace) -> int:
    from metarec_core import api

    key = api.pseudonym_key(options.store)
    with _opened(options.output) as file:
        file.write(f"{key}\n".encode())
    return 0


def _delete(options: argparse.Namespace) -> int:
    from metarec_core import api

    found = api.made_from(options.store, options.tables)
    if options.yes:
        found = api.delete_with_runs(options.store, options.tables)
    _say(
        f"Data set {options.tables} and {len(found.run_ids):,} runs {'were deleted' if options.yes else 'would be deleted'}."
    )
    _print_json({"tables": options.tables, "runs": list(found.run_ids), "deleted": options.yes})
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from metarec_core import api

    names = (
        None if options.baselines is None else [name.strip() for name in options.baselines.split(",") if name.strip()]
    )
    run = api.open_run(options.store, options.run)
    told = {"trust": api.trust(run).to_dict(), "slices": [cut.to_dict() for cut in api.slices(run)]}
    _print_json(api.evaluate(run, names).to_dict() | told)
    return 0


def _learning_curve(options: argparse.Namespace) -> int:
    from metarec_core import api

    points = []
    for point in api.learning_curve(api.open_run(options.store, options.run)):
        _say(f"{point.share:.0%} of the users: ndcg@10 {point.ndcg.mean:.4f}")
        points.append(point.to_dict())
    _print_json(points)
    return 0


def _meta_knowledge(options: argparse.Namespace) -> int:
    from metarec_core import api

    for found in api.meta_knowledge(api.open_run(options.store, options.run)):
        _say(f"{found.share_done:.0%} measured")
    _print_json(found.to_dict())
    return 0


def _transfer(options: argparse.Namespace) -> int:
    from metarec_core import api

    source, target = (api.open_run(options.store, run_id) for run_id in (options.source, options.run))
    for found in api.transfer(source, target):
        _say(f"{found.share_done:.0%} measured")
    _print_json(found.to_dict())
    return 0


def _recommend(options: argparse.Namespace) -> int:
    if options.format == "parquet" and options.output is None and sys.stdout.isatty():
        raise InputError("Parquet cannot be shown in a terminal: give --output FILE, or redirect stdout to a file.")
    if options.all and _n_processes() > 1:
        from metarec_core.training import distributed

        with distributed.joined("cpu") as world:
            if world.leads:
                _write_lists(options)
            else:
                _hand_over_lists(options)
            return distributed.leave()
    return _write_lists(options)


def _write_lists(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.audit import doing
    from metarec_core.recommend import export
    from metarec_core.recommend.shared import recommend_all_together

    recommender = api.open_recommender(api.open_run(options.store, options.run))
    if options.all:
        frames = recommend_all_together(recommender, options.k, _selection(options))
    else:
        frames = iter([recommender.recommend(options.user, options.k, _selection(options)).frame])
    write = {"csv": export.write_csv, "json": export.write_json, "parquet": export.write_parquet}[options.format]
    lists = "all" if options.all else f"{len(options.user)} users"
    with doing(options.store, "export", run=options.run, lists=lists), _opened(options.output) as file:
        write(frames, file)
    return 0


def _hand_over_lists(options: argparse.Namespace) -> None:
    from metarec_core import api
    from metarec_core.recommend.shared import recommend_all_together

    recommender = api.open_recommender(api.open_run(options.store, options.run))
    for _ in recommend_all_together(recommender, options.k, _selection(options)):
        pass


def _selection(options: argparse.Namespace) -> Selection:
    """What lists may have, as ``recommend`` is told."""
    from metarec_core import api

    values: dict[str, tuple[str, ...]] = {}
    for text in options.filter:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise InputError(f"--filter {text!r} is not NAME=VALUE: write it like --filter colour=red.")
        values[name] = (*values.get(name, ()), value)
    ranges = dict(_range(text) for text in options.between)
    return api.Selection(values, ranges, options.seen, options.only_new, options.variety)


def _range(text: str) -> tuple[str, tuple[float, float]]:
    name, _, between = text.partition("=")
    low, _, high = between.partition(":")
    try:
        return name, (float(low), float(high))
    except ValueError:
        raise InputError(f"--between {text!r} is not NAME=LOW:HIGH: write it like --between price=1:10.") from None


def _explain(options: argparse.Namespace) -> int:
    from metarec_core import api

    recommender = api.open_recommender(api.open_run(options.store, options.run))
    pair = {"user_id": options.user, "item_id": options.item}
    if options.counterfactuals is not None:
        reader = api.text_reader(api.open_run(options.store, options.run))
        read = None if reader is None else reader.read_item
        _print_json(api.counterfactuals(recommender, **pair, k=options.counterfactuals, read=read).to_dict())
    else:
        _print_json(api.explain(recommender, **pair, effects=not options.quick).to_dict())
    return 0


def _attention(options: argparse.Namespace) -> int:
    from metarec_core import api

    _print_json(api.attention_trust(api.open_run(options.store, options.run), n_users=options.users).to_dict())
    return 0


def _what_if(options: argparse.Namespace) -> int:
    from metarec_core import api

    try:
        text = options.scenario.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {options.scenario}: choose another file for --scenario.") from error
    run = api.open_run(options.store, options.run)
    scenario = api.Scenario.from_json(text)
    reader = api.text_reader(run) if scenario.words else None
    found = api.what_if(api.open_recommender(run), scenario, options.k, reader.read if reader else None)
    _print_json({"list": _records(found.frame), "ignored": found.ignored})
    return 0


def _compare(options: argparse.Namespace) -> int:
    from metarec_core import api

    run = api.open_run(options.store, options.run)
    first = api.open_recommender(run)
    if options.other in api.baselines_to_compare():
        second = api.baseline_of(run, options.other, first)
    else:
        second = api.open_recommender(api.open_run(options.store, options.other))
    found = api.compare(first, second, options.user, options.k)
    _print_json({"common": found.common, "k": found.k, "items": _records(found.frame)})
    return 0


def _stability(options: argparse.Namespace) -> int:
    from metarec_core import api

    runs = [api.open_recommender(api.open_run(options.store, id_)) for id_ in (options.run, *options.others)]
    found = api.stability(runs, runs[0].user_ids[:1_000], options.k)
    _print_json({**vars(found), "frame": _records(found.frame)})
    return 0


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as they are, to the last digit; null where there is nothing."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _review_sample(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.review.sample import with_pairs

    plan = api.Plan(options.rule, options.n, options.seed, options.k, options.baseline)
    if options.pairs is not None:
        try:
            plan = with_pairs(plan, options.pairs.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            raise InputError(f"Cannot read {options.pairs} as text: choose another file for --pairs.") from None
    _print_json(_reviewed(api.start_review(api.open_run(options.store, options.run), plan)))
    return 0


def _review_list(options: argparse.Namespace) -> int:
    from metarec_core import api

    run = api.open_run(options.store, options.run)
    _print_json([_reviewed(review) for review in api.reviews(run)])
    return 0


def _review_export(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.audit import doing

    run = api.open_run(options.store, options.run)
    review_id = options.review or next((review.review_id for review in api.reviews(run)), None)
    if review_id is None:
        raise InputError(f"Run {run.run_id} has no review yet: start one with {PROGRAM} review sample.")
    with doing(options.store, "export", run=run.run_id, review=review_id):
        pack = api.review_pack(run, review_id)
    if options.format == "json":
        text = pack.to_json()
    else:
        from metarec_core.figures.review_pack import review_html

        text = review_html(pack)
    with _opened(options.output) as file:
        file.write(text.encode())
    return 0


def _reviewed(review: Review) -> dict[str, Any]:
    """A review in plain values, its recommendations with their positions."""
    items = [{"position": position, **vars(item)} for position, item in enumerate(review.items, start=1)]
    return {**vars(review), "plan": review.plan.to_dict(), "items": items}


def _paths(options: argparse.Namespace) -> int:
    from metarec_core import api

    if options.k < 0:
        raise InputError(f"-k {options.k} paths cannot be listed: ask for 0 or more.")
    recommender = api.open_recommender(api.open_run(options.store, options.run))
    _print_json(api.paths(recommender, user_id=options.user, item_id=options.item, most=options.k).to_dict())
    return 0


def _path_quality(options: argparse.Namespace) -> int:
    from metarec_core import api

    _print_json(api.path_quality(api.open_run(options.store, options.run), n_users=options.users).to_dict())
    return 0


def _graph(options: argparse.Namespace) -> int:
    import numpy as np

    from metarec_core import api
    from metarec_core.graph.export import edge_table, write_graphml
    from metarec_core.recommend.export import write_csv

    recommender = api.open_recommender(api.open_run(options.store, options.run))
    graph = api.knowledge_graph(recommender)
    edges = np.arange(graph.n_edges)
    with _opened(options.output) as file:
        if options.format == "graphml":
            write_graphml(graph, edges, file, recommender.title)
        else:
            write_csv([edge_table(graph, edges)], file)
    return 0


def _map(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.recommend.export import write_csv, write_json

    run = api.open_run(options.store, options.run)
    recommender = api.open_recommender(run)
    found = api.drawn_map(run, recommender) if options.layout == "neighbours" else api.embedding_map(recommender)
    with _opened(options.output) as file:
        (write_csv if options.format == "csv" else write_json)([found.frame(recommender)], file)
    _say(f"Of the ten nearest in the space, {found.kept:.0%} are among the ten nearest here.")
    return 0


def _reproduce(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.jobs.reproduce import compare

    first = api.open_run(options.store, options.run)
    fingerprint = api.open_tables(options.store, first.manifest.tables_fingerprint).fingerprint
    run_id = _reserved(options.store, fingerprint, first.config, options.device or first.manifest.device)
    if not _watch(options.store, run_id, None):
        raise JobError(f"Run {run_id} was cancelled: nothing was compared.")
    same = compare(first, api.open_run(options.store, run_id))
    _print_json(same.to_dict())
    _say(same.words)
    return 0 if same.equal else 1


def _export_run(options: argparse.Namespace) -> int:
    from metarec_core import api
    from metarec_core.runs.archive import export_run

    export_run(api.open_run(options.store, options.run), options.output)
    return 0


def _import_run(options: argparse.Namespace) -> int:
    from metarec_core.runs.archive import import_run

    print(import_run(options.file, options.store).run_id)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from metarec_core.jobs import demo

    if options.store is not None:
        print(demo.reset(options.store).run_id)
        return 0
    file, said = options.output or demo.shipped(), ""
    for words in demo.build(file):
        if words != said:
            _say(words)
        said = words
    _say(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
    return 0


def _audit(options: argparse.Namespace) -> int:
    from metarec_core import audit

    if options.n < 0:
        raise InputError(f"-n {options.n} lines cannot be printed: ask for 0 or more.")
    entries = audit.read(options.store, options.n or None)
    if options.format == "csv":
        from metarec_core.figures.audit import table
        from metarec_core.recommend.export import write_csv

        write_csv([table(entries)], sys.stdout.buffer)
    else:
        for entry in entries:
            print(json.dumps(vars(entry), ensure_ascii=False))
    return 0


def _runs(options: argparse.Namespace) -> int:
    from metarec_core import api

    _print_json([_summary(run) for run in api.list_runs(options.store)])
    return 0


def _summary(run: RunSummary) -> dict[str, Any]:
    """A run in a list: who it is, and the means of its own measures; ``evaluate`` tells the rest."""
    from metarec_core.evaluation.leaderboard import RUN_NAME

    measures = run.leaderboard["models"][RUN_NAME]
    metrics = {name: interval["mean"] for name, interval in measures.items()}
    return {name: value for name, value in vars(run).items() if name != "leaderboard"} | {"metrics": metrics}


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Where results go: stdout, or a file that takes its name only once it is whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
    except OSError as error:
        raise InputError(f"Cannot write to {output}: {error.strerror}; choose another file for --output.") from error
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        partial.chmod(0o666 & ~_umask())
        partial.replace(output)
    except IsADirectoryError as error:
        raise InputError(f"Cannot write to {output}: it is a folder; choose a file for --output.") from error
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)


def _say_read(tables: Tables) -> None:
    report = tables.report
    for table, read in report.rows_read.items():
        _say(f"{table}: {read:,} rows read, {report.rows_kept.get(table, 0):,} kept")
    for step in report.steps:
        if step.rows:
            _say(f"{step.table}: {step.rows:,} {step.action}: {step.reason}")


def _space_help() -> str:
    from metarec_core.training.tune import SPACE

    lines = ["", "what is searched; everything else stays as the preset and --set say:"]
    lines += [f"  {name + ':':<24}{values}" for name, values in SPACE.items()]
    return "\n".join(lines) + "\n"


def _settings_help() -> str:
    from metarec_core.config import CleaningConfig, RunConfig, setting_names

    defaults = RunConfig.preset("balanced")
    lines = ["", "settings for --set, with the values of the preset balanced:"]
    for path in setting_names():
        place: Any = defaults
        *sections, name = path.split(".")
        for section in sections:
            place = getattr(place, section)
        value = getattr(place, name)
        shown = ",".join(value) if isinstance(value, tuple) else "" if value is None else value
        lines += [f"  {path}={shown}", f"      {type(place).model_fields[name].description}"]
    lines += ["", "rules for --clean, in order, with their defaults:"]
    for name, field in CleaningConfig.model_fields.items():
        lines += [f"  {name}={'' if field.default is None else field.default}", f"      {field.description}"]
    return "\n".join(lines) + "\n"
