# The commands of this repository. Each needs a Swift 6.3 toolchain and nothing else, except
# `test-neon`, `interop` and `benchmark`, which say what they lack.
.PHONY: help build demo test lint format test-neon interop benchmark clean

help:
	@echo 'make demo       build, then run the demonstration: .build/release/elute demo'
	@echo 'make test       every test, optimized; the last line is the verdict'
	@echo 'make lint       format, layers, forbidden calls, line counts'
	@echo 'make build      the command: .build/release/elute'
	@echo 'make format     rewrite the Swift files the way make lint wants them'
	@echo 'make test-neon  the kernels on emulated ARM: the same digests as on this machine?'
	@echo 'make interop    dictionaries of every kind, opened in SAELens: the same numbers?'
	@echo 'make benchmark  Elute and other trainers in turns, an hour and more: Benchmarks/README.md'
	@echo 'make clean      remove .build'

build:
	swift build -c release

demo:
	swift build -c release --product elute
	.build/release/elute demo

# Optimized because the debug build of the kernels is some twenty times slower. All tests are Swift
# Testing; with XCTest on, an empty run of it would be reported first.
test:
	swift test -c release --disable-xctest

lint:
	@Scripts/lint.sh

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

test-neon:
	@Scripts/test-neon.sh

# With VENV=DIR in a Python environment that has sae-lens; else in the benchmark's, made if missing.
interop:
	@Scripts/interop.sh $(if $(VENV),--venv $(VENV))

# Makes a Python environment of 2 GB at its first call; give it again to go on after an interruption.
benchmark:
	Benchmarks/run

clean:
	rm -rf .build
