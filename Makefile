# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
#   make demo       install what the build needs, build, carry some megabytes through two relays and check them
#   make test       install what the tests need, then run all tests but those that take minutes
#   make test-long  run those that take minutes, then sanitize and fuzz; the fault matrix writes Tests/FaultMatrix.md
#   make fuzz       hostile input for FUZZ_SECONDS=600; see Tests/Fuzz/README.md
#   make sanitize   the Swift tests under AddressSanitizer, then ThreadSanitizer, then TLS under valgrind
#   make bench      measure it beside websocat, socat and stunnel; about 12 minutes, see Tests/Benchmarks/README.md
#   make install    PREFIX=/usr/local DESTDIR=; program, manual, completions for bash, zsh and fish
#   make deb        a Debian package, .build/deb/strait_VERSION_ARCHITECTURE.deb
#   make lint       what a review would say about layout; `make format` repairs it

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

RELEASE_FLAGS = --configuration release --static-swift-stdlib --product strait
STRAIT ?= $(CURDIR)/.build/release/strait
RESULTS = .build/test-results
VENV = .build/venv
PYTEST_FLAGS ?=

.PHONY: build completions demo test test-long fuzz sanitize bench install deb format lint clean build-tools package-tools test-tools bench-tools

build: build-tools
	$(SWIFT) build $(RELEASE_FLAGS)

demo: build
	Tests/Interop/run_demo.sh "$(STRAIT)"

# Both suites always run, so that one look at the output shows every failure.
test: build test-tools
	@rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	@failed=0; \
	$(SWIFT) test --xunit-output $(RESULTS)/swift.xml || failed=1; \
	STRAIT="$(STRAIT)" $(VENV)/bin/pytest Tests/Interop --junitxml=$(RESULTS)/interop.xml $(PYTEST_FLAGS) || failed=1; \
	exit $$failed

test-long: build test-tools
	STRAIT="$(STRAIT)" $(VENV)/bin/pytest Tests/Interop -m long $(PYTEST_FLAGS)
	$(MAKE) sanitize
	$(MAKE) fuzz

fuzz: build-tools
	SWIFT="$(SWIFT)" Tests/Fuzz/run.sh

# Tests run one after the other: under a sanitizer some wait for others beyond their own limits. Leaks are valgrind's
# matter, since tests drop channels that are still open.
sanitize: build
	@Tests/Interop/install_programs.sh sanitize
	@failed=0; \
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --no-parallel --sanitize=address --scratch-path .build/address || failed=1; \
	$(SWIFT) test --no-parallel --sanitize=thread --scratch-path .build/thread || failed=1; \
	Tests/Sanitizers/valgrind_tls.sh "$(STRAIT)" || failed=1; \
	exit $$failed

bench: build bench-tools
	@$(VENV)/bin/python Tests/Benchmarks/run.py --strait "$(STRAIT)" --websocat $(VENV)/bin/websocat

SHARE = $(DESTDIR)$(PREFIX)/share
COMPLETIONS = .build/completions

install: build completions
	$(PREPARE)
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(SHARE)/man/man1" "$(SHARE)/man/man5"
	install -s -m 755 "$(STRAIT)" "$(DESTDIR)$(PREFIX)/bin/strait"
	install -m 644 man/strait.1 "$(SHARE)/man/man1/strait.1"
	install -m 644 man/strait.conf.5 "$(SHARE)/man/man5/strait.conf.5"
	install -d "$(SHARE)/bash-completion/completions" "$(SHARE)/zsh/$(ZSH_FUNCTIONS)"
	install -d "$(SHARE)/fish/vendor_completions.d"
	sed -i '1{/^#!/d}' $(COMPLETIONS)/bash
	install -m 644 $(COMPLETIONS)/bash "$(SHARE)/bash-completion/completions/strait"
	install -m 644 $(COMPLETIONS)/zsh "$(SHARE)/zsh/$(ZSH_FUNCTIONS)/_strait"
	install -m 644 $(COMPLETIONS)/fish "$(SHARE)/fish/vendor_completions.d/strait.fish"

# Debian's zsh looks elsewhere for what packages bring.
ZSH_FUNCTIONS ?= site-functions

completions: build
	@mkdir -p $(COMPLETIONS)
	for shell in bash zsh fish; do \
		"$(STRAIT)" --generate-completion-script $$shell >$(COMPLETIONS)/$$shell || exit 1; \
	done

deb: override PREFIX = /usr
deb: override DESTDIR = $(CURDIR)/.build/deb/strait
deb: override ZSH_FUNCTIONS = vendor-completions
deb: PREPARE = rm -rf .build/deb
deb: package-tools install
	debian/build.sh .build/deb/strait

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	mandoc -T lint man/strait.1 man/strait.conf.5

clean:
	rm -rf .build

build-tools:
	@Tests/Interop/install_programs.sh build

package-tools:
	@Tests/Interop/install_programs.sh package

test-tools:
	@Tests/Interop/install_programs.sh test
	@$(MAKE) --no-print-directory $(VENV)/complete

bench-tools:
	@Tests/Interop/install_programs.sh bench
	@$(MAKE) --no-print-directory $(VENV)/complete

# The stamp is written last, so that an interrupted download is taken up again.
$(VENV)/complete: Tests/Interop/requirements.txt
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Interop/requirements.txt
	@touch $@
