"""Rows for a comparison: centered, scaled to unit variance a row, split into rows to train and to measure on.

Centered, because one peer has no output bias; of unit variance, because then the losses that peers
divide by it are the same numbers as those of the others, and gradients stay below the norm at which two
of them clip.
"""

import argparse

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--train", required=True)
parser.add_argument("--heldout", required=True)
parser.add_argument("--hold-out", required=True, help="last:N or every:N rows")
parser.add_argument("--standardize", action="store_true")
options = parser.parse_args()

rows = numpy.load(options.data).astype(numpy.float32)
if options.standardize:
    rows -= rows.mean(0, dtype=numpy.float64).astype(numpy.float32)
    rows /= numpy.float32(numpy.sqrt(numpy.square(rows, dtype=numpy.float64).sum() / len(rows)))
rule, count = options.hold_out.split(":")
held = numpy.zeros(len(rows), dtype=bool)
if rule == "last":
    held[-int(count):] = True
else:
    held[::int(count)] = True
numpy.save(options.train, rows[~held])
numpy.save(options.heldout, rows[held])
