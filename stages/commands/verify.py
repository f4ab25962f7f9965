"""``winnow verify``: whether what is here is whole."""

import sys

import click


@click.command()
@click.option("--fix", is_flag=True, help="First mend what can be mended without losing anything.")
def main(fix: bool) -> None:
    """Check everything that DVC does not: bytes of outputs and of DVC's cache, receipts against dvc.lock, the
    conservation law over all stages, patches, licences, the release; torn locks and what killed runs left. One line
    a finding, with the command that mends it. The exit status is 0 where nothing is wrong, else 1.

    \b
    winnow verify
    winnow verify --fix && dvc repro
    """
    from stages.integrity.verify import mend, verify

    found = list(verify())
    for _ in range(2 if fix else 0):  # twice, because a torn lock file hides the rest
        tried = list(mend(found))
        for one, error in tried:
            what = "not mended" if error else "mended"
            click.echo(f"{what}: {one.check}: {one.problem}" + (f" ({error})" if error else ""), err=bool(error))
        if not tried:
            break
        found = list(verify())
    for one in found:
        click.echo(one.line())
    click.echo(f"{len(found)} findings" if found else "everything is whole")
    sys.exit(1 if found else 0)
