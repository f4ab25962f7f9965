r"""Anthropic HH-RLHF: ``chosen`` and ``rejected``, each a whole transcript ``\n\nHuman: …\n\nAssistant: …``.

The two transcripts share their beginning; the turns that they share are the prompt, and what follows in each is the
better and the worse answer to it: most often one reply, sometimes several turns. They must part at a reply. Where they
part at a turn of the Human, or one is only the beginning of the other, the two do not answer the same prompt.

The format escapes nothing: a turn starts at a blank line and ``Human:`` or ``Assistant:``, and nowhere else; a name
inside a line belongs to its turn. One space after the colon belongs to the marker. Two turns of the same speaker in a
row are a transcript that lost its structure (in real files the turn between them is inside the first one, on the same
line): quarantined, not fixed. An empty reply is read as it is; ``filter`` decides about it.
"""

import re
from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, own_id, per_unit, rest, share, text
from winnow.records.record import Message, Record, Rejected

_USED = frozenset({"id", "chosen", "rejected"})
_MARKER = re.compile(r"(?:\A\n*|\n\n)(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def turns(transcript: str, name: str) -> list[Message]:
    """Read one transcript; ``name`` is its field, for the reason of one that cannot be read.

    >>> [turn.content for turn in turns("\\n\\nHuman: Hi.\\n\\nAssistant:  Hello, Human: you.", "chosen")]
    ['Hi.', ' Hello, Human: you.']
    """
    before, *parts = _MARKER.split(transcript)
    if before or not parts:
        raise Unusable("not_a_transcript", f"{name!r} does not start with a turn, 'Human:' or 'Assistant:'")
    speakers, contents = parts[::2], parts[1::2]
    for number, speaker in enumerate(speakers):
        if speaker != ("Human", "Assistant")[number % 2]:
            raise Unusable("wrong_order", f"turn {number + 1} of {name!r} is the {speaker}'s, out of turn")
    if speakers[-1] != "Assistant":
        raise Unusable("no_final_reply", f"{name!r} ends with a turn of the Human")
    return [
        Message(_ROLES[speaker], content.removeprefix(" ")) for speaker, content in zip(speakers, contents, strict=True)
    ]


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one pair; the files do not say by how much the chosen one is better, so there is no margin."""
    chosen, rejected = text(value, "chosen"), text(value, "rejected")
    better, worse = turns(chosen, "chosen"), turns(rejected, "rejected")
    if better == worse:
        raise Unusable("identical_pair", "'chosen' and 'rejected' are the same transcript")
    shared = next(
        (number for number, (one, other) in enumerate(zip(better, worse, strict=False)) if one != other),
        min(len(better), len(worse)),
    )
    if shared % 2 == 0:
        raise Unusable("different_prompts", f"the transcripts part at turn {shared + 1}, which is no reply")
    return Record(
        messages=better,
        key_text=(chosen, rejected),
        key=own_id(value),
        kind="preference",
        prompt_turns=shared,
        rejected=[Rejected(tuple(worse[shared:]))],
        metadata=rest(value, _USED),
    )


def _looks_like(value: dict[str, Any]) -> bool:
    pair = (value.get("chosen"), value.get("rejected"))
    return all(isinstance(one, str) and _MARKER.match(one) is not None for one in pair)


ADAPTER = Adapter(
    summary="Anthropic HH-RLHF: chosen and rejected transcripts of Human and Assistant",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
