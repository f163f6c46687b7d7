"""Random Gemma 4 text models by Hugging Face's own classes, and their logits beside those of `readonce logits`.

    npm run build
    python3 tools/reference/gemma_logits.py [--shape NAME]... [--cli out/main/cli.js] [--adapter NAME] [--keep FOLDER]

Needs transformers >= 5.18, torch >= 2 and Node; no part of install or CI. The official classes are the judge: they make
the model, its weights are drawn anew so that norms, scalars and gates matter, it is saved as they save it, and the same
folder is given to `readonce logits`. Printed is the largest difference over the largest logit, which must stay below 1e-4
with keys and values in f32 and below 5e-3 in f16. What a run gave stands in docs/models.md.

Google's mobile files are not among them: their rounded activations make one part in a million now and then a whole step,
in any two programs, so that tokens have to be chosen for which it does not.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import Gemma4ForCausalLM, Gemma4TextConfig

LIMITS = {'f32': 1e-4, 'f16': 5e-3}


def pattern(sliding, times):
    return (['sliding_attention'] * sliding + ['full_attention']) * times


#  What differs from E2B's kind each time: heads of the real sizes, several K/V heads, narrow windows, equal widths of the
#  upper feed-forward layers, more shared layers than owners, other shares of the head that turn.
SHAPES = {
    'real-heads': dict(
        hidden_size=128, intermediate_size=256, layer_types=pattern(4, 2), num_kv_shared_layers=5, num_attention_heads=8,
        num_key_value_heads=1, head_dim=256, full_head_dim=512, sliding_window=40, use_double_wide_mlp=True,
        hidden_size_per_layer_input=32, vocab_size=509, tokens=300, dtype='float32',
    ),
    'groups': dict(
        hidden_size=96, intermediate_size=144, layer_types=pattern(5, 2), num_kv_shared_layers=6, num_attention_heads=8,
        num_key_value_heads=2, head_dim=32, full_head_dim=64, sliding_window=16, use_double_wide_mlp=False,
        hidden_size_per_layer_input=16, vocab_size=401, tokens=520, dtype='bfloat16',
    ),
    'mostly-shared': dict(
        hidden_size=72, intermediate_size=100, layer_types=pattern(1, 5), num_kv_shared_layers=6, num_attention_heads=6,
        num_key_value_heads=3, head_dim=24, full_head_dim=40, sliding_window=7, use_double_wide_mlp=True,
        hidden_size_per_layer_input=8, vocab_size=311, tokens=270, dtype='float32', partial_rotary_factor=0.5,
    ),
    'nested': dict(
        hidden_size=64, intermediate_size=96, layer_types=pattern(3, 2), num_kv_shared_layers=4, num_attention_heads=4,
        num_key_value_heads=1, head_dim=16, full_head_dim=32, sliding_window=512, use_double_wide_mlp=True,
        hidden_size_per_layer_input=12, vocab_size=307, tokens=600, dtype='bfloat16', nested=True,
    ),
    'one-shared': dict(
        hidden_size=50, intermediate_size=70, layer_types=pattern(2, 2), num_kv_shared_layers=1, num_attention_heads=4,
        num_key_value_heads=4, head_dim=20, full_head_dim=28, sliding_window=4096, use_double_wide_mlp=True,
        hidden_size_per_layer_input=8, vocab_size=303, tokens=280, dtype='float16', tie_word_embeddings=False, shards=3,
        num_global_key_value_heads=2, partial_rotary_factor=1.0,
    ),
    'two-owners': dict(
        hidden_size=64, intermediate_size=88, layer_types=pattern(1, 1) + pattern(3, 2), num_kv_shared_layers=8,
        num_attention_heads=4, num_key_value_heads=2, head_dim=32, full_head_dim=32, sliding_window=1, use_double_wide_mlp=False,
        hidden_size_per_layer_input=4, vocab_size=300, tokens=300, dtype='bfloat16', final_logit_softcapping=None,
        nested=True, shards=2, rms_norm_eps=1e-5,
    ),
    'all-full': dict(
        hidden_size=48, intermediate_size=64, layer_types=pattern(0, 6), num_kv_shared_layers=3, num_attention_heads=4,
        num_key_value_heads=1, head_dim=16, full_head_dim=64, sliding_window=8, use_double_wide_mlp=True,
        hidden_size_per_layer_input=8, vocab_size=271, tokens=260, dtype='float32',
    ),
    'sliding-last': dict(
        hidden_size=64, intermediate_size=64, layer_types=pattern(2, 2) + ['sliding_attention'] + pattern(2, 1),
        num_kv_shared_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=16, full_head_dim=32, sliding_window=300,
        use_double_wide_mlp=True, hidden_size_per_layer_input=8, vocab_size=290, tokens=310, dtype='bfloat16', norms='float32',
    ),
}


def config_of(shape):
    beside = ('tokens', 'dtype', 'nested', 'full_head_dim', 'partial_rotary_factor', 'shards', 'norms')
    own = {k: v for k, v in shape.items() if k not in beside}
    return Gemma4TextConfig(
        **{'final_logit_softcapping': 30.0, **own},
        num_hidden_layers=len(shape['layer_types']),
        global_head_dim=shape['full_head_dim'],
        vocab_size_per_layer_input=shape['vocab_size'],
        rope_parameters={
            'sliding_attention': {'rope_type': 'default', 'rope_theta': 10_000.0},
            'full_attention': {
                'rope_type': 'proportional',
                'rope_theta': 1_000_000.0,
                'partial_rotary_factor': shape.get('partial_rotary_factor', 0.25),
            },
        },
    )


def draw(model, generator):
    """Weights at which every part matters: norms of either sign about 1, layer scalars below 1, matrices by their inputs."""
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            set_random(name, tensor, generator)
        for name, tensor in model.named_buffers():
            if name.endswith('layer_scalar'):
                tensor.copy_(0.5 + 0.5 * torch.rand(tensor.shape, generator=generator))


def set_random(name, tensor, generator):
    noise = torch.randn(tensor.shape, generator=generator)
    if name.endswith('layer_scalar'):
        tensor.copy_(0.5 + 0.5 * torch.rand(tensor.shape, generator=generator))
    elif name.endswith('k_norm.weight'):
        # As in the real files, where they are some 0.06: scores, which nothing divides, stay near 3. With 1 they reach 22 and more, and
        # one part in a million of any program's own rounding becomes a part in a hundred of the logits.
        tensor.copy_(3 / math.sqrt(tensor.shape[-1]) * (1 + 0.3 * noise))
    elif tensor.dim() == 1:
        tensor.copy_(1 + 0.3 * noise)
    elif name.endswith(('embed_tokens.weight', 'lm_head.weight')):
        # Logits of some 10 to 15: the softcap of 30 shows.
        tensor.copy_(4 * noise / math.sqrt(tensor.shape[-1]))
    else:
        tensor.copy_(noise / math.sqrt(tensor.shape[-1]))


def save(model, shape, folder):
    """As the official classes save it; `nested` under the names of a model that sees and hears, too, with a tensor of it."""
    dtype = getattr(torch, shape['dtype'])
    config = model.config.to_dict()
    config['architectures'] = ['Gemma4ForCausalLM']
    tensors = {name: tensor.to(type_of(name, tensor, shape)).contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del tensors['lm_head.weight']
    if shape.get('nested'):
        tensors = {name.replace('model.', 'model.language_model.', 1): tensor for name, tensor in tensors.items()}
        tensors['model.vision_tower.patch_embedder.weight'] = torch.zeros(4, 4, dtype=dtype)
        tensors['model.embed_audio.scale'] = torch.tensor(1.0)
        config = {'model_type': 'gemma4', 'architectures': ['Gemma4ForConditionalGeneration'], 'text_config': config, 'tie_word_embeddings': model.config.tie_word_embeddings}
    with open(os.path.join(folder, 'config.json'), 'w') as file:
        json.dump(config, file, default=str)
    write(tensors, shape.get('shards', 1), folder)


def type_of(name, tensor, shape):
    """A vector's type may be another than that of matrices."""
    return getattr(torch, shape.get('norms', shape['dtype']) if tensor.dim() == 1 else shape['dtype'])


def write(tensors, shards, folder):
    """One file, or several and the index that names the file of every tensor."""
    if shards == 1:
        return save_file(tensors, os.path.join(folder, 'model.safetensors'), metadata={'format': 'pt'})
    files = {}
    for number, name in enumerate(sorted(tensors)):
        files[name] = f'model-{number % shards + 1:05d}-of-{shards:05d}.safetensors'
    for file in set(files.values()):
        save_file({name: tensors[name] for name in files if files[name] == file}, os.path.join(folder, file), metadata={'format': 'pt'})
    with open(os.path.join(folder, 'model.safetensors.index.json'), 'w') as index:
        json.dump({'metadata': {}, 'weight_map': files}, index)


def official_logits(model, shape, ids):
    """In float64 over the rounded weights; the embedding's scale rounded as a run in the file's type has it."""
    dtype = getattr(torch, shape['dtype'])
    # Weights and scalars are rounded to the file's type, frequencies of the rotation are not: they are no part of the file.
    rounded = {name: tensor.to(type_of(name, tensor, shape)).double() for name, tensor in model.state_dict().items()}
    model = model.double().eval()
    model.load_state_dict(rounded)
    scale = torch.tensor(math.sqrt(shape['hidden_size']))
    model.model.embed_tokens.embed_scale = scale.to(dtype).double()
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0]


def readonce_logits(arguments, folder, positions, kv):
    command = ['node', arguments.cli, 'logits', '--model', folder, '--tokens', os.path.join(folder, 'tokens.json')]
    command += ['--positions', ','.join(map(str, positions)), '--kv', kv, '--json']
    if arguments.adapter:
        command += ['--adapter', arguments.adapter]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f'{" ".join(command)}: {run.stderr.strip()}')
    return torch.tensor(json.loads(run.stdout.strip().splitlines()[-1])['logits'], dtype=torch.float64)


def judge(name, seed, folder, arguments):
    shape = SHAPES[name]
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = Gemma4ForCausalLM._from_config(config_of(shape), attn_implementation='eager')
    draw(model, generator)
    save(model, shape, folder)
    ids = torch.randint(0, shape['vocab_size'], (shape['tokens'],), generator=generator).tolist()
    with open(os.path.join(folder, 'tokens.json'), 'w') as file:
        json.dump(ids, file)
    positions = sorted({0, 1, shape['tokens'] // 2, 255, 256, shape['tokens'] - 1} & set(range(shape['tokens'])))
    wanted = official_logits(model, shape, ids)[positions]
    if arguments.only_official:
        print(f'{name}: {len(ids)} tokens, largest logit {wanted.abs().max():.1f}')
        return True
    good = True
    for kv, limit in LIMITS.items():
        found = readonce_logits(arguments, folder, positions, kv)
        difference = ((found - wanted).abs().max() / wanted.abs().max()).item()
        print(f'{name}, {kv}: {len(ids)} tokens, {len(positions)} positions, difference {difference:.1e} (at most {limit:.0e})')
        good &= difference <= limit
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--shape', action='append', choices=sorted(SHAPES))
    parser.add_argument('--cli', default=os.path.join(os.path.dirname(__file__), '..', '..', 'out', 'main', 'cli.js'))
    parser.add_argument('--adapter')
    parser.add_argument('--keep', help='folder for the models; they are removed without it')
    parser.add_argument('--only-official', action='store_true', help='makes the models and runs the official classes alone')
    arguments = parser.parse_args()
    print(f'transformers {transformers.__version__}, torch {torch.__version__}')
    good = True
    for name in arguments.shape or SHAPES:
        seed = 11 + list(SHAPES).index(name)
        with tempfile.TemporaryDirectory() as temporary:
            folder = os.path.join(arguments.keep or temporary, name)
            os.makedirs(folder, exist_ok=True)
            good &= judge(name, seed, folder, arguments)
    sys.exit(0 if good else 1)


main()
