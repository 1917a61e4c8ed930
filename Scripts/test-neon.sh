#!/bin/sh
# The kernels on emulated ARM: compiles the C of CSparseKernels and of Tests/KernelConformance for
# this machine and for aarch64, runs both and compares what they print, line by line. Lines that
# begin with # are remarks (which kernels ran): shown, not compared.
#
#   Scripts/test-neon.sh [folder of C files with a main, instead of Tests/KernelConformance]
#
# Exit status: 0 all lines agree, 1 they do not or a program failed, 2 a tool is missing.
set -eu
cd "$(dirname "$0")/.."
tests=${1:-Tests/KernelConformance}
kernels=Sources/CSparseKernels
out=.build/neon

if [ "$(uname -m)" != x86_64 ]; then
  echo "test-neon: this is $(uname -m); the comparison needs an x86_64 machine to emulate ARM on" >&2
  exit 2
fi
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing
  $1: $2"; }
need clang "comes with the Swift toolchain (put its usr/bin on PATH)"
need aarch64-linux-gnu-ld "apt-get install gcc-aarch64-linux-gnu"
need qemu-aarch64 "apt-get install qemu-user"
[ -e /usr/aarch64-linux-gnu/lib/libc.a ] || missing="$missing
  libc for aarch64: apt-get install libc6-dev-arm64-cross"
if [ -n "$missing" ]; then
  echo "test-neon: missing (package names are Debian's):$missing" >&2
  exit 2
fi

sources=$(find "$kernels" "$tests" -name '*.c')
echo "test-neon: $(echo "$sources" | wc -l) C files of $kernels and $tests"
mkdir -p "$out"

# The optimization that SwiftPM's release build uses; static, so that qemu needs no ARM libraries.
# $sources and the flags are split into words on purpose: no path in them holds a space.
build() {
  program=$1
  shift
  # shellcheck disable=SC2086
  clang "$@" -O2 -Wall -static -I "$kernels/include" -I "$kernels" $sources -o "$program" -lm -lpthread
}
build "$out/native"
build "$out/aarch64" --target=aarch64-linux-gnu --gcc-toolchain=/usr \
  -isystem /usr/aarch64-linux-gnu/include -L/usr/aarch64-linux-gnu/lib

"$out/native" >"$out/native.txt"
qemu-aarch64 "$out/aarch64" >"$out/aarch64.txt"

sed -n 's/^#/  native:/p' "$out/native.txt"
sed -n 's/^#/  aarch64:/p' "$out/aarch64.txt"
grep -v '^#' "$out/native.txt" >"$out/native.lines" || true
grep -v '^#' "$out/aarch64.txt" >"$out/aarch64.lines" || true
lines=$(wc -l <"$out/native.lines")
if [ "$lines" -eq 0 ]; then
  echo "test-neon: the program printed nothing to compare" >&2
  exit 1
fi
if ! diff "$out/native.lines" "$out/aarch64.lines" >"$out/differences"; then
  echo "test-neon: failed; < this machine, > emulated ARM:"
  cat "$out/differences"
  exit 1
fi
sed 's/^/  = /' "$out/native.lines"
echo "test-neon: passed; $lines lines are the same on this machine and on emulated ARM"
