"""The one template that joins an instruction with its context where a format has no place for the context."""

from winnow.records.views import SEPARATOR, rendered_contents

TEMPLATE = f"{{instruction}}{SEPARATOR}{{context}}"
"""The user's last turn in chat formats; a row without context has its instruction alone."""

__all__ = ["SEPARATOR", "TEMPLATE", "rendered_contents"]
