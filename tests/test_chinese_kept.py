"""What jobs and reviews keep is English whoever starts them, and is told again in Chinese; an error is in Chinese at once."""

from pathlib import Path

import pytest

from metarec_core.data.decode import read_bytes
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import DataError, JobError, UnknownIdError
from metarec_core.jobs.runner import start_process
from metarec_core.jobs.status import JobState, StatusWriter, read_status
from metarec_core.jobs.work import CANCELLED, in_a_sentence
from metarec_core.language import speaking
from metarec_core.review.sample import kept_said
from metarec_core.runs.run import RunFolder

RUN_ID = "20260131-142500-1a2b3c"


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    root = tmp_path / "runs" / RUN_ID
    root.mkdir(parents=True)
    return RunFolder(root)


def test_an_unknown_id_is_told_in_chinese():
    with (
        speaking("zh"),
        pytest.raises(UnknownIdError, match=r"^此数据中没有用户 'eve'（共 2 个用户）。ID 形如 'ann'。$"),
    ):
        Vocabulary("user", ["ann", "bob"]).number("eve")


def test_a_file_that_is_missing_is_told_in_chinese():
    with speaking("zh"), pytest.raises(DataError, match=r"^没有文件 nowhere\.csv：请检查路径。$"):
        read_bytes("nowhere.csv")


def test_a_job_that_cannot_start_keeps_its_reason_in_english_and_tells_its_reader(folder: RunFolder, monkeypatch):
    def broken(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("metarec_core.jobs.runner._start", broken)
    with speaking("zh"):
        with pytest.raises(JobError, match=f"^无法开始训练运行 {RUN_ID}：Cannot allocate memory。请继续训练以重试。$"):
            start_process(folder)
        said = read_status(folder).said
    kept = f"The training of run {RUN_ID} could not be started: Cannot allocate memory. Resume it to try again."
    assert read_status(folder).message == kept
    assert read_status(folder).said == kept
    assert said == f"无法开始训练运行 {RUN_ID}：Cannot allocate memory。请继续训练以重试。"


def test_what_a_worker_wrote_is_told_again_in_chinese(folder: RunFolder):
    for error, said in [
        (MemoryError(), "训练时内存耗尽：请选择“快速”预设、更小的模型，或内存更大的机器。"),
        (
            OSError(28, "No space left on device", "a.bin"),
            "训练无法读写 a.bin：No space left on device。请腾出空间或授予权限，然后继续训练。",
        ),
        (ValueError("fault"), "内部故障使训练中止：日志中有出错位置。请继续训练，或附上日志报告此问题。"),
    ]:
        StatusWriter(folder).write(JobState.FAILED, in_a_sentence(error))
        with speaking("zh"):
            assert read_status(folder).said == said
    StatusWriter(folder).write(JobState.CANCELLED, CANCELLED)
    with speaking("zh"):
        assert read_status(folder).said == "已取消。继续训练可从最近的检查点恢复。"


def test_how_a_review_was_sampled_is_told_again_in_chinese():
    kept = "3 recommendations: items whose score comes most from popularity, the strongest case in each list"
    with speaking("zh"):
        assert kept_said(f"{kept}, among all 1,204 users, lists of 10. Seed 7.") == (
            "3 条推荐：分数最依赖流行度的物品，每个列表取最依赖的一个，范围为全部 1,204 个用户，列表长度为 10。随机种子 7。"
        )
        assert kept_said("“Tea”, the best came next, but was ranked 12 of 400") == (
            "接下来实际是 “Tea”, the best，而它在 400 个物品中排第 12 位"
        )
        assert kept_said("the user has 1 event") == "该用户有 1 条行为"
