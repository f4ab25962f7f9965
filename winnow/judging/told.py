"""What models said about one row, word by word: the replies behind its facts."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from winnow.judging.asked import settings_of
from winnow.judging.render import Renderer, TooLong
from winnow.judging.verdict import NoVerdict, verdict
from winnow.ledger.find import find


def told(
    row: Mapping[str, Any], language: str, params: Mapping[str, Any], rubrics: Path, ledger: Path
) -> list[dict[str, Any]]:
    """Return each reply about the record ``row``: rubric, sample, swapped, model, status, reply.

    ``rubrics`` and ``ledger`` are the folders of a version that hold its rubrics and the replies of ``judge``.
    The status of a reply that is no verdict says why (``unparsed``, ``out_of_range``).
    """
    settings = settings_of(params, rubrics)
    renderer = Renderer(settings)
    asked = []
    for rubric in sorted(settings.rubrics, key=lambda rubric: rubric.name):
        with suppress(TooLong):
            asked += list(renderer.requests(row, language, rubric))
    replies = find(ledger, {one.request.key for one in asked})
    found = []
    for one in asked:
        if reply := replies.get(one.request.key):
            status = reply.status
            if status == "ok":
                try:
                    verdict(reply.reply, one.rubric, settings.form)
                except NoVerdict as reason:
                    status = str(reason)
            found.append(
                {
                    "rubric": one.rubric.name,
                    "sample": one.sample,
                    "swapped": one.swapped,
                    "model": reply.model,
                    "status": status,
                    "reply": reply.reply,
                }
            )
    return found
