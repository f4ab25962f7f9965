"""The 44 cases of ``make scorecard``, each with the tests and campaigns that answer it."""

from typing import NamedTuple


class Case(NamedTuple):
    """A case: what must hold, the ids of tests and names of campaigns that check it, what of it is left out and why."""

    number: int
    title: str
    tests: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    left_out: str = ""

    @property
    def checks(self) -> bool:
        """Whether anything checks it."""
        return bool(self.tests or self.campaigns)


def _in(file: str, *names: str) -> tuple[str, ...]:
    """Return the ids of tests of one file below ``tests``.

    >>> _in("a/test_b.py", "c", "d")
    ('tests/a/test_b.py::test_c', 'tests/a/test_b.py::test_d')
    """
    return tuple(f"tests/{file}::test_{name}" for name in names)


_EXTREMES = "campaigns/test_extremes.py"
_LABELS = "labels of people are not part of Winnow yet"

_BAD_INPUT = (
    Case(
        1,
        "A file that is cut off stops the build",
        (
            *_in("reading/test_text.py", "cut_compressed_file_is_one_error", "cut_lines_never_pass_for_whole"),
            *_in("reading/test_text.py", "cut_array_never_passes_for_whole"),
            *_in("reading/test_text.py", "zst_cut_where_its_text_ends_with_a_line_is_an_error"),
            *_in("test_pipeline.py", "a_truncated_file_is_an_error_that_names_it"),
        ),
    ),
    Case(
        2,
        "Byte order mark, CRLF, no last line end: the rows of the clean file",
        _in(
            "reading/test_text.py",
            "same_units_whatever_the_wrapping",
            "byte_order_mark_is_dropped_in_any_declared_encoding",
        ),
    ),
    Case(
        3,
        "Other encodings are refused, and exact where they are declared",
        (
            *_in("reading/test_text.py", "undeclared_encoding_is_refused", "declared_encoding_is_read_exactly"),
            *_in("test_pipeline.py", "a_file_in_an_undeclared_encoding_is_an_error_that_names_the_line"),
        ),
    ),
    Case(
        4,
        "NUL, half a surrogate pair, NaN, a key twice: that row is quarantined and no other",
        (
            *_in("reading/test_jsonfiles.py", "bad_unit_leaves_its_neighbours_alone"),
            *_in("reading/test_tables.py", "cells_that_are_no_text_are_quarantined"),
        ),
    ),
    Case(
        5,
        "A line of 100 MB and JSON nested 100,000 deep are quarantined in bounded memory",
        (
            *_in(_EXTREMES, "a_line_of_100_megabytes_and_one_nested_100_000_deep_are_quarantined"),
            *_in("reading/test_jsonfiles.py", "too_large_unit_is_passed_over_in_little_memory"),
        ),
    ),
    Case(
        6,
        "A file that expands to 10 GB stops at the cap",
        (
            *_in(_EXTREMES, "a_gzip_file_that_expands_to_10_gigabytes_stops_at_the_cap"),
            *_in(_EXTREMES, "a_parquet_file_that_expands_to_2_gigabytes_stays_in_the_memory_of_its_reader"),
            *_in("reading/test_text.py", "bomb_is_stopped_at_the_cap"),
            *_in("reading/test_hostile_tables.py", "a_parquet_file_that_expands_beyond_the_cap_is_refused"),
        ),
    ),
    Case(
        7,
        "Ragged, quoted and broken lines of CSV are exact or quarantined",
        _in(
            "reading/test_tables.py",
            "csv_comes_back_as_it_was_written",
            "lines_of_multi_line_cells",
            "ragged_and_broken_rows_are_quarantined_one_by_one",
        ),
    ),
    Case(
        8,
        "Wrong types, mixed schemas, 10,000 turns: every unit is accounted for",
        (
            *_in("sources/test_cases.py", "case", "every_reason_has_a_case"),
            *_in("sources/test_mutations.py", "mutated_file"),
            *_in("reading/test_normalize.py", "every_raw_unit_is_accounted_for"),
            *_in(_EXTREMES, "a_conversation_of_10_000_turns_is_one_row_of_the_index"),
        ),
    ),
    Case(
        9,
        "An empty file and an empty release are errors; the last release stays",
        (
            *_in("reading/test_jsonfiles.py", "file_that_is_no_data_is_one_error"),
            *_in("reading/test_tables.py", "an_empty_table_is_an_error"),
            *_in("test_pipeline.py", "an_empty_release_is_an_error_and_the_last_one_stays"),
        ),
    ),
    Case(
        10,
        "No flipped bit of a table reads as other data",
        (*_in("storage/test_parquet.py", "a_flipped_bit_is_never_other_data"),),
        ("flips",),
    ),
)

_MODELS = (
    Case(
        11,
        "Nobody asks before the time that a server names; attempts are bounded",
        (
            *_in("asking/test_session.py", "nobody_sends_before_the_time_that_the_server_named"),
            *_in("asking/test_session.py", "a_pause_is_for_all_workers"),
            *_in("asking/test_session.py", "a_fault_is_asked_again_and_given_up_after_so_many_attempts"),
            *_in("asking/test_parts.py", "a_date_is_held_against_the_clock_of_the_server"),
        ),
    ),
    Case(
        12,
        "A long pause stops the run, which goes on later",
        (
            *_in("asking/test_session.py", "a_pause_that_is_too_long_stops_the_run"),
            *_in("asking/test_ask_command.py", "a_cap_leaves_the_rest_for_the_next_run"),
        ),
    ),
    Case(
        13,
        "Errors, resets, cut bodies, stalls and drips: bounded attempts and time",
        (
            *_in("asking/test_session.py", "a_fault_is_asked_again_and_given_up_after_so_many_attempts"),
            *_in("asking/test_session.py", "a_server_that_rejects_or_fails_one_after_the_other_is_left_alone"),
            *_in("asking/test_session.py", "nothing_listens"),
        ),
        ("ask",),
    ),
    Case(
        14,
        "HTML, an error, broken JSON, no or two choices, nothing, a cut reply: never a score",
        (
            *_in("asking/test_session.py", "a_fault_is_asked_again_and_given_up_after_so_many_attempts"),
            *_in("asking/test_session.py", "what_is_finished_is_kept_with_its_status_and_not_asked_again"),
            *_in("asking/test_batch.py", "a_body_that_is_no_completion_is_no_reply"),
            *_in("judging/test_judged.py", "what_is_missing_or_no_verdict_is_counted_and_never_guessed"),
        ),
    ),
    Case(
        15,
        "A score outside its range or of another form is no score; 1 is never 10",
        _in(
            "judging/test_verdict.py",
            "numbers_come_out_as_they_stand",
            "anything_else_in_json_is_no_verdict",
            "anything_else_on_a_line_is_no_verdict",
            "other_text_is_no_verdict",
            "both_forms_say_the_same",
        ),
    ),
    Case(
        16,
        "A refusal has a status of its own and is counted",
        (
            *_in("asking/test_session.py", "what_is_finished_is_kept_with_its_status_and_not_asked_again"),
            *_in("asking/test_ask_command.py", "unusable_replies_are_asked_again_only_by_their_status"),
            *_in("judging/test_judged.py", "what_is_missing_or_no_verdict_is_counted_and_never_guessed"),
        ),
    ),
    Case(
        17,
        "Another model than the first stops the run and is recorded",
        (
            *_in("asking/test_session.py", "another_model_stops_the_run_and_is_recorded"),
            *_in("replies/test_settings.py", "snapshots_of_a_model_are_that_model"),
        ),
    ),
    Case(18, "3 of 10 attempts fail: the replies of a run without faults", (), ("ask",)),
    Case(
        19,
        "No key, or a refused one: at most one request, soon",
        (
            *_in("asking/test_session.py", "a_refused_key_costs_one_request_and_its_answer_is_not_shown"),
            *_in("asking/test_ask_command.py", "a_missing_key_or_price_costs_nothing", "a_refused_key_ends_soon"),
        ),
    ),
    Case(
        20,
        "A cap on tokens or money is never passed",
        (
            *_in("asking/test_caps.py", "a_cap_is_never_passed_and_nearly_used"),
            *_in("asking/test_caps.py", "no_request_is_sent_where_not_even_one_fits"),
            *_in("asking/test_parts.py", "whatever_is_reserved_and_used_no_cap_is_passed"),
        ),
        ("ask",),
    ),
    Case(
        21,
        "A build opens no connection and replays the same bytes",
        _in("test_judge.py", "asked_once_and_replayed_without_a_network", "a_network_is_never_opened_by_the_pipeline"),
    ),
)

_PROCESSES = (
    Case(
        22,
        "A killed run is recovered to the bytes of one that was not",
        (
            *_in("integrity/test_runs.py", "runs_killed_one_after_the_other_are_recovered_and_no_stage_outlives_dvc"),
            *_in("harness/test_files.py", "a_change_that_is_killed_anywhere_is_whole_or_not_there_after_recovery"),
        ),
        ("kill", "kill-commands"),
    ),
    Case(
        23,
        "No stage outlives its dvc; there are never two writers",
        (
            *_in("integrity/test_runs.py", "a_stage_whose_dvc_died_before_it_started_does_not_run"),
            *_in("integrity/test_runs.py", "a_stage_that_lives_on_is_seen"),
            *_in("harness/test_files.py", "two_changes_at_a_time_are_refused"),
        ),
        ("kill",),
    ),
    Case(
        24,
        "A stopped or killed run buys at most again what was in flight",
        _in("asking/test_ask_command.py", "a_stopped_or_killed_run_loses_at_most_what_was_in_flight"),
        ("ask",),
    ),
    Case(
        25,
        "A ledger that is torn anywhere keeps its whole lines and is never silently bought anew",
        (
            *_in("ledger/test_journal.py", "a_journal_cut_anywhere_keeps_its_whole_lines"),
            *_in("ledger/test_ledger.py", "damage_names_the_file_and_the_line_and_how_to_keep_the_rest"),
            *_in("integrity/test_ledger.py", "a_damaged_segment_is_named_and_its_whole_lines_are_kept"),
            *_in("integrity/test_ledger.py", "lines_that_were_taken_out_are_noticed_and_come_back_from_git"),
            *_in("integrity/test_ledger.py", "a_segment_that_is_gone_is_named_and_comes_back_from_git"),
        ),
    ),
    Case(
        26,
        "A full disk at any write: one sentence, and the old output",
        (
            *_in("integrity/test_runs.py", "a_full_disk_is_one_sentence_and_the_next_run_gives_the_same_bytes"),
            *_in("harness/test_files.py", "a_full_disk_leaves_the_old_content_and_says_so"),
            *_in("ledger/test_journal.py", "a_full_disk_tears_no_line"),
        ),
        ("limits",),
    ),
    Case(
        27,
        "Too little memory or a killed worker is an error and no hang",
        (
            *_in("harness/test_processes.py", "a_killed_worker_is_an_error_and_no_hang"),
            *_in("campaigns/test_limits.py", "faults_of_the_machine_are_sentences"),
        ),
        ("limits",),
    ),
    Case(
        28,
        "A checkout, an edit or another branch during a run is refused or found",
        (
            *_in("integrity/test_runs.py", "another_branch_before_the_result_is_published_is_an_error"),
            *_in("integrity/test_runs.py", "another_branch_after_it_is_up_to_date_for_dvc_and_found_by_verify"),
            *_in("integrity/test_runs.py", "an_edit_that_is_undone_while_a_stage_runs_publishes_nothing"),
            *_in("integrity/test_runs.py", "old_outputs_checked_out_during_a_run_are_found_by_verify"),
            *_in("integrity/test_verify.py", "while_dvc_runs_nothing_else_is_said"),
        ),
    ),
    Case(
        29,
        "A damaged cached object and an output edited by hand are named",
        (
            *_in("integrity/test_verify.py", "an_output_edited_by_hand_is_named_though_dvc_does_not_see_it"),
            *_in(
                "integrity/test_verify.py",
                "a_damaged_cached_object_is_named_and_written_anew_where_the_output_is_whole",
            ),
        ),
    ),
    Case(
        30,
        "A clock that is a day behind or ten years ahead changes no byte",
        _in(_EXTREMES, "the_clock_changes_no_byte"),
    ),
)

_PEOPLE = (
    Case(31, "1,000 labels outlive another sample, seed, filter and judge", left_out=_LABELS),
    Case(32, "Labels of two branches are joined, conflicts listed", left_out=_LABELS),
    Case(33, "A sheet that was sorted or edited is matched by id and digest", left_out=_LABELS),
    Case(
        34,
        "What people decided outlives gc, a forced run, a forced checkout, a deleted lock file",
        _in(_EXTREMES, "what_people_decided_outlives_whatever_starts_dvc_over"),
        left_out="labels are files that nothing reads yet; patches and label files are checked",
    ),
)

_SAME_BYTES = (
    Case(
        35,
        "One release whatever the workers, hash seed, place, umask, processor and order of rows",
        (
            *_in("test_pipeline.py", "the_release_is_the_same_bytes"),
            *_in("reading/test_determinism.py", "order_of_rows_files_and_sources_changes_no_record"),
        ),
        ("permutations",),
    ),
    Case(
        36,
        "A fresh clone and a pull: no stage runs",
        _in(
            "test_pipeline.py",
            "data_and_code_come_from_a_remote_and_no_stage_runs",
            "a_second_repro_runs_no_stage",
        ),
    ),
    Case(
        37,
        "One changed setting runs only what follows it",
        _in("test_pipeline.py", "a_filter_limit_runs_only_gates_and_shows_in_the_metrics"),
    ),
)

_SECURITY = (
    Case(
        38,
        "Nothing outside is read or written: .., absolute paths, links, devices",
        (
            *_in("fetching/test_addresses.py", "no_url_leads_out_of_its_folder", "entries_that_cannot_be_meant"),
            *_in("harness/test_run.py", "no_stage_reads_a_link_or_a_pipe"),
            *_in("harness/test_run.py", "a_folder_of_inputs_that_is_a_link_is_not_read"),
            *_in("test_commands.py", "add_refuses_in_one_sentence_and_changes_nothing"),
        ),
        left_out="archives are not unpacked at all; a hard link is a file like any other",
    ),
    Case(
        39,
        "Addresses that are not of the public internet, and other bytes than pinned, are refused",
        (
            *_in(
                "fetching/test_addresses.py", "addresses_that_are_not_of_the_public_internet", "urls_that_are_refused"
            ),
            *_in("fetching/test_addresses.py", "the_default_network_refuses_this_machine_under_every_name"),
            *_in("fetching/test_addresses.py", "one_address_inside_among_public_ones_is_enough_to_refuse"),
            *_in("fetching/test_addresses.py", "a_name_is_looked_up_once_and_that_very_address_is_connected_to"),
            *_in("fetching/test_refusals.py", "redirects_are_checked_by_the_same_rules"),
            *_in("fetching/test_refusals.py", "what_is_not_the_file_is_one_sentence_and_leaves_nothing"),
            *_in("fetching/test_fetch_command.py", "a_later_fetch_of_other_bytes_names_both_digests"),
        ),
    ),
    Case(
        40,
        "No cell of CSV is a formula, and every cell comes back",
        _in(
            "harness/test_display.py",
            "no_cell_is_a_formula_and_every_cell_comes_back",
            "plots_are_read_as_they_were_written",
        ),
    ),
    Case(
        41,
        "1,000 payloads on the report are text; nothing is loaded",
        _in(
            "test_report.py",
            "hostile_rows_put_no_element_or_attribute_on_the_page",
            "a_thousand_payloads_are_shown_as_text",
            "nothing_is_loaded_and_the_policy_allows_only_the_one_style",
        ),
        left_out="there is no review page yet",
    ),
    Case(
        42,
        "200 templates of injection: a row is data to a model",
        _in(
            "replies/test_fence.py",
            "there_are_two_hundred_templates",
            "a_judge_that_obeys_hears_no_order",
            "the_same_judge_obeys_without_the_fence",
            "no_control_token_is_left_wherever_it_hides",
        ),
        left_out="the flip rate of a live model cannot be measured offline",
    ),
)

_RELEASE = (
    Case(
        43,
        "The key is nowhere; hidden characters and benchmark items that were planted are all found",
        (
            *_in("asking/test_redact.py", "the_key_is_found_in_every_spelling", "the_words_of_a_server_hold_no_key"),
            *_in("asking/test_parts.py", "no_text_keeps_the_key", "an_endpoint_shows_no_key"),
            *_in("test_judge.py", "asked_once_and_replayed_without_a_network"),
            *_in("campaigns/test_planted.py", "hidden_characters_and_benchmark_items_are_all_found"),
        ),
        ("ask",),
        "secrets and data of people are not looked for yet; of paraphrased test items a third is found, on request",
    ),
    Case(
        44,
        "Without a licence there is no release; a takedown leaves no copy and names the releases that hold it",
        (
            *_in("release/test_index.py", "a_row_without_a_licence_stops_the_release"),
            *_in("patches/test_pipeline.py", "a_takedown_leaves_no_copy_and_names_the_release_that_holds_the_row"),
            *_in("patches/test_takedown.py", "a_text_that_was_taken_down_is_in_no_output"),
            *_in("patches/test_takedown.py", "purge_leaves_no_place_and_moves_no_other_row"),
        ),
        left_out="licences are not checked against each other yet",
    ),
)

CASES = (*_BAD_INPUT, *_MODELS, *_PROCESSES, *_PEOPLE, *_SAME_BYTES, *_SECURITY, *_RELEASE)
