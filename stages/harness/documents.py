"""YAML files that people write, read as DVC reads them; every fault is one sentence that names file and line."""

from pathlib import Path
from typing import Any

from stages.harness.errors import UserError


def read_map(path: Path, shown: str = "") -> dict[str, Any]:
    """Return the map in the YAML file ``path``, which errors call ``shown``.

    A file that is missing, is no YAML or no map, or has a key twice is a :class:`UserError`.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    shown = shown or str(path)
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{shown} is missing; restore it from Git.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UserError(f"{shown}, line {line}: {' '.join(str(error.problem).split())}; mend the YAML there.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{shown} is no YAML in UTF-8 ({' '.join(str(error).split())}); mend it.") from None
    if not isinstance(document, dict):
        raise UserError(f"{shown} holds no entries: it must be a map.")
    return document
