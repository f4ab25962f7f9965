"""Stage ``filter``: the first gate, named rules on facts."""

from collections.abc import Callable
from typing import Any

import click

from winnow.gates.rules import BY_NAME, RULES
from winnow.harness.settings import LIST, Run, stage


class Limit(click.ParamType):
    """A limit: a number, ``false`` for off, or a map from language to either (JSON on the command line)."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the limit as :func:`winnow.gates.limits.limits` takes it; anything else is a usage error."""
        import json

        from winnow.gates.limits import checked

        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                self.fail(f"{value!r} is neither a number, false nor a map of languages", param, ctx)
        if problem := checked(value):
            self.fail(problem, param, ctx)
        return value


def _one_option_a_rule(function: Callable[..., None]) -> Callable[..., None]:
    for rule in reversed(RULES):
        unit = f" Limit in {rule.unit}." if rule.unit else ""
        function = click.option(
            f"--{rule.name.replace('_', '-')}",
            type=bool if rule.switch else Limit(),
            required=True,
            help=rule.help + unit,
        )(function)
    return function


@stage("filter", shared=("buckets",))
@_one_option_a_rule
@click.option("--note-only", type=LIST, required=True, help="Rules that only leave a note on a row and drop nothing.")
def main(run: Run, buckets: int, **settings: Any) -> None:
    """Drop rows that people dropped or that break a rule; the decision names the rule, its value and its limit."""
    from winnow.gates.decisions import PLOT_HEADER, write_decisions
    from winnow.gates.filtering import COLUMNS, judge
    from winnow.patches import drops
    from winnow.patches.patch import each_patch
    from winnow.storage.buckets import each_bucket

    if unknown := sorted(set(map(str, settings["note_only"])) - set(BY_NAME)):
        raise click.UsageError(f"filter.note_only names {unknown[0]!r}, which is no rule.")
    by_hand = drops.dropped_by_hand(
        lambda: each_bucket("data/annotate", buckets, drops.COLUMNS), each_patch(run.input("data/patches"))
    )
    funnel = write_decisions(
        run.folder("data/filter"),
        (judge(facts, settings, by_hand) for facts in each_bucket("data/annotate", buckets, COLUMNS)),
        each_bucket("data/annotate", buckets, ["row_id"]),
    )
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
