# Everything a person runs. `make help` lists it; the steps of set-up are in scripts/setup.sh.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
SCALE ?=
DEMO_EXIT ?=
export PYTHON
export UV_SYSTEM_CERTS = 1
TESTS ?= tests
# Test workers: one more than processors, since servers that start and pages that load are waited for.
WORKERS ?= $(shell expr $$(nproc) + 1)

.PHONY: help setup setup-test demo test check bench lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

##@ Run it / 运行
setup: ## Install everything the program needs; a second run takes a second / 安装
	@scripts/setup.sh run

demo: setup ## The demo bank on 127.0.0.1:8000; PORT=9000 SCALE=haimen DEMO_EXIT=1 / 演示
	@.venv/bin/python -m demo --port "$(PORT)" $(if $(SCALE),--scale "$(SCALE)") $(if $(DEMO_EXIT),--exit)

##@ Prove it / 验证
test: setup setup-test ## All tests, from nothing; TESTS=tests/db runs a part / 测试
	@NO_COLOR=1 .venv/bin/python -m pytest --color=no -n $(WORKERS) --dist loadfile $(TESTS)

check: setup ## Format, lint, types and the laws of the house / 检查
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy --strict app demo
	NO_COLOR=1 .venv/bin/python -m pytest --color=no -q tests/house

bench: setup ## Measure, ours and the peers in one run / 基准
	@.venv/bin/getu bench

##@ Maintain it / 维护
setup-test: setup ## What only the tests need (Chromium)
	@scripts/setup.sh test

lock: ## Pin Python and browser parts again, by hash and without addresses
	@scripts/lock.sh

clean: ## Remove what set-up made here; a home (.getu) and its data stay
	rm -rf .venv node_modules app/maps/static/vendor build dist ./*.egg-info app/spatial/kernel-*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
