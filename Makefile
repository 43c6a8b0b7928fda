# `make run` and `make test` do all the set-up on a fresh Debian 12 machine; each verb is a line or two over scripts/ and
# CMakePresets.json.
.DEFAULT_GOAL := help
.PHONY: help run test test-extra bench bench-kafka build install image format tidy clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 \t/p' Makefile | expand -t 22

run: ## [LOG=FILE] build, print the report over a mail log, run the daemon on it and show its 5.7.1 metrics
	@scripts/install_packages build && scripts/build release dsnwatch && scripts/demo $(LOG)

test: ## install what the tests need, build, pass every test (up to 15 minutes)
	@scripts/install_packages test && scripts/build dev && scripts/run_tests build/dev

test-extra: ## the longer tests: sanitizers, a real Kafka, fuzzing, long forms, image, format (up to 1 hour)
	@scripts/install_packages test bench kafka extra image && scripts/test_extra

bench: ## the benchmarks, and the whole report beside grep and mawk, with the answers checked
	@scripts/install_packages bench && scripts/build release dsnwatch benchmarks && bench/run build/release

bench-kafka: ## [ARGS=...] how fast a topic is read, beside kcat, at a real broker; 8 million lines unless ARGS="--lines N"
	@scripts/install_packages build kafka && scripts/build release dsnwatch && python3 bench/kafka.py --binary build/release/dsnwatch $(ARGS)

build: ## the release build alone: build/release/dsnwatch
	@scripts/install_packages build && scripts/build release dsnwatch

install: build ## [DESTDIR=DIR] program, systemd unit, configuration, alert rules, under /usr/local (as root)
	@cmake --install build/release --strip --component runtime >/dev/null && scripts/after_install

image: ## the container image out of deploy/docker/Dockerfile, without Docker: localhost/dsnwatch in scripts/buildah's store (as root)
	@scripts/install_packages image && scripts/image

format: ## clang-format over the sources, in place
	@scripts/install_packages extra && git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

tidy: ## clang-tidy over every source
	@scripts/install_packages test extra && scripts/clang_tidy

clean: ## remove build/
	rm -rf build
