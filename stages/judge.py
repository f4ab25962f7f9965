"""Stage ``judge``: what the replies in the ledger say of each row, and what is still to be asked."""

from winnow.harness.settings import Run, stage
from winnow.judging.settings import Settings
from winnow.replies.settings import options


@stage("judge", shared=("buckets", "seed"))
@options(Settings)
def main(run: Run, buckets: int, **group: object) -> None:
    """Turn the replies that `winnow ask` bought into facts; list what is still to be asked. Opens no connection."""
    from winnow.judging.stage import JUDGE
    from winnow.replies.replay import replay

    replay(JUDGE, group, buckets, run)


if __name__ == "__main__":
    main()
