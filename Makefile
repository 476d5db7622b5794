# What a user runs. Each target does its own set-up: `setup` installs what is missing, or says how.

CARGO ?= cargo
OMP2WASI := target/release/omp2wasi
PREFIX ?= /usr/local

.PHONY: demo test bench lint build install setup clean

demo: build
	@scripts/demo $(OMP2WASI)

test: setup
	$(CARGO) test --release --workspace

bench: build
	@scripts/bench $(OMP2WASI)

lint: setup
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps

build: setup
	$(CARGO) build --release

# The program, and links to it that are compilers.
install: build
	install -D $(OMP2WASI) "$(DESTDIR)$(PREFIX)/bin/omp2wasi"
	"$(DESTDIR)$(PREFIX)/bin/omp2wasi" toolchain --links "$(DESTDIR)$(PREFIX)/bin"

setup:
	@scripts/setup

clean:
	$(CARGO) clean
