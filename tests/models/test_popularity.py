import numpy as np

from metarec_core.models.popularity import fit_popularity
from tests.small_world import dataset


def test_popularity_is_the_logarithm_of_one_more_than_the_events():
    popularity = fit_popularity(dataset().events)  # tea 2, milk 2, cake 2, jam none
    np.testing.assert_allclose(popularity.log_counts, np.log([1, 3, 3, 3, 1]), rtol=1e-6)
