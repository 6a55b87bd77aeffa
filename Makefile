# 两个常用命令 / the two that matter:  make run   make test
# The others are what .ci/run and developers use; `make help` lists them all.

SHELL := /bin/bash
# Where rustup puts cargo, for shells that were open before.
export PATH := $(HOME)/.cargo/bin:$(PATH)
.DEFAULT_GOAL := help

SHIPPED := config broadcasts

# make fuzz FUZZ_SECONDS=600
FUZZ_SECONDS ?= 60

# make soak SOAK_SECONDS=7200
SOAK_SECONDS ?= 86400

PREFIX     ?= /usr
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system

# Development builds: they compile in half the time, and the crates that do arithmetic on sound are optimised in them.
DALABA := target/debug/dalaba

.PHONY: help run test build voice setup fmt lint docs check schema eval train bench soak fuzz ci install

help: ## 列出所有命令 / list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## 编译并播演示节目，Ctrl-C 结束 / build and air the demo, Ctrl-C ends it
	@scripts/run-demo.sh

test: ## 运行全部测试 / run every test
	@scripts/setup.sh test
	@scripts/test.sh

voice: build ## 取来自然的声音 kokoro 并装上（约 130 MB）/ fetch and install the natural voice kokoro
	@scripts/voice-pack.sh
	$(DALABA) voices install kokoro --from target/voice-pack/kokoro

setup: ## 安装所缺的软件包 / install what is missing
	@scripts/setup.sh test

build:
	cargo build --locked

fmt: ## 检查代码格式 / check the formatting
	cargo fmt --check

lint: ## clippy，以及脚本检查 / and the shell scripts
	cargo clippy --locked --all-targets -- -D warnings
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; fi

docs: ## 生成文档 / build the documentation
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

check: build ## 检查自带的配置和节目单 / check every shipped file
	$(DALABA) check $(SHIPPED)

schema: build ## 重新生成 JSON Schema / write the schemas again
	@mkdir -p config/schema
	$(DALABA) schema station > config/schema/station.schema.json
	$(DALABA) schema playlist > config/schema/playlist.schema.json
	$(DALABA) schema lexicon > config/schema/lexicon.schema.json
	$(DALABA) schema alert-map > config/schema/alert-map.schema.json
	$(DALABA) schema areas > config/schema/areas.schema.json
	$(DALABA) schema alerts > config/schema/alerts.schema.json

eval: ## 多音字读对多少 / how many polyphones are read right
	cargo run --locked --release --example polyphones eval

train: ## 重新学习多音字 / learn the polyphones again
	cargo run --locked --release --example polyphones train

bench: ## 性能测量 / benchmarks
	cargo bench --locked

soak: ## 两个村照真实时间跑一天 / two villages in real rhythm, a day long
	SOAK_SECONDS=$(SOAK_SECONDS) cargo bench --locked --bench soak

fuzz: ## 模糊测试，每项一分钟 / fuzzing, a minute a target
	@command -v cargo-fuzz >/dev/null || { printf '%s\n' "请先运行 / first run:" \
		"  rustup toolchain install nightly --profile minimal" "  cargo install cargo-fuzz --locked"; exit 1; }
	@for target in fuzz/fuzz_targets/*.rs; do \
		cargo +nightly fuzz run "$$(basename "$$target" .rs)" -- -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

ci: ## 与 .ci/run 相同 / the same as .ci/run
	.ci/run

install: ## 安装到本机（先运行 cargo build --release）/ install on this machine
	@test -x target/release/dalaba || { echo "请先运行 / first run:  cargo build --release --locked"; exit 1; }
	install -D -m 755 target/release/dalaba $(DESTDIR)$(PREFIX)/bin/dalaba
	install -D -m 644 packaging/systemd/dalaba.service $(DESTDIR)$(UNITDIR)/dalaba.service
	install -D -m 644 packaging/systemd/dalaba-stick@.service $(DESTDIR)$(UNITDIR)/dalaba-stick@.service
	install -D -m 644 packaging/udev/90-dalaba-stick.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/90-dalaba-stick.rules
	install -D -m 644 packaging/systemd/county.conf $(DESTDIR)$(PREFIX)/share/dalaba/systemd/county.conf
	install -D -m 644 packaging/systemd/network.conf $(DESTDIR)$(PREFIX)/share/dalaba/systemd/network.conf
	install -D -m 644 packaging/udev/91-dalaba-gpio.rules $(DESTDIR)$(PREFIX)/share/dalaba/udev/91-dalaba-gpio.rules
	install -D -m 644 packaging/systemd/gpio.conf $(DESTDIR)$(PREFIX)/share/dalaba/systemd/gpio.conf
	install -D -m 644 packaging/systemd/dalaba-county.service $(DESTDIR)$(UNITDIR)/dalaba-county.service
	install -D -m 644 packaging/systemd/dalaba-warnings@.service $(DESTDIR)$(UNITDIR)/dalaba-warnings@.service
	install -D -m 644 packaging/systemd/dalaba-county.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/dalaba-county.conf
	install -D -m 644 packaging/systemd/dalaba.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/dalaba.conf
	install -D -m 644 packaging/systemd/dalaba.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/dalaba.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/dalaba README.md README.zh-CN.md CHANGELOG.md
	scripts/install-config.sh $(DESTDIR)$(SYSCONFDIR)/dalaba
