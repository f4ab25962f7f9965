"""The key is taken out of every text, in whatever spelling a server, a proxy or a model gives it back."""

import base64
import html
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.asking.redact import redactor, words

KEYS = ("sk-proj-Ab3+/x_Yz0987654321nrtu", "k\"ey\\n&<'=%$.withmarks", "0123456789abcdef", "密钥-密钥-密钥-密钥")
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it stands": str,
    "in a URL": lambda key: quote(key, safe=""),
    "in a URL, twice": lambda key: quote(quote(key, safe=""), safe=""),
    "in a URL, every byte": lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "in JSON": json.dumps,
    "in JSON in JSON": lambda key: json.dumps(json.dumps(key)),
    "in JSON, every character": lambda key: "".join(f"\\u{ord(char):04X}" for char in key),
    "in HTML": html.escape,
    "in HTML, every character": lambda key: "".join(f"&#{ord(char)};" for char in key),
    "in HTML, hexadecimal": lambda key: "".join(f"&#x{ord(char):X};" for char in key),
    "broken over lines": lambda key: "\r\n  ".join(re.findall(".{1,5}", key)),
    "broken in JSON": lambda key: "\\n".join(re.findall(".{1,5}", key)),
    "spaced": " ".join,
    "with zero width": "\u200b".join,
    "in UTF-16": lambda key: key.encode("utf-16-le").decode("utf-8", "replace") if key.isascii() else key,
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64 for URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in base64 with its scheme": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "in base64 after two": lambda key: base64.b64encode(f"ab{key}cd".encode()).decode(),
    "in base64 as a password": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "in base64 over lines": lambda key: "\n".join(re.findall(".{1,9}", base64.b64encode(key.encode()).decode())),
    "in base64 in a URL": lambda key: quote(base64.b64encode(f"Bearer {key}".encode()), safe=""),
    "in hex": lambda key: key.encode().hex(),
    "in hex with colons": lambda key: key.encode().hex(":").upper(),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_the_key_is_found_in_every_spelling(key: str, spelling: Callable[[str], str]) -> None:
    for before, after in (("", ""), ("Bad key: ", "."), ('{"key":"', '"}'), ("x", "y"), ("\\", "\\")):
        said = redactor(key)(f"{before}{spelling(key)}{after}")
        assert said.count("[key]") == 1
        assert len(said) <= len(f"{before}[key]{after}") + 12  # quotation marks, or the base64 of what stood beside it


@given(st.data(), st.sampled_from(KEYS), st.text(st.characters(codec="utf-8"), max_size=20))
def test_spellings_may_be_mixed_within_a_key(data: st.DataObject, key: str, around: str) -> None:
    of_characters = (
        *("as it stands", "in a URL, every byte", "in JSON, every character"),
        *("in HTML", "in HTML, every character", "in HTML, hexadecimal"),
    )
    spelt = [SPELLINGS[data.draw(st.sampled_from(of_characters))](char) for char in key]
    between = data.draw(st.sampled_from(["", "\n", " ", "\0", "\\r\\n", "\u200b"]))
    assert redactor(key)(f"{around}|{between.join(spelt)}|{around}") == f"{around}|[key]|{around}"


@given(st.text(), st.sampled_from(KEYS))
def test_other_text_stays_as_it_is(text: str, key: str) -> None:
    assert redactor(key)(text) == text
    assert redactor(key)(key[:-1]) == key[:-1]


@given(st.text(max_size=20), st.sampled_from(list(SPELLINGS.values())), st.sampled_from(KEYS))
def test_the_words_of_a_server_hold_no_key(before: str, spelling: Callable[[str], str], key: str) -> None:
    body = json.dumps({"error": {"message": f"{before} {spelling(key)}"}}).encode()
    assert key not in words(body, redactor(key), 10_000)
    assert spelling(key) not in words(body, redactor(key), 10_000)


@pytest.mark.parametrize("filler", ["s", "\\", "\\n", "s\\n ", "sk-proj-", "c2st", " ", "%25", "736b", "&#0"])
def test_a_long_text_takes_linear_time(filler: str) -> None:
    start = time.perf_counter()
    text = filler * (300_000 // len(filler))
    assert redactor(KEYS[0])(text) == text
    assert time.perf_counter() - start < 20  # about a second; quadratic time would take an hour
