import pytest
import torch

from metarec_core.training.threads import MANY_PRODUCTS, threads_worth_their_wait


@pytest.mark.parametrize(("products", "inside"), [(10, 1), (MANY_PRODUCTS, 2)])
def test_small_steps_are_made_by_one_thread_and_the_others_come_back(products, inside):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with threads_worth_their_wait(products):
            assert torch.get_num_threads() == inside
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
