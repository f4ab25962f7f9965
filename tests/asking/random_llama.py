"""Write a llama of random weights, half a megabyte, with a tokenizer of bytes: enough to be served, not to be right.

Runs in the environment of the inference server (``make inference``), which has ``gguf``.
"""

import sys

WIDTH, LAYERS, HEADS = 64, 2, 4
CONTEXT = 4096  # tokens, here bytes; long rows do not fit, as happens with real models
CHAT = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def write(path: str, seed: int = 0) -> None:
    """Write the model to ``path``; equal seeds give equal bytes."""
    import numpy as np
    from gguf import GGUFWriter, TokenType  # type: ignore[import-not-found]  # of the inference server's environment

    lot = np.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    plain = [bytes([n]) for n in range(33, 127)] + ["\u2581".encode()]
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{n:02X}>".encode() for n in range(256)), *plain]
    kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL]
    kinds += [TokenType.BYTE] * 256 + [TokenType.NORMAL] * len(plain)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(CHAT)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(f"{name}.weight", (lot.standard_normal(shape) * 0.3).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    tensor("token_embd", len(tokens), WIDTH)
    tensor("output", len(tokens), WIDTH)
    ones("output_norm")
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{name}", WIDTH, WIDTH)
        tensor(f"blk.{layer}.ffn_gate", 2 * WIDTH, WIDTH)
        tensor(f"blk.{layer}.ffn_up", 2 * WIDTH, WIDTH)
        tensor(f"blk.{layer}.ffn_down", WIDTH, 2 * WIDTH)
        ones(f"blk.{layer}.attn_norm")
        ones(f"blk.{layer}.ffn_norm")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
