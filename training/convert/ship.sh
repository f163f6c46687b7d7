#!/bin/bash
# A checkpoint becomes a model that comes with the program, in 4 bits: config.json, model.safetensors, tokenizer.
#   bash training/convert/ship.sh RUN/state.pt TOK assets/models/base
# What else lies in that folder (README.md, readonce.json) stays. PYTHON=… names another Python.
set -euo pipefail
state=$1 tokenizer=$2 out=$3
root=$(cd "$(dirname "$0")/../.." && pwd)
most=45000000
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"${PYTHON:-python3}" "$root/training/convert/export_fla.py" "$state" "$tokenizer" "$made/f16"
[ -f "$root/out/main/cli.js" ] || (cd "$root" && npm run --silent build)
node "$root/out/main/cli.js" weights "$made/int4" --model "$made/f16" --weights int4 --compact
bytes=$(wc -c < "$made/int4/model.safetensors")
if [ "$bytes" -gt "$most" ]; then
  echo "model.safetensors has $bytes bytes, and $most are the most. Nothing was put into $out." >&2
  exit 1
fi
mkdir -p "$out"
cp "$made"/int4/* "$out"/
echo "$out: $bytes bytes of weights"
