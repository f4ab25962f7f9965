"""The register of fields that change training: by which names they go, of a row and of a turn, and what values count.

A field of these names that says something is read, or the unit is quarantined with its name; it is never filed away.
The names are those of OpenAI, Anthropic, DeepSeek and Qwen, of LLaMA-Factory, ms-swift, Axolotl, TRL, Unsloth,
OpenRLHF, verl and NeMo, and of sets on the hub. Case, ``_``, ``-`` and spaces do not matter.

Values count that say something and have the right type: the ``label`` of a classification, ``image: null`` and a
``weight`` of 1 say nothing about training.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from winnow.reading import values

Test = Callable[[Any], bool]


class Kind(NamedTuple):
    """One kind of field: its ``name``, ``what`` it is in words, its spellings, and the tests of its values in a row
    and in a turn; None where the names mean nothing of the kind there.
    """

    name: str
    what: str
    names: str
    row: Test | None = None
    turn: Test | None = None


REGISTER = (
    Kind(
        "mask",
        "a loss mask",
        "loss train trainable training trained is_trained train_on train_on_turn train_this learn learnable in_loss "
        "compute_loss calculate_loss include_in_loss with_loss requires_loss use_for_training is_target",
        lambda v: values.is_false(v) or values.of_switches(v),
        values.switch,
    ),
    Kind(
        "inverted_mask",
        "a loss mask",
        "masked is_masked mask_out ignore ignored ignore_loss skip_loss no_loss no_train do_not_train not_trained "
        "exclude excluded exclude_from_loss exclude_from_training skip_training",
        lambda v: values.is_true(v) or values.of_switches(v),
        values.switch,
    ),
    Kind(
        "weight",
        "a loss weight",
        "weight loss_weight",
        lambda v: values.is_weight(v) or values.of_switches(v),
        values.says,
    ),
    Kind(
        "other_weight",
        "a loss weight",
        "loss_scale sample_weight example_weight instance_weight training_weight token_weight train_weight",
        lambda v: values.is_weight(v) or values.of_switches(v),
        values.is_weight,
    ),
    Kind("unclear_mask", "a mask, of which it is not known what it masks", "mask", values.held, values.says),
    Kind(
        "token_mask",
        "a loss mask of tokens or characters",
        "loss_mask loss_masks completion_mask assistant_mask assistant_masks prompt_mask label_mask train_detail "
        "training_detail token_weights loss_weights loss_scales",
        values.listed,
        lambda v: values.listed(v) or values.switch(v),
    ),
    Kind(
        "worse",
        "a worse reply",
        "rejected rejected_response rejected_responses rejected_message rejected_messages rejected_answer "
        "rejected_answers rejected_output rejected_outputs rejected_reply rejected_replies rejected_completion "
        "rejected_text rejected_conversation rejected_conversations rejected_content reject reject_response "
        "response_rejected responses_rejected answer_rejected output_rejected completion_rejected non_preferred "
        "non_preferred_output non_preferred_response nonpreferred_output unpreferred dispreferred "
        "dispreferred_response dispreferred_output dispreferred_completion non_chosen unchosen negative_response "
        "negative_responses negative_messages negative_output negative_answer negative_completion worse "
        "worse_response worse_reply worse_answer worst worst_response loser loser_response losing_response lose "
        "lose_response response_loser bad_response bad_answer bad_output bad_reply",
        values.held,
        values.held,
    ),
    Kind(
        "better",
        "a preferred reply",
        "chosen chosen_response chosen_messages chosen_message chosen_answer chosen_output "
        "chosen_conversation response_chosen answer_chosen preferred preferred_output preferred_response "
        "winner winner_response winning_response better_response positive_response",
        values.held,
        values.held,
    ),
    Kind("label", "a label of the reply", "label", values.is_truth, values.is_truth),
    Kind("labels", "labels of the steps of a reply", "labels step_labels", values.of_switches, None),
    Kind("refusal", "a refusal in place of a reply", "refusal", None, values.text),
    Kind(
        "liked",
        "a label of the reply",
        "kto_tag thumbs thumb thumbs_up thumbsup thumbs_updown liked is_liked like desirable is_desirable upvoted "
        "upvote is_good is_preferred is_chosen accepted is_accepted feedback user_feedback human_feedback vote",
        values.liked,
        values.liked,
    ),
    Kind(
        "disliked",
        "a label of the reply",
        "disliked is_disliked dislike undesirable is_undesirable downvoted downvote thumbs_down is_bad is_rejected",
        values.liked,
        values.liked,
    ),
    Kind(
        "correct",
        "a label of the reply",
        "is_correct correct is_right answer_correct",
        values.is_false,
        values.is_false,
    ),
    Kind(
        "system",
        "a system prompt",
        "system system_prompt system_message system_instruction system_instructions system_text sys sys_prompt "
        "developer developer_message developer_prompt meta_instruction preamble",
        values.text,
        values.text,
    ),
    Kind(
        "reasoning",
        "the reasoning of a reply",
        "reasoning reasoning_content reasoning_text reasoning_trace reasoning_process reasoning_steps thinking "
        "thinking_content thinking_process think thought thoughts thought_process cot cot_content complex_cot "
        "long_cot short_cot chain_of_thought chain_of_thoughts rationale scratchpad inner_monologue deliberation "
        "reasoning_details thinking_blocks",
        lambda v: values.thought(v) or (isinstance(v, list) and values.held(v)),
        lambda v: values.thought(v) or (not isinstance(v, str) and values.held(v)),
    ),
    Kind(
        "tools",
        "definitions of tools",
        "tools functions tool_definitions function_definitions tool_schemas function_schemas tools_schema "
        "available_tools available_functions tool_list tool_specs tools_json functions_json",
        values.listed,
        values.listed,
    ),
    Kind(
        "calls",
        "a call of tools",
        "tool_calls tool_call function_call function_calls calls tool_use tool_uses",
        lambda v: values.held(v) and v not in ("auto", "none"),
        values.says,
    ),
    Kind("call_id", "the id of a tool's call", "tool_call_id tool_use_id call_id", None, values.says),
    Kind(
        "name",
        "the name of a speaker or tool",
        "name tool_name function_name speaker_name character_name participant_name",
        None,
        values.text,
    ),
    Kind(
        "media",
        "a picture, a film or a sound",
        "image images img imgs img_path img_paths image_path image_paths image_file image_files image_filename "
        "image_name image_url image_urls images_path image_base64 image_bytes picture pictures picture_path photo "
        "photos screenshot screenshots pixel_values video videos video_path video_paths video_url video_file frames "
        "audio audios audio_path audio_paths audio_url audio_file input_audio speech speech_path sound wav wav_path "
        "media media_path multi_modal_data multimodal_data mm_inputs chosen_image chosen_images rejected_image "
        "rejected_images",
        values.held,
        values.held,
    ),
    Kind(
        "conversation",
        "another conversation",
        "messages conversations conversation dialogue dialog dialogues dialogs turns",
        values.listed,
        None,
    ),
    Kind(
        "history",
        "earlier turns",
        "history histories chat_history conversation_history dialog_history dialogue_history message_history "
        "previous_turns previous_messages context_messages past_messages past_turns",
        values.held,
        values.held,
    ),
    Kind(
        "context",
        "text that belongs to the prompt",
        "context contexts input background documents document passages passage retrieved_documents "
        "retrieved_passages retrieved_context knowledge",
        values.held,
        None,
    ),
    Kind(
        "template",
        "a setting of the chat template",
        "chat_template chat_template_kwargs enable_thinking",
        lambda v: values.held(v) or isinstance(v, bool),
        lambda v: values.held(v) or isinstance(v, bool),
    ),
)
"""Every kind, in the order in which a unit's fields are named."""


def spelling(name: str) -> str:
    """Return a name without case, marks and a number at its end: ``toolCalls``, ``tool-calls`` and ``Tool Calls`` are
    one, ``image_1`` is an image.

    >>> spelling("Complex_CoT"), spelling("rejected_2")
    ('complexcot', 'rejected')
    """
    return re.sub(r"[\s_.\-]+", "", name).rstrip("0123456789").lower()


_BY_SPELLING = {spelling(name): kind for kind in REGISTER for name in kind.names.split()}


@lru_cache(8_192)
def kind_named(name: str) -> Kind | None:
    """Return the kind of field that ``name`` is in any spelling, None for all others."""
    return _BY_SPELLING.get(spelling(name)) if len(name) < 64 else None


def of_row(name: str, value: Any) -> Kind | None:
    """Return the kind of a field of a row, None where name or value say nothing about training.

    >>> of_row("Label", False).name, of_row("label", "sports"), of_row("weight", 1)
    ('label', None, None)
    """
    kind = kind_named(name)
    return kind if kind and kind.row and kind.row(value) else None


def of_turn(name: str, value: Any) -> Kind | None:
    """Return the kind of a field of a turn, None where name or value say nothing about training.

    >>> of_turn("loss", False).name, of_turn("loss", 0.73)
    ('mask', None)
    """
    kind = kind_named(name)
    return kind if kind and kind.turn and kind.turn(value) else None


def is_default(kind: Kind, value: Any) -> bool:
    """Tell whether a mask or weight says what holds without it: that a reply is trained on, once."""
    return kind.name in ("mask", "weight", "inverted_mask") and value == (kind.name != "inverted_mask")
