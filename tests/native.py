"""Native units of every format: one list for each adapter, which its tests and the mutations start from."""

from typing import Any

NATIVE: dict[str, list[Any]] = {
    "alpaca": [
        {"instruction": "Name a tree.", "input": "", "output": "Oak."},
        {
            "id": 7,
            "instruction": "续写",
            "input": "春天",
            "output": ["来了", "走了"],
            "system": "s",
            "history": [["a", "b"]],
        },
    ],
    "dolly": [{"instruction": "Why?", "context": "Because.", "response": "So.", "category": "closed_qa"}],
    "flan": [
        {"inputs": "Is ice cold?", "targets": "yes", "task_name": "t", "template_type": "zs_opt"},
        {"0": "Is ice cold?\\nOptions:", "1": "yes", "2": "Ice is frozen."},
    ],
    "hh_rlhf": [
        {
            "chosen": "\n\nHuman: Name a tree.\n\nAssistant: Oak.\n\nHuman: More\n\nAssistant: Elm.",
            "rejected": "\n\nHuman: Name a tree.\n\nAssistant: No.\n\nHuman: 再\n\nAssistant:",
        }
    ],
    "kto": [
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "label": True},
        {
            "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
            "kto_tag": False,
            "system": "s",
            "tools": "[{}]",
        },
        {"id": 4, "prompt": [{"role": "user", "content": "a"}], "completion": "b", "label": False},
    ],
    "messages": [
        {
            "id": "m1",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": [{"type": "text", "text": "1+1?"}]},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
                    ],
                },
                {"role": "tool", "content": "2", "tool_call_id": "c1"},
                {"role": "assistant", "content": "2", "reasoning": "easy", "weight": 1},
            ],
            "tools": [{"type": "function", "function": {"name": "add"}}],
        },
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "value": "1+1?"}], "loss_weight": 0.0},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "reasoning", "value": "easy"},
                        {"type": "tool_call", "value": '{"name": "add", "arguments": {"a": 1}}'},
                    ],
                    "loss_weight": 1.0,
                },
                {"role": "tool", "content": [{"type": "text", "value": "2"}]},
                {"role": "assistant", "content": [{"type": "text", "value": "二"}]},
            ],
            "tools": '[{"name": "add"}]',
        },
    ],
    "natural_instructions": [
        {
            "Source": ["made up"],
            "Definition": ["Name the odd word.", "Find it."],
            "Positive Examples": [{"input": "a, b, 1", "output": "1", "explanation": "A digit."}],
            "Negative Examples": [{"input": "a, b, 2", "output": "a", "explanation": "A letter."}],
            "Instances": [
                {"id": "i1", "input": "oak, elm, cat", "output": ["cat", "a cat"]},
                {"input": "", "output": "x"},
            ],
        },
        {"task_name": "t", "id": "t-1", "definition": "找出异类。", "inputs": "松、柏、猫", "targets": "猫"},
    ],
    "oasst": [
        {
            "message_tree_id": "r",
            "prompt": {
                "message_id": "r",
                "text": "Hi",
                "role": "prompter",
                "replies": [
                    {
                        "message_id": "a",
                        "parent_id": "r",
                        "text": "Hello",
                        "role": "assistant",
                        "rank": 0,
                        "replies": [],
                    },
                    {"message_id": "b", "parent_id": "r", "text": "Go", "role": "assistant", "rank": 1, "replies": []},
                ],
            },
        },
        {"message_id": "f", "parent_id": None, "text": "Flat", "role": "prompter", "message_tree_id": "f"},
    ],
    "pairwise": [
        {
            "instruction": "a",
            "output_1": "b",
            "output_2": "c",
            "preference": 1.25,
            "generator_1": "m",
            "generator_2": "n",
        },
        {
            "idx": 0,
            "instruction": "a",
            "input": "i",
            "response1": "b",
            "response2": "c",
            "annotator1": 2,
            "annotator2": 0,
            "annotator3": 2,
        },
        {"question": "a", "answer1": "b", "answer2": "c", "score": [8.5, 9]},
    ],
    "preference": [
        {
            "conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "a"}],
            "chosen": {"from": "gpt", "value": "b"},
            "rejected": {"from": "function_call", "value": '{"name": "f", "arguments": {}}'},
            "score_chosen": 2,
            "score_rejected": 1.5,
        },
        {
            "instruction": "续写",
            "input": "春天",
            "history": [["a", "b"]],
            "chosen": "来了",
            "rejected": "走了",
            "margin": 1,
        },
        {
            "prompt": [{"role": "user", "content": "a"}],
            "chosen": "b",
            "rejected": [{"role": "assistant", "content": "c"}],
        },
        {
            "prompt": "a",
            "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
            "rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}],
        },
        {
            "chosen_messages": [
                {"role": "user", "content": [{"type": "text", "value": "a"}], "loss_weight": 0.0},
                {"role": "assistant", "content": [{"type": "text", "value": "b"}], "loss_weight": 1.0},
            ],
            "rejected_messages": [
                {"role": "user", "content": [{"type": "text", "value": "a"}], "loss_weight": 0.0},
                {"role": "assistant", "content": [{"type": "text", "value": "c"}], "loss_weight": 1.0},
            ],
        },
    ],
    "self_instruct": [
        {
            "id": "t1",
            "name": "trees",
            "instruction": "Name a tree.",
            "instances": [{"input": "", "output": "Oak."}, {"input": "in China", "output": "Ginkgo.", "by": "N."}],
            "is_classification": False,
        }
    ],
    "sharegpt": [
        {
            "id": "c_0",
            "conversations": [
                {"from": "system", "value": "Be short."},
                {"from": "human", "value": "1+1?"},
                {"from": "function_call", "value": '[{"name": "add", "arguments": {"a": 1}}]'},
                {"from": "observation", "value": "2"},
                {"from": "gpt", "value": "二", "weight": 1},
            ],
            "tools": '[{"name": "add"}]',
            "system": "Be short.",
        },
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
    ],
    "table": [
        {
            "q": "Why?",
            "a": {"text": "So.", "lang": "en"},
            "bg": "b",
            "sys": "s",
            "meta": {"id": 7, "topic": "t"},
            "x": [1],
        }
    ],
    "webgpt": [
        {
            "question": {"dataset": "d", "id": "q", "full_text": "What is a winnow?"},
            "quotes_0": {"title": ["Farm"], "extract": ["A fan."]},
            "answer_0": "A fan [1].",
            "tokens_0": {"prefix": [1], "completion": [2]},
            "score_0": -0.5,
            "quotes_1": [{"title": "Bird", "extract": "A wing."}],
            "answer_1": "A bird.",
            "tokens_1": {"prefix": [3], "completion": [4]},
            "score_1": 0.5,
        },
        [
            {
                "question": {"id": "q", "full_text": "What is a winnow?"},
                "quotes": {"title": ["Farm"], "extract": ["A fan."]},
                "answer": "A fan [1].",
                "tokens": {"prefix": [1], "completion": [2]},
                "score": 0.25,
            },
            {
                "question": {"id": "q", "full_text": "What is a winnow?"},
                "quotes": {"title": [], "extract": []},
                "answer": "",
                "tokens": {"prefix": [3], "completion": [4]},
                "score": -0.25,
            },
        ],
    ],
}

OPTIONS: dict[str, dict[str, Any]] = {
    "winnow": {"license": "by_row"},
    "table": {
        "instruction": "q",
        "response": "a.text",
        "context": "bg",
        "system": "sys",
        "id": "meta.id",
        "group": "meta.topic",
    },
}
"""What a source entry must say for the native units of an adapter to be read."""

TABLES = {
    "flan": (".tsv", "Is ice cold?\\nOptions:\tyes\tIce is frozen.\n冰冷吗？\t是\t冰是冻住的水。\n"),
    "table": (
        ".csv",
        'q,a.text,bg,sys,meta.id,meta.topic\r\nWhy?,"So, ""there"".\r\nYes.",b,,7,t\r\n为何？,因为,,s,,\r\n',
    ),
}
"""The ending and text of a native file that is no JSON."""
