#!/bin/sh
# Does SAELens open what Elute writes, with the same numbers? Has the tests write one small dictionary of
# every kind, opens those that SAELens has an architecture for with SAE.load_from_disk, compares codes
# and reconstructions of given rows with Elute's, and checks that it refuses all others.
#
#   Scripts/interop.sh [--venv DIR] [--keep DIR]
#
#   --venv DIR   a Python environment with sae-lens; the benchmark's by default, made if missing (2 GB)
#   --keep DIR   where the dictionaries are left; without it they are removed
#
# Exit status: 0 all as it should be, 1 something was not, 2 it could not run.
set -eu
cd "$(dirname "$0")/.."

venv=Benchmarks/.venv keep=""
while [ $# -gt 0 ]; do
  case $1 in
    --venv) venv=${2:?--venv needs a folder}; shift 2 ;;
    --keep) keep=${2:?--keep needs a folder}; shift 2 ;;
    *) echo "interop: $1 is not one of --venv DIR, --keep DIR" >&2; exit 2 ;;
  esac
done

python=$venv/bin/python
if [ ! -x "$python" ]; then
  echo "interop: making $venv (about 2 GB)" >&2
  python3 -m venv "$venv" || exit 2
  "$python" -m pip install --quiet --no-deps -r Benchmarks/requirements.txt >&2 || exit 2
fi

if [ -n "$keep" ]; then
  mkdir -p "$keep"
  folder=$(cd "$keep" && pwd)
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi

echo "interop: building the tests and writing the dictionaries" >&2
if ! ELUTE_INTEROP_FOLDER=$folder swift test -c release --disable-xctest \
  --filter InteropFolderTests >"$folder/log" 2>&1; then
  cat "$folder/log" >&2
  echo "interop: the dictionaries were not written" >&2
  exit 2
fi
"$python" Scripts/interop.py "$folder"
