#!/bin/bash
# Every score of the model card, over the built engine: training/scores.sh OUT [MODEL]. About 20 minutes on two CPU cores.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$1
model=(${2:+--model "$2"})
npm run --silent build
readonce() { echo "\$ readonce $*"; node out/main/cli.js "$@" "${model[@]}" 2>/dev/null | tail -n "${lines:-5}"; }
needle() { lines=1 readonce needle --prompt chat "$@"; }
needle --length 4096 --repeats 3
needle --length 8192 --repeats 2
needle --length 32768 --repeats 1
needle --length 131072 --repeats 1 --depths 3
for n in 2 4 8; do needle --length 8192 --needles "$n" --repeats 2; done
readonce evaluate --set facts
readonce evaluate --set facts --apart 512
readonce evaluate --set needle-sources --repeats 30
lines=7 readonce evaluate --set kinds --repeats 30
readonce evaluate --set questions --data "$data" --paragraphs 5 --repeats 100
readonce evaluate --set questions --data "$data" --paragraphs 5 --repeats 100 --apart 256
readonce evaluate --set questions --data "$data" --paragraphs 5 --others any --repeats 60
readonce evaluate --set questions --data "$data" --paragraphs 60 --repeats 15
readonce evaluate --set refusals --data "$data" --paragraphs 5 --repeats 80
lines=1 readonce evaluate --set perplexity --data "$data" --repeats 15
