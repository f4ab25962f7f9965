"""Check the source entries of ``params.yaml`` and list the files that they name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.files import SUFFIXES, suffix_of
from winnow.reading.forms import KEYS as FORM
from winnow.reading.forms import Form, form
from winnow.reading.planned import WRITTEN
from winnow.reading.registry import adapter
from winnow.reading.remote import Remote, max_bytes, remotes
from winnow.reading.splits import OWN
from winnow.reading.splits import check as check_splits
from winnow.records.licence import BY_ROW, UnknownLicence, spdx

ARCHIVES = frozenset({".zip", ".7z", ".rar", ".tar", ".tgz", ".tbz2", ".txz"})
_NOTES = frozenset({"LICENSE", "DATA_LICENSE", "README", "NOTICE"})
# what HF datasets and LLaMA-Factory write beside the data
_DESCRIPTIONS = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
_REMOTE = ("url", "sha256", "max_bytes")
_NOTED = ("homepage", "attribution")  # for the dataset card
_KEYS = (
    "adapter",
    "path",
    "license",
    "license_name",
    "origin",
    "encoding",
    "metadata",
    "splits",
    *FORM,
    *_REMOTE,
    *_NOTED,
)
ORIGINS = ("human", "model", "augmented", "generated")


@dataclass(frozen=True)
class Entry:
    """One source: which files, read by which adapter, under which licence."""

    name: str
    adapter: str
    path: str
    license: str
    license_name: str
    origin: str
    encoding: str
    options: Mapping[str, Any]
    remotes: tuple[Remote, ...] = ()
    max_bytes: int | None = None
    form: Form = field(default_factory=Form)
    splits: Any = OWN
    plan: str = ""

    def files(self, raw: Path) -> list[Path]:
        """Return the source's files below the folder ``raw``, sorted; rows that models write have none.

        Any other source without files is a :class:`UserError`.
        """
        if self.plan:
            return []
        path = raw / self.path
        for remote in self.remotes:
            if not (raw / remote.place).is_file():
                raise UserError(f"{raw / remote.place} is not there yet; run winnow fetch {self.name}.")
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise UserError(
                f"params.yaml: sources.{self.name}.path names {path}, which does not exist; add the files with "
                f"`winnow add` or take the entry out with `winnow remove {self.name}`."
            )
        data = [file for file in sorted(path.rglob("*")) if file.is_file() and is_data(file)]
        if not data:
            kinds = "JSON, JSON Lines, CSV, TSV, Parquet, Arrow, sheets"
            raise UserError(f"{path} holds no data file ({kinds}); check sources.{self.name}.path.")
        return data


def is_data(file: Path) -> bool:
    """Tell whether a file of a source folder is data; licences, notes, hidden and DVC files are not.

    >>> is_data(Path("a/rows.jsonl.gz")), is_data(Path("a/README.md"))
    (True, False)

    Raises :class:`UserError` for a file that is neither, so that none is passed over in silence.
    """
    name = file.name
    plain = name.split(".", 1)[0].upper()
    if name.startswith(".") or plain in _NOTES or name in _DESCRIPTIONS or file.suffix in (".md", ".dvc"):
        return False
    if suffix_of(file) in SUFFIXES:
        return True
    if suffix_of(file) in ARCHIVES:
        raise UserError(f"{file} is an archive and cannot be read as it is; unpack it, and add the files in it.")
    raise UserError(
        f"{file}: files of this kind cannot be read (JSON, JSON Lines, CSV, TSV, Parquet, Arrow and sheets can); "
        "take it out of the folder."
    )


def entries(sources: Mapping[str, Any]) -> list[Entry]:
    """Check the ``sources`` group of ``params.yaml`` and return its entries sorted by name."""
    if not sources:
        raise UserError("params.yaml names no sources; add one with `winnow add NAME PATH --license SPDX`.")
    return [_entry(name, sources[name]) for name in sorted(sources, key=str)]


def _entry(name: str, value: Any) -> Entry:
    where = f"params.yaml: sources.{name}"
    if not isinstance(name, str) or not valid_name(name):
        raise UserError(f"{where}: a source's name is made of lower-case letters, digits, - and _.")
    if not isinstance(value, Mapping):
        raise UserError(f"{where} must be a map with adapter, path and license.")
    if value.get("adapter") == WRITTEN:
        return _written(name, value, where)
    for key in ("adapter", "path", "license"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise UserError(f"{where}.{key} is missing; every source says its adapter, path and license.")
    path = Path(value["path"])
    if path.is_absolute() or ".." in path.parts:
        raise UserError(f"{where}.path is {value['path']!r}; it must stay below data/raw.")
    try:
        licence = spdx(value["license"])
    except UnknownLicence as error:
        raise UserError(f"{where}.license: {value['license']!r} {error}.") from None
    if licence == "other" and not value.get("license_name"):
        raise UserError(f"{where}: a license that is `other` needs a license_name.")
    if not isinstance(encoding := value.get("encoding", "utf-8"), str):
        raise UserError(f"{where}.encoding is {encoding!r}; it is the name of an encoding, such as gb18030.")
    origin = value.get("origin", "human")
    if origin not in ORIGINS:
        raise UserError(f"{where}.origin is {origin!r}; it is one of {', '.join(ORIGINS)}.")
    for key in _NOTED:
        if not isinstance(value.get(key, ""), str):
            raise UserError(f"{where}.{key} is {value[key]!r}; it is a text for the dataset card.")
    check_splits(where, splits := value.get("splits", OWN))
    known = adapter(value["adapter"], name).options
    options = {key: setting for key, setting in value.items() if key not in _KEYS}
    if unknown := sorted(set(options) - set(known)):
        raise UserError(f"{where}.{unknown[0]} is no key of a source, nor an option of adapter {value['adapter']}.")
    return Entry(
        name,
        value["adapter"],
        value["path"],
        licence,
        value.get("license_name", ""),
        origin,
        encoding,
        {**known, **options, "metadata": _metadata(value.get("metadata", []), where)},
        remotes(name, value),
        max_bytes(name, value),
        form(where, value),
        splits,
    )


def _written(name: str, value: Mapping[str, Any], where: str) -> Entry:
    """Return the entry of rows that models write: each row has the licence that follows from its parents."""
    known = ("adapter", "plan", "license", "license_name", *_NOTED)
    if unknown := sorted(map(str, set(value) - set(known))):
        raise UserError(f"{where}.{unknown[0]} is no key of a source with adapter written; it has {', '.join(known)}.")
    if not isinstance(value.get("plan"), str) or not valid_name(value["plan"]):
        raise UserError(f"{where}.plan is missing; it names a plan of propose.plans.")
    if value.get("license", BY_ROW) != BY_ROW:
        raise UserError(f"{where}.license must be {BY_ROW}: a row that a model wrote has the licences of its parents.")
    for key in ("license_name", *_NOTED):
        if not isinstance(value.get(key, ""), str):
            raise UserError(f"{where}.{key} is {value[key]!r}; it must be a text.")
    return Entry(name, WRITTEN, "", BY_ROW, value.get("license_name", ""), "generated", "utf-8", {}, plan=value["plan"])


def _metadata(value: Any, where: str) -> tuple[str, ...]:
    """Return the fields that stay metadata, whatever their names: a list, or a text with commas (``winnow add``)."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise UserError(f"{where}.metadata is {value!r}; it names fields: [label, weight].")
    return tuple(names)


def valid_name(name: str) -> bool:
    """Tell whether ``name`` can name a source: it starts row ids and names folders.

    >>> valid_name("alpaca_zh"), valid_name("a:b"), valid_name("")
    (True, False, False)
    """
    return bool(name) and name.isascii() and all(c.islower() or c.isdigit() or c in "-_" for c in name)
