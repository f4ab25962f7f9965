"""Stage ``code``: the code of every room and script as digests that ignore comments and docstrings."""

from winnow.harness.settings import Run, stage


@stage("code")
def main(run: Run) -> None:
    """Write for each room and each script which source files it has, and the digest of the code of each."""
    from winnow.harness.code import listing, units
    from winnow.harness.metrics import write_text

    folder = run.folder("data/code")
    for unit in units():
        write_text(folder / unit, listing(unit))


if __name__ == "__main__":
    main()
