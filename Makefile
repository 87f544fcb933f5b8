# `make help` tells what there is. The work is done by the scripts in scripts/, which run without make as well.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint faults bench pictures release release-check release-measure setup setup-dev clean

help: ## Показать эти строки
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: setup ## Живой пример: база, вымышленные люди, почта. Остановить: Ctrl+C
	@exec .venv/bin/python -m provodnik demo

test: ## Всё, что проверяется: стиль, типы, этажи, переводы, тесты (с браузером и серверами)
	@scripts/test all

lint: setup-dev ## Только проверки без запуска: стиль, типы, этажи, переводы
	@scripts/test lint

faults: setup-dev ## Внести сбои из docs/faults.md и сказать, что потеряно, удвоено и сколько вставало
	@scripts/test faults

bench: setup-dev ## Измерить скорость на 10 000 и 1 000 000 обращений
	@.venv/bin/python -m bench

release: setup ## Собрать дистрибутив и пакет Debian в dist/ из чистого коммита (docs/release.md)
	@.venv/bin/python -m release build $(RELEASE)

release-check: setup ## Собрать дважды и сравнить; поставить без сети в чистый Debian (нужны root и debootstrap)
	@.venv/bin/python -m release check $(RELEASE)
	@scripts/release-check dist

release-measure: setup ## Измерить обновление, возврат, копию и восстановление при 200 000 обращений (нужны root и debootstrap)
	@scripts/release-measure $(REQUESTS) $(MEBIBYTES)

pictures: setup-dev ## Снять картинки руководств заново (две минуты)
	@.venv/bin/python -m tests.manual.taking

setup: ## Поставить то, что нужно для работы (повторно — за секунду)
	@scripts/setup app

setup-dev: ## То же и всё для разработки
	@scripts/setup dev

clean: ## Убрать поставленное и собранное вместе с данными примера
	@scripts/clean
