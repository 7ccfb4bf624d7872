"""`./run evaluate tail DIR --engine E`: measure an engine's score tail on DIR/<person>/<image> and print it as its table."""

import argparse
import json
from pathlib import Path

import numpy as np

from evaluate._embeddings import embed_all
from kiosk.faces.engines import load_engine

RATES = tuple(float(x) for x in np.arange(-0.5, -6.01, -0.5))


def main(argv: list[str]) -> int:
    """Print the table; pairs of people are equally weighted by taking each person's first image and, apart, the second."""
    parser = argparse.ArgumentParser(prog="./run evaluate tail", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--engine", default="sface")
    parser.add_argument("--like", type=Path, help="CSV of person,group: compare within a group alone")
    parser.add_argument("--source", default="", help="name of the data, kept in the table")
    asked = parser.parse_args(argv)
    engine = load_engine(asked.engine)
    paths = sorted(p for p in asked.dir.glob("*/*") if p.is_file())
    found = embed_all(paths, engine, load=asked.engine)
    kept = [(p.parent.name, e.embedding) for p, e in found.items() if e.embedding is not None]
    who = np.array([person for person, _ in kept])
    scores = np.stack([vector for _, vector in kept]) @ np.stack([vector for _, vector in kept]).T
    different = np.triu(who[:, None] != who[None, :])
    if asked.like:
        groups = dict(line.split(",", 1) for line in asked.like.read_text().split())
        group = np.array([groups.get(person, "") for person in who])
        different &= group[:, None] == group[None, :]
    impostors = np.sort(scores[different])
    deepest = -np.log10(len(impostors) / 10)  # ten pairs beyond the last point
    rates = [r for r in RATES if r >= deepest]
    table = {
        "engine": engine.name,
        "version": engine.version,
        "mean": round(float(impostors.mean()), 4),
        "spread": round(float(impostors.std()), 4),
        "scores": [round(float(np.quantile(impostors, 1 - 10**r)), 4) for r in rates],
        "log_fmr": rates,
        "people": len(set(who)),
        "pairs": len(impostors),
        "source": asked.source or asked.dir.name,
    }
    print(json.dumps(table))
    return 0
