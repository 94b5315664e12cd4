"""`megalif sweep --task` and `--collect` where tasks are missing, or have become others."""
from test_sweep import sweep_text, work  # noqa: F401


def test_collect_says_which_tasks_are_incomplete(work):  # noqa: F811
    work.write(sweep_text(sweep="population.b.I_e = range(600:620)\nfiles = none"))
    for task in (0, 3, 7, 9):
        work("sweep", "s.ini", "--task", f"{task}/10", "-q")
    done = work("sweep", "s.ini", "--collect", code=1)
    assert "to be run again: --task I/N with I = 1-2,4-6,8 of N = 10\n" in done.stderr
    work("sweep", "s.ini", "--task", "0/2", "-q")  # another N: whose tasks, then?
    assert "again" not in work("sweep", "s.ini", "--collect", code=1).stderr


def test_points_that_move_to_another_task_are_kept(work):  # noqa: F811
    """Without files they are only in the table of the task that had them, which writes it anew."""
    work.write(sweep_text(sweep="population.b.I_e = range(601:620)\nfiles = none"))
    for task in "01":
        work("sweep", "s.ini", "--task", f"{task}/2", "-q")
    longer = ["--vary", "population.b.I_e=range(600:620)"]
    for task, before in (("0", 9), ("1", 10)):
        done = work("sweep", "s.ini", "--task", f"{task}/2", *longer)
        assert f"10 points: 10 done ({before} had been before)" in done.stderr
    assert "20 points: 20 done" in work("sweep", "s.ini", "--collect", *longer).stderr


def test_collect_makes_no_directory(work):  # noqa: F811
    work.write(sweep_text(sweep="population.b.I_e = range(600:604)"))
    done = work("sweep", "s.ini", "--collect", "-o", "misspelt", code=3)
    assert "misspelt: No such file or directory" in done.stderr and "-o" in done.stderr
    assert not (work.folder / "misspelt").exists()
