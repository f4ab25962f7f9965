"""What the names in the tables mean, in a sentence for the person who decides; a name not here stands for itself."""

GATES = {
    "filter": "Rules on length and form",
    "deduplicate": "One of each group of equal or nearly equal rows stays",
    "decontaminate": "Rows that hold too much of a test item",
    "split": "Validation and test rows too near to a training row",
    "mix": "Caps per source",
    "judge": "What a judging model said",
    "score": "Scores and labels",
}

REASONS = {
    "empty_instruction": "The user's turns hold no text.",
    "empty_response": "The response holds no text.",
    "short_instruction": "The user's turns together are shorter than the limit.",
    "short_response": "The response is shorter than the limit.",
    "long_response": "The response is longer than the limit.",
    "long_conversation": "The whole conversation is longer than the limit.",
    "preference_tie": "No reply of the pair is the better one.",
    "exact_duplicate": "Another row says the same, letter for letter after normalisation.",
    "near_duplicate": "Another row says nearly the same.",
    "benchmark_overlap": "The user's side holds too much of an item of a test set.",
    "near_train": "A validation or test row that a training row nearly repeats.",
    "over_cap": "Its source has more rows than the mix allows.",
    "pending": "A reply of a model that the row needs is not there yet.",
}

MEASURES = {
    "filter": "length",
    "deduplicate": "similarity",
    "decontaminate": "overlap",
    "split": "similarity",
    "mix": "place in the draw",
}

RULES = {
    "mojibake": "Text decoded with the wrong encoding is decoded again.",
    "control": "Control characters, terminal escapes and stray byte order marks go.",
    "invisible": "Zero-width, direction and tag characters go; emoji and scripts that need them keep theirs.",
    "html": "Remnants of HTML in prose go; code and talk about HTML stay.",
    "runon": "A reply that runs on into the generator's next task is cut there.",
    "placeholder": "A context that says “no input” in so many words becomes empty.",
    "no_output": "A response that says “no output” becomes empty (and the filter drops the row).",
    "citation": "Citation marks such as [3] go.",
    "punctuation": "Half-width signs in Chinese prose, spaces before a comma, doubled stops.",
    "whitespace": "White space that is not code, a table or an indent.",
}

RELATIONS = {
    "deduplicate": "The row that stays",
    "decontaminate": "Item of the test set",
    "split": "The training row",
}
