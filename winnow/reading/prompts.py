"""A prompt in a field of its own: most often what the user says, sometimes a whole chat template."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from winnow.reading import templates
from winnow.reading.adapter import Unusable
from winnow.records.record import Message


class Prompt(NamedTuple):
    """What a prompt says, the replies to it without the marks of its template, and notes for the metadata."""

    turns: list[Message]
    replies: Sequence[str]
    system: str | None = None
    context: str | None = None
    notes: Mapping[str, Any] = MappingProxyType({})

    def beside(self, system: str | None, context: str | None) -> tuple[str | None, str | None]:
        """Return system prompt and context of a row whose fields hold these two beside the prompt."""
        if (self.system and system and self.system != system) or (self.context and context):
            raise Unusable("chat_template", "system prompt or input stand in the template of the prompt and beside it")
        return self.system or system, self.context or context


def read(text: str, name: str, replies: Sequence[str] = (), reply_name: str = "") -> Prompt:
    """Read a prompt from the field ``name`` with the ``replies`` to it from the field ``reply_name``.

    Notes are empty for a plain prompt; else they name the template whose marks were taken off.
    """
    carried = templates.prompt(text, name)
    if carried is None:
        return Prompt([Message("user", text)], replies)
    bare = [templates.reply(one, carried, reply_name) for one in replies]
    return Prompt(carried.turns, bare, carried.system, carried.context, {"turns_template": carried.template.name})
