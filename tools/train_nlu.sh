#!/usr/bin/env bash
# Trains Rasa in a scratch folder and puts the model in its place only when it is whole.
set -euo pipefail
cd "$(dirname "$0")/../nlu"

export RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 PYTHONWARNINGS=ignore
export PYTHONPATH="$PWD"
mkdir -p models
scratch="$(mktemp -d models/.training.XXXXXX)"
trap 'rm -rf "$scratch"' EXIT
.venv/bin/rasa train nlu --config config.yml --domain domain.yml --nlu data --out "$scratch" --fixed-model-name silvi
# A model that was written but cannot be loaded must not take the place of one that can.
.venv/bin/python - "$scratch/silvi.tar.gz" <<'PYTHON'
import asyncio
import sys

from rasa.core.agent import Agent

print(asyncio.run(Agent.load(sys.argv[1]).parse_message("paspor saya ditahan"))["intent"])
PYTHON
mv "$scratch/silvi.tar.gz" models/silvi.tar.gz
