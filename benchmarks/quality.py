"""How good and how fast, from CSV to a finished run: ``python benchmarks/quality.py --data FOLDER [FOLDER ...]``.

A folder holds ``behaviour.csv``, and ``items.csv`` and ``facts.csv`` where there are any. Without ``--data``, the samples are
measured with the preset fast. Each run is a process of its own, started by the command line. Prints Markdown tables: MetaRec,
one row a seed, and the baselines; what each part is worth; with ``--peers`` the best libraries of others on the same questions.

Of several seeds the values of a question are means over them: intervals are over users, paired, and belong to those means.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that the script finds the project from anywhere

from benchmarks import over_seeds
from benchmarks.machine import machine, packages
from benchmarks.over_seeds import values
from benchmarks.peers import results
from benchmarks.peers.running import BUDGET_S, results_folder, run_peers
from benchmarks.peers.train import PEERS
from benchmarks.trained import ROOT, Trained, split_of, train
from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.data.split import Split
from metarec_core.evaluation.ablation import FEW, Ablation, ablation
from metarec_core.evaluation.bootstrap import Interval, bootstrap
from metarec_core.evaluation.leaderboard import RUN_NAME
from metarec_core.models.metarec import FIXED

Float64Array = npt.NDArray[np.float64]

AS_IN_PAPERS = "evaluation.protocol=leave_one_out"
"""Unless ``--set`` says otherwise."""
MINUS = "metarec minus it, NDCG@10 (95 %)"
COSTS = ("wall s", "CPU s", "peak MB")
HEADER = ("data", "model", "seed", "NDCG@10 (95 %)", "HR@10", "MRR@10", "coverage@10", MINUS, *COSTS)
THIN = (f"items with 1 to {FEW} events", f"users with up to {FEW} events")
WORTH = ("data", "variant", "NDCG@10", "minus fixed weights (95 %)", "in %", *THIN)
EARLIER = "earlier"


def main() -> None:
    """Train on each data set with each seed, and print what was measured on its test events."""
    parser = argparse.ArgumentParser(prog="benchmarks/quality.py", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--preset", help="default: balanced for folders, fast for the samples")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--set", nargs="+", default=[], metavar="SECTION.NAME=VALUE", dest="settings")
    parser.add_argument(
        "--peers",
        nargs="*",
        choices=[*PEERS, EARLIER],
        help=f"run these too, all when none is named; {EARLIER}: only compare with those that have run before",
    )
    parser.add_argument(
        "--peer-seconds",
        nargs="+",
        type=float,
        default=[BUDGET_S],
        help="CPU seconds after which a peer tries nothing new",
    )
    options = parser.parse_args()
    folders = options.data or [ROOT / "sample_data" / domain for domain in api.sample_domains()]
    preset = options.preset or ("balanced" if options.data else "fast")
    settings = [AS_IN_PAPERS, *options.settings]
    config = RunConfig.preset(preset).with_settings(settings)  # also says now what is written wrong
    if options.peers is not None and (config.evaluation.protocol, config.data.ties) != ("leave_one_out", "file_order"):
        parser.error("peers know only the last event of each user, in the order of the file")
    peers = [peer for peer in options.peers or PEERS if peer != EARLIER]

    changed = f" with {' '.join(options.settings)}" if options.settings else ""
    print(f"{machine()}, {packages()}, preset {preset}{changed}\n")
    _print_head(HEADER)
    worth, of_peers, beside_peers = [], [], []
    with tempfile.TemporaryDirectory() as store:
        for folder in folders:
            runs = []
            for seed in options.seeds:
                runs.append(train(folder, Path(store) / f"{folder.name}-{seed}", preset, seed, settings))
                _print_run(folder.name, runs[-1])
            split = split_of(runs[0].run)
            answers = over_seeds.models([run.answers for run in runs])
            _print_models(folder.name, runs, answers)
            worth += _worth(folder.name, runs, split)
            if options.peers is not None:
                found = results_folder(folder.name)
                run_peers(split, found, peers, options.peer_seconds, seed=0)
                of_peers += results.table(folder.name, found, split)
                beside_peers += _beside_peers(folder.name, answers[RUN_NAME], found, split)
    if worth:
        _print_head(WORTH, *worth)
    if of_peers:
        _print_head(results.HEADER, *of_peers)
        _print_head(("data", "peer, and what it could train in", MINUS), *beside_peers)


def _print_run(data: str, trained: Trained) -> None:
    """MetaRec with one seed; and on stderr how it went."""
    manifest = trained.run.manifest
    timings = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in manifest.timings_s.items())
    print(f"{timings}; {manifest.learned}", file=sys.stderr, flush=True)
    own = values(trained.answers.ranks[RUN_NAME])
    _print_model(data, RUN_NAME, str(trained.run.config.seed), own, [trained])


def _print_models(data: str, runs: Sequence[Trained], answers: Mapping[str, Float64Array]) -> None:
    """MetaRec's mean over several seeds, and the baselines, best first."""
    if len(runs) > 1:
        _print_model(data, RUN_NAME, "mean", answers[RUN_NAME], runs)
    baselines = [name for name in answers if name != RUN_NAME]
    for name in sorted(baselines, key=lambda name: -answers[name][:, 0].mean()):
        _print_model(data, name, "", answers[name], runs, answers[RUN_NAME])


def _print_model(
    data: str, name: str, seed: str, of_it: Float64Array, runs: Sequence[Trained], ours: Float64Array | None = None
) -> None:
    """One row; beside ``ours`` where it is not MetaRec."""
    ndcg, *others = _intervals(of_it, runs[0])
    frames = [api.evaluate(one.run).frame.set_index("model") for one in runs]
    coverage = np.mean([frame.loc[name, "coverage@10"] for frame in frames])
    minus, costs = "", ["", "", ""]
    if ours is None:
        paid = [(one.wall_s, one.cpu_s, one.run.manifest.peak_memory_mb) for one in runs]
        costs = [f"{cost:.0f}" for cost in np.mean(paid, axis=0)]
    else:
        (gain,) = _intervals(ours[:, :1] - of_it[:, :1], runs[0])
        minus = _words(gain, "+.4f")
    measured = [_words(ndcg), *(f"{interval.mean:.4f}" for interval in others), f"{coverage:.4f}"]
    print(f"| {' | '.join([data, name, seed, *measured, minus, *costs])} |", flush=True)


def _worth(data: str, runs: Sequence[Trained], split: Split) -> list[str]:
    """What a run is without its parts, one row a variant; for thin items and users where there are enough of them."""
    variants, first = over_seeds.variants([run.answers for run in runs]), api.ablation(runs[0].run)
    if first is None:
        return []
    found = ablation(variants, split, runs[0].run.config.evaluation.bootstrap_draws)
    rows = []
    for variant in (name for name in first.ndcg if name in variants):  # in the order of the parts
        cells = [data, variant, f"{found.ndcg[variant]['all'].mean:.4f}", *[""] * 4]
        if variant != FIXED:
            gain, share = found.gains[variant]["all"], _share(found, variant, "all")
            cells[3:] = [_words(gain, "+.4f"), share, *(_thin(found, variant, name) for name in THIN)]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _thin(found: Ablation, variant: str, name: str) -> str:
    if name not in found.queries:
        return ""
    gain = found.gains[variant][name]
    return f"{_share(found, variant, name)} ({gain.low:+.4f} to {gain.high:+.4f})"


def _share(found: Ablation, variant: str, name: str) -> str:
    """A gain in hundredths of what the fixed weights reach."""
    fixed = found.ndcg[FIXED][name].mean
    return f"{found.gains[variant][name].mean / fixed:+.1%}" if fixed > 0 else ""


def _beside_peers(data: str, ours: Float64Array, folder: Path, split: Split) -> list[str]:
    """MetaRec minus each peer, one row a peer."""
    rows = []
    for peer, ranks in results.peer_ranks(folder, split).items():
        (gain,) = bootstrap(ours[:, :1] - values(ranks)[:, :1], results.DRAWS, users=split.test.user_numbers)
        rows.append(f"| {data} | {peer} | {_words(gain, '+.4f')} |")
    return rows


def _intervals(columns: Float64Array, trained: Trained) -> list[Interval]:
    draws = trained.run.config.evaluation.bootstrap_draws
    return bootstrap(columns, draws, users=trained.answers.user_numbers)


def _words(interval: Interval, form: str = ".4f") -> str:
    return f"{interval.mean:{form}} ({interval.low:{form}} to {interval.high:{form}})"


def _print_head(names: Sequence[str], *rows: str) -> None:
    """The head of a table, and its rows where they are known already."""
    before = "\n" if rows else ""
    print(f"{before}| {' | '.join(names)} |\n{'|---' * len(names)}|", *rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
