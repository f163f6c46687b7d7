#!/usr/bin/python3
"""Between a model in memory and params.json + model.safetensors in F16: `python3 training/export.py RUN/state.pt MODEL OUT`."""
import json
import os
import shutil
import struct
import sys

import torch

KINDS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def load_model(model, folder):
    with open(f"{folder}/model.safetensors", "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + at for at in entry["data_offsets"])
            raw = torch.frombuffer(bytearray(data[begin:end]), dtype=KINDS[entry["dtype"]])
            tensors[name] = raw.reshape(entry["shape"]).float()
    model.load_state_dict(tensors)


def save_model(model, folder):
    header, parts, at = {}, [], 0
    for name, value in model.state_dict().items():
        raw = value.detach().cpu().half().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{folder}/model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
    with open(f"{folder}/params.json", "w") as file:
        json.dump(model.params, file, indent=1)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from model import Yoco

    state, source, out = sys.argv[1:4]
    os.makedirs(out, exist_ok=True)
    with open(f"{source}/params.json") as file:
        model = Yoco(json.load(file))
    model.load_state_dict(torch.load(state, map_location="cpu")["model"])
    save_model(model, out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(f"{source}/{name}", out)
