"""Makes `bot/retrieval/data/tokens.npy`: `python -m tests.benchmarks.projection --write`.

The matrix that takes token vectors from 384 to 128 dimensions: the first principal directions (without centring) of
the unit token vectors of ArgKP's train texts, by eigenvectors of their second moments. Vectors of old and new matrices
can't be compared: whoever writes a new one gives the encoder a new `model_id` and calibrates again.
"""

from __future__ import annotations

import argparse
import asyncio

import numpy as np

from bot.retrieval.encoders import DATA, BundledEncoder, Floats, unit
from tests.benchmarks.shared_tasks import load

DIMENSIONS = 128


class Identity(BundledEncoder):
    """The bundled encoder with its token vectors in full."""

    @property
    def projection(self) -> Floats:
        return np.eye(384, dtype=np.float32)


async def directions() -> tuple[Floats, float]:
    """The matrix, shape (384, 128), and the share of energy that it keeps."""
    task = load("argkp_arg2kp", "train")
    texts = [text for name, text in task.documents.items() if name.startswith("train:")]
    texts += [row["text"] for row in task.queries]
    found = await Identity().encode_tokens(texts)
    tokens = unit(np.concatenate([one.tokens for one in found]))
    values, vectors = np.linalg.eigh(tokens.T @ tokens / len(tokens))
    kept: Floats = vectors[:, ::-1][:, :DIMENSIONS].astype(np.float32)
    return kept, float(values[::-1][:DIMENSIONS].sum() / values.sum())


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    matrix, energy = await directions()
    shipped = np.load(DATA / "tokens.npy").astype(np.float32)
    alike = float(np.linalg.norm(matrix.T @ shipped) / np.sqrt(DIMENSIONS))
    print(f"{energy:.3f} of the energy kept; {alike:.4f} alike to what ships (1 is the same subspace)")
    if write:
        np.save(DATA / "tokens.npy", matrix.astype(np.float16))


if __name__ == "__main__":
    asyncio.run(main())
