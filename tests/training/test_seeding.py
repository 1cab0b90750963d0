import torch

from metarec_core.training.seeding import numpy_generator, seed_torch, torch_generator


def test_the_same_use_draws_the_same_whatever_others_drew():
    numpy_generator(7, "other").random(100)
    assert numpy_generator(7, "order", 2).random() == numpy_generator(7, "order", 2).random()


def test_seeds_uses_and_passes_draw_differently():
    draws = [
        numpy_generator(*key).random() for key in [(7, "order", 0), (8, "order", 0), (7, "split", 0), (7, "order", 1)]
    ]
    assert len(set(draws)) == 4


def test_torch_draws_by_use_too():
    seed_torch(7, "dropout", 1)
    first = torch.rand(3)
    torch.rand(10)
    seed_torch(7, "dropout", 1)
    assert torch.equal(torch.rand(3), first)
    assert torch_generator(7, "negatives").initial_seed() != torch_generator(7, "negatives", 1).initial_seed()
