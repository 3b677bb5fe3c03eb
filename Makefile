# Set-up and operation of Silvi. Every step leaves a file only when it is finished: an interrupted run goes on where it
# stopped, and a second run takes seconds.
SHELL := /bin/bash
# Steps that do not wait for each other run side by side, two at a time.
MAKEFLAGS += --jobs=2
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

MAIN := .venv/silvi-installed
RASA := nlu/.venv/silvi-installed
E5 := build/models/e5/silvi.json
LEARNED := build/models/e5/urgency.joblib
EXAMPLES := nlu/data/content.yml
NLU := nlu/models/silvi.tar.gz
STEP := tools/step.sh

.PHONY: help setup run test test-setup bench bench-console bench-broadcast chaos screenshots adapter clean

help: ## tampilkan daftar ini
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 19

setup: $(MAIN) $(RASA) $(E5) $(LEARNED) $(NLU) ## siapkan semuanya: paket, model, NLU (pertama kali sekitar 7 menit, 6 GB)
	@echo "Silvi siap."

run: setup ## siapkan lalu jalankan Silvi di http://127.0.0.1:8080
	@exec .venv/bin/silvi run

test: setup test-setup ## siapkan lalu jalankan semua tes
	.venv/bin/python -m pytest --numprocesses=2 --dist=loadfile

test-setup:
	@command -v chromium >/dev/null || $(STEP) tes "Memasang peramban Chromium untuk tes" "1-2 menit" build/logs/chromium.log tools/install_chromium.sh

bench: setup ## ukur kecepatan Silvi di mesin ini, satu sampai empat proses, dan pertumbuhannya (sekitar 12 menit)
	.venv/bin/python -m tools.bench
	.venv/bin/python -m tools.bench_processes
	.venv/bin/python -m tools.bench_growth

bench-console: setup ## ukur kecepatan halaman konsol pada kantor buatan yang besar (sekitar 4 menit)
	.venv/bin/python -m tools.bench_console

bench-broadcast: setup ## ukur siaran kepada 10.000 orang, dimatikan tiga kali di tengah jalan (sekitar 12 menit)
	.venv/bin/python -m tools.bench_broadcast

chaos: setup ## rusak semuanya sambil orang menulis, lalu hitung yang hilang (sekitar setengah jam)
	.venv/bin/python -m tools.chaos

screenshots: setup test-setup ## ambil ulang gambar obrolan, kios dan konsol di docs/img (perlu huruf emoji: fonts-noto-color-emoji)
	.venv/bin/python -m tools.screenshots

adapter: $(MAIN) ## latih terus penyesuaian bahasa setelah isi banyak berubah (sekitar setengah jam, jarang perlu)
	.venv/bin/silvi model build --plain
	.venv/bin/python -m knowledge.train_adapter build/models/e5-plain --earlier knowledge/content/adapter.npz --epochs 3 --minutes 60 --out knowledge/content/adapter.npz
	@echo "Selesai. Jalankan make setup, lalu periksa angkanya dengan: .venv/bin/silvi eval"

clean: ## hapus lingkungan, model, dan berkas bangunan (data layanan di data/ tetap ada)
	rm -rf .venv nlu/.venv nlu/models nlu/.rasa $(EXAMPLES) build silvi.egg-info

$(MAIN): requirements.lock pyproject.toml
	@tools/find_python.sh main >/dev/null
	@$(STEP) 1/5 "Memasang paket Silvi ke .venv" "2-5 menit" build/logs/paket-silvi.log \
		tools/make_venv.sh .venv main -r requirements.lock
	@$(STEP) 1/5 "Memasang perintah silvi" "5 detik" build/logs/perintah-silvi.log \
		.venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(RASA): nlu/requirements.txt nlu/constraints.txt
	@tools/find_python.sh nlu >/dev/null
	@$(STEP) 2/5 "Memasang Rasa ke nlu/.venv" "2-5 menit" build/logs/paket-rasa.log \
		tools/make_venv.sh nlu/.venv nlu -r nlu/requirements.txt -c nlu/constraints.txt
	@touch $@

$(E5): $(wildcard knowledge/bundled_model.py knowledge/content/adapter.npz) | $(MAIN)
	@$(STEP) 3/5 "Membuat model bahasa di build/models/e5" "1-2 menit" build/logs/model-e5.log \
		.venv/bin/silvi model build
	@touch $@

$(EXAMPLES): nlu/from_content.py nlu/data/lookups.yml $(wildcard knowledge/content/faq/*.yaml) knowledge/content/out_of_scope.yaml | $(MAIN)
	@.venv/bin/python nlu/from_content.py

$(LEARNED): $(wildcard knowledge/*.py knowledge/red_flags/*.py knowledge/content/offers/*.yaml knowledge/content/*.yaml knowledge/content/faq/*.yaml knowledge/content/golden/*.yaml nlu/data/*.yml) $(EXAMPLES) $(E5)
	@$(STEP) 4/5 "Mempelajari isi pengetahuan" "2-4 menit" build/logs/pelajari.log .venv/bin/silvi model learn
	@touch $@

$(NLU): $(wildcard nlu/config.yml nlu/domain.yml nlu/components/*.py nlu/data/*.yml knowledge/content/lexicon.yaml) $(EXAMPLES) $(E5) | $(RASA)
	@$(STEP) 5/5 "Melatih NLU (Rasa)" "2-5 menit" build/logs/latih-nlu.log tools/train_nlu.sh
	@touch $@
