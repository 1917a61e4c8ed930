#!/bin/sh
# The checks that need no build. Each says what it looked at; the exit status is 1 if any failed.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# A target, and the targets of this package that it may import. Rows stand in the manifest's order
# and name only rows above their own, so the layers cannot close into a ring.
cat >"$scratch/layers" <<'EOT'
CSparseKernels
SparseCoding            CSparseKernels
TensorFiles             SparseCoding
DictionaryMetrics       SparseCoding
SyntheticFeatures       SparseCoding
DictionaryTraining      SparseCoding CSparseKernels
CEmbeddedNetwork
AlgorithmicTransformer  SparseCoding TensorFiles CEmbeddedNetwork
Identifiability         SparseCoding DictionaryMetrics
RunRecords              SparseCoding
SparseExperiments       SparseCoding TensorFiles DictionaryMetrics SyntheticFeatures DictionaryTraining AlgorithmicTransformer Identifiability RunRecords
ExperimentReports       RunRecords
Elute                   SparseCoding TensorFiles DictionaryMetrics SyntheticFeatures DictionaryTraining AlgorithmicTransformer Identifiability RunRecords SparseExperiments ExperimentReports
EluteCommand            SparseCoding TensorFiles DictionaryMetrics SyntheticFeatures DictionaryTraining AlgorithmicTransformer Identifiability RunRecords SparseExperiments ExperimentReports Elute
EOT

# Modules from outside, and the target they are kept to ("*": any, "Tests": the tests).
cat >"$scratch/outside" <<'EOT'
Foundation            *
FoundationEssentials  *
Glibc                 *
Musl                  *
Darwin                *
Synchronization       *
Dispatch              *
ArgumentParser        EluteCommand
Yams                  EluteCommand
Testing               Tests
EOT

# code(): a line without its comments and without the text of its strings.
cat >"$scratch/code.awk" <<'EOT'
function code(line) {
  if (FNR == 1) { complain_if_open(); inside = 0; current = FILENAME }
  if (inside) {
    if (!sub(/^.*"""/, "", line)) return ""
    inside = 0
  }
  if (line ~ /^[ \t]*\/\//) return ""
  gsub(/\\"/, "", line)
  if (match(line, /"""/)) { inside = 1; line = substr(line, 1, RSTART - 1) }
  gsub(/"[^"]*"/, "\"\"", line)
  sub(/\/\/.*/, "", line)
  return line
}
function complain_if_open() {
  if (inside) { print current ":1: error: a multi-line string never ends, as this script reads it"; bad = 1 }
}
function report(message) { print FILENAME ":" FNR ": error: " message; bad = 1 }
EOT

find Sources -name '*.swift' | sort >"$scratch/swift"
find Sources -name '*.c' -o -name '*.h' | sort >"$scratch/c"
find Tests -name '*.swift' | sort >"$scratch/tests"

# over LIST PROGRAM [ASSIGNMENT...]: runs code.awk and PROGRAM over the files named in LIST.
over() {
  list=$1 program=$2
  shift 2
  while read -r file; do set -- "$@" "$file"; done <"$list"
  awk -f "$scratch/code.awk" -f "$program" "$@" /dev/null || failed=1
}

# ------------------------------------------------------------------------------------------ format
if swift format lint --strict --recursive --parallel Package.swift Sources Tests; then
  echo "format: $(cat "$scratch/swift" "$scratch/tests" | wc -l) Swift files and the manifest, by .swift-format"
else
  failed=1
fi

# ------------------------------------------------------------------------------------------ layers
# The table itself first: the manifest's targets in the manifest's order, and arrows that point up.
cat >"$scratch/table.awk" <<'EOT'
NR == FNR {
  for (i = 2; i <= NF; i++) if (!($i in row)) {
    print "Scripts/lint.sh:1: error: layer table: " $1 " may import " $i ", which is not a row above it"; bad = 1
  }
  row[$1] = ++rows; name[rows] = $1
  next
}
/^[ \t]*targets: \[[ \t]*$/ { inside = 1 }
/MARK: Tests/ { inside = 0 }
inside && /^[ \t]*(module|\.target|\.executableTarget)\(/ { expecting = 1 }
expecting && match($0, /"[A-Za-z]+"/) {
  expecting = 0
  target = substr($0, RSTART + 1, RLENGTH - 2)
  if (name[++targets] != target) {
    found = name[targets] == "" ? "no such row" : name[targets]
    print FILENAME ":" FNR ": error: target " targets " is " target "; the layer table of Scripts/lint.sh has " found
    bad = 1
    exit
  }
}
END {
  if (!bad && targets != rows) { print "Package.swift:1: error: " targets " targets, the layer table of Scripts/lint.sh has " rows; bad = 1 }
  exit bad
}
EOT
awk -f "$scratch/table.awk" "$scratch/layers" Package.swift || failed=1

cat >"$scratch/imports.awk" <<'EOT'
BEGIN {
  while ((getline line < layers) > 0) {
    n = split(line, word, " "); known[word[1]] = 1
    for (i = 2; i <= n; i++) may[word[1] " " word[i]] = 1
  }
  while ((getline line < outside) > 0) { split(line, word, " "); keeper[word[1]] = word[2] }
}
{
  line = code($0)
  if (FNR == 1) { files++; split(FILENAME, part, "/"); target = part[2]; test = part[1] == "Tests" }
  if (line !~ /(^|[ \t])import[ \t]/) next
  sub(/^[ \t]*/, "", line)
  while (sub(/^@[A-Za-z_]+(\([^)]*\))?[ \t]+/, "", line)) continue
  sub(/^(public|package|internal|fileprivate|private)[ \t]+/, "", line)
  if (!sub(/^import[ \t]+/, "", line)) next
  sub(/^(struct|class|enum|protocol|func|let|var|typealias)[ \t]+/, "", line)
  sub(/[^A-Za-z0-9_].*$/, "", line)
  imports++
  if (line in known) {
    if (!test && !((target " " line) in may))
      report(target " imports " line "; its row of the layer table allows only what stands there")
  } else if (!(line in keeper)) {
    report("unknown module " line "; a new dependency needs a row in Scripts/lint.sh")
  } else if (keeper[line] == "Tests") {
    if (!test) report(line " belongs in Tests")
  } else if (keeper[line] != "*" && target != keeper[line]) {
    report(line " belongs in " keeper[line] ", not in " target)
  }
}
END {
  complain_if_open()
  if (!bad) print "layers: " imports + 0 " imports of " files + 0 " files, by the layer table"
  exit bad
}
EOT
cat "$scratch/swift" "$scratch/tests" >"$scratch/all"
over "$scratch/all" "$scratch/imports.awk" -v layers="$scratch/layers" -v outside="$scratch/outside"

# ----------------------------------------------------------------------------------- forbidden calls
# Force-unwraps are the formatter's rule. A library that prints or exits takes both from its caller.
cat >"$scratch/calls.awk" <<'EOT'
{
  line = code($0)
  if (FNR == 1) { files++; command = FILENAME ~ /^Sources\/EluteCommand\//; c = FILENAME ~ /\.[ch]$/ }
  gsub(/(Swift|Glibc|Musl|Darwin|Foundation|FoundationEssentials)\./, "", line)
  gsub(/func[ \t]+[A-Za-z_]+/, "func", line)
  if (line ~ /(^|[^A-Za-z0-9_])(try|as)!/) report("a forced try or cast")
  if (line ~ /(^|[^A-Za-z0-9_.])(fatalError|abort)[ \t]*\(/) report("ends the process; throw, or state a precondition")
  if (!command && line ~ /(^|[^A-Za-z0-9_.])(print|debugPrint|dump|NSLog|f?printf|f?puts|exit|_exit)[ \t]*\(/)
    report("prints or exits outside EluteCommand")
}
END {
  complain_if_open()
  if (!bad) print "calls: " files + 0 " files without forced tries, fatalError, or printing and exiting outside EluteCommand"
  exit bad
}
EOT
cat "$scratch/swift" "$scratch/c" >"$scratch/all"
over "$scratch/all" "$scratch/calls.awk"

# ------------------------------------------------------------------------------------------- lines
cat >"$scratch/lines.awk" <<'EOT'
{ split(FILENAME, part, "/"); key = part[1] "/" part[2] }
FNR == 1 { if (!(key in files)) name[++keys] = key; files[key]++ }
{ lines[key]++; total++; length_of[FILENAME] = FNR }
END {
  print "lines:"
  for (i = 1; i <= keys; i++) printf "  %6d in %3d files  %s\n", lines[name[i]], files[name[i]], name[i]
  printf "  %6d in all\n", total
  for (file in length_of) if (length_of[file] > 400)
    print file ":401: warning: " length_of[file] " lines; is it still one idea?"
}
EOT
cat "$scratch/swift" "$scratch/c" "$scratch/tests" | sort >"$scratch/all"
over "$scratch/all" "$scratch/lines.awk"

if [ "$failed" -ne 0 ]; then echo "lint: failed"; exit 1; fi
echo "lint: passed"
