#!/usr/bin/python3
"""Between a model in memory and params.json + model.safetensors in F16: `python3 training/export.py RUN/state.pt TOK OUT`."""
import argparse
import json
import os
import shutil
import struct

import torch

LONGEST = 8192
KINDS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "U8": torch.uint8}


def stored(path):
    """-> tensors of a safetensors file by name, as they are stored"""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + at for at in entry["data_offsets"])
            raw = torch.frombuffer(bytearray(data[begin:end]), dtype=KINDS[entry["dtype"]])
            tensors[name] = raw.reshape(entry["shape"])
    return tensors


def load_model(model, folder):
    model.load_state_dict({name: value.float() for name, value in stored(f"{folder}/model.safetensors").items()})


def save_tensors(tensors, path):
    """safetensors in F16"""
    header, parts, at = {}, [], 0
    for name, value in tensors.items():
        raw = value.detach().cpu().half().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def save_model(model, folder):
    save_tensors(model.state_dict(), f"{folder}/model.safetensors")
    with open(f"{folder}/params.json", "w") as file:
        json.dump(model.params, file, indent=1)


if __name__ == "__main__":
    from convert.rounding import weights_of
    from folders import RUN, TOKENIZER, expect, in_words
    from shapes import build

    p = argparse.ArgumentParser()
    for name in ("state", "tokenizer", "out"):
        p.add_argument(name)
    args = p.parse_args()
    state, tokenizer, out = args.state, args.tokenizer, args.out
    with in_words():
        expect(os.path.dirname(state) or ".", os.path.basename(state), made=RUN)
        expect(tokenizer, "tokenizer.json", "tokenizer_config.json", made=TOKENIZER)
    os.makedirs(out, exist_ok=True)
    kept = torch.load(state, map_location="cpu")
    model = build(kept["params"])
    model.load_state_dict(weights_of(kept))
    save_model(model, out)
    shutil.copy(f"{tokenizer}/tokenizer.json", out)
    with open(f"{tokenizer}/tokenizer_config.json", encoding="utf-8") as file:
        config = json.load(file)
    # The longest document of training; what a model does beyond it is said in its card.
    config["model_max_length"] = LONGEST
    with open(f"{out}/tokenizer_config.json", "w", encoding="utf-8") as file:
        json.dump(config, file, ensure_ascii=False, indent=1)
