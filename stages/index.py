"""Stage ``index``: the version in one thin table."""

from winnow.harness.settings import Run, stage


@stage("index", shared=("buckets",))
def main(run: Run, buckets: int) -> None:
    """Join all decisions into the index; check that every row is accounted for and the release is not empty."""
    from winnow.gates.chain import GATES
    from winnow.records.schema import INDEX
    from winnow.release.index import Census, index_buckets, survivors
    from winnow.storage.parquet import TableWriter

    records, left_out = run.input("data/clean/records"), run.input("data/normalize/left_out")
    decisions = {gate: run.input(f"data/{gate}") for gate in GATES}
    census = Census(survivors=survivors(decisions["deduplicate"], buckets))
    with TableWriter(run.folder("data/index.parquet"), INDEX, one_group=True) as writer:
        for table in index_buckets(buckets, records, left_out, decisions):
            census.add(table)
            writer.write(table)
    census.check()
    run.metrics(census.metrics())
    rows = [[*key, count] for key, count in sorted(census.by_source.items())]
    run.plot("funnel", ["source", "status", "stage", "reason", "rows"], rows)


if __name__ == "__main__":
    main()
