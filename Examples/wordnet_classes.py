#!/usr/bin/env python3
"""Classes of WordNet as features that embeddings of glosses are taken to have: a known truth on real rows.

After Examples/minilm_activations.py --pooled --out acts/glosses:

    python3 Examples/wordnet_classes.py --acts acts/glosses

A class is a lexicographer class or a synset with at least --least glosses at or below it (by hypernyms, of what was
drawn). Its feature is the mean of its rows at length one. Some classes, --anchors of them drawn by --seed, are to be given
as anchors; they come first. Ancestors, descendants and siblings of those are left out of the rest, because they share
rows or parents with what was given. It writes, each with features.npy of [classes, width] and names.txt,

    classes            the means
    classes-centered   the means from the mean of all rows
    classes-permuted   the means under permuted glosses: classes of the same sizes that mean nothing
    hypernyms          the centered means of all classes, and in codes.safetensors which of them every gloss is in:
                       parents and children, for elute evaluate --truth and elute certify --truth

and says how many there are, and how many of the others a given one is as near to as 0.95.
"""

import argparse
import json
import pathlib
import struct
import sys

import numpy as np


def read_synsets(folder):
    """The first lemma and the direct hypernyms of each synset, by wndb(5)."""
    lemmas, above = {}, {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            fields = line.partition(" | ")[0].split()
            pointers = 4 + 2 * int(fields[3], 16)
            lemmas[part[0] + fields[0]] = fields[4]
            above[part[0] + fields[0]] = [
                fields[at + 2] + fields[at + 1]
                for at in range(pointers + 1, pointers + 1 + 4 * int(fields[pointers]), 4)
                if fields[at] in ("@", "@i")
            ]
    return lemmas, above


def ancestors(synset, above, known):
    """All synsets above one."""
    if synset not in known:
        known[synset] = set()
        for parent in above.get(synset, []):
            known[synset] |= {parent} | ancestors(parent, above, known)
    return known[synset]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def write_memberships(path, members, rows):
    """Which classes each row is in, as codes of ones: offsets, indices and values, row by row."""
    of_row = [[] for _ in range(rows)]
    for place, own in enumerate(members):
        for row in own:
            of_row[row].append(place)
    arrays = {
        "offsets": np.cumsum([0] + [len(own) for own in of_row]).astype(np.int64),
        "indices": np.array([place for own in of_row for place in own], np.int32),
        "values": np.ones(sum(map(len, of_row)), np.float32),
    }
    header, start = {}, 0
    kinds = {"int64": "I64", "int32": "I32", "float32": "F32"}
    for name, array in arrays.items():
        header[name] = {"dtype": kinds[str(array.dtype)], "shape": [len(array)], "data_offsets": [start, start + array.nbytes]}
        start += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in arrays.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--acts", required=True, type=pathlib.Path, help="the folder with gloss.npy and glosses.tsv")
    parser.add_argument("--least", type=int, default=50, help="glosses of a class")
    parser.add_argument("--anchors", type=int, default=10, help="classes that are given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wordnet", type=pathlib.Path, default=pathlib.Path("/usr/share/wordnet"))
    options = parser.parse_args()
    if not (options.wordnet / "data.noun").exists():
        sys.exit(f"no WordNet in {options.wordnet}: apt-get install wordnet-base, or name its folder by --wordnet")
    rows = np.load(options.acts / "gloss.npy").astype(np.float64)
    lines = (options.acts / "glosses.tsv").read_text().splitlines()[1:]
    glosses = [line.split("\t")[:2] for line in lines]
    if len(glosses) != len(rows):
        sys.exit(f"{options.acts}: {len(rows)} rows in gloss.npy, {len(glosses)} lines in glosses.tsv")

    lemmas, above = read_synsets(options.wordnet)
    known, members = {}, {}
    for row, (synset, lexicographer) in enumerate(glosses):
        for name in {synset, lexicographer} | ancestors(synset, above, known):
            members.setdefault(name, []).append(row)
    names = sorted(name for name, own in members.items() if len(own) >= options.least)
    generator = np.random.default_rng(options.seed)
    # Synsets, because everything is below or beside a lexicographer class.
    synsets = [name for name in names if name in above]
    count = options.anchors
    if not 0 < count < len(synsets):
        sys.exit(f"{count} anchors of {len(synsets)} synsets with {options.least} glosses: give more glosses or fewer anchors")
    given = [synsets[place] for place in sorted(generator.permutation(len(synsets))[:count])]
    near = set()
    for name in given:
        upper = ancestors(name, above, known)
        near |= upper | {glosses[row][1] for row in members[name]}
        near |= {other for other in synsets if name in ancestors(other, above, known)}
        near |= {other for other in synsets if set(above[other]) & set(above[name])}
    others = [name for name in names if name not in near and name not in given]
    order = given + others

    def means(place):
        return np.stack([rows[place[members[name]]].mean(0) for name in order])

    kept = np.arange(len(rows))
    center = rows.mean(0)
    plain = unit(means(kept))
    truths = {
        "classes": plain,
        "classes-centered": unit(means(kept) - center),
        "classes-permuted": unit(means(generator.permutation(len(rows)))),
    }
    for name, features in truths.items():
        (options.acts / name).mkdir(exist_ok=True)
        np.save(options.acts / name / "features.npy", features.astype(np.float32))
        (options.acts / name / "names.txt").write_text(
            "".join(f"{name} {lemmas.get(name, '')}".strip() + "\n" for name in order)
        )
        best = (features[count:] @ features[:count].T).max(1)
        print(f"{name}: {np.mean(best >= 0.95):.1%} of the others are as near to an anchor as 0.95, mean {best.mean():.3f}")
        between = features @ features.T
        pairs = between[~np.eye(len(features), dtype=bool)]
        print(f"{name}: the mean cosine of two is {pairs.mean():.2f}")
    hypernyms = options.acts / "hypernyms"
    hypernyms.mkdir(exist_ok=True)
    whole = np.stack([rows[members[name]].mean(0) for name in names])
    np.save(hypernyms / "features.npy", unit(whole - center).astype(np.float32))
    (hypernyms / "names.txt").write_text("".join(f"{name} {lemmas.get(name, '')}".strip() + "\n" for name in names))
    write_memberships(hypernyms / "codes.safetensors", [members[name] for name in names], len(rows))
    print(f"{len(names)} classes: {count} anchors, {len(others)} others, {len(names) - len(order)} near to anchors left out")


if __name__ == "__main__":
    main()
