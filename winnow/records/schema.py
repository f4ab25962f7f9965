"""The Arrow schemas of all tables but data/annotate. Nothing infers types: a column that is not here does not exist."""

import pyarrow as pa

from winnow.records.meaning import YES_OR_NO, column

_TEXT = pa.string()

TOOL_CALL = pa.struct([("id", _TEXT), ("name", _TEXT), ("arguments", _TEXT)])
MESSAGE = pa.struct(
    [
        ("role", _TEXT),
        ("content", _TEXT),
        ("reasoning", _TEXT),
        ("tool_calls", pa.list_(TOOL_CALL)),
        ("tool_call_id", _TEXT),
        ("train", pa.bool_()),
        ("name", _TEXT),
    ]
)
REJECTED = pa.struct([("messages", pa.list_(MESSAGE)), ("rank", pa.int32()), ("score", pa.float64())])

_ROW_ID = column("row_id", _TEXT, "The row, as <source>:<key>; neither edits nor the order of a file change it.", "id")
_SOURCE = column("source", _TEXT, "Entry of `sources` in params.yaml that the row was read by.", "name")
_FILE = column("file", _TEXT, "Raw file below the repository.", "path")
_LINE = column("line", pa.int64(), "Line at which the raw unit begins.", "number from 1")

RECORDS = pa.schema(
    [
        _ROW_ID,
        column(
            "content_hash", _TEXT, "BLAKE2b of system, context, messages, rejected and tools as they stand.", "digest"
        ),
        _SOURCE,
        column("license", _TEXT, "Licence of the row.", "SPDX id, or `other`", "SPDX License List"),
        column("kind", _TEXT, "What the row trains: sft, preference or feedback (KTO).", "label"),
        column("origin", _TEXT, "Who wrote the reply: human, model, augmented or generated.", "label"),
        column("parents", pa.list_(_TEXT), "Rows that this row was made from.", "ids"),
        column("group", _TEXT, "Conversation tree or family of the row; a group stays in one split.", "id"),
        column("system", _TEXT, "System prompt.", "text"),
        column(
            "context", _TEXT, "Background text apart from the instruction (Alpaca `input`, Dolly `context`).", "text"
        ),
        column(
            "messages",
            pa.list_(MESSAGE),
            "Turns in order; the last assistant turn is the response.",
            "list of messages",
        ),
        column("prompt_turns", pa.int32(), "Leading messages that all candidate replies share.", "messages"),
        column("rejected", pa.list_(REJECTED), "Worse replies to the same prompt, best first.", "list of replies"),
        column(
            "margin",
            pa.float64(),
            "How much better the chosen reply is than the rejected one; 0 is a tie.",
            "the source's scale",
            "the row's source",
        ),
        column("label", pa.bool_(), "Whether a feedback row's reply is a good one.", YES_OR_NO, "the row's source"),
        column("tools", _TEXT, "Definitions of the tools on offer.", "JSON"),
        column("own_split", _TEXT, "Split that the source itself has the row in, by the names of its files.", "label"),
        column("metadata", _TEXT, "Everything else that the source says of the row.", "JSON", "the row's source"),
    ]
)
"""One row = one conversation."""

_REPEATS = column("repeats", pa.int32(), "How often training should draw the row.", "times")
_LANGUAGE = column("language", _TEXT, "Language of the row, as data/annotate has it.", "ISO 639-1 code, or `und`")
RELEASE = RECORDS.append(_LANGUAGE).append(_REPEATS)
"""One row = one released conversation: the record, its language, and how often training should draw it."""

PLACES = pa.schema([_ROW_ID, _SOURCE, _FILE, _LINE])
"""One row = one raw unit that a record was read from."""

LEFT_OUT = pa.schema(
    [
        column("unit_id", _TEXT, "The raw unit, as <source>:!<digest of its raw text>.", "id"),
        _SOURCE,
        column("outcome", _TEXT, "`quarantined`, not readable, or `skipped`, by the source's own word.", "label"),
        column("reason", _TEXT, "Why the unit became no record.", "reason code"),
        column("detail", _TEXT, "What is wrong in the unit, in words.", "text"),
        _FILE,
        _LINE,
        column("raw", _TEXT, "The unit as the file has it.", "text"),
    ]
)
"""One row = one raw unit that became no record: ``outcome`` is ``quarantined`` (it could not be read) or ``skipped``
(the source itself says that it is not to be used); ``unit_id`` is ``<source>:!<digest of its raw text>``."""

EDITS = pa.schema(
    [
        _ROW_ID,
        column("field", _TEXT, "Field of the record that changed, such as messages[1].content.", "path"),
        column("rule", _TEXT, "Cleaning rule that changed it, or `patch`.", "name"),
        column("before", _TEXT, "The field before.", "text"),
        column("after", _TEXT, "The field after.", "text"),
    ]
)
"""One row = what one rule did to one field of one record."""

MATCHES = pa.schema(
    [_ROW_ID, column("patch_row_id", _TEXT, "Row whose drop or takedown is bound to a text of this row.", "id")]
)
"""One row = a record that holds, before cleaning, a text that a drop or takedown names."""

NEIGHBOURS = pa.schema(
    [
        _ROW_ID,
        column(
            "other_row_id",
            _TEXT,
            "Row that it is linked to; of equal rows the one with the smallest id.",
            "id",
        ),
        column(
            "relation",
            _TEXT,
            "`exact`: equal text; `prompt`: same prompt; `response`: same reply to another prompt; `near`: "
            "near-duplicate; `near_prompt`: alike prompts, whatever the replies; `mirror`: the other direction of a "
            "translation; `contrary`: the opposite judgement of the same replies, `concurring`: the same one where "
            "there is an opposite; `semantic`: alike in other words; `traditional`: the row itself, whose Chinese was "
            "compared as simplified.",
            "label",
        ),
        column(
            "similarity",
            pa.float64(),
            "Jaccard similarity of token 3-grams (`near`), of the whole rows or of the least alike of their parts, "
            "typos and one added sentence apart; cosine of TF-IDF or model vectors (`semantic`); else 1.",
            "share, 0 to 1",
            "Broder 1997; Salton and Buckley 1988",
        ),
    ]
)
"""One row = a row and the smallest id of its group (``exact``, ``prompt``, ``response``), or a verified link
between two rows (``near``, ``semantic``)."""

SKETCHES = pa.schema(
    [
        _ROW_ID,
        column(
            "sizes",
            pa.list_(pa.int32()),
            "Tokens of system prompt, earlier turns, instruction with context, reasoning, response, rejected replies.",
            "tokens",
        ),
        column(
            "tokens",
            pa.list_(pa.uint64()),
            "Those tokens in order: 32 bits of a hash, and below them class, sentence end and letters.",
            "numbers",
        ),
    ]
)
"""One row = what the comparison of two rows needs of one that near links join with two others or more; no text."""

OVERLAPS = pa.schema(
    [
        _ROW_ID,
        column("benchmark", _TEXT, "Test set, as `overlaps.benchmarks` in params.yaml names it.", "name"),
        column("item", _TEXT, "Item of the test set.", "id"),
        column("side", _TEXT, "Where the row holds it: prompt, earlier (turns), system or reply.", "label"),
        column(
            "measure",
            _TEXT,
            "What tells: 8-gram, runs of 8 tokens; turn, a short question that is a whole turn; answer, a short "
            "question with its answer near; solution, runs of what solves it; tfidf or embed, a cosine.",
            "label",
        ),
        column(
            "overlap",
            pa.float64(),
            "Share of the item's runs of n tokens that the row holds, each weighed by one over the number of items "
            "that hold it; 1 for a whole short question; of tfidf and embed the cosine.",
            "share, 0 to 1",
            "after Tülu 3 (Lambert et al. 2024, section 3.2)",
        ),
        column(
            "longest_run",
            pa.int32(),
            "Longest run of the item's tokens that the row holds.",
            "tokens",
            "ConTAM (Singh et al. 2024)",
        ),
    ]
)
"""One row = a record and a test item that overlap on one side of the record."""

DECISIONS = pa.schema(
    [
        _ROW_ID,
        column("verdict", _TEXT, "`keep` or `drop`.", "label"),
        column("reason", _TEXT, "Why the row is dropped, or noted.", "reason code"),
        column("value", pa.float64(), "What was measured of the row.", "unit of the rule's fact"),
        column("limit", pa.float64(), "Limit that the value was compared with.", "unit of the rule's fact"),
        column("other_row_id", _TEXT, "Row or test item that blocked it.", "id"),
        column(
            "detail", _TEXT, "What the reason leaves open: other rules that it breaks, the value over a cap.", "text"
        ),
    ]
)
"""One row = the verdict of one gate on one row that was alive when it entered: ``keep`` or ``drop``."""

_SCORE = column("score", pa.float64(), "Weighted mean of the parts that `score.parts` names.", "score, 0 to 1")
SCORES = DECISIONS.append(_SCORE)
SPLITS = DECISIONS.append(column("split", _TEXT, "Split of the release: train, validation or test.", "label"))
MIXES = DECISIONS.append(_REPEATS)

CANDIDATES = pa.schema(
    [
        _ROW_ID,
        column("plan", _TEXT, "Plan of `propose.plans` that the row was written for.", "name"),
        column("method", _TEXT, "Recipe that it was written by, a file of data/recipes.", "name"),
        column("operator", _TEXT, "Operator of the recipe by which it was rewritten.", "name"),
        column("round", pa.int32(), "Round of the plan.", "number from 1"),
        column("depth", pa.int32(), "How often it was rewritten since another source wrote it.", "times"),
        column("family", _TEXT, "Row that it goes back to, itself where it was only shown examples.", "id"),
    ]
)
"""One row = a record that a model wrote."""

CHECKED = pa.schema(
    [
        _ROW_ID,
        column("check", _TEXT, "Acceptance check, as the row's recipe names it.", "name"),
        column("value", pa.float64(), "What it measured; of yes-or-no checks 1 is a fault.", "unit of the check"),
        column("detail", _TEXT, "Words that show it.", "text"),
    ]
)
"""One row = what one acceptance check measured of one record that a model wrote."""

NOVEL = pa.schema(
    [
        _ROW_ID,
        column("kind", _TEXT, "`row`, or `item` of a test set.", "label"),
        column("other_row_id", _TEXT, "Row, or <test set>:<item>, that it is like.", "id"),
        column(
            "similarity",
            pa.float64(),
            "ROUGE-L of the two instructions over mixed tokens.",
            "share, 0 to 1",
            "Lin 2004; Self-Instruct (Wang et al. 2023)",
        ),
    ]
)
"""One row = a record that a model wrote, and a row or test item whose instruction is like its own."""

JUDGEMENTS = pa.schema(
    [
        _ROW_ID,
        column("rubric", _TEXT, "Rubric that the model judged by, a file of data/rubrics.", "name"),
        column("criterion", _TEXT, "Criterion of the rubric.", "name"),
        column(
            "value",
            pa.float64(),
            "Mean of the verdicts; of `preferred`, 1 for the chosen reply, -1 for the rejected one.",
            "the rubric's scale",
            "the judge model",
        ),
        column(
            "label",
            _TEXT,
            "Label that most verdicts have, where the criterion asks for one.",
            "label",
            "the judge model",
        ),
        column(
            "spread",
            pa.float64(),
            "Largest verdict minus smallest.",
            "the rubric's scale",
            "self-consistency (Wang et al. 2023)",
        ),
        column("samples", pa.int32(), "Verdicts behind the value or label.", "replies"),
        column("pending", pa.int32(), "Replies that `winnow ask` has still to buy.", "replies"),
        column("unusable", pa.int32(), "Replies that hold no verdict.", "replies"),
    ]
)
"""One row = what a model said of one row by one criterion of one rubric: the mean of ``samples`` verdicts and their
``spread`` (largest minus smallest), or a ``label``; ``pending`` replies are still to be asked for, ``unusable`` ones
are no verdict."""

PENDING = pa.schema(
    [
        _ROW_ID,
        JUDGEMENTS.field("rubric"),
        column("sample", pa.int32(), "Which of several samples of one question.", "number from 0"),
        column(
            "key", _TEXT, "Digest of model, settings, prompt and sample, by which the ledger finds a reply.", "digest"
        ),
    ]
)
"""One row = a request without a reply in the ledger."""

INDEX = pa.schema(
    [
        column("row_id", _TEXT, "The row, or the raw unit that became none (<source>:!<digest>).", "id"),
        *(RECORDS.field(name) for name in ("source", "license", "content_hash")),
        column("status", _TEXT, "`in` or `out`.", "label"),
        column("stage", _TEXT, "Stage that left it out.", "name"),
        column("reason", _TEXT, "Why it is out.", "reason code"),
        *(SPLITS.field("split"), _REPEATS),
    ]
)
"""A version in one thin table: one row = one row or raw unit ever seen, in or out."""
