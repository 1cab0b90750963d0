"""How good a run is, with intervals, beside baselines."""
