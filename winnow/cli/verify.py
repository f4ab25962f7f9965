"""``winnow verify``: whether what is here is whole."""

import sys

import click

from winnow.harness.display import say


@click.command()
@click.option("--fix", is_flag=True, help="First fix what can be fixed without losing anything.")
@click.option("--deep", is_flag=True, help="Read the cached bytes of tagged releases too, not only their sizes.")
@click.option("--all-outputs", is_flag=True, help="Look for every output of tagged releases, not only the release.")
def main(fix: bool, deep: bool, all_outputs: bool) -> None:
    """Check everything that DVC does not: bytes of outputs and of DVC's cache, receipts against dvc.lock, the
    conservation law over all stages, patches, labels, replies of models, licences, the release; the data of tagged
    releases in DVC's cache; torn locks and what killed runs left. One line a finding, with the command that fixes it.
    The exit status is 0 where nothing is wrong, else 1; notes are no fault.

    \b
    winnow verify
    winnow verify --fix && dvc repro
    winnow verify --deep --all-outputs    # once in a while: everything that a tag can ask for
    """
    from winnow.integrity.finding import Finding
    from winnow.integrity.verify import repair, verify

    def look() -> list[Finding]:
        return list(verify(deep=deep, everything=all_outputs))

    findings = look()
    for _ in range(3 if fix else 0):  # a change that was broken off, then a torn lock file, hide the rest
        tried = list(repair(findings))
        for one, result in tried:
            failed = isinstance(result, Exception)
            note = f" ({result})" if failed or isinstance(result, str) else ""
            say(f"{'not ' * failed}fixed: {one.check}: {one.problem}{note}", err=failed)
        if not tried:
            break
        findings = look()
    for one in findings:
        say(one.line())
    faults = sum(not one.note for one in findings)
    say(f"{faults} findings" if faults else "everything is whole")
    sys.exit(1 if faults else 0)
