from metarec_core.api import Progress
from metarec_core.jobs.report import progress_line


def test_a_stage_without_epochs_is_its_name():
    assert progress_line(Progress("r", "cooccurrence")) == "cooccurrence"


def test_the_end_of_an_epoch_says_what_was_measured():
    progress = Progress("r", "sequence", epoch=2, epochs=20, loss=1.23456, validation={"ndcg@10": 0.1, "hr@10": 0.25})

    assert progress_line(progress) == "sequence, epoch 2/20, loss 1.2346, ndcg@10 0.1000, hr@10 0.2500"


def test_steps_within_an_epoch_are_only_for_a_line_that_is_written_over():
    progress = Progress("r", "sequence", epoch=2, epochs=20, step=3, steps=9, loss=1.5, remaining_s=41.6)

    assert progress_line(progress) == "sequence, epoch 2/20"
    assert progress_line(progress, live=True) == "sequence, epoch 2/20, step 3/9, loss 1.5000, about 42 s to go"
